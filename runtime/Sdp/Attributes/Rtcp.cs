using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>The value of <c>a=rtcp:</c> (RFC 3605 §2.1): where RTCP goes, if not to the RTP port plus one.</summary>
[Record("rtcp-value", Grammar = "sdp")]
public readonly partial struct RtcpAddress
{
    [Capture("port")] public partial ushort Port { get; }

    /// <summary><c>IN</c>; not present where the address is that of the c= line.</summary>
    [Capture("nettype")] public partial Slice NetworkType { get; }

    /// <summary><c>IP4</c> or <c>IP6</c>.</summary>
    [Capture("addrtype")] public partial Slice AddressType { get; }

    [Capture("connection-address")] public partial Slice Address { get; }
}
