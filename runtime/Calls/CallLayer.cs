// Calls: INVITE sessions (RFC 3261 §13 to §15) with offer/answer (RFC 3264, RFC 6337), session timers (RFC 4028), reliable provisional responses (RFC 3262) and
// UPDATE (RFC 3311). Start reading here, then one file a verb: Place, Answer, HangUp, Change, Requests; Incoming and Responses have what the peer does, Ways has
// where requests go.
//
// note [one event]
// An input gives one event at most. What else there is to tell, and what there is to do later, waits on the call's timer, whose time is then at once.
//
// note [legs]
// A leg is a dialog of a call with the state of its offers. A call that is answered has one. A call of ours that forks has one for each early dialog, and each
// begins with a copy of the INVITE's offer, which stands with the call; the first 2xx keeps its own leg, and the others go. A BYE in an early dialog ends
// that one alone (RFC 3261 §15.1.2).
using SipEmbedded.Auth;
using SipEmbedded.Dialogs;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Negotiation;
using SipEmbedded.Registration;
using SipEmbedded.Resolution;
using SipEmbedded.Sdp;
using SipEmbedded.SessionTimers;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

/// <summary>All calls of an agent; see notes [one event] and [legs].</summary>
public sealed partial class CallLayer
{
    // A call's timers.
    private const int TimersEach = 4;

    // News, changes and pings of its own that are due.
    private const int Next = 0;

    // The INVITE's end: Expires, or nobody's answer.
    private const int Ring = 1;

    private const int Session = 2;

    // A reliable provisional response again; of a caller, the PRACK of one that found no room.
    private const int Again = 3;

    private readonly CallOptions _options;
    private readonly TransactionLayer _transactions;
    private readonly TransportLayer _transport;
    private readonly DialogLayer _dialogs;
    private readonly Negotiator _negotiator;
    private readonly RegistrationLayer? _accounts;
    private readonly ServerResolver? _resolver;
    private readonly BufferPool _buffers;
    private readonly Entropy _entropy;
    private readonly SlotMap<Call> _calls;
    private readonly SlotMap<Leg> _legs;
    private readonly TimerWheel _timers;
    private readonly ISupplements _supplements;
    private readonly TrustedPeers _trusted;
    private readonly byte[] _reply;
    private readonly byte[] _description;
    private readonly byte[] _text;
    private readonly byte[] _product;
    private readonly byte[] _allow;

    public CallCounters Counters;

    [StartUp(Because = "a layer is made before start")]
    public CallLayer(
        StartGate gate, CallOptions options, TransactionLayer transactions, TransportLayer transport, RegistrationLayer? accounts, ServerResolver? resolver,
        BufferPool buffers, Entropy entropy)
    {
        const string Pool = "calls";
        _options = options;
        _transactions = transactions;
        _transport = transport;
        _accounts = accounts;
        _resolver = resolver;
        _buffers = buffers;
        _entropy = entropy;
        int legs = options.Calls + options.SpareDialogs;
        _dialogs = new(gate, legs, transactions, buffers);
        _negotiator = new(gate, options.Negotiation, buffers, options.Streams);
        _calls = new(gate, Pool, options.Calls);
        _legs = new(gate, Pool, legs);
        _timers = new(gate, Pool, options.Calls * TimersEach);
        _supplements = options.Supplements ?? new NoSupplements();
        _supplements.Attach(gate, options.Calls);
        _trusted = MakeTrusted(gate, options.Trusted);
        _reply = gate.Take<byte>("messages in work", 1, CallLimits.MaxReplyOctets);
        _description = gate.Take<byte>("messages in work", 1, CallLimits.MaxDescriptionOctets);
        _text = gate.Take<byte>("messages in work", 1, CallLimits.MaxTextOctets);
        _product = System.Text.Encoding.UTF8.GetBytes(options.Product);
        _allow = transactions.Allow.ToArray();
    }

    /// <summary>The option tags that calls with these options understand, as Supported lists them.</summary>
    [StartUp(Because = "a layer below is made with them")]
    public static string SupportedBy(CallOptions options) => string.Join(
        ", ", ((string[])["100rel", "timer"]).Where(tag => tag == "timer" ? options.SessionTimer.Mode != SessionTimerMode.Off : options.Reliable != ReliableMode.Off));

