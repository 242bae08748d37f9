// A transaction as an onlooker can predict it from what its agent was told and got: what it owes to the network, and when.
//
// note [owed and allowed]
// What is owed at an instant must have been sent when time moves on. Where two things meet in one instant, a response and the timer that would send once
// more, both orders are right: what was owed by the timer is then allowed, for that instant, and no longer owed. Where they meet at the end of a
// transaction's life its state can no longer be told from outside; it is left unwatched from there on (<see cref="IsUncertain"/>).
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

internal abstract class TransactionModel(TransactionTimers timers, MessageSeen first)
{
    /// <summary>Timer D over an unreliable transport: 32 s at least (RFC 3261 §17.1.1.2).</summary>
    protected static readonly TimeSpan TimerD = TimeSpan.FromSeconds(32);

    private static readonly byte[] s_anything = [];

    // What is owed now, at this very instant, by octets; s_anything where they are not known before.
    private readonly List<(byte[] Octets, string What)> _owedNow = [];

    private byte[] _repeated = s_anything;
    private Instant _repeatAt = Instant.Never;
    private Instant _allowedAt = Instant.Never;
    private TimeSpan _interval;

    protected TransactionTimers Timers { get; } = timers;

    /// <summary>The message that it began with.</summary>
    public MessageSeen First { get; } = first;

    public bool IsReliable { get; protected set; } = first.Flow.IsReliable;

    /// <summary>When it ends by itself; it is forgotten then.</summary>
    public Instant End { get; protected set; } = Instant.Never;

    public bool IsOver { get; private set; }

    /// <summary>See note [owed and allowed].</summary>
    public bool IsUncertain { get; private set; }

    /// <summary>It failed below: it hears nothing more, and its end is at hand.</summary>
    public bool IsFailed { get; private set; }

    protected abstract string Describe();

    public override string ToString() => $"{Describe()} of {First}";

    /// <summary>The request came, again where this is its server; a response came where this is its client.</summary>
    public abstract string? Got(MessageSeen message);

    /// <summary>A complaint, or null. Asked only where <see cref="TakeOwed"/> has not settled it.</summary>
    public abstract string? SentOther(MessageSeen message);

    public string? Sent(MessageSeen message) => IsUncertain || TakeOwed(message) ? null : SentOther(message);

    /// <summary>It ended, perhaps: nothing is owed any more and nothing is wrong. It is forgotten when no state could last longer.</summary>
    public virtual void BecomeUncertain(Instant now)
    {
        IsUncertain = true;
        _owedNow.Clear();
        _repeatAt = Instant.Never;
        End = now + Timers.PendingLimit + Timers.Timeout + Timers.Timeout + TimerD;
    }

    /// <summary>The network could not carry it (§17.1.4): its user is told at the next deadline.</summary>
    public virtual void Fail(Instant now)
    {
        StopRepeating(now);
        IsFailed = true;
        End = TransactionTimers.DeadlineOf(now, TimeSpan.Zero);
    }

    /// <summary>True where an input at this instant finds it ending: nobody can tell which was first.</summary>
    public bool EndsAt(Instant now) => End <= now;

    /// <summary>A complaint where something is still owed at the end of an instant.</summary>
    public virtual string? TimeMoves(Instant from)
    {
        if (_owedNow.Count > 0)
            return $"{this} owed {_owedNow[0].What} at once and did not send it";
        if (_repeatAt <= from && End > from)
            return $"{this} had to send {NameOf(_repeated)} again at {Text(_repeatAt)} and did not";
        if (End <= from)
            IsOver = true;
        return null;
    }

    protected void Owe(byte[] octets, string what) => _owedNow.Add((octets, what));

    protected void OweSomething(string what) => _owedNow.Add((s_anything, what));

    protected void Over() => IsOver = true;

    /// <summary>Octets are sent again after <paramref name="interval"/>, and so on with doubled intervals.</summary>
    protected void Repeat(byte[] octets, Instant now, TimeSpan interval)
    {
        _repeated = octets;
        _interval = interval;
        _repeatAt = TransactionTimers.DeadlineOf(now, interval);
    }

    /// <summary>The interval behind the next repetition.</summary>
    protected abstract TimeSpan IntervalAfter(TimeSpan interval);

    protected TimeSpan DoubledUpToT2(TimeSpan interval) => TimeSpan.FromTicks(Math.Min(interval.Ticks * 2, Timers.T2.Ticks));

    protected void StopRepeating(Instant now)
    {
        // A repetition of this instant may have been sent or not (note [owed and allowed]).
        if (_repeatAt == now)
            _allowedAt = now;
        _repeatAt = Instant.Never;
    }

    private bool TakeOwed(MessageSeen message)
    {
        int owed = _owedNow.FindIndex(one => ReferenceEquals(one.Octets, s_anything) || one.Octets.AsSpan().SequenceEqual(message.Octets));
        if (owed >= 0)
        {
            _owedNow.RemoveAt(owed);
            return true;
        }
        if (!message.Octets.AsSpan().SequenceEqual(_repeated))
            return false;
        if (_repeatAt == message.Time)
        {
            _interval = IntervalAfter(_interval);
            _repeatAt = TransactionTimers.DeadlineOf(message.Time, _interval);
            return true;
        }
        if (_allowedAt == message.Time)
        {
            _allowedAt = Instant.Never;
            return true;
        }
        return false;
    }

    protected string Unexpected(MessageSeen message)
    {
        string next = _repeatAt == Instant.Never ? "nothing" : $"{NameOf(_repeated)} at {Text(_repeatAt)}";
        return $"{this} sent {message.Text} at {Text(message.Time)}, but {next} was next{(End == Instant.Never ? "" : $", and its end at {Text(End)}")}";
    }

    protected static string Text(Instant time) => $"{time.Ticks / 10000.0:0.0000} ms";

    private static string NameOf(byte[] octets) => SipText.TryRead(octets)?.StartLine ?? "it";
}
