// The server transactions of RFC 3261 §17.2 and RFC 6026 §7.1, seen from outside: timers G, H, I, J and L, and the 2xx that its user repeats (§13.3.1.4).
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

internal abstract class ServerModel(TransactionTimers timers, MessageSeen first) : TransactionModel(timers, first)
{
    // Responses that the application has ordered and that are not sent yet.
    private readonly List<int> _ordered = [];

    /// <summary>The last response sent.</summary>
    protected MessageSeen? Last { get; private set; }

    /// <summary>True where it was answered without being taken up, for want of room: the next copy of its request is a new one.</summary>
    public bool IsStateless { get; private set; }

    public void Ordered(int status)
    {
        _ordered.Add(status);
        OweNothingElse();
    }

    /// <summary>An order of the application's takes the place of what the transaction would have said by itself.</summary>
    protected virtual void OweNothingElse()
    {
    }

    public override string? SentOther(MessageSeen response)
    {
        int status = response.Text!.Status;
        if (Last?.Text!.IsFinal == true)
            return response.Octets.AsSpan().SequenceEqual(Last.Octets) ? Unexpected(response) : $"{this} sent a second final response, {response.Text}";
        bool isOrdered = _ordered.Remove(status);
        if (!isOrdered && !IsOwn(response))
            return $"{this} sent {response.Text}, which nobody ordered";
        // §21.5.4: overload is answered by the transaction's own side, and not kept.
        if (!isOrdered && status == 503)
        {
            IsStateless = true;
            Over();
            return null;
        }
        Last = response;
        Answered(response);
        return null;
    }

    public new string? TimeMoves(Instant from)
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
    private bool _isAcknowledged;

    public ServerInviteModel(TransactionTimers timers, MessageSeen first)
        : base(timers, first)
    {
        _tryingAt = TransactionTimers.DeadlineOf(first.Time, timers.TryingDelay);
        End = TransactionTimers.DeadlineOf(first.Time, timers.PendingLimit);
    }

    public bool IsPending => _state == State.Proceeding;

    /// <summary>The dialog's key, once it has a 2xx.</summary>
    public string AcceptedAs => _state == State.Accepted ? $"{First.Text!.CallId} {First.Text.Sequence} {Last!.Text!.ToTag}" : "";

    protected override string Describe() => $"the INVITE server ({_state})";

    protected override TimeSpan IntervalAfter(TimeSpan interval) => TimeSpan.FromTicks(Math.Min(interval.Ticks * 2, Timers.T2.Ticks));

    public override string? Got(MessageSeen again)
    {
        if (_state is State.Proceeding or State.Completed && Last is not null)
            Owe(Last.Octets, $"{Last.Text} again");
        return null;
    }

    public void GotAck(Instant now)
    {
        if (_state == State.Completed)
        {
            _state = State.Confirmed;
            StopRepeating(now);
            // Timer I.
            End = TransactionTimers.DeadlineOf(now, IsReliable ? TimeSpan.Zero : Timers.T4);
        }
        else if (_state == State.Accepted && !_isAcknowledged)
        {
            _isAcknowledged = true;
            StopRepeating(now);
        }
    }

    protected override bool IsOwn(MessageSeen response) => response.Text!.Status == 100 && response.Time == _tryingAt || base.IsOwn(response);

    protected override void OweNothingElse() => _tryingAt = Instant.Never;

    protected override void Answered(MessageSeen response)
    {
        int status = response.Text!.Status;
        _tryingAt = Instant.Never;
        if (status < 200)
        {
            End = TransactionTimers.DeadlineOf(response.Time, Timers.PendingLimit);
            return;
        }
        End = TransactionTimers.DeadlineOf(response.Time, Timers.Timeout);
        _state = status < 300 ? State.Accepted : State.Completed;
        // Timer G is for unreliable transports; a 2xx goes end to end, over hops that may be unreliable (§13.3.1.4).
        if (!IsReliable || _state == State.Accepted)
            Repeat(response.Octets, response.Time, Timers.T1);
    }

    public new string? TimeMoves(Instant from) =>
        !IsUncertain && _tryingAt <= from ? $"{this} had to send 100 at {Text(_tryingAt)} and did not" : base.TimeMoves(from);
}

/// <summary>All but INVITE and ACK: §17.2.2, figure 8.</summary>
internal sealed class ServerRequestModel : ServerModel
{
    public ServerRequestModel(TransactionTimers timers, MessageSeen first)
        : base(timers, first)
    {
        End = TransactionTimers.DeadlineOf(first.Time, timers.Timeout);
    }

    protected override string Describe() => $"the {First.Text!.Method} server ({Last?.Text?.Status ?? 0})";

    protected override TimeSpan IntervalAfter(TimeSpan interval) => throw new InvalidOperationException("it has no timer that sends");

    public override string? Got(MessageSeen again)
    {
        if (Last is not null)
            Owe(Last.Octets, $"{Last.Text} again");
        return null;
    }

    // The answer to a CANCEL is made where it arrives (§9.2).
    protected override bool IsOwn(MessageSeen response) =>
        First.Text!.Method == "CANCEL" && response.Time == First.Time && response.Text!.Status is 200 or 481 || base.IsOwn(response);

    protected override void Answered(MessageSeen response)
    {
        // Timer J.
        if (response.Text!.IsFinal)
            End = TransactionTimers.DeadlineOf(response.Time, IsReliable ? TimeSpan.Zero : Timers.Timeout);
    }
}