    // ---- Asking -------------------------------------------------------------------------------------------------------------------

    /// <summary>Calls that there are.</summary>
    public int Count => _calls.Count;

    /// <summary>Calls that there may be.</summary>
    public int Capacity => _calls.Capacity;

    /// <summary>The most calls that there ever were at once.</summary>
    public int HighWater => _calls.HighWater;

    /// <summary>Dialogs in use, of all calls.</summary>
    public int DialogCount => _dialogs.Count;

    internal Instant NextDeadline => _timers.NextDeadline;

    public bool IsLive(Handle<Call> call) => _calls.IsLive(call);

    /// <summary>True until the call is being ended.</summary>
    public bool IsActive(Handle<Call> call) => _calls.IsLive(call) && _calls[call].State != CallState.Ending && !_calls[call].WantsEnd;

    /// <summary>The calls one by one: the first at or behind <paramref name="index"/>.</summary>
    public bool TryNext(ref int index, out Handle<Call> call)
    {
        index = _calls.NextTaken(index);
        call = index < 0 ? default : _calls.HandleOf(index);
        index++;
        return call.IsSome;
    }

    /// <summary>An offer of the call has been answered.</summary>
    public bool HasMedia(Handle<Call> call) => _calls.IsLive(call) && HasMedia(_calls[call]);

    private bool HasMedia(in Call call) => _legs.IsLive(call.Leg) && _legs[call.Leg].Media.IsAgreed;

    public bool TryGetInfo(Instant now, Handle<Call> handle, out CallInfo info)
    {
        info = default;
        if (!TryFind(handle))
            return false;
        ref readonly var call = ref _calls[handle];
        info = new()
        {
            State = call.State,
            IsCaller = call.IsCaller,
            Account = call.Account,
            User = call.User,
            LastStatus = call.LastStatus,
            Duration = now - call.BeganAt,
            ConnectedFor = call.IsAnswered ? now - call.AnsweredAt : TimeSpan.Zero,
            IsHeld = call.IsHeld,
            HasMedia = HasMedia(call),
            Flow = call.Flow,
            Dialogs = CountLegs(handle),
            SessionSeconds = call.Timer.IsRunning ? call.Timer.IntervalSeconds : 0,
            IsRefresher = call.Timer.IsRefresher,
        };
        return true;
    }

    /// <summary>The dialog of a call, where it has one: its URIs, contacts and tags are the dialog layer's.</summary>
    public bool TryGetDialog(Handle<Call> call, out Handle<Dialog> dialog)
    {
        bool hasLeg = _calls.IsLive(call) && _legs.IsLive(_calls[call].Leg);
        dialog = hasLeg ? _legs[_calls[call].Leg].Dialog : default;
        return hasLeg;
    }

    /// <summary>Dialogs of the calls, to be read.</summary>
    public DialogLayer Dialogs => _dialogs;

    public bool SetUser(Handle<Call> call, ulong user)
    {
        if (!TryFind(call))
            return false;
        _calls[call].User = user;
        return true;
    }

    private bool TryFind(Handle<Call> call)
    {
        if (_calls.IsLive(call))
            return true;
        Counters.StaleCommands++;
        return false;
    }

    private static ulong NumberOf(Handle<Call> call) => TransactionOwner.NumberOf(TransactionOwner.Calls, call);

    private bool TryFindByUser(ulong user, out Handle<Call> call)
    {
        call = TransactionOwner.HandleOf(user, _calls);
        return TransactionOwner.Of(user) == TransactionOwner.Calls && _calls.IsLive(call);
    }

    private CallEvent NewEvent(Handle<Call> handle, CallEventKind kind) => new() { Kind = kind, Call = handle, User = _calls[handle].User };

    // ---- Legs ---------------------------------------------------------------------------------------------------------------------

    // The legs of a call are a list through them, the oldest first, so that its end costs the same however many other calls there are.
    private void AddToList(Handle<Call> call, Handle<Leg> leg)
    {
        ref int link = ref _calls[call].FirstLeg;
        while (link != 0)
            link = ref _legs.At(link - 1).Next;
        link = leg.Index + 1;
    }

