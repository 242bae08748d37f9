// What a peer that means harm can send: any number, any timestamp, any size, at any time; and what is allocated for all of it, which is nothing.
// VOICE_FUZZ=1000000 dotnet test tests/Voice -c Release --filter HostileJitter runs so many packets.
using System.Globalization;
using System.Runtime.InteropServices;
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Rtp;
using SipEmbedded.Tests;
using Xunit;

namespace SipEmbedded.Voice.Tests.Jitter;

public sealed class HostileJitterTests
{
    private const int UsualPackets = 100_000;

    private static int Packets =>
        int.TryParse(Environment.GetEnvironmentVariable("VOICE_FUZZ"), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted) ? wanted : UsualPackets;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Packets_by_chance_do_no_harm_and_none_stays_uncounted(int seed)
    {
        var random = new Random(seed);
        var gate = new StartGate();
        var buffer = new JitterBuffer(gate, new());
        gate.Close();
        int[] rates = [8000, 16_000, 48_000];
        PlainDecoder[] decoders = [.. rates.Select(rate => new PlainDecoder(rate, carriesPrevious: rate == 16_000))];
        byte[] payload = new byte[2000];
        random.NextBytes(payload);
        short[] piece = new short[5000];
        long ticks = 0;
        ushort sequence = 0;
        uint timestamp = 0;
        int verdicts = 0;
        for (int i = 0; i < Packets; i++)
        {
            if (random.Next(5000) == 0)
            {
                verdicts = 0;
                buffer.Reset(rates[random.Next(rates.Length)]);
            }
            int kind = random.Next(rates.Length);
            sequence = random.Next(10) switch { 0 => (ushort)random.Next(), 1 => (ushort)(sequence + random.Next(-70, 70)), _ => (ushort)(sequence + 1) };
            timestamp = random.Next(10) switch { 0 => (uint)random.NextInt64(), 1 => timestamp, _ => timestamp + (uint)random.Next(2000) };
            var header = new RtpHeader
            {
                Sequence = sequence, Timestamp = timestamp, Source = random.Next(200) == 0 ? (uint)random.Next(3) : 0, IsMarked = random.Next(9) == 0,
            };
            if (random.Next(20) == 0)
                buffer.Skip(header);
            int length = random.Next(3) == 0 ? random.Next(payload.Length) : random.Next(320);
            uint clockRate = random.Next(50) switch { 0 => 0, 1 => (uint)random.NextInt64(), 2 => 1, _ => (uint)rates[random.Next(rates.Length)] };
            int decoderRate = random.Next(100) == 0 ? random.Next(60_000) : rates[kind];
            Assert.True(Enum.IsDefined(buffer.Put(Instant.FromTicks(ticks), header, payload.AsSpan(0, length), decoders[kind], clockRate, decoderRate)));
            verdicts++;
            ticks += random.Next(20) == 0 ? random.Next(100_000_000) : random.Next(400_000);
            if (random.Next(2) == 0)
                buffer.Read(Instant.FromTicks(ticks), piece.AsSpan(0, random.Next(20) == 0 ? random.Next(piece.Length) : random.Next(500)));
            var figures = buffer.Figures;
            Assert.InRange(buffer.Count, 0, JitterBuffer.Slots);
            Assert.Equal(verdicts, figures.Packets);
        }
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(16_000)]
    public void Nothing_is_allocated(int cardRate)
    {
        var codec = new L16Codec();
        var gate = new StartGate();
        var buffer = new JitterBuffer(gate, new());
        var decoder = codec.CreateDecoder(gate);
        gate.Close();
        buffer.Reset(cardRate);
        const int PacketSamples = 320;
        short[] speech = SpeechLike.Make(codec.SampleRate, 10), piece = new short[cardRate / 100];
        byte[] octets = MemoryMarshal.AsBytes<short>(speech).ToArray();
        uint chance = 1;
        long late = 0, before = 0;
        int packets = Packets;
        for (int i = 0; i < packets; i++)
        {
            // Everything has been compiled after the first of them.
            if (i == packets / 10)
                before = HeapCount.Begin();
            chance = chance * 1664525 + 1013904223;
            uint draw = chance >> 16;
            // 200 ppm of drift, jitter, a stall at times, one in twenty lost.
            long sent = (i + 1) * 199_960L;
            long arrival = Math.Max(late, sent + draw % 400_000);
            late = draw % 700 == 0 ? arrival + 3_000_000 : Math.Max(late, sent);
            var header = new RtpHeader { Sequence = (ushort)i, Timestamp = (uint)(i * PacketSamples) };
            var payload = octets.AsSpan(i * PacketSamples % (speech.Length - PacketSamples) * sizeof(short), PacketSamples * sizeof(short));
            if (draw % 20 != 1)
                buffer.Put(Instant.FromTicks(arrival), header, payload, decoder, 16_000, 16_000);
            buffer.Read(Instant.FromTicks(i * 200_000L + 100_000), piece);
            buffer.Read(Instant.FromTicks(i * 200_000L + 200_000), piece);
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        var figures = buffer.Figures;
        Assert.True(figures.Lost > 0 && figures.Accelerations > 0 && figures.Expansions > 0 && figures.ConcealedSamples > 0, "something was not tried");
    }
}
