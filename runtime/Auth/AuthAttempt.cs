// What a request has said so far about who sends it: by this a session tells a wrong password from a nonce that has grown old, also while other requests of
// the same account are under way.
using System.Runtime.CompilerServices;

namespace SipEmbedded.Auth;

/// <summary>
/// Kept by the caller beside a request and handed on to its retries: <c>default</c> at first. A value without references; it is changed by
/// <see cref="AuthSession.TryWrite"/> and <see cref="AuthSession.TakeChallenge"/> alone.
/// </summary>
public struct AuthAttempt
{
    /// <summary>For each protection space, what the request carried for it.</summary>
    internal CarriedNonces Carried;

    /// <summary>By space, a bit each: its nonce was given in answer to this request or a retry of it.</summary>
    internal byte Fresh;

    /// <summary>Challenges so far.</summary>
    public byte Challenges { get; internal set; }
}

[InlineArray(AuthLimits.MaxSpaces)]
internal struct CarriedNonces
{
    private CarriedNonce _first;
}

/// <summary>A nonce by its number in the session, 0 for none, and the count it was used with.</summary>
internal struct CarriedNonce
{
    public uint Serial;
    public uint Count;
}
