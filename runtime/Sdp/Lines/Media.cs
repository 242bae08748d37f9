using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary><c>m=</c> (RFC 8866 §5.14): <c>media port[/count] proto fmt …</c>.</summary>
[Record("media-field", Grammar = "sdp")]
public readonly partial struct MediaField
{
    /// <summary><c>audio</c>, <c>video</c>, <c>text</c>, <c>application</c>, <c>message</c>, <c>image</c>.</summary>
    [Capture("media")] public partial Slice Media { get; }

    /// <summary>0 refuses or closes the stream (RFC 3264 §6, §8.2).</summary>
    [Capture("port")] public partial ushort Port { get; }

    /// <summary>How many pairs of ports follow each other, where more than one.</summary>
    [Capture("integer")] public partial ushort? PortCount { get; }

    /// <summary><c>RTP/AVP</c>, <c>RTP/SAVP</c>, <c>UDP/TLS/RTP/SAVPF</c>, <c>udp</c>, …</summary>
    [Capture("proto")] public partial Slice Protocol { get; }

    /// <summary>The formats in order of preference, from the first space; <see cref="SdpItems"/> walks them.</summary>
    [Capture("*fmt")] public partial Slice Formats { get; }

    /// <summary>True where a format is an RTP payload type: the protocol has a profile of RTP (RFC 8866 §5.14).</summary>
    public bool IsRtp(ReadOnlySpan<byte> text)
    {
        var protocol = Protocol.In(text);
        return protocol.StartsWith("RTP/"u8) || protocol.IndexOf("/RTP/"u8) >= 0;
    }
}

/// <summary>A format of an RTP stream: a payload type (RFC 3551 §3), 0 to 127.</summary>
[Record("payload-type", Grammar = "sdp")]
public readonly partial struct PayloadType
{
    /// <summary>Seven bits of the RTP header (RFC 3550 §5.1).</summary>
    public const byte Largest = 127;

    [Capture("zero-based-integer", Max = Largest)] public partial byte Number { get; }
}
