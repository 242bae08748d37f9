// a=rtpmap and a=fmtp: what a payload type stands for (RFC 8866 §6.6 and §6.15).
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>The value of <c>a=rtpmap:</c> (RFC 8866 §6.6): <c>payload-type encoding/clock-rate[/channels]</c>.</summary>
[Record("rtpmap-value", Grammar = "sdp")]
public readonly partial struct RtpMap
{
    [Capture("payload-type", Max = Sdp.PayloadType.Largest)] public partial byte PayloadType { get; }

    /// <summary>The media subtype's name, without regard to case (RFC 4855 §3).</summary>
    [Capture("encoding-name")] public partial Slice EncodingName { get; }

    /// <summary>RTP timestamp units a second.</summary>
    [Capture("clock-rate")] public partial uint ClockRate { get; }

    /// <summary>Audio channels; one where not given.</summary>
    [Capture("encoding-params/channels")] public partial byte? Channels { get; }
}

/// <summary>The value of <c>a=fmtp:</c> (RFC 8866 §6.15): <c>fmt parameters</c>, whose form hangs on the format.</summary>
[Record("fmtp-value", Grammar = "sdp")]
public readonly partial struct FormatParameters
{
    /// <summary>One of the formats of the m= line; for RTP a payload type in digits.</summary>
    [Capture("fmt")] public partial Slice Format { get; }

    [Capture("format-specific-params")] public partial Slice Parameters { get; }
}
