// What the tests of RTP share: chance from a seed, packets of a source, a session with its peer.
using SipEmbedded.Memory;
using SipEmbedded.Rtp;

namespace SipEmbedded.Voice.Tests.Rtp;

/// <summary>Chance that comes again.</summary>
internal sealed class SeededEntropy(int seed) : IEntropySource
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> octets) => _random.NextBytes(octets);

    public static Entropy Of(int seed) => new(new StartGate(), new SeededEntropy(seed));
}

internal static class Streams
{
    public const byte Pcmu = 0;
    public const byte Events = 101;
    public const uint Rate = 8000;
    public const uint Frame = 160;

    public static Instant At(double ms) => Instant.FromTicks((long)(ms * TimeSpan.TicksPerMillisecond));

    public static RtpHeader Header(uint source, int sequence, uint timestamp = 0, byte payloadType = Pcmu, bool isMarked = false) =>
        new() { Source = source, Sequence = (ushort)sequence, Timestamp = timestamp, PayloadType = payloadType, IsMarked = isMarked };

    /// <summary>A packet with its number as payload.</summary>
    public static byte[] Packet(uint source, int sequence, byte payloadType = Pcmu)
    {
        byte[] packet = new byte[RtpPacket.HeaderOctets + 2];
        RtpPacket.Write(packet, Header(source, sequence, (uint)sequence * Frame, payloadType));
        packet[^2] = (byte)(sequence >> 8);
        packet[^1] = (byte)sequence;
        return packet;
    }

    public static RtpSession Session(int seed, RtpSessionOptions options = default)
    {
        var session = default(RtpSession);
        session.Open(At(0), SeededEntropy.Of(seed), Rate, options);
        session.Expect(Pcmu, Rate);
        session.Expect(Events, Rate);
        return session;
    }

    /// <summary>How many of something, unless VOICE_FUZZ says another number.</summary>
    public static int Count(int usual) => int.TryParse(Environment.GetEnvironmentVariable("VOICE_FUZZ"), out int wanted) ? wanted : usual;
}
