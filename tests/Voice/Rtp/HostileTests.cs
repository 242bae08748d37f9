// Mutated packets between a peer's real ones, from a fixed seed: 200,000, or as many as VOICE_FUZZ says. Nothing throws, nothing reads outside the
// datagram, and no sound of another source is ever heard while the peer speaks.
using System.Buffers.Binary;
using SipEmbedded.Rtp;
using Xunit;
using static SipEmbedded.Voice.Tests.Rtp.Streams;

namespace SipEmbedded.Voice.Tests.Rtp;

public class HostileTests
{
    private const uint Peer = 0xC0FFEE01;
    private const int UsualExecutions = 200_000;

    // The sequence numbers are set anew for each mutant.
    private readonly byte[][] _packets =
    [
        Packet(Peer, 1),
        Convert.FromHexString("B1000001" + "00000002" + "C0FFEE01" + "11111111" + "00000001" + "55555555" + "AABB0002"),
        Convert.FromHexString("8F000001" + "00000002" + "C0FFEE01"),
        Convert.FromHexString("82E50001" + "00000002" + "C0FFEE02" + "11111111" + "22222222" + "01020304"),
        Convert.FromHexString("90000001" + "00000002" + "C0FFEE01" + "BEDE0001" + "11223344" + "AABB"),
    ];

    private static readonly byte[][] s_reports =
    [
        Convert.FromHexString("81C8000C" + "C0FFEE01" + "B44DB70520000000" + "000000A0" + "000003E8" + "00027100"
            + "000000AA" + "40FFFFFF" + "00010002" + "00000021" + "B7052000" + "00054000"
            + "81CA0003" + "C0FFEE01" + "0105616263646500" + "81CB0003" + "C0FFEE01" + "0362796500000000"),
        Convert.FromHexString("82C9000D" + "C0FFEE01" + "000000AA" + "40FFFFFF" + "00010002" + "00000021" + "B7052000" + "00054000"
            + "000000BB" + "40FFFFFF" + "00010002" + "00000021" + "B7052000" + "00054000"
            + "82CA0005" + "000000AA" + "01017800" + "000000BB" + "0201780103616200"),
        Convert.FromHexString("80CC0003" + "C0FFEE01" + "6E616D65" + "01020304" + "81CD0002" + "C0FFEE01" + "000000BB"),
        Convert.FromHexString("A0C90002" + "C0FFEE01" + "00000004"),
    ];

    private static readonly byte[] s_telling = [0, 1, 2, 3, 4, 0x1F, 0x20, 0x7F, 0x80, 0x81, 0x9F, 0xA0, 0xB0, 0xBF, 0xC8, 0xC9, 0xCA, 0xCB, 0xCC, 0xFE, 0xFF];

    // A few octets changed, some cut off, put in or said twice.
    private static ReadOnlySpan<byte> Mutant(Random random, ReadOnlySpan<byte> seed, Span<byte> buffer)
    {
        int length = seed.Length;
        seed.CopyTo(buffer);
        for (int changes = random.Next(1, 6); changes > 0; changes--)
        {
            int at = length == 0 ? 0 : random.Next(length);
            switch (random.Next(6))
            {
                case 0:
                    length = at;
                    break;
                case 1 when length + 8 < buffer.Length:
                    random.NextBytes(buffer.Slice(length, 8));
                    length += random.Next(1, 9);
                    break;
                case 2 when 2 * length < buffer.Length:
                    buffer[..length].CopyTo(buffer[length..]);
                    length *= 2;
                    break;
                case 3:
                    buffer[at] = s_telling[random.Next(s_telling.Length)];
                    break;
                case 4:
                    buffer[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    buffer[at] = (byte)random.Next(256);
                    break;
            }
        }
        return buffer[..length];
    }

    [Fact]
    public void No_mutated_packet_of_another_source_is_heard()
    {
        var random = new Random(3711);
        var session = Session(1);
        Span<byte> buffer = stackalloc byte[512];
        byte[] sound = new byte[RtpPacket.HeaderOctets + 160];
        byte[] report = new byte[RtcpSession.LongestPacketOctets];
        int executions = Count(UsualExecutions), heard = 0, refused = 0, others = 0;
        double ms = 0;
        int sequence = 0;
        for (int i = 0; i < executions; i++)
        {
            if (i % 4 == 0)
            {
                // The peer's own packet. Mutants under its source may have led its sequence astray: then A.1 needs two to follow.
                ms += 20;
                session.ReceiveRtp(At(ms), Packet(Peer, sequence++), out _);
                session.ReceiveRtp(At(ms), Packet(Peer, sequence++), out _);
                Assert.Equal(Peer, session.PeerSource);
                session.TryBeginPacket(At(ms), Pcmu, Frame, 160, sound);
                session.HandleTimeout(At(ms), report);
            }
            // Numbers that may be heard: what is far from the peer's own is refused without a look at the rest.
            byte[] seed = _packets[random.Next(_packets.Length)];
            BinaryPrimitives.WriteUInt16BigEndian(seed.AsSpan(2), (ushort)(sequence + random.Next(-50, 50)));
            var mutant = Mutant(random, seed, buffer);
            var verdict = session.ReceiveRtp(At(ms + i % 4), mutant, out var packet);
            if (verdict.IsHeard())
            {
                Assert.True(packet.Header.Source == Peer, $"execution {i}: {Convert.ToHexString(mutant)}");
                Assert.True(packet.Payload.IsEmpty || mutant.Overlaps(packet.Payload));
                heard++;
            }
            refused += verdict == RtpVerdict.Malformed ? 1 : 0;
            others += verdict == RtpVerdict.OtherSource ? 1 : 0;
        }
        // Each way was taken often.
        Assert.InRange(heard, executions / 50, executions);
        Assert.InRange(refused, executions / 50, executions);
        Assert.InRange(others, executions / 50, executions);
        Assert.Equal(0, session.Reception.SourceChanges);
    }

    [Fact]
    public void Mutated_reports_harm_nothing()
    {
        var random = new Random(3611);
        Span<byte> buffer = stackalloc byte[512];
        byte[] report = new byte[RtcpSession.LongestPacketOctets];
        int executions = Count(UsualExecutions), accepted = 0;
        var session = Session(1);
        uint sum = 0;
        for (int i = 0; i < executions; i++)
        {
            double ms = 20 * i;
            if (i % 8 == 0)
                session.ReceiveRtp(At(ms), Packet(Peer, i / 8), out _);
            var mutant = Mutant(random, s_reports[random.Next(s_reports.Length)], buffer);
            var verdict = session.ReceiveRtcp(At(ms), mutant);
            bool isGood = RtcpReader.TryRead(mutant, out var reader) == RtcpFault.None;
            Assert.Equal(isGood, verdict != RtcpVerdict.Malformed);
            foreach (var packet in reader)
            {
                sum += packet.Source + packet.SenderInfo.Octets;
                for (int block = 0; block < packet.ReportCount; block++)
                    sum += packet.Report(block).Jitter;
                sum += packet.TryGetCname(0xBB, out var name) ? (uint)name.Length : 0;
                sum += packet.IsByeOf(Peer) ? 1u : 0;
            }
            accepted += isGood ? 1 : 0;
            session.HandleTimeout(At(ms), report);
            Assert.True(session.PollTimeout < At(ms + 60_000));
        }
        Assert.InRange(accepted, executions / 20, executions - executions / 20);
        Assert.NotEqual(0u, sum);
        Assert.True(session.IsOpen);
    }
}
