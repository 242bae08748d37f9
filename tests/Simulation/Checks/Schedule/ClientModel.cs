// The client transactions of RFC 3261 §17.1 and RFC 6026 §7.2, seen from outside: timers A, B, D, E, F, K and M.
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

internal abstract class ClientModel(TransactionTimers timers, MessageSeen first) : TransactionModel(timers, first)
{
    /// <summary>Nothing was heard of it yet.</summary>
    public abstract bool IsUnheard { get; }

    /// <summary>It has no final response.</summary>
    public abstract bool IsPending { get; }

    public override string? SentOther(MessageSeen message) => Unexpected(message);
}

/// <summary>INVITE: §17.1.1, figure 5 as RFC 6026 amends it.</summary>
internal sealed class ClientInviteModel : ClientModel
{
    private enum State
    {
        Calling,
        Proceeding,
        Accepted,
        Completed,
    }

    private State _state;
    private byte[]? _ack;
    private bool _wantsCancel;
    private bool _isCancelSent;
    private int _owedCancels;

    // When a call that rings too long is cancelled by itself.
    private Instant _cancelAt = Instant.Never;

    public ClientInviteModel(TransactionTimers timers, MessageSeen first)
        : base(timers, first)
    {
        // Timers A and B.
        if (!IsReliable)
            Repeat(first.Octets, first.Time, timers.T1);
        End = TransactionTimers.DeadlineOf(first.Time, timers.Timeout);
    }

    public override bool IsUnheard => _state == State.Calling;

    public override bool IsPending => _state is State.Calling or State.Proceeding;

    /// <summary>The user wants it cancelled and no provisional response has come.</summary>
    public bool WantsCancel => _wantsCancel;

    /// <summary>The ACKs to its responses are the user's.</summary>
    public bool IsAccepted => _state == State.Accepted;

    protected override string Describe() => $"the INVITE client ({_state})";

    protected override TimeSpan IntervalAfter(TimeSpan interval) => interval * 2;

    /// <summary>The user wants it cancelled: at once, or when a provisional response has come (§9.1).</summary>
    public void CancelOrdered()
    {
        if (_state == State.Proceeding && !_isCancelSent)
            _owedCancels++;
        else
            _wantsCancel = _state == State.Calling;
    }

    /// <summary>A CANCEL went out; it is over 64·T1 later without a final response (§9.1).</summary>
    public string? CancelSent(MessageSeen cancel)
    {
        if (IsUncertain)
            return null;
        if (_owedCancels > 0)
            _owedCancels--;
        else if (cancel.Time != _cancelAt)
            return $"{this} was cancelled at {Text(cancel.Time)}, which nobody ordered, or not yet";
        _isCancelSent = true;
        _cancelAt = Instant.Never;
        End = TransactionTimers.DeadlineOf(cancel.Time, Timers.Timeout);
        return null;
    }

    public override string? Got(MessageSeen response)
    {
        int status = response.Text!.Status;
        if (IsPending && status < 200)
        {
            StopRepeating(response.Time);
            _state = State.Proceeding;
            if (!_isCancelSent)
                (End, _cancelAt) = (Instant.Never, TransactionTimers.DeadlineOf(response.Time, Timers.PendingLimit));
            if (_wantsCancel)
                _owedCancels++;
            _wantsCancel = false;
        }
        else if (IsPending && status < 300)
        {
            _cancelAt = Instant.Never;
            StopRepeating(response.Time);
            _state = State.Accepted;
            // Timer M.
            End = TransactionTimers.DeadlineOf(response.Time, Timers.Timeout);
        }
        else if (IsPending)
        {
            _cancelAt = Instant.Never;
            StopRepeating(response.Time);
            _state = State.Completed;
            OweSomething("an ACK");
            End = TransactionTimers.DeadlineOf(response.Time, TimeSpan.FromTicks(Math.Max(TimerD.Ticks, Timers.Timeout.Ticks)));
            if (IsReliable)
                Over();
        }
        else if (_state == State.Completed && status >= 300)
            Owe(_ack!, "the ACK again");
        return null;
    }

    /// <summary>The ACK to a final response other than 2xx.</summary>
    public string? SentAck(MessageSeen ack)
    {
        if (Sent(ack) is { } complaint)
            return complaint;
        _ack ??= ack.Octets;
        return IsUncertain || _ack.AsSpan().SequenceEqual(ack.Octets) ? null : $"{this} sent another ACK than before";
    }

    public override void Fail(Instant now)
    {
        base.Fail(now);
        _cancelAt = Instant.Never;
    }

    public override void BecomeUncertain(Instant now)
    {
        base.BecomeUncertain(now);
        _cancelAt = Instant.Never;
    }

    public override string? TimeMoves(Instant from) => !IsUncertain && (_owedCancels > 0 || _cancelAt <= from)
        ? $"{this} was to send a CANCEL and did not"
        : base.TimeMoves(from);
}

/// <summary>All but INVITE and ACK: §17.1.2, figure 6.</summary>
internal sealed class ClientRequestModel : ClientModel
{
    private enum State
    {
        Trying,
        Proceeding,
        Completed,
    }

    private State _state;

    public ClientRequestModel(TransactionTimers timers, MessageSeen first)
        : base(timers, first)
    {
        // Timers E and F.
        if (!IsReliable)
            Repeat(first.Octets, first.Time, timers.T1);
        End = TransactionTimers.DeadlineOf(first.Time, timers.Timeout);
    }

    public override bool IsUnheard => _state == State.Trying;

    public override bool IsPending => _state != State.Completed;

    protected override string Describe() => $"the {First.Text!.Method} client ({_state})";

    protected override TimeSpan IntervalAfter(TimeSpan interval) => _state == State.Proceeding ? Timers.T2 : DoubledUpToT2(interval);

    public override string? Got(MessageSeen response)
    {
        if (_state == State.Completed)
            return null;
        if (response.Text!.Status < 200)
        {
            _state = State.Proceeding;
            return null;
        }
        _state = State.Completed;
        StopRepeating(response.Time);
        // Timer K.
        End = TransactionTimers.DeadlineOf(response.Time, Timers.T4);
        if (IsReliable)
            Over();
        return null;
    }
}
