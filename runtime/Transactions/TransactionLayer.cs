// The transaction layer of RFC 3261 §17 as amended by RFC 6026 and RFC 4320: messages and time in, events for the transaction user and messages for the
// transport layer out. The machines of the RFC's figures are in InviteClient.cs, NonInviteClient.cs, InviteServer.cs and NonInviteServer.cs; matching is in
// Matching.cs, what is refused before a transaction exists in RequestCheck.cs, the requests that the layer makes itself in Requests.cs.
//
// note [one step, one event]
// A message, or a timer, gives one event at most, which the caller gets at once. The message that it speaks of is copied, so it can be read until the next
// input, whatever becomes of the transaction meanwhile.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Transactions;

/// <summary>All transactions of one element; see note [one step, one event].</summary>
public sealed partial class TransactionLayer
{
    // The two timers of a transaction: what it does again and again, and what ends it.
    private const int Repeat = 0;
    private const int Life = 1;
    private const int TimersEach = 2;

    private const int MaxTextOctets = Slice.MaxTextLength;

    // A Via with what is added to it. A longer one is copied as it is.
    private const int MaxStampedViaOctets = 1024;

    // Via, From, To, Call-ID and CSeq of a request that came over a few hops.
    private const int MaxHeadOctets = 2048;

    private readonly TransactionOptions _options;
    private readonly Leniency _leniency;
    private readonly TransportLayer _transport;
    private readonly BufferPool _buffers;
    private readonly Entropy _entropy;
    private readonly KeyedHash _hash;

    private readonly SlotMap<ServerTransaction> _servers;
    private readonly HashIndex _serverKeys;
    private readonly HashIndex _mergeKeys;
    private readonly HashIndex _ackKeys;
    private readonly TimerWheel _serverTimers;

    private readonly SlotMap<ClientTransaction> _clients;
    private readonly HashIndex _branches;
    private readonly TimerWheel _clientTimers;

    // Requests that are held, and how many were so far.
    private int _held;
    private ulong _heldOrder;

    private readonly TimeSpan _timeout;
    private readonly TimeSpan _timeToT2;
    private readonly ulong _allowedMethods;
    private readonly byte[] _allow;
    private readonly byte[] _supported;

    // The message of the last event, and the server transaction whose request it is.
    private readonly byte[] _text;
    private int _textLength;
    private MessageIndex _index;
    private RoutingView _view;
    private Handle<ServerTransaction> _current;

    // What is seen where there is no message.
    private readonly MessageIndex _nothing = new();

    // A retained message that is read again.
    private MessageIndex _retainedIndex;
    private RoutingView _retainedView;
    private Handle<ServerTransaction> _retained;

    // What every response to a request begins with behind its status line, of the transaction that was answered last: a 200 often follows its 180 at once. A
    // head that does not fit is written again.
    private readonly byte[] _head;
    private int _headLength;
    private Handle<ServerTransaction> _headOf;

    // What is being written, what is put together from it, and a Via.
    private readonly byte[] _draft;
    private readonly byte[] _composed;
    private readonly byte[] _via;

    public TransactionCounters Counters;

    [StartUp(Because = "a layer is made before start")]
    public TransactionLayer(StartGate gate, TransactionOptions options, TransportLayer transport, BufferPool buffers, Entropy entropy, string? supported = null)
    {
        _options = options;
        _leniency = transport.Options.Leniency;
        _transport = transport;
        _buffers = buffers;
        _entropy = entropy;
        Span<byte> key = stackalloc byte[16];
        entropy.Fill(key);
        _hash = new(key);

        const string Servers = "server transactions";
        _servers = new(gate, Servers, options.ServerTransactions);
        _serverKeys = new(gate, Servers, options.ServerTransactions);
        _mergeKeys = new(gate, Servers, options.ServerTransactions);
        _ackKeys = new(gate, Servers, options.ServerTransactions);
        _serverTimers = new(gate, Servers, options.ServerTransactions * TimersEach);
        const string Clients = "client transactions";
        _clients = new(gate, Clients, options.ClientTransactions);
        _branches = new(gate, Clients, options.ClientTransactions);
        _clientTimers = new(gate, Clients, options.ClientTransactions * TimersEach);

        // Of nothing, a timer would fire again and again in the same instant.
        ArgumentOutOfRangeException.ThrowIfLessThan(options.T1, TransactionOptions.MinInterval);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.T2, TransactionOptions.MinInterval);
        _timeout = options.Timeout;
        _timeToT2 = options.TimeToT2;
        foreach (var method in options.AllowedMethods)
            _allowedMethods |= 1UL << (int)method;
        _allow = System.Text.Encoding.ASCII.GetBytes(string.Join(", ", AllowedNames(options.AllowedMethods)));
        _supported = System.Text.Encoding.ASCII.GetBytes(supported ?? options.SupportedExtensions);

