// What an account of a registered device is made from, as text; the names are those of AccountSettings.
using SipEmbedded.KeepAlive;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed record AccountPlan(string User, string Password)
{
    public string Domain { get; init; } = "example.net";

    /// <summary>Empty: the domain.</summary>
    public string Server { get; init; } = "";

    public string Instance { get; init; } = "";

    public uint? ExpiresSeconds { get; init; } = 600;

    public TimeSpan DelayBeforeRefresh { get; init; } = TimeSpan.FromSeconds(40);

    public Protocol Protocol { get; init; }

    public KeepAliveMethod? KeepAlive { get; init; }

    public TimeSpan? KeepAliveInterval { get; init; }

    public bool UsesPublicAddress { get; init; }

    public string Record => $"sip:{User}@{Domain}";
}
