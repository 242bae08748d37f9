// Each 2xx to an INVITE is acknowledged by who sent the INVITE, each time that it comes (RFC 3261 §13.2.2.4), whatever has become of the call meanwhile; and in the end
// every dialog that a 2xx made had its ACK or its BYE, unless one of the two agents is no more.
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

/// <param name="isAmple">Pools are never full. Where they are, an ACK may find no room, and comes with the next copy; and a BYE that finds none is not sent.</param>
internal sealed class AcknowledgeCheck(bool isAmple) : MessageCheck
{
    /// <summary>The caller's transaction takes copies for 64·T1 from the first on (RFC 6026 §7.2, timer M); what was held back on the way comes later than that.</summary>
    private static readonly TimeSpan s_taken = TimeSpan.FromSeconds(30);

    /// <summary>64·T1.</summary>
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(32);

    private sealed record Success(string CallId, string CallerTag, string CalleeTag, uint Sequence);

    private sealed class Sent2xx(Node callee)
    {
        public Node Callee { get; } = callee;

        public int Life { get; } = callee.Life;

        public Node? Caller { get; set; }

        public int CallersLife { get; set; }

        /// <summary>When the caller got it first.</summary>
        public Instant FirstReceived { get; set; } = Instant.Never;

        public bool IsAcknowledged { get; set; }
    }

    private readonly Dictionary<Success, Sent2xx> _successes = [];
    private readonly HashSet<(Node, int Life, string Branch)> _cancelled = [];
    private readonly HashSet<(string CallId, string, string)> _ended = [];
    // Until when each INVITE's transaction waits: for its first answer, or for the last one behind a CANCEL (RFC 3261 §17.1.1.2, §9.1).
    private readonly Dictionary<(Node, int Life, string Branch), Instant> _invites = [];
    private readonly HashSet<Success> _owed = [];

    public long Acknowledged { get; private set; }

    /// <summary>A request that could not be delivered is over, and an answer to it comes to nobody: the callee hears that from its own timer (RFC 3261 §13.3.1.4).</summary>
    public override void Saw(Occurrence occurrence)
    {
        if (occurrence.Kind is OccurrenceKind.Undelivered or OccurrenceKind.Closed or OccurrenceKind.Closing)
        {
            foreach (var invite in _invites.Keys.Where(invite => invite.Item1 == occurrence.Node).ToList())
                _invites[invite] = default;
        }
    }

    public override void Sent(MessageSeen message)
    {
        if (message.Text is not { } text)
            return;
        switch (text.Method)
        {
            case "INVITE" when text.IsRequest:
                _invites.TryAdd((message.Node, message.Node.Life, text.Branch), message.Time + s_timeout);
                break;
            case "CANCEL" when text.IsRequest && _invites.ContainsKey((message.Node, message.Node.Life, text.Branch)):
                if (_cancelled.Add((message.Node, message.Node.Life, text.Branch)))
                    _invites[(message.Node, message.Node.Life, text.Branch)] = message.Time + s_timeout;
                break;
            case "INVITE" when text.Status is >= 200 and < 300:
                _successes.TryAdd(KeyOf(text), new(message.Node));
                break;
            case "ACK":
                Acknowledge(text);
                break;
            case "BYE" when text.IsRequest:
                _ended.Add((text.CallId, text.FromTag, text.ToTag));
                _ended.Add((text.CallId, text.ToTag, text.FromTag));
                break;
        }
    }

    private void Acknowledge(SipText text)
    {
        var key = KeyOf(text);
        _owed.Remove(key);
        if (!_successes.TryGetValue(key, out var success))
            return;
        Acknowledged += success.IsAcknowledged ? 0 : 1;
        success.IsAcknowledged = true;
    }

    public override void Received(MessageSeen message)
    {
        if (message.Text is not { IsInvite: true, IsRequest: false } text)
            return;
        var invite = (message.Node, message.Node.Life, text.Branch);
        if (!_invites.TryGetValue(invite, out var until) || message.Time >= until)
            return;
        if (text.Status >= 300)
        {
            // RFC 3261 §17.1.1.2: refused once, it takes no 2xx any more; a callee that was started again may send one.
            _invites[invite] = default;
            return;
        }
        if (text.Status < 200)
        {
            if (!_cancelled.Contains(invite))
                _invites[invite] = Instant.Never;
            return;
        }
        _invites[invite] = Instant.Never;
        var key = KeyOf(text);
        if (!_successes.TryGetValue(key, out var success))
            throw Failure($"{message} was sent by nobody");
        if (success.FirstReceived == Instant.Never)
            (success.FirstReceived, success.Caller, success.CallersLife) = (message.Time, message.Node, message.Node.Life);
        if (isAmple && message.Time - success.FirstReceived < s_taken)
            _owed.Add(key);
    }

    public override void TimeMoves(Instant from, Instant to)
    {
        foreach (var key in _owed)
            throw Failure($"the 2xx to INVITE {key.Sequence} of {key.CallId} was not acknowledged when it came, at {from.Milliseconds} ms");
    }

    public override void AtRest()
    {
        // A BYE that finds no room is not sent: the other side hears of the end from its own timers.
        if (!isAmple)
            return;
        foreach (var (key, success) in _successes)
        {
            bool isLeft = success.Callee.Life != success.Life || success.Caller is { } caller && caller.Life != success.CallersLife;
            if (!isLeft && !success.IsAcknowledged && !_ended.Contains((key.CallId, key.CallerTag, key.CalleeTag)))
                throw Failure($"the 2xx of {success.Callee.Name} to INVITE {key.Sequence} of {key.CallId} was neither acknowledged nor followed by a BYE");
        }
    }

    // Who sent the INVITE is From in all of them.
    private static Success KeyOf(SipText text) => new(text.CallId, text.FromTag, text.ToTag, text.Sequence);
}
