// The server transactions of RFC 3261 §17.2 and RFC 6026 §7.1, seen from outside: timers G, H, I, J and L, and the 2xx that its user repeats (§13.3.1.4).
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

internal abstract class ServerModel(TransactionTimers timers, MessageSeen first) : TransactionModel(timers, first)
{
    // Responses that the application has ordered and that are not sent yet.
    private readonly List<int> _ordered = [];

    /// <summary>The last response sent.</summary>
    protected MessageSeen? Last { get; private set; }

    /// <summary>The application has ordered a response: it is owed now.</summary>
    public void Ordered(int status) => _ordered.Add(status);

    public override string? SentOther(MessageSeen response)
    {
        int status = response.Text!.Status;
        if (Last?.Text!.IsFinal == true)
            return response.Octets.AsSpan().SequenceEqual(Last.Octets) ? Unexpected(response) : $"{this} sent a second final response, {response.Text}";
        bool isOrdered = _ordered.Remove(status);
        if (!isOrdered && !IsOwn(response))
            return $"{this} sent {response.Text}, which nobody ordered";
        // §21.5.4: overload is answered without a transaction, and the next copy of the request is a new one.
        if (!isOrdered && status == 503)
        {
            Over();
            return null;
        }
        Last = response;
        Answered(response);
        return null;
    }

    public override string? TimeMoves(Instant from)
    {
        if (!IsUncertain && _ordered.Count > 0)
            return $"{this} was to send {_ordered[0]} and did not";
        return base.TimeMoves(from);
    }

    /// <summary>True for what the transaction layer answers by itself at this instant.</summary>
    protected virtual bool IsOwn(MessageSeen response) =>
        response.Time == First.Time && response.Text!.Status == 503 && response.Text.Header("Retry-After") is not null;

    protected abstract void Answered(MessageSeen response);
}

/// <summary>INVITE: §17.2.1, figure 7 as RFC 6026 amends it.</summary>
internal sealed class ServerInviteModel : ServerModel
{
    private enum State
    {
        Proceeding,
        Accepted,
        Completed,
        Confirmed,
    }

    private State _state;
    private Instant _tryingAt;
    private Instant _refusalAt;
    private bool _isAcknowledged;

    public ServerInviteModel(TransactionTimers timers, MessageSeen first)
        : base(timers, first)
    {
        _tryingAt = TransactionTimers.DeadlineOf(first.Time, timers.TryingDelay);
        _refusalAt = TransactionTimers.DeadlineOf(first.Time, timers.PendingLimit);
    }

    /// <summary>Call-ID, CSeq number and both tags of what an ACK to its 2xx has; empty where it has none.</summary>
    public string AcceptedAs => _state == State.Accepted ? AckKeyOf(Last!.Text!) : "";

    public static string AckKeyOf(SipText text) => $"{text.CallId} {text.Sequence} {text.FromTag} {text.ToTag}";

    protected override string Describe() => $"the INVITE server ({_state})";

    protected override TimeSpan IntervalAfter(TimeSpan interval) => DoubledUpToT2(interval);

    public override string? Got(MessageSeen again)
    {
        if (_state == State.Proceeding && Last is null)
            _tryingAt = again.Time;
        else if (_state is State.Proceeding or State.Completed)
            Owe(Last!.Octets, $"{Last.Text} again");
        return null;
    }

    public void GotAck(Instant now)
    {
        if (_state == State.Completed)
        {
            _state = State.Confirmed;
            StopRepeating(now);
            // Timer I.
            End = TransactionTimers.DeadlineOf(now, Timers.T4);
            if (IsReliable)
                Over();
        }
        else if (_state == State.Accepted && !_isAcknowledged)
        {
            _isAcknowledged = true;
            StopRepeating(now);
        }
    }

    protected override bool IsOwn(MessageSeen response) => response.Text!.Status switch
    {
        100 => response.Time == _tryingAt,
        408 => response.Time == _refusalAt,
        _ => base.IsOwn(response),
    };

    protected override void Answered(MessageSeen response)
    {
        int status = response.Text!.Status;
        _tryingAt = Instant.Never;
        if (status < 200)
        {
            _refusalAt = TransactionTimers.DeadlineOf(response.Time, Timers.PendingLimit);
            return;
        }
        _refusalAt = Instant.Never;
        // Timers H and L.
        End = TransactionTimers.DeadlineOf(response.Time, Timers.Timeout);
        _state = status < 300 ? State.Accepted : State.Completed;
        // Timer G is for unreliable transports; a 2xx goes end to end, over hops that may be unreliable (§13.3.1.4).
        if (!IsReliable || _state == State.Accepted)
            Repeat(response.Octets, response.Time, Timers.T1);
    }

    public override string? TimeMoves(Instant from)
    {
        if (IsUncertain || IsOver)
            return base.TimeMoves(from);
        if (_tryingAt <= from)
            return $"{this} had to send 100 at {Text(_tryingAt)} and did not";
        if (_refusalAt <= from)
            return $"{this} had to send 408 at {Text(_refusalAt)} and did not";
        return base.TimeMoves(from);
    }
}

/// <summary>All but INVITE, ACK and CANCEL: §17.2.2, figure 8, with RFC 4320 §4.</summary>
internal sealed class ServerRequestModel : ServerModel
{
    private Instant _tryingAt = Instant.Never;

    public ServerRequestModel(TransactionTimers timers, MessageSeen first)
        : base(timers, first)
    {
        // RFC 4320 §4.2: an answer after timer F of the client is not sent.
        End = TransactionTimers.DeadlineOf(first.Time, timers.Timeout);
        // RFC 4320 §4.1: a 100 when the client's timer E is set to T2, by adding up its intervals; it fires once before in any case.
        var sum = timers.T1;
        for (var interval = 2 * timers.T1; interval < timers.T2; interval *= 2)
            sum += interval;
        if (sum < timers.Timeout)
            _tryingAt = TransactionTimers.DeadlineOf(first.Time, sum);
    }

    protected override string Describe() => $"the {First.Text!.Method} server ({Last?.Text?.Status ?? 0})";

    protected override TimeSpan IntervalAfter(TimeSpan interval) => throw new InvalidOperationException("it has no timer that sends again");

    public override string? Got(MessageSeen again)
    {
        if (Last is not null)
            Owe(Last.Octets, $"{Last.Text} again");
        return null;
    }

    protected override bool IsOwn(MessageSeen response) => response.Text!.Status == 100 ? response.Time == _tryingAt : base.IsOwn(response);

    protected override void Answered(MessageSeen response)
    {
        _tryingAt = Instant.Never;
        if (!response.Text!.IsFinal)
            return;
        // Timer J.
        End = TransactionTimers.DeadlineOf(response.Time, Timers.Timeout);
        if (IsReliable)
            Over();
    }

    public override string? TimeMoves(Instant from) => !IsUncertain && !IsOver && _tryingAt <= from
        ? $"{this} had to send 100 at {Text(_tryingAt)} and did not"
        : base.TimeMoves(from);
}