        const string Work = "messages in work";
        _text = gate.Take<byte>(Work, 1, MaxTextOctets);
        _draft = gate.Take<byte>(Work, 1, MaxTextOctets);
        _composed = gate.Take<byte>(Work, 1, MaxTextOctets);
        _via = gate.Take<byte>(Work, 1, MaxStampedViaOctets);
        _head = gate.Take<byte>(Work, 1, MaxHeadOctets);
    }

    // ACK and CANCEL are always taken, so a list without them would not be true (RFC 3261 §20.5).
    [StartUp(Because = "the Allow value is written before start")]
    private static List<string> AllowedNames(Method[] methods)
    {
        var names = new List<string>();
        foreach (var method in methods)
            names.Add(System.Text.Encoding.ASCII.GetString(Methods.NameOf(method)));
        foreach (var always in (ReadOnlySpan<Method>)[Method.Ack, Method.Cancel])
        {
            string name = System.Text.Encoding.ASCII.GetString(Methods.NameOf(always));
            if (names.Count > 0 && !names.Contains(name))
                names.Add(name);
        }
        return names;
    }

    public int ServerCount => _servers.Count;

    public int ClientCount => _clients.Count;

    /// <summary>Timers armed: none once every transaction has ended.</summary>
    public int ArmedTimers => _serverTimers.Count + _clientTimers.Count;

    public Instant NextDeadline => Instant.Earlier(_serverTimers.NextDeadline, _clientTimers.NextDeadline);

    /// <summary>The Allow value of the methods that are taken, empty where all are.</summary>
    public ReadOnlySpan<byte> Allow => _allow;

    /// <summary>The message of the last event; empty where that has none.</summary>
    public SipMessage Message => _textLength == 0
        ? SipMessage.Over(default, in _nothing, _leniency)
        : SipMessage.Over(_text.AsSpan(0, _textLength), in _index, _leniency);

    /// <summary>What routing needs of that message.</summary>
    public ref readonly RoutingView View => ref _view;

    // ---- Receiving --------------------------------------------------------------------------------------------------------------

    // A request with the way it came and the way back.
    private readonly ref struct Incoming(SipMessage request, in RoutingView view, in Flow from, in Flow target)
    {
        public readonly SipMessage Request = request;
        public readonly RoutingView View = view;
        public readonly Flow From = from;
        public readonly Flow Target = target;

        public Method Method => Request.Request.Method;
    }

    /// <summary>
    /// Takes a message from <paramref name="flow"/>. True with an event for the user; false where the layer dealt with it alone.
    /// </summary>
    public bool Receive(Instant now, in Flow flow, ReadOnlySpan<byte> octets, Framing framing, out TransactionEvent happened)
    {
        Forget();
        happened = default;
        if (!SipMessage.TryRead(octets, framing, ref _index, out var message, out var fault, _leniency)
            || !RoutingView.TryRead(message, out var view, out fault))
        {
            RefuseUnreadable(now, flow, message, fault);
            return false;
        }
        if (!message.IsRequest)
            return ReceiveResponse(now, flow, message, view, out happened);
        Counters.RequestsReceived++;
        if (message.Request.Method == Method.Ack)
            return ReceiveAck(now, flow, message, view, out happened);
        if (ResponseRoute.TryFind(message.Text, view.TopVia, flow, _transport.Options, out var target))
            return ReceiveRequest(now, new(message, view, flow, target), out happened);
        Counters.Unroutable++;
        return false;
    }

    /// <summary>Answers what could be read of a message in front of which its stream has to be given up.</summary>
    public void ReceiveUnframable(Instant now, in Flow flow, ReadOnlySpan<byte> octets, in ParseFault fault)
    {
        Forget();
        bool isRead = SipMessage.TryRead(octets, Framing.Stream, ref _index, out var message, out var why, _leniency);
        // The framer knows which message is too long; the reader says more of any other fault.
        RefuseUnreadable(now, flow, message, isRead || fault.Kind == FaultKind.Limit ? fault : why);
    }

    // A new step: the last event's message is there no more.
    private void Forget()
    {
        _textLength = 0;
        _view = default;
        _current = default;
    }

    /// <summary>Keeps the message of an event readable until the next input.</summary>
    private void Keep(SipMessage message, in RoutingView view)
    {
        message.Text.CopyTo(_text);
        _textLength = message.Text.Length;
        _view = view;
    }

    private bool ReceiveRequest(Instant now, in Incoming incoming, out TransactionEvent happened)
    {
        happened = default;
        var key = KeyOf(incoming.Request, incoming.View);
        if (TryFindServer(key, out var handle))
        {
            if (incoming.Method == Method.Cancel)
                return ReceiveCancel(now, incoming, handle, out happened);
            Counters.RetransmissionsReceived++;
            AnswerAgain(now, handle);
            return false;
        }
        if (incoming.Method == Method.Cancel)
        {
            Counters.StrayCancels++;
            Refuse(now, incoming, 481);
            return false;
        }
        if (!Passes(now, incoming, out var mergeKey) || !TryAddServer(now, incoming, key, mergeKey, out handle))
            return false;
        Keep(incoming.Request, incoming.View);
        _current = handle;
        Counters.RequestsTold++;
        happened = new() { Kind = TransactionEventKind.Request, Method = incoming.Method, Server = handle, Flow = incoming.From };
        return true;
    }

    private bool TryAddServer(Instant now, in Incoming incoming, UInt128 key, UInt128 mergeKey, out Handle<ServerTransaction> handle)
    {
        handle = default;
        if (_servers.IsFull || !_buffers.TryCopy(incoming.Request.Text, out var copy))
        {
            Counters.ServersRefused++;
            Refuse(now, incoming, 503);
            return false;
        }
        _servers.TryAdd(out handle);
        ref var server = ref _servers[handle];
        server.Key = key;
        server.MergeKey = mergeKey;
        server.From = incoming.From;
        server.Target = incoming.Target;
        server.Began = now;
        server.Request = copy;
        server.Tag = _entropy.Next();
        // A malformed To gets no tag from us (MessageBuilder.CopyTo).
        server.AddsTag = !incoming.View.ToTag.IsPresent && incoming.Request.TryGet<To>(out _, out _);
        server.Method = incoming.Method;
        _serverKeys.Add((ulong)key, handle.Index);
        if (mergeKey != default)
            _mergeKeys.Add((ulong)mergeKey, handle.Index);
        if (server.IsInvite)
            BeginInviteServer(now, handle);
        else
            BeginNonInviteServer(now, handle);
        return true;
    }

    private void EndServer(Handle<ServerTransaction> handle)
    {
        ref var server = ref _servers[handle];
        _serverKeys.Remove((ulong)server.Key, handle.Index);
        if (server.MergeKey != default)
            _mergeKeys.Remove((ulong)server.MergeKey, handle.Index);
        if (server.AckKey != default)
            _ackKeys.Remove((ulong)server.AckKey, handle.Index);
        _buffers.Release(server.Request);
        _buffers.Release(server.Response);
        CancelTimer(_serverTimers, handle.Index, Repeat);
        CancelTimer(_serverTimers, handle.Index, Life);
        _servers.Remove(handle);
    }

    // ---- Timers -----------------------------------------------------------------------------------------------------------------

    private static void Arm(TimerWheel wheel, int index, int which, Instant deadline) => wheel.Arm(index * TimersEach + which, deadline);

    private static void CancelTimer(TimerWheel wheel, int index, int which) => wheel.Cancel(index * TimersEach + which);

    /// <summary>Deals with one timer that has expired; false where there is none. <paramref name="happened"/> may be of no kind.</summary>
    public bool TryPopTimer(Instant now, out TransactionEvent happened)
    {
        Forget();
        happened = default;
        if (_serverTimers.TryPop(now, out int timer))
        {
            var handle = _servers.HandleOf(timer / TimersEach);
            bool isRepeat = timer % TimersEach == Repeat;
            if (_servers[handle].IsInvite)
                InviteServerTimer(now, handle, isRepeat, out happened);
            else
                NonInviteServerTimer(now, handle, isRepeat, out happened);
            return true;
        }
        if (_clientTimers.TryPop(now, out timer))
        {
            var handle = _clients.HandleOf(timer / TimersEach);
            bool isRepeat = timer % TimersEach == Repeat;
            if (_clients[handle].Fault != TransportFault.None)
                EndFailed(handle, out happened);
            else if (_clients[handle].IsInvite)
                InviteClientTimer(now, handle, isRepeat, out happened);
            else
                NonInviteClientTimer(now, handle, isRepeat, out happened);
            return true;
        }
        return false;
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;

    // ---- The user's side of a server transaction --------------------------------------------------------------------------------

    public bool IsLive(Handle<ServerTransaction> handle) => _servers.IsLive(handle);

    public bool IsLive(Handle<ClientTransaction> handle) => _clients.IsLive(handle);

    /// <summary><see cref="TransactionState.Terminated"/> for one that has ended.</summary>
    public TransactionState StateOf(Handle<ServerTransaction> handle) =>
        _servers.IsLive(handle) ? _servers[handle].State : TransactionState.Terminated;

    /// <summary><see cref="TransactionState.Terminated"/> for one that has ended.</summary>
    public TransactionState StateOf(Handle<ClientTransaction> handle) =>
        _clients.IsLive(handle) ? _clients[handle].State : TransactionState.Terminated;

    /// <summary>Gives a transaction a number of the user's own, which its events carry. False where it has ended.</summary>
    public bool SetUser(Handle<ServerTransaction> handle, ulong user)
    {
        if (!_servers.IsLive(handle))
            return false;
        _servers[handle].User = user;
        return true;
    }

    /// <summary>Gives a transaction a number of the user's own, which its events carry. False where it has ended.</summary>
    public bool SetUser(Handle<ClientTransaction> handle, ulong user)
    {
        if (!_clients.IsLive(handle))
            return false;
        _clients[handle].User = user;
        return true;
    }

    /// <summary>
    /// Begins a response: status line, Via, From, To with the transaction's tag (none in a 100), Call-ID and CSeq stand. Add headers, then finish it, then
    /// <see cref="SendResponse(Instant, Handle{ServerTransaction}, in MessageBuilder)"/>. False where the transaction has ended or has its final response.
    /// </summary>
    public bool TryBeginResponse(Handle<ServerTransaction> handle, int status, scoped ReadOnlySpan<byte> reason, out MessageBuilder builder)
    {
        builder = new(_draft);
        if (!_servers.IsLive(handle))
        {
            Counters.StaleCommands++;
            return false;
        }
        if (!_servers[handle].Request.IsSome)
            return false;
        BeginResponse(handle, status, reason, TimeSpan.Zero, ref builder);
        return true;
    }

    private void BeginResponse(
        Handle<ServerTransaction> handle, int status, scoped ReadOnlySpan<byte> reason, TimeSpan delay, ref MessageBuilder builder)
    {
        builder.StartResponse(status, reason);
        if (status == 100)
        {
            WriteHead(handle, hasTag: false, ref builder);
            CopyTimestamp(RequestOf(handle), delay, ref builder);
            return;
        }
        if (handle == _headOf)
        {
            builder.CopyLines(_head.AsSpan(0, _headLength));
            return;
        }
        int start = builder.Written.Length;
        WriteHead(handle, _servers[handle].AddsTag, ref builder);
        var head = builder.Written[start..];
        if (!builder.IsValid || head.Length > MaxHeadOctets)
            return;
        head.CopyTo(_head);
        _headLength = head.Length;
        _headOf = handle;
    }

    private void WriteHead(Handle<ServerTransaction> handle, bool hasTag, ref MessageBuilder builder)
    {
        ref readonly var server = ref _servers[handle];
        var request = RequestOf(handle);
        ref readonly var view = ref ViewOf(handle);
        Span<byte> tag = stackalloc byte[TokenText.Length];
        TokenText.Write(server.Tag, tag);
        builder.CopyKnownForResponse(request, Stamped(request.Text, view.TopVia, server.From), view.TopVia.Extent.End, hasTag ? tag : default);
    }

    /// <summary>
    /// The tag that To has in this transaction's responses where its request had none: one half of a dialog's identifier (RFC 3261 §12.1.1). Its text is
    /// <see cref="TokenText"/>. 0 for a transaction that has ended.
    /// </summary>
    public ulong TagOf(Handle<ServerTransaction> handle) => _servers.IsLive(handle) ? _servers[handle].Tag : 0;

    /// <summary>The request of a transaction that has no final response yet, until the next input or command; false where it has one.</summary>
    public bool TryGetRequest(Handle<ServerTransaction> handle, out SipMessage request)
    {
        bool isKept = _servers.IsLive(handle) && _servers[handle].Request.IsSome;
        request = isKept ? RequestOf(handle) : default;
        return isKept;
    }

    // RFC 3261 §8.2.6.1: a 100 repeats the Timestamp, and adds how long the request has been here.
    private static void CopyTimestamp(scoped SipMessage request, TimeSpan delay, ref MessageBuilder builder)
    {
        if (!request.TryGet<Timestamp>(out var timestamp, out _))
            return;
        var writer = new ByteWriter(stackalloc byte[MaxTimestampOctets]);
        writer.Write(timestamp.Seconds.In(request.Text));
        writer.Write((byte)'.');
        writer.Write(timestamp.Fraction.In(request.Text));
        writer.Write((byte)' ');
        writer.WriteThousandths((uint)(delay.Ticks / TimeSpan.TicksPerMillisecond));
        if (delay > TimeSpan.Zero && !writer.Overflowed)
            builder.Header(HeaderName.Timestamp, writer.WrittenSpan);
        else
            builder.CopyFirst(request, HeaderName.Timestamp);
    }

    // Three numbers of 20 digits and what is between them; a longer one is repeated without a delay.
    private const int MaxTimestampOctets = 64;

    /// <summary>The request of a server transaction that has no final response yet: its text is kept until then.</summary>
    private SipMessage RequestOf(Handle<ServerTransaction> handle)
    {
        if (handle == _current)
            return Message;
        var text = _buffers.Of(_servers[handle].Request);
        if (handle != _retained)
        {
            bool isRead = SipMessage.TryRead(text, Framing.Datagram, ref _retainedIndex, out var request, out _, _leniency)
                && RoutingView.TryRead(request, out _retainedView, out _);
            System.Diagnostics.Debug.Assert(isRead, "a request that was read once is not read again");
            _retained = handle;
        }
        return SipMessage.Over(text, in _retainedIndex, _leniency);
    }

    // The view of the request that RequestOf has given.
    private ref readonly RoutingView ViewOf(Handle<ServerTransaction> handle) => ref handle == _current ? ref _view : ref _retainedView;

    private ReadOnlySpan<byte> Stamped(scoped SipMessage request, scoped in Flow from) =>
        request.TryGet<Via>(out var via, out _) ? Stamped(request.Text, via, from) : default;

    private ReadOnlySpan<byte> Stamped(scoped ReadOnlySpan<byte> text, scoped in Via via, scoped in Flow from)
    {
        var writer = new ByteWriter(_via);
        ViaStamp.Of(text, via, from).Write(ref writer, text, via);
        return writer.Overflowed ? default : _via.AsSpan(0, writer.Written);
    }

    /// <summary>
    /// Sends a response, which must be the transaction's own (<see cref="TryBeginResponse"/>). A final one is kept and sent again as the RFC wants.
    /// </summary>
    public SendResult SendResponse(Instant now, Handle<ServerTransaction> handle, scoped in MessageBuilder response) =>
        response.IsValid ? SendResponse(now, handle, response.Written) : response.Overflowed ? SendResult.TooLarge : SendResult.Malformed;

    internal SendResult SendResponse(Instant now, Handle<ServerTransaction> handle, scoped ReadOnlySpan<byte> response)
    {
        if (!_servers.IsLive(handle))
        {
            Counters.StaleCommands++;
            return SendResult.Gone;
        }
        if (!TryReadStatus(response, out int status))
            return SendResult.Malformed;
        return _servers[handle].IsInvite
            ? RespondToInvite(now, handle, status, response)
            : RespondToNonInvite(now, handle, status, response);
    }

    // "SIP/2.0 200 "; the builder wrote it.
    private static bool TryReadStatus(scoped ReadOnlySpan<byte> response, out int status)
    {
        status = 0;
        if (response.Length < 12 || !response.StartsWith("SIP/2.0 "u8))
            return false;
        Scan.EndOfNumber(response, 8, 699, out ulong number);
        status = (int)number;
        return status is >= 100 and <= 699;
    }

    // A final response takes the place of the request, which nobody reads any more; should no buffer be free, it takes its very buffer.
    private SendResult Retain(Handle<ServerTransaction> handle, scoped ReadOnlySpan<byte> response, bool isFinal)
    {
        ref var server = ref _servers[handle];
        if (_buffers.TryCopy(response, out var copy))
        {
            _buffers.Release(server.Response);
            server.Response = copy;
            if (isFinal)
            {
                _buffers.Release(server.Request);
                server.Request = default;
            }
            return SendResult.Sent;
        }
        if (!isFinal)
            return SendResult.Full;
        if (!server.Request.IsSome || response.Length > _buffers.WholeOf(server.Request).Length)
            return response.Length > _buffers.LargestOctets ? SendResult.TooLarge : SendResult.Full;
        _buffers.Release(server.Response);
        server.Response = server.Request.WithLength(response.Length);
        server.Request = default;
        response.CopyTo(_buffers.Of(server.Response));
        return SendResult.Sent;
    }

    private SendResult SendRetained(Instant now, Handle<ServerTransaction> handle)
    {
        ref var server = ref _servers[handle];
        return _transport.Send(now, ref server.Target, server.Response);
    }

    /// <summary>Answers a request that came again (RFC 3261 §17.2.1, §17.2.2).</summary>
    private void AnswerAgain(Instant now, Handle<ServerTransaction> handle)
    {
        ref readonly var server = ref _servers[handle];
        // An accepted or confirmed INVITE is absorbed (RFC 6026 §7.1).
        if (server.State is not (TransactionState.Proceeding or TransactionState.Completed))
            return;
        if (!server.Response.IsSome)
        {
            if (server.IsInvite)
                SendTrying(now, handle);
            return;
        }
        Counters.Retransmissions++;
        SendRetained(now, handle);
    }

    private void SendTrying(Instant now, Handle<ServerTransaction> handle)
    {
        var builder = new MessageBuilder(_draft);
        BeginResponse(handle, 100, ReasonPhrase.Of(100), now - _servers[handle].Began, ref builder);
        builder.Finish();
        if (builder.IsValid)
            SendResponse(now, handle, builder.Written);
    }
}
