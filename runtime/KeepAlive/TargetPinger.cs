// OPTIONS again and again to see that a target is there, and how far away (RFC 3261 §11.1): what others call qualify or auto-ping. Unlike a kept flow it wants
// nothing of the target but an answer, and any answer will do.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.KeepAlive;

/// <summary>Pings targets, one request at a time to each. Its transactions carry <see cref="TransactionOwner.Ping"/>.</summary>
public sealed class TargetPinger
{
    // RFC 3261 §8.1.1.6.
    private const uint MaxForwards = 70;

    // "<" and ">" around a URI; ";tag=" and a token behind From.
    private const int AddedOctets = 5 + TokenText.Length;

    // RFC 6298 §2: the weight of a new round-trip time.
    private const int SmoothingShare = 8;

    private readonly TransactionLayer _transactions;
    private readonly Entropy _entropy;
    private readonly SlotMap<PingedTarget> _targets;
    private readonly TimerWheel _timers;
    private readonly byte[] _texts;
    private readonly byte[] _value;
    private readonly int _textOctets;

    [StartUp(Because = "a pool is made before start")]
    public TargetPinger(StartGate gate, PingOptions options, TransactionLayer transactions, Entropy entropy)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.TextOctets, Slice.MaxTextLength);
        _transactions = transactions;
        _entropy = entropy;
        _textOctets = options.TextOctets;
        const string Targets = "pinged targets";
        _targets = new(gate, Targets, options.Targets);
        _timers = new(gate, Targets, options.Targets);
        _texts = gate.Take<byte>(Targets, options.Targets, options.TextOctets);
        _value = gate.Take<byte>("messages in work", 1, options.TextOctets + AddedOctets);
    }

    public int Count => _targets.Count;

    public Instant NextDeadline => _timers.NextDeadline;

    public bool IsLive(Handle<PingedTarget> target) => _targets.IsLive(target);

    /// <summary>
    /// Pings from now on, first within a fifth of the interval. False where no slot is free or the texts are longer than
    /// <see cref="PingOptions.TextOctets"/>.
    /// </summary>
    public bool TryStart(Instant now, in PingSettings settings, out Handle<PingedTarget> target)
    {
        target = default;
        if (settings.Uri.Length + settings.From.Length > _textOctets || !_targets.TryAdd(out target))
            return false;
        ref var it = ref _targets[target];
        it.Flow = settings.Flow;
        it.Interval = PingInterval.Bounded(settings.Interval);
        it.User = settings.User;
        it.Uri = Slice.Between(0, settings.Uri.Length);
        it.From = Slice.Between(settings.Uri.Length, settings.Uri.Length + settings.From.Length);
        var text = TextOf(target.Index);
        settings.Uri.CopyTo(text);
        settings.From.CopyTo(text[settings.Uri.Length..]);
        _timers.Arm(target.Index, now + PingInterval.Spread(it.Interval, _entropy));
        return true;
    }

    /// <summary>Pings no more; of a request under way nothing is told. Nothing happens for a stale handle.</summary>
    public void Stop(Handle<PingedTarget> target)
    {
        if (!_targets.IsLive(target))
            return;
        _timers.Cancel(target.Index);
        _targets.Remove(target);
    }

    /// <summary>Deals with one timer that has expired; false where there is none. <paramref name="happened"/> may be nothing.</summary>
    public bool TryPopTimer(Instant now, out PingEvent happened)
    {
        happened = default;
        if (!_timers.TryPop(now, out int index))
            return false;
        var target = _targets.HandleOf(index);
        ref var it = ref _targets.At(index);
        it.SentAt = now;
        it.Next = now + PingInterval.Wait(it.Interval, _entropy);
        var sending = Ask(now, target);
        if (sending == SendResult.Sent)
            return true;
        _timers.Arm(index, it.Next);
        happened = new() { Target = target, User = it.User, IsAlive = it.IsAlive, Smoothed = it.Smoothed, Sending = sending };
        return true;
    }

    private SendResult Ask(Instant now, Handle<PingedTarget> target)
    {
        ref var it = ref _targets[target];
        var text = TextOf(target.Index);
        var uri = it.Uri.In(text);
        Span<byte> token = stackalloc byte[TokenText.Length];
        var request = _transactions.BeginRequest();
        request.StartRequest(Method.Options, uri);
        request.Header(HeaderName.MaxForwards, MaxForwards);
        var value = new ByteWriter(_value);
        value.Write(it.From.In(text));
        value.Write(";tag="u8);
        TokenText.Write(_entropy.Next(), token);
        value.Write(token);
        request.Header(HeaderName.From, value.WrittenSpan);
        value.Rewind(0);
        value.Write((byte)'<');
        value.Write(uri);
        value.Write((byte)'>');
        request.Header(HeaderName.To, value.WrittenSpan);
        TokenText.Write(_entropy.Next(), token);
        request.Header(HeaderName.CallID, token);
        request.CSeq(1, "OPTIONS"u8);
        request.Header(HeaderName.Accept, "application/sdp"u8);
        request.Finish();
        return _transactions.SendRequest(now, request, it.Flow, TransactionOwner.NumberOf(TransactionOwner.Ping, target), out it.Client);
    }

    /// <summary>Takes an event of a transaction of <see cref="TransactionOwner.Ping"/>. False where it is the end of no ping: provisional, or stopped.</summary>
    public bool Handle(Instant now, in TransactionEvent transaction, out PingEvent happened)
    {
        happened = default;
        var target = TransactionOwner.HandleOf(transaction.User, _targets);
        bool isResponse = transaction.Kind == TransactionEventKind.Response;
        if (!_targets.IsLive(target) || _targets[target].Client != transaction.Client || isResponse && transaction.Status < 200)
            return false;
        ref var it = ref _targets[target];
        happened.Target = target;
        happened.User = it.User;
        happened.IsAlive = isResponse;
        happened.IsNew = !it.IsKnown || it.IsAlive != isResponse;
        happened.Status = transaction.Status;
        happened.Fault = transaction.Kind == TransactionEventKind.Timeout ? TransportFault.TimedOut : transaction.Fault;
        if (isResponse)
        {
            happened.RoundTrip = now - it.SentAt;
            bool isFirst = it.Smoothed == TimeSpan.Zero;
            it.Smoothed = isFirst ? happened.RoundTrip : it.Smoothed + (happened.RoundTrip - it.Smoothed) / SmoothingShare;
        }
        happened.Smoothed = it.Smoothed;
        it.IsKnown = true;
        it.IsAlive = isResponse;
        it.Client = default;
        _timers.Arm(target.Index, it.Next);
        return true;
    }

    private Span<byte> TextOf(int index) => _texts.AsSpan(index * _textOctets, _textOctets);
}
