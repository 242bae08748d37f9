// What may be set about pinging targets.
namespace SipEmbedded.KeepAlive;

/// <summary>Settings of a <see cref="TargetPinger"/>, read once when it is made.</summary>
public sealed class PingOptions
{
    /// <summary>Targets at once: a registrar and its backup, a few phones that are called directly.</summary>
    public int Targets { get; init; } = 4;

    /// <summary>Octets of a target's Request-URI and From together: two URIs with parameters and a display name.</summary>
    public int TextOctets { get; init; } = 512;
}
