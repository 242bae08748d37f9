// The client transactions of RFC 3261 §17.1 and RFC 6026 §7.2, seen from outside: timers A, B, D, E, F, K and M.
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

/// <summary>INVITE: §17.1.1, figure 5 as RFC 6026 amends it.</summary>
internal sealed class ClientInviteModel : TransactionModel
{
    /// <summary>Timer D over an unreliable transport: 32 s at least (§17.1.1.2).</summary>
    private static readonly TimeSpan s_timerD = TimeSpan.FromSeconds(32);

    private enum State
    {
        Calling,
        Proceeding,
        Accepted,
        Completed,
    }

    private State _state;
    private byte[]? _ack;

    public ClientInviteModel(TransactionTimers timers, MessageSeen first)
        : base(timers, first)
    {
        // Timers A and B.
        if (!IsReliable)
            Repeat(first.Octets, first.Time, timers.T1);
        End = TransactionTimers.DeadlineOf(first.Time, timers.Timeout);
    }

    public bool IsProceeding => _state == State.Proceeding;

    public bool IsPending => _state is State.Calling or State.Proceeding;

    protected override string Describe() => $"the INVITE client ({_state})";

    protected override TimeSpan IntervalAfter(TimeSpan interval) => interval * 2;

    /// <summary>Cancelled while ringing: over after 64·T1 without a final response (§9.1).</summary>
    public void CancelSent(Instant now)
    {
        if (_state == State.Proceeding)
            End = Instant.Earlier(End, TransactionTimers.DeadlineOf(now, Timers.Timeout));
    }

    public override string? Got(MessageSeen response)
    {
        int status = response.Text!.Status;
        if (IsPending && status < 200)
        {
            StopRepeating(response.Time);
            if (_state == State.Calling)
                _state = State.Proceeding;
            if (!IsCancelled)
                End = TransactionTimers.DeadlineOf(response.Time, Timers.PendingLimit);
        }
        else if (IsPending && status < 300)
        {
            StopRepeating(response.Time);
            _state = State.Accepted;
            End = TransactionTimers.DeadlineOf(response.Time, Timers.Timeout);
        }
        else if (IsPending)
        {
            StopRepeating(response.Time);
            _state = State.Completed;
            OweSomething("an ACK");
            End = TransactionTimers.DeadlineOf(response.Time, IsReliable ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(s_timerD.Ticks, Timers.Timeout.Ticks)));
        }
        else if (_state == State.Completed && status >= 300)
            Owe(_ack!, "the ACK again");
        return null;
    }

    public bool IsCancelled { get; set; }

    public override string? SentOther(MessageSeen message) => Unexpected(message);

    /// <summary>The ACK to a final response other than 2xx.</summary>
    public string? SentAck(MessageSeen ack)
    {
        if (Sent(ack) is { } complaint)
            return complaint;
        _ack ??= ack.Octets;
        return IsUncertain || _ack.AsSpan().SequenceEqual(ack.Octets) ? null : $"{this} sent another ACK than before";
    }
}

/// <summary>All but INVITE and ACK: §17.1.2, figure 6.</summary>
internal sealed class ClientRequestModel : TransactionModel
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

    protected override string Describe() => $"the {First.Text!.Method} client ({_state})";

    protected override TimeSpan IntervalAfter(TimeSpan interval) =>
        _state == State.Proceeding ? Timers.T2 : TimeSpan.FromTicks(Math.Min(interval.Ticks * 2, Timers.T2.Ticks));

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
        End = TransactionTimers.DeadlineOf(response.Time, IsReliable ? TimeSpan.Zero : Timers.T4);
        return null;
    }

    public override string? SentOther(MessageSeen message) => Unexpected(message);
}
