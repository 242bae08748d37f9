// Writes descriptions line by line, from values; the order of calls is the order of lines (RFC 8866 §5). Lines that were read are
// written by their own records.
using System.Diagnostics;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>The address type of o= and c= lines (RFC 8866 §5.2); the network type is always IN.</summary>
public enum SdpAddressType : byte
{
    IP4,
    IP6,
}

/// <summary>
/// The lines of an offer or an answer, each ended by CRLF. Text is written as given: it holds no CR, LF or NUL, and where the grammar
/// separates by spaces no space (checked in debug builds). Overflow is remembered by the writer: ask it once, at the end.
/// </summary>
/// <remarks>
/// The order of an offer: version, origin, session name, connection, time, the session's attributes, then for each media its m= line, its own
/// connection, its bandwidth, its attributes.
/// </remarks>
public static class SdpBuilder
{
    /// <summary><c>v=0</c></summary>
    public static void WriteVersion(ref ByteWriter writer) => writer.Write("v=0\r\n"u8);

    /// <summary>
    /// The o= line (RFC 8866 §5.2). <paramref name="userName"/> is <c>-</c> where there is none; <paramref name="address"/> is a name or an
    /// address, an IPv6 one without brackets. <paramref name="sessionVersion"/> grows by one with each change (RFC 3264 §8).
    /// </summary>
    public static void WriteOrigin(
        ref ByteWriter writer, scoped ReadOnlySpan<byte> userName, ulong sessionId, ulong sessionVersion, SdpAddressType addressType,
        scoped ReadOnlySpan<byte> address)
    {
        AssertWord(userName);
        writer.Write("o="u8);
        writer.Write(userName);
        writer.Write((byte)' ');
        writer.Write(sessionId);
        writer.Write((byte)' ');
        writer.Write(sessionVersion);
        writer.Write((byte)' ');
        WriteAddress(ref writer, addressType, address);
        EndLine(ref writer);
    }

    /// <summary>The s= line (RFC 8866 §5.3); <c>-</c> where there is no name.</summary>
    public static void WriteSessionName(ref ByteWriter writer, scoped ReadOnlySpan<byte> name) => WriteLine(ref writer, "s="u8, name);

    /// <summary>An i= line (RFC 8866 §5.4).</summary>
    public static void WriteInformation(ref ByteWriter writer, scoped ReadOnlySpan<byte> text) => WriteLine(ref writer, "i="u8, text);

    /// <summary>A c= line (RFC 8866 §5.7); a multicast address with its TTL behind a slash.</summary>
    public static void WriteConnection(ref ByteWriter writer, SdpAddressType addressType, scoped ReadOnlySpan<byte> address)
    {
        writer.Write("c="u8);
        WriteAddress(ref writer, addressType, address);
        EndLine(ref writer);
    }

    /// <summary>A b= line (RFC 8866 §5.8), in the type's unit: kilobits a second for <c>AS</c> and <c>CT</c>, bits for <c>TIAS</c>.</summary>
    public static void WriteBandwidth(ref ByteWriter writer, scoped ReadOnlySpan<byte> type, ulong bandwidth)
    {
        AssertWord(type);
        writer.Write("b="u8);
        writer.Write(type);
        writer.Write((byte)':');
        writer.Write(bandwidth);
        EndLine(ref writer);
    }

    /// <summary>The t= line (RFC 8866 §5.9), in seconds since 1900 UTC; calls write 0 and 0 (RFC 3264 §5).</summary>
    public static void WriteTime(ref ByteWriter writer, ulong startSeconds = 0, ulong stopSeconds = 0)
    {
        writer.Write("t="u8);
        writer.Write(startSeconds);
        writer.Write((byte)' ');
        writer.Write(stopSeconds);
        EndLine(ref writer);
    }

