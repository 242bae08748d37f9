// What holds for all accounts.
using SipEmbedded.Auth;
using SipEmbedded.Memory;

namespace SipEmbedded.Registration;

/// <summary>Settings of the layer, read once when it is made.</summary>
public sealed class RegistrationOptions
{
    [StartUp(Because = "options are made before start")]
    public RegistrationOptions()
    {
    }

    /// <summary>A door-phone is registered once, or at a second server as well.</summary>
    public int Accounts { get; init; } = 2;

    /// <summary>How challenges are answered, until <see cref="RegistrationLayer.SetPreferences"/> says otherwise for an account.</summary>
    public AuthSessionOptions Authentication { get; init; } = new();

    /// <summary>
    /// The wait after a failure is at least half of this, and twice as long after each further one (RFC 5626 §4.5, base-time where all flows failed).
    /// </summary>
    public TimeSpan RetryBase { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// No wait after a failure is longer. RFC 5626 §4.5 has half an hour, which is long for a door whose bell does not ring in the house meanwhile.
    /// </summary>
    public TimeSpan RetryMost { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The same as <see cref="RetryBase"/> where no server was found: DNS often comes a moment after the link.</summary>
    public TimeSpan SearchBase { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>The wait after a refusal (403, 404, wrong credentials): somebody has to change something first. Between half of this and the whole.</summary>
    public TimeSpan RefusedRetry { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A Retry-After is obeyed up to this: a mistake in it must not keep a device away for a year.</summary>
    public TimeSpan RetryAfterMost { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The longest wait before a registration whose flow broke, or whose link came back, is made anew. It is drawn from zero up to this, so that the devices of
    /// a house do not all come at once.
    /// </summary>
    public TimeSpan Spread { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After a change of the network that left our address as it was, a registration is refreshed to be sure, but no sooner than this after the last time:
    /// some networks announce themselves every few seconds.
    /// </summary>
    public TimeSpan RecheckLeast { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// A 2xx that did not name our contact is believed no longer than this.
    /// </summary>
    public TimeSpan UnconfirmedMost { get; init; } = TimeSpan.FromMinutes(2);
}