    private void RemoveFromList(Handle<Leg> leg)
    {
        if (!TryFindByUser(_legs[leg].Call, out var call))
            return;
        ref int link = ref _calls[call].FirstLeg;
        while (link != leg.Index + 1)
            link = ref _legs.At(link - 1).Next;
        link = _legs[leg].Next;
    }

    private int CountLegs(Handle<Call> call)
    {
        int count = 0;
        for (int i = _calls[call].FirstLeg; i != 0; i = _legs.At(i - 1).Next)
            count += _legs.At(i - 1).IsSurplus ? 0 : 1;
        return count;
    }

    // The leg of a dialog that was just made; false, and the dialog gone again, where there is no room.
    private bool TryAddLeg(Handle<Call> call, Handle<Dialog> dialog, out Handle<Leg> leg)
    {
        if (!_legs.TryAdd(out leg))
        {
            Counters.NoRoom++;
            _dialogs.End(dialog);
            return false;
        }
        // Without an offer of the INVITE's the dialog has an exchange of its own.
        if (!_negotiator.TryFork(_calls[call].Offer, out var media))
            media = new(_entropy.Next());
        _legs[leg] = new() { Call = NumberOf(call), Dialog = dialog, Media = media };
        AddToList(call, leg);
        _dialogs.SetUser(dialog, TransactionOwner.NumberOf(TransactionOwner.Calls, leg));
        return true;
    }

    private void RemoveLeg(Handle<Leg> leg)
    {
        if (!_legs.IsLive(leg))
            return;
        RemoveFromList(leg);
        ref var entry = ref _legs[leg];
        // Whoever asked for it hears of it.
        _transactions.FailHeld(HeldAt(leg), TransportFault.Closed);
        ReleaseServers(ref entry);
        _dialogs.End(entry.Dialog);
        _negotiator.Release(ref entry.Media);
        _legs.Remove(leg);
    }

    private void RemoveLegs(Handle<Call> call, Handle<Leg> but)
    {
        for (int i = _calls[call].FirstLeg; i != 0;)
        {
            var leg = _legs.HandleOf(i - 1);
            i = _legs.At(i - 1).Next;
            if (leg != but)
                RemoveLeg(leg);
        }
    }

    // The leg whose PRACK, or whose BYE to a further callee, this is.
    private bool TryFindLegOf(Handle<Call> call, Handle<ClientTransaction> client, out Handle<Leg> leg)
    {
        for (int i = _calls[call].FirstLeg; i != 0; i = _legs.At(i - 1).Next)
        {
            leg = _legs.HandleOf(i - 1);
            if (_legs[leg].Prack == client || _legs[leg].Bye == client)
                return true;
        }
        leg = default;
        return false;
    }

    private Handle<Leg> FirstLegOf(Handle<Call> call) => _calls[call].FirstLeg == 0 ? default : _legs.HandleOf(_calls[call].FirstLeg - 1);

    private bool TryFindLeg(Handle<Dialog> dialog, out Handle<Leg> leg)
    {
        leg = TransactionOwner.HandleOf(_dialogs.UserOf(dialog), _legs);
        return _legs.IsLive(leg);
    }

    // ---- The end ------------------------------------------------------------------------------------------------------------------

    /// <summary>Everything of the call is given back; what is told of it is the last.</summary>
    private CallEvent Finish(Handle<Call> handle, CallEnd end, ushort status)
    {
        var happened = NewEvent(handle, CallEventKind.Ended);
        happened.End = end;
        happened.Status = status;
        Counters.Ended++;
        Free(handle);
        return happened;
    }

    private void Free(Handle<Call> handle)
    {
        ref var call = ref _calls[handle];
        call.Timer.Stop();
        _supplements.SessionEnded(new(handle, call.User));
        _negotiator.End(ContextOf(handle));
        LeaveBehind(call);
        RemoveLegs(handle, but: default);
        _negotiator.Release(ref call.Offer);
        _buffers.Release(call.Texts);
        _buffers.Release(call.Credentials);
        _buffers.Release(call.Provisional);
        _buffers.Release(call.RequestText);
        _buffers.Release(call.EndLines);
        _buffers.Release(call.Caller);
        if (call.Servers.IsSome)
            _resolver!.Release(call.Servers);
        for (int timer = 0; timer < TimersEach; timer++)
            _timers.Cancel(handle.Index * TimersEach + timer);
        _calls.Remove(handle);
    }