    /// <summary>An m= line of an RTP stream (RFC 8866 §5.14): the payload types in order of preference, at least one.</summary>
    public static void WriteMedia(
        ref ByteWriter writer, scoped ReadOnlySpan<byte> media, ushort port, scoped ReadOnlySpan<byte> protocol, scoped ReadOnlySpan<byte> payloadTypes)
    {
        Debug.Assert(payloadTypes.Length > 0, "RFC 8866 §9: one or more formats");
        BeginMedia(ref writer, media, port, protocol);
        foreach (byte payloadType in payloadTypes)
        {
            Debug.Assert(payloadType <= PayloadType.Largest, "RFC 3550 §5.1: seven bits");
            writer.Write((byte)' ');
            writer.Write((ulong)payloadType);
        }
        EndLine(ref writer);
    }

    /// <summary>
    /// An m= line with its formats as text, one space between: for what is not RTP, and for refusing a stream, which takes the offer's
    /// formats and port 0 (RFC 3264 §6).
    /// </summary>
    public static void WriteMediaFormats(
        ref ByteWriter writer, scoped ReadOnlySpan<byte> media, ushort port, scoped ReadOnlySpan<byte> protocol, scoped ReadOnlySpan<byte> formats)
    {
        BeginMedia(ref writer, media, port, protocol);
        // A slice of formats begins with its space.
        if (!formats.StartsWith(" "u8))
            writer.Write((byte)' ');
        AssertText(formats);
        writer.Write(formats);
        EndLine(ref writer);
    }

    /// <summary><c>a=name</c></summary>
    public static void WriteAttribute(ref ByteWriter writer, scoped ReadOnlySpan<byte> name)
    {
        AssertWord(name);
        WriteLine(ref writer, "a="u8, name);
    }

    /// <summary><c>a=name:value</c></summary>
    public static void WriteAttribute(ref ByteWriter writer, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        AssertWord(name);
        AssertText(value);
        BeginAttribute(ref writer, name);
        writer.Write(value);
        EndLine(ref writer);
    }

    /// <summary><c>a=name</c> for a flag known by name.</summary>
    public static void WriteAttribute(ref ByteWriter writer, AttributeName name) => WriteAttribute(ref writer, AttributeNames.NameOf(name));

    /// <summary>The direction (RFC 8866 §6.7).</summary>
    public static void WriteDirection(ref ByteWriter writer, MediaDirection direction) => WriteAttribute(ref writer, direction switch
    {
        MediaDirection.SendOnly => AttributeName.Sendonly,
        MediaDirection.ReceiveOnly => AttributeName.Recvonly,
        MediaDirection.Inactive => AttributeName.Inactive,
        _ => AttributeName.Sendrecv,
    });

    /// <summary><c>a=rtpmap:payload-type encoding/clock-rate[/channels]</c> (RFC 8866 §6.6); one channel is not written.</summary>
    public static void WriteRtpMap(ref ByteWriter writer, byte payloadType, scoped ReadOnlySpan<byte> encodingName, uint clockRate, byte channels = 1)
    {
        AssertWord(encodingName);
        BeginAttribute(ref writer, "rtpmap"u8);
        writer.Write((ulong)payloadType);
        writer.Write((byte)' ');
        writer.Write(encodingName);
        writer.Write((byte)'/');
        writer.Write((ulong)clockRate);
        if (channels > 1)
        {
            writer.Write((byte)'/');
            writer.Write((ulong)channels);
        }
        EndLine(ref writer);
    }

    /// <summary><c>a=fmtp:payload-type parameters</c> (RFC 8866 §6.15).</summary>
    public static void WriteFormatParameters(ref ByteWriter writer, byte payloadType, scoped ReadOnlySpan<byte> parameters)
    {
        AssertText(parameters);
        BeginAttribute(ref writer, "fmtp"u8);
        writer.Write((ulong)payloadType);
        writer.Write((byte)' ');
        writer.Write(parameters);
        EndLine(ref writer);
    }

