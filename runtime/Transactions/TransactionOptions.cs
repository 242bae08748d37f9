// What may be set about transactions (RFC 3261 §17, table 4).
using SipEmbedded.Messages;

namespace SipEmbedded.Transactions;

/// <summary>Settings of the transaction layer, read once when it is made.</summary>
public sealed class TransactionOptions
{
    /// <summary>The least that <see cref="T1"/> and <see cref="T2"/> may be: the resolution of the timers.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>The round-trip time that retransmission starts from (RFC 3261 §17.1.1.1).</summary>
    public TimeSpan T1 { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest interval between retransmissions of anything but an INVITE request.</summary>
    public TimeSpan T2 { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>The longest that a message stays in the network.</summary>
    public TimeSpan T4 { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>An INVITE that its user does not answer for so long is answered with 100 (RFC 3261 §17.2.1: 200 ms).</summary>
    public TimeSpan TryingDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How long an INVITE may be pending without a word from the other side, which is then cancelled, or from our own user, which is then answered with 408:
    /// no slot is held for ever. A callee sends a provisional response every minute (RFC 3261 §13.3.1.1), a proxy waits for three (timer C).
    /// </summary>
    public TimeSpan PendingLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Requests of ours under way. A door-phone has a call to each of its phones, each with a CANCEL; a REGISTER for each account; an OPTIONS or two; and
    /// each is kept up to 32 s after its end.
    /// </summary>
    public int ClientTransactions { get; init; } = 64;

    /// <summary>
    /// Requests of peers under way or ended less than 32 s ago (timers H, J and L): at one call and one OPTIONS a second that is 32·3.
    /// </summary>
    public int ServerTransactions { get; init; } = 128;

    /// <summary>Seconds in the Retry-After of a 503 for want of room (RFC 3261 §21.5.4).</summary>
    public int RetryAfterSeconds { get; init; } = 5;

    /// <summary>Option tags that a Require may hold, separated by commas; any other is answered with 420 (RFC 3261 §8.2.2.3).</summary>
    public string SupportedExtensions { get; init; } = "";

    /// <summary>
    /// The methods that are taken, ACK and CANCEL aside; empty for all. Others are answered with 405 or 501, and an Allow (RFC 3261 §8.2.1).
    /// </summary>
    public Method[] AllowedMethods { get; init; } = [];

    /// <summary>Take a Request-URI that is neither sip: nor sips: too; else it is answered with 416 (RFC 3261 §8.2.2.1).</summary>
    public bool AcceptsOtherSchemes { get; init; }

    /// <summary>
    /// Answer 483 to a Max-Forwards of 0, as one who forwards does. An endpoint takes such a request, since it has arrived (RFC 4475 §3.3.11).
    /// </summary>
    public bool RefusesSpentRequests { get; init; }

    /// <summary>64·T1: timers B, F, H, J, L and M.</summary>
    internal TimeSpan Timeout => T1 * 64;

    /// <summary>
    /// When a client's timer E is first set to T2, counted from its request: the sum of its intervals until then, of which T1 is one in any case. Before that
    /// a 100 to anything but an INVITE does harm over an unreliable transport (RFC 4320 §4.1).
    /// </summary>
    internal TimeSpan TimeToT2
    {
        get
        {
            var sum = T1;
            for (var interval = T1 * 2; interval < T2; interval *= 2)
                sum += interval;
            return sum;
        }
    }
}
