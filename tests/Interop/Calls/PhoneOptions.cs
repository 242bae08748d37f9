// How a phone of a test behaves.
using SipEmbedded.Calls;
using SipEmbedded.Interop.Tests.Registration;
using SipEmbedded.SessionTimers;

namespace SipEmbedded.Interop.Tests.Calls;

/// <summary>Settings of a <see cref="TestPhone"/>; what is not said is what an agent has.</summary>
internal sealed record PhoneOptions
{
    public string User { get; init; } = "alice";

    public int Calls { get; init; } = 4;

    public ReliableMode Reliable { get; init; } = ReliableMode.Optional;

    public SessionTimerSettings SessionTimer { get; init; } = new();

    public bool FollowsRedirects { get; init; } = true;

    /// <summary>With a password there is an account of the user's, which answers challenges.</summary>
    public string? Password { get; init; }

    /// <summary>The realm of <see cref="Password"/>.</summary>
    public string Realm { get; init; } = KamailioOptions.Realm;

    /// <summary>Where that account registers; without one it does not.</summary>
    public string? Registrar { get; init; }

    /// <summary>The transport to the registrar.</summary>
    public bool UsesTcp { get; init; }
}
