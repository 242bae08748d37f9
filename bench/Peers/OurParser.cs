// The one point where this benchmark touches our own parser: everything else here is the same for all contenders.
//
// PLACEHOLDER. The message layer is not connected yet: these methods count lines, so that the benchmark itself can be
// built and checked. While IsPlaceholder is true the driver says so beside every table and refuses to record results.

namespace SipEmbedded.Bench.Peers;

internal static class OurParser
{
    /// <summary>True while the methods below are not a SIP parser; the driver then warns and records nothing.</summary>
    public static bool IsPlaceholder => true;

    /// <summary>Parses a whole message, every header typed, without the body's SDP.</summary>
    /// <returns>A checksum over what was parsed, so that no work can be optimised away; the same in every build.</returns>
    public static int ParseFull(ReadOnlySpan<byte> message) => CountLines(message);

    /// <summary>Parses an SDP body (RFC 8866).</summary>
    /// <returns>A checksum, as for <see cref="ParseFull"/>.</returns>
    public static int ParseSdp(ReadOnlySpan<byte> body) => CountLines(body);

    /// <summary>Parses what a transaction needs: start line, top Via, From and To tags, Call-ID, CSeq.</summary>
    /// <returns>A checksum, as for <see cref="ParseFull"/>.</returns>
    public static int ParseRouting(ReadOnlySpan<byte> message) => CountLines(message);

    /// <summary>What <see cref="ParseFull"/> found, for the check before timing; null when the message is rejected.</summary>
    public static MessageFacts? ReadFacts(ReadOnlySpan<byte> message) => null;

    /// <summary>What <see cref="ParseSdp"/> found, for the check before timing; null when the body is rejected.</summary>
    public static SdpFacts? ReadSdpFacts(ReadOnlySpan<byte> body) => null;

    private static int CountLines(ReadOnlySpan<byte> text)
    {
        int lines = 0;
        for (int end; (end = text.IndexOf((byte)'\n')) >= 0; text = text[(end + 1)..])
            lines++;
        return lines;
    }
}
