// Attributes that are numbers: RFC 8866 §6.4, §6.5, §6.13 and §6.14.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>The value of <c>a=ptime:</c> or <c>a=maxptime:</c> (RFC 8866 §6.4, §6.5): how much media a packet holds, in milliseconds.</summary>
[Record("ptime-value", "maxptime-value", Grammar = "sdp")]
public readonly partial struct PacketTime
{
    [Capture(".")] public partial Slice Text { get; }

    /// <summary>In microseconds, since the value may have a fraction; what is smaller is cut off, what is too large is the largest.</summary>
    public uint Microseconds(ReadOnlySpan<byte> text) => SdpValue.Thousandths(Text.In(text));
}

/// <summary>The value of <c>a=framerate:</c> (RFC 8866 §6.13): the largest number of video frames a second.</summary>
[Record("framerate-value", Grammar = "sdp")]
public readonly partial struct FrameRate
{
    [Capture(".")] public partial Slice Text { get; }

    /// <summary>In thousandths of a frame a second; what is smaller is cut off, what is too large is the largest.</summary>
    public uint Thousandths(ReadOnlySpan<byte> text) => SdpValue.Thousandths(Text.In(text));
}

/// <summary>The value of <c>a=quality:</c> (RFC 8866 §6.14): 0 worst to 10 best.</summary>
[Record("quality-value", Grammar = "sdp")]
public readonly partial struct Quality
{
    /// <summary>The best that the encoder can do.</summary>
    public const byte Best = 10;

    [Capture("zero-based-integer", Max = Best)] public partial byte Level { get; }
}