    /// <summary><c>a=ptime:</c> (RFC 8866 §6.4), at least 1.</summary>
    public static void WritePacketTime(ref ByteWriter writer, uint milliseconds) => WriteNumber(ref writer, "ptime"u8, milliseconds);

    /// <summary><c>a=maxptime:</c> (RFC 8866 §6.5), at least 1.</summary>
    public static void WriteMaximumPacketTime(ref ByteWriter writer, uint milliseconds) =>
        WriteNumber(ref writer, "maxptime"u8, milliseconds);

    /// <summary><c>a=rtcp:port</c> (RFC 3605 §2.1).</summary>
    public static void WriteRtcp(ref ByteWriter writer, ushort port) => WriteNumber(ref writer, "rtcp"u8, port);

    /// <summary><c>a=rtcp:port IN type address</c> (RFC 3605 §2.1).</summary>
    public static void WriteRtcp(ref ByteWriter writer, ushort port, SdpAddressType addressType, scoped ReadOnlySpan<byte> address)
    {
        BeginAttribute(ref writer, "rtcp"u8);
        writer.Write((ulong)port);
        writer.Write((byte)' ');
        WriteAddress(ref writer, addressType, address);
        EndLine(ref writer);
    }

    /// <summary>
    /// <c>a=crypto:tag suite inline:key</c> (RFC 4568 §9.1); <paramref name="key"/> is key and salt in base64, with lifetime and MKI where
    /// wanted (§6.1).
    /// </summary>
    public static void WriteCrypto(ref ByteWriter writer, uint tag, scoped ReadOnlySpan<byte> suite, scoped ReadOnlySpan<byte> key)
    {
        AssertWord(suite);
        AssertWord(key);
        BeginAttribute(ref writer, "crypto"u8);
        writer.Write((ulong)tag);
        writer.Write((byte)' ');
        writer.Write(suite);
        writer.Write(" inline:"u8);
        writer.Write(key);
        EndLine(ref writer);
    }

    private static void WriteNumber(ref ByteWriter writer, scoped ReadOnlySpan<byte> name, uint number)
    {
        BeginAttribute(ref writer, name);
        writer.Write((ulong)number);
        EndLine(ref writer);
    }

    private static void WriteAddress(ref ByteWriter writer, SdpAddressType addressType, scoped ReadOnlySpan<byte> address)
    {
        AssertWord(address);
        writer.Write(addressType == SdpAddressType.IP6 ? "IN IP6 "u8 : "IN IP4 "u8);
        writer.Write(address);
    }

    private static void BeginMedia(ref ByteWriter writer, scoped ReadOnlySpan<byte> media, ushort port, scoped ReadOnlySpan<byte> protocol)
    {
        AssertWord(media);
        AssertWord(protocol);
        writer.Write("m="u8);
        writer.Write(media);
        writer.Write((byte)' ');
        writer.Write((ulong)port);
        writer.Write((byte)' ');
        writer.Write(protocol);
    }

    private static void BeginAttribute(ref ByteWriter writer, scoped ReadOnlySpan<byte> name)
    {
        writer.Write("a="u8);
        writer.Write(name);
        writer.Write((byte)':');
    }

    private static void WriteLine(ref ByteWriter writer, scoped ReadOnlySpan<byte> type, scoped ReadOnlySpan<byte> value)
    {
        AssertText(value);
        writer.Write(type);
        writer.Write(value);
        EndLine(ref writer);
    }

    private static void EndLine(ref ByteWriter writer) => writer.Write("\r\n"u8);

    [Conditional("DEBUG")]
    private static void AssertText(scoped ReadOnlySpan<byte> text) =>
        Debug.Assert(text.Length > 0 && text.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) < 0, "byte-string of RFC 8866 §9");

    [Conditional("DEBUG")]
    private static void AssertWord(scoped ReadOnlySpan<byte> text) =>
        Debug.Assert(text.Length > 0 && text.IndexOfAny("\r\n\0 "u8) < 0, "non-ws-string of RFC 8866 §9");
}