    // ---- What every message of ours says --------------------------------------------------------------------------------------------

    private StreamContext ContextOf(Handle<Call> handle)
    {
        ref readonly var call = ref _calls[handle];
        return new() { Session = SessionOf(handle), Wanted = call.IsHeld ? MediaDirection.SendOnly : MediaDirection.SendReceive, Local = call.Flow.Local };
    }

    /// <summary>A call's number for handlers of streams: its slot in the low half, its generation in the high one.</summary>
    public static ulong SessionOf(Handle<Call> call) => (ulong)call.Generation << 32 | (uint)call.Index;

    // Our own contact: the account's, or the address of the flow.
    private void WriteContact(Handle<Account> account, in Flow flow, ref MessageBuilder message)
    {
        if (_accounts is not null && _accounts.TryWriteContact(account, ref message))
            return;
        Span<byte> room = stackalloc byte[ContactOctets];
        var writer = new ByteWriter(room);
        writer.Write("<sip:"u8);
        _transport.WriteSentBy(flow, ref writer);
        if (flow.Protocol == Protocol.Tcp)
            writer.Write(";transport=tcp"u8);
        else if (flow.Protocol == Protocol.Tls)
            writer.Write(";transport=tls"u8);
        writer.Write((byte)'>');
        message.Header(HeaderName.Contact, writer.WrittenSpan);
    }

    // An address, a port and a transport.
    private const int ContactOctets = 128;

    // Allow, Supported and the rest of what a message that can make or change a dialog says of us.
    private void WriteAbilities(in Call call, ref MessageBuilder message, bool isRequest)
    {
        message.Header(HeaderName.Allow, _allow);
        Span<byte> room = stackalloc byte[32];
        var writer = new ByteWriter(room);
        if (_options.Reliable != ReliableMode.Off)
            writer.Write("100rel"u8);
        if (call.Timer.IsOffered)
        {
            if (writer.Written > 0)
                writer.Write(", "u8);
            writer.Write("timer"u8);
        }
        message.Header(HeaderName.Supported, writer.WrittenSpan);
        if (_product.Length > 0)
            message.Header(isRequest ? HeaderName.UserAgent : HeaderName.Server, _product);
    }

    private void WriteRequire(ref MessageBuilder message, bool reliable, bool timer)
    {
        if (reliable && timer)
            message.Header(HeaderName.Require, "100rel, timer"u8);
        else if (reliable)
            message.Header(HeaderName.Require, "100rel"u8);
        else if (timer)
            message.Header(HeaderName.Require, "timer"u8);
    }

    private static bool HasTag<T>(SipMessage message, scoped ReadOnlySpan<byte> tag)
        where T : struct, IHeader<T>
    {
        foreach (var value in message.All<T>())
        {
            if (Scan.EqualsIgnoreCase(value.Extent.In(message.Text), tag))
                return true;
        }
        return false;
    }

    // The description that a message carries; false where it carries none, or something else.
    private static bool TryGetDescription(SipMessage message, out ReadOnlySpan<byte> description)
    {
        description = message.Body;
        return !description.IsEmpty && (message.FirstLineOf(HeaderName.ContentType) < 0 || message.TryGet<ContentType>(out var type, out _)
            && Scan.EqualsIgnoreCase(type.Type.In(message.Text), "application"u8) && Scan.EqualsIgnoreCase(type.Subtype.In(message.Text), "sdp"u8));
    }

    private static ReadOnlySpan<byte> DescriptionType => "application/sdp"u8;

    private static void WriteLines(ref MessageBuilder message, scoped ReadOnlySpan<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf("\r\n"u8);
            int colon = lines.IndexOf((byte)':');
            if (end < 0 || colon <= 0 || colon > end)
                return;
            message.Header(lines[..colon], Scan.Trimmed(lines, colon + 1, end).In(lines));
            lines = lines[(end + 2)..];
        }
    }
}
