using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>One Via value (RFC 3261 §20.42, §25.1): <c>sent-protocol LWS sent-by *( SEMI via-params )</c>.</summary>
[Header("Via")]
public readonly partial struct Via
{
    [Capture("sent-protocol/protocol-name")] public partial Slice ProtocolName { get; }

    [Capture("sent-protocol/protocol-version")] public partial Slice ProtocolVersion { get; }

    /// <summary>UDP, TCP, TLS, … as written.</summary>
    [Capture("sent-protocol/transport")] public partial Slice Transport { get; }

    /// <summary>The host of sent-by, an IPv6 address in its brackets.</summary>
    [Capture("sent-by/host")] public partial Slice Host { get; }

    [Capture("sent-by/port")] public partial ushort? Port { get; }

    /// <summary>All parameters as written, from the first semicolon.</summary>
    [Parameters("via-params")] public partial Slice Parameters { get; }

    [Parameter("branch")] public partial Slice Branch { get; }

    /// <summary>The address that the request came from (RFC 3261 §18.2.1); IPv6 with or without brackets (RFC 5118 §4.5).</summary>
    [Parameter("received")] public partial Slice Received { get; }

    /// <summary>There, but empty, where the client asks for it (RFC 3581 §3); a number where the server answers.</summary>
    [Parameter("rport")] public partial Slice ResponsePort { get; }

    [Parameter("maddr")] public partial Slice MulticastAddress { get; }

    [Parameter("ttl")] public partial byte? TimeToLive { get; }
}
