// A user of an agent: calls others, answers them, hangs up, cancels, refuses, forgets, each by chance. What it asks of its agent it tells the checks first.
//
// note [one thing at a time]
// The node asks it for one thing after the other (IApplication). An event comes before what is due; what is due was put in the queue by an event or by a
// delay that ran out. So every command is followed by a drain, as the agent's contract wants.
using System.Globalization;
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class UserAgent : IApplication
{
    /// <summary>Handles of what has ended that are tried again now and then.</summary>
    private const int MaxStaleHandles = 32;

    /// <summary>How often an event is followed by a try of one of them.</summary>
    private const int StalePerMille = 200;

    private static readonly string[] s_methods = ["OPTIONS", "MESSAGE", "INFO", "REGISTER", "SUBSCRIBE", "PUBLISH"];

    private static readonly int[] s_refusals = [300, 302, 400, 404, 408, 480, 486, 488, 500, 503, 600, 603];

    private readonly Node _node;
    private readonly AgentPort _port;
    private readonly Personality _personality;
    private readonly Chance _chance;
    private readonly Watch _watch;
    private readonly IReadOnlyList<IpEndpoint> _peers;
    private readonly IpEndpoint _address;
    private readonly int _life;
    private readonly string _name;
    private readonly byte[] _contact;
    private readonly Queue<Action> _due = new();
    private readonly Dictionary<ulong, Outgoing> _outgoing = [];
    private readonly Dictionary<string, Dialog> _dialogs = new(StringComparer.Ordinal);
    private readonly Dictionary<Handle<ServerTransaction>, string> _accepted = [];
    private readonly Dictionary<Handle<ServerTransaction>, string> _keys = [];
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
    private readonly List<Handle<ServerTransaction>> _servers = [];
    private readonly List<Handle<ServerTransaction>> _staleServers = [];
    private readonly List<Handle<ClientTransaction>> _staleClients = [];
    private ulong _users;

    /// <summary>A request of its own.</summary>
    private sealed record Outgoing(string Method, string CallId, string FromTag, uint Sequence, IpEndpoint Peer, Protocol Protocol)
    {
        public Handle<ClientTransaction> Handle { get; set; }

        /// <summary>It has heard of it, a provisional response aside.</summary>
        public bool IsOver { get; set; }
    }

    /// <summary>A call that stands: what a BYE needs.</summary>
    private sealed record Dialog(string CallId, string LocalTag, string RemoteTag, IpEndpoint Peer, Protocol Protocol)
    {
        public uint Sequence { get; set; }

        public string Key => $"{CallId} {LocalTag} {RemoteTag}";
    }

    public UserAgent(Node node, AgentPort port, Personality personality, Chance chance, Watch watch, IReadOnlyList<IpEndpoint> peers)
    {
        _node = node;
        _port = port;
        _personality = personality;
        _chance = chance;
        _watch = watch;
        _address = node.Addresses[0];
        // Whoever calls itself is told that it is a loop (RFC 3261 §8.2.2.2).
        _peers = [.. peers.Where(peer => peer != node.Addresses[0])];
        _contact = Encoding.ASCII.GetBytes($"<sip:user@{AddressText.Of(_address)}>");
        _life = node.Life + 1;
        _name = node.Name;
        PauseThenRequest();
    }

    /// <summary>Begins nothing new; what stands is brought to its end.</summary>
    public bool IsQuiet { get; set; }

    public UserCounters Counters { get; } = new();

    private World World => _node.World;

    private Instant Now => _node.World.Now;

    // ---- The crank: see note [one thing at a time] --------------------------------------------------------------------------------

    public bool Work()
    {
        if (_port.PollEvent(out var happened))
        {
            Handle(happened.Transaction);
            if (_chance.Happens(StalePerMille))
                _due.Enqueue(TryStaleHandle);
            return true;
        }
        if (!_due.TryDequeue(out var action))
            return false;
        action();
        return true;
    }

    /// <summary>Later, if this life lasts.</summary>
    private void After(int milliseconds, Action action) => World.After(TimeSpan.FromMilliseconds(milliseconds), () =>
    {
        if (!_node.IsUp || _node.Life != _life)
            return;
        _due.Enqueue(action);
        _node.Settle();
    });

    private void Note(string text, int status = 0) => World.Tell(OccurrenceKind.Application, _node, status == 0 ? text : $"{text} {status}");

    // ---- Requests of its own ------------------------------------------------------------------------------------------------------

    private void PauseThenRequest() => After(_chance.Between(0, _personality.PauseMs), () =>
    {
        if (IsQuiet || Counters.Begun == _personality.MaxRequests)
            return;
        Counters.Begun++;
        BeginSomething();
        PauseThenRequest();
    });

    private void BeginSomething()
    {
        string method = _chance.Happens(_personality.CallsPerMille) ? "INVITE" : _chance.Pick<string>(s_methods);
        var protocol = _chance.Happens(_personality.StreamPerMille) ? Protocol.Tcp : Protocol.Udp;
        var peer = _peers[_chance.Below(_peers.Count)];
        // RFC 5737: an address that nobody has.
        if (_chance.Happens(_personality.NobodyPerMille))
            peer = IpEndpoint.V4(0xC6336401, 5060);
        var request = new Outgoing(method, $"{Token()}@{_name}", Token(), (uint)_chance.Between(1, 1_000_000), peer, protocol);
        int octets = _chance.Happens(_personality.LargePerMille) ? _chance.Between(1000, 4000) : _chance.Pick(0, 0, 120, 400);
        Send(request, $"sip:user@{AddressText.Of(peer)}", "", octets);
    }

    private void Send(Outgoing request, string uri, string toTag, int bodyOctets)
    {
        var text = new RequestText(request.Method, uri, _name, AddressText.Of(_address), request.FromTag, toTag, request.CallId, request.Protocol, bodyOctets);
        ulong user = ++_users;
        var builder = _port.BeginRequest();
        text.Write(ref builder, request.Sequence);
        var result = _port.SendRequest(Now, builder, new Flow(request.Protocol, _address, request.Peer), user, out var handle);
        Counters.Requests++;
        if (result != SendResult.Sent)
        {
            Note($"could not send {request.Method}: {result}");
            Counters.Refused++;
            // A tag whose octets were changed on the way may be one that nobody can write.
            if (result != SendResult.Full && result != SendResult.TooLarge && !_watch.Tap.IsTainted)
                throw new SimulationFailure("Command", $"{_name} could not send {request.Method}: {result}");
            return;
        }
        request.Handle = handle;
        _outgoing.Add(user, request);
        _watch.Outcomes.Requested(_node, user, request.Method);
        _watch.Commanded(new(_node, CommandKind.Request, request.Method, Command.KeyOf(request.CallId, request.Sequence)));
        if (request.Method == "INVITE" && _chance.Happens(_personality.CancelsPerMille))
            After(_chance.Between(0, _chance.Pick(10, 1000, 20_000)), () => Cancel(request));
    }

    private void Cancel(Outgoing request)
    {
        var result = _port.Cancel(Now, request.Handle);
        // An accepted or completed one is kept, and not to be cancelled; nor is one that failed at this instant, or that was cancelled for ringing too long. A
        // CANCEL may find no room.
        bool isExpected = result == (request.IsOver ? SendResult.Gone : SendResult.Sent) || result is SendResult.NotAllowed or SendResult.Full;
        if (!isExpected)
            throw new SimulationFailure("Command", $"{_name} cancelled {request.CallId}, whose end is {request.IsOver}: {result}");
        Note("cancels", 0);
        if (result == SendResult.Sent)
            _watch.Commanded(new(_node, CommandKind.Cancel, "CANCEL", Command.KeyOf(request.CallId, request.Sequence)));
    }

    // ---- Events -------------------------------------------------------------------------------------------------------------------

    private void Handle(in TransactionEvent happened)
    {
        Note(happened.Kind.ToString(), happened.Status);
        switch (happened.Kind)
        {
            case TransactionEventKind.Request:
                HandleRequest(happened);
                break;
            case TransactionEventKind.Cancel:
                var cancelled = happened.Server;
                After(_chance.Pick(0, 0, 5, 500), () => Respond(cancelled, "INVITE", 487));
                break;
            case TransactionEventKind.Ack:
                _watch.Outcomes.Acknowledged(_node, happened.Server);
                break;
            case TransactionEventKind.Unacknowledged:
                _watch.Outcomes.Unacknowledged(_node, happened.Server, happened.Status);
                if (happened.Status < 300 && _accepted.TryGetValue(happened.Server, out string? key) && _dialogs.TryGetValue(key, out var dialog))
                    _due.Enqueue(() => HangUp(dialog));
                break;
            case TransactionEventKind.Timeout when happened.Server.IsSome:
                Counters.Unanswered++;
                break;
            case TransactionEventKind.Timeout:
            case TransactionEventKind.TransportError:
                HandleOutcome(happened, null);
                break;
            case TransactionEventKind.Response:
                HandleOutcome(happened, SipText.TryRead(_port.Message.Text.ToArray()));
                break;
            default:
                throw new SimulationFailure("Command", $"{_name} was told {happened.Kind}");
        }
    }

    private void HandleOutcome(in TransactionEvent happened, SipText? response)
    {
        _watch.Outcomes.Heard(_node, happened);
        var request = _outgoing[happened.User];
        if (happened.Status is >= 100 and < 200)
            return;
        request.IsOver = true;
        Counters.Add(happened);
        if (request.Method != "INVITE" || happened.Status is < 200 or >= 300)
        {
            Keep(_staleClients, happened.Client);
            return;
        }
        if (response is null)
            return;
        Counters.Calls++;
        var dialog = new Dialog(request.CallId, request.FromTag, response.ToTag, request.Peer, request.Protocol) { Sequence = request.Sequence };
        // A 2xx may come again when its call is over.
        bool isNew = !_ended.Contains(dialog.Key) && _dialogs.TryAdd(dialog.Key, dialog);
        if (_chance.Happens(_personality.ForgetsAckPerMille))
            return;
        _due.Enqueue(() => Acknowledge(dialog, request.Sequence));
        if (isNew)
            After(_chance.Between(0, _personality.TalkMs), () => HangUp(dialog));
    }

    private void Acknowledge(Dialog dialog, uint sequence)
    {
        var text = new RequestText(
            "ACK", $"sip:user@{AddressText.Of(dialog.Peer)}", _name, AddressText.Of(_address), dialog.LocalTag, dialog.RemoteTag, dialog.CallId, dialog.Protocol, 0);
        var builder = _port.BeginRequest();
        text.Write(ref builder, sequence);
        if (_port.SendAck(Now, builder, new Flow(dialog.Protocol, _address, dialog.Peer)) == SendResult.Sent)
            _watch.Commanded(new(_node, CommandKind.Ack, "ACK", Command.KeyOf(dialog.CallId, sequence)));
    }

    private void HangUp(Dialog dialog)
    {
        if (!EndDialog(dialog.Key))
            return;
        var request = new Outgoing("BYE", dialog.CallId, dialog.LocalTag, ++dialog.Sequence, dialog.Peer, dialog.Protocol);
        Send(request, $"sip:user@{AddressText.Of(dialog.Peer)}", dialog.RemoteTag, 0);
    }

    private bool EndDialog(string key)
    {
        _ended.Add(key);
        return _dialogs.Remove(key);
    }

    // ---- Requests of peers --------------------------------------------------------------------------------------------------------

    private void HandleRequest(in TransactionEvent happened)
    {
        var server = happened.Server;
        var text = SipText.TryRead(_port.Message.Text.ToArray());
        string key = text?.ServerKey ?? "";
        _watch.Outcomes.Told(_node, key, server, handle => _port.StateOf(handle) != TransactionState.Terminated);
        _watch.Answers.Told(_node, key);
        _keys[server] = key;
        Keep(_servers, server);
        Counters.RequestsTaken++;
        if (_chance.Happens(_personality.IgnoresPerMille))
            return;
        // Not the text's: that may be one that only the agent can read, its octets being changed.
        string method = Encoding.ASCII.GetString(Methods.NameOf(happened.Method));
        int delay = _chance.Happens(_personality.LatePerMille) ? _chance.Between(1, _personality.LatenessMs) : _chance.Pick(0, 0, 0, 1, 100, 250);
        int status = _chance.Happens(_personality.RefusesPerMille) ? _chance.Pick<int>(s_refusals) : 200;
        if (method == "BYE" && text is not null)
            EndDialog($"{text.CallId} {text.ToTag} {text.FromTag}");
        if (method == "INVITE")
        {
            for (int provisional = _chance.Pick(0, 0, 1, 2, 3); provisional > 0; provisional--)
                AfterOrNow(_chance.Between(0, delay), () => Respond(server, method, _chance.Pick(100, 180, 183)));
        }
        // RFC 4320 §4.2: nobody answers anything but an INVITE with 408.
        else if (status == 408)
            status = 404;
        AfterOrNow(delay, () => Respond(server, method, status));
    }

    // At once is within the same instant as the request came.
    private void AfterOrNow(int milliseconds, Action action)
    {
        if (milliseconds == 0)
            _due.Enqueue(action);
        else
            After(milliseconds, action);
    }

    private void Respond(Handle<ServerTransaction> server, string method, int status)
    {
        var state = _port.StateOf(server);
        bool mayAnswer = state is TransactionState.Proceeding or TransactionState.Trying;
        var result = _port.TryBeginResponse(server, status, out var response)
            ? Finish(server, method, status, ref response)
            : _port.Respond(Now, server, status);
        Note($"answers {result}", status);
        var expected = mayAnswer ? SendResult.Sent : state == TransactionState.Terminated ? SendResult.Gone : SendResult.NotAllowed;
        bool isExpected = result == expected || mayAnswer && result is SendResult.Full or SendResult.TooLarge;
        if (!isExpected)
            throw new SimulationFailure("Command", $"{_name} answered {status} in state {state} and got {result}");
        if (result == SendResult.Full)
            Counters.Refused++;
    }

    private SendResult Finish(Handle<ServerTransaction> server, string method, int status, ref MessageBuilder response)
    {
        if (method is "INVITE" && status is > 100 and < 300)
            response.Header(HeaderName.Contact, _contact);
        response.Finish();
        var result = _port.SendResponse(Now, server, response);
        if (result != SendResult.Sent)
            return result;
        _watch.Commanded(new(_node, CommandKind.Response, method, _keys[server], status));
        if (method != "INVITE" || status is < 200 or >= 300)
            return result;
        _watch.Outcomes.Accepted(_node, server);
        if (SipText.TryRead(response.Written.ToArray()) is { } text)
            BeginDialog(server, text);
        return result;
    }

    private void BeginDialog(Handle<ServerTransaction> server, SipText response)
    {
        var dialog = new Dialog(response.CallId, response.ToTag, response.FromTag, PeerOf(response), Protocol.Udp) { Sequence = 1 };
        _dialogs[dialog.Key] = dialog;
        _accepted[server] = dialog.Key;
        if (_chance.Happens(300))
            After(_chance.Between(0, _personality.TalkMs), () => HangUp(dialog));
    }

    // Where the other side of a dialog listens: its Via says it, and agents here are behind no translator.
    private static IpEndpoint PeerOf(SipText text)
    {
        int colon = text.SentBy.LastIndexOf(':');
        bool isPort = ushort.TryParse(text.SentBy[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port);
        return isPort && IpEndpoint.TryRead(Encoding.ASCII.GetBytes(text.SentBy[..colon]), port, out var peer) ? peer : IpEndpoint.V4(0xC6336401, 5060);
    }

    // ---- What has ended stays ended -----------------------------------------------------------------------------------------------

    private void TryStaleHandle()
    {
        for (int i = _servers.Count - 1; i >= 0; i--)
        {
            if (_port.StateOf(_servers[i]) != TransactionState.Terminated)
                continue;
            Keep(_staleServers, _servers[i]);
            _servers.RemoveAt(i);
        }
        if (_staleServers.Count > 0)
        {
            var server = _staleServers[_chance.Below(_staleServers.Count)];
            var result = _port.Respond(Now, server, 200);
            if (result != SendResult.Gone || _port.StateOf(server) != TransactionState.Terminated)
                throw new SimulationFailure("StaleHandle", $"{_name} answered what had ended: {result}");
        }
        var stale = _staleClients.FindAll(client => _port.StateOf(client) == TransactionState.Terminated);
        if (stale.Count > 0 && _port.Cancel(Now, stale[_chance.Below(stale.Count)]) is var gone && gone != SendResult.Gone)
            throw new SimulationFailure("StaleHandle", $"{_name} cancelled what had ended: {gone}");
        Counters.StaleTries++;
    }

    private static void Keep<T>(List<T> list, T item)
    {
        if (list.Count == MaxStaleHandles)
            list.RemoveAt(0);
        list.Add(item);
    }

    private string Token() => _chance.Next().ToString("x16", CultureInfo.InvariantCulture);
}

/// <summary>What a user did and what became of it.</summary>
internal sealed class UserCounters
{
    /// <summary>Requests that it began; a BYE is not one of them.</summary>
    public int Begun { get; set; }

    /// <summary>Requests handed to the agent.</summary>
    public long Requests { get; set; }

    /// <summary>2xx to its calls, told each time.</summary>
    public long Calls { get; set; }

    public long Successes { get; set; }

    public long Refusals { get; set; }

    public long Timeouts { get; set; }

    public long Errors { get; set; }

    /// <summary>Requests of peers.</summary>
    public long RequestsTaken { get; set; }

    /// <summary>Commands that found no room.</summary>
    public long Refused { get; set; }

    /// <summary>Requests of peers whose time was up before it answered.</summary>
    public long Unanswered { get; set; }

    public long StaleTries { get; set; }

    /// <summary>An outcome of a request of its own.</summary>
    public void Add(in TransactionEvent outcome)
    {
        if (outcome.Kind == TransactionEventKind.Timeout)
            Timeouts++;
        else if (outcome.Kind == TransactionEventKind.TransportError)
            Errors++;
        else if (outcome.Status < 300)
            Successes++;
        else
            Refusals++;
    }
}
