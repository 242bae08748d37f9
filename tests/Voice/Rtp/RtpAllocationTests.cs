// The promise, counted: packets out and in, reports, losses, figures and quality, and not one octet on the heap.
using SipEmbedded.Memory;
using SipEmbedded.Rtp;
using SipEmbedded.Tests;
using Xunit;
using static SipEmbedded.Voice.Tests.Rtp.Streams;

namespace SipEmbedded.Voice.Tests.Rtp;

public class RtpAllocationTests
{
    private const int UsualPackets = 100_000;

    private sealed class Zeros : IEntropySource
    {
        public void Fill(Span<byte> octets) => octets.Clear();
    }

    [Fact]
    public void Packets_and_reports_allocate_nothing()
    {
        var gate = new StartGate();
        var entropy = new Entropy(gate, new Zeros());
        gate.Close();
        var near = Session(1);
        var far = Session(2);
        byte[] buffer = new byte[RtpPacket.HeaderOctets + 160];
        int packets = Count(UsualPackets);
        Round(ref near, ref far, entropy, buffer, 0, 2000);
        long before = HeapCount.Begin();
        int heard = Round(ref near, ref far, entropy, buffer, 2000, packets);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.InRange(heard, packets * 9 / 10, packets);
        Assert.True(far.ReportsReceived > packets / 50 / 10);
    }

    private static int Round(ref RtpSession near, ref RtpSession far, Entropy entropy, byte[] buffer, int from, int count)
    {
        int heard = 0;
        double quality = 0;
        for (int i = from; i < from + count; i++)
        {
            var now = At(20 * i);
            near.TryBeginPacket(now, Pcmu, Frame, 160, buffer);
            if (i % 20 != 7)
                heard += far.ReceiveRtp(now + TimeSpan.FromMilliseconds(30 + i % 7), buffer, out _).IsHeard() ? 1 : 0;
            if (i % 50 == 0)
            {
                near.Skip(Frame);
                near.TryBeginEvent(Events, near.Timestamp, true, 4, buffer);
                far.ReceiveRtp(now + TimeSpan.FromMilliseconds(37), buffer, out _);
                quality += far.Quality(TimeSpan.FromMilliseconds(60), CodecImpairment.G722Concealed).Mos;
                near.TakeEvents();
                near.ReceiveRtp(now, buffer.AsSpan(0, 9), out _);
            }
            int written = near.PollTimeout <= now ? near.HandleTimeout(now, buffer) : 0;
            if (written > 0)
                far.ReceiveRtcp(now, buffer.AsSpan(0, written));
            written = far.PollTimeout <= now ? far.HandleTimeout(now, buffer) : 0;
            if (written > 0)
                near.ReceiveRtcp(now, buffer.AsSpan(0, written));
            if (i % 1000 != 999)
                continue;
            near.ExpectChange(now);
            near.ChangeClockRate(now, i % 2000 == 1999 ? 8000u : 16_000u);
            far.ExpectChange(now);
            var call = default(RtpSession);
            call.Open(now, entropy, Rate, default);
            call.Close();
        }
        return quality < 0 ? -1 : heard;
    }
}
