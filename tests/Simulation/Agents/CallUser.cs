// A user of an agent that has calls: places them, lets them ring, answers, refuses, holds, changes, types, hangs up, each at a time by chance, so at times in the
// same moment as the other side. What it is told goes to the checks.
//
// note [a call's number]
// Each call has a number in the whole world, which its INVITE carries in a header of the user's own. So both sides know it by one name, and the checks can tell
// which messages and which events belong together without asking the agents. A callee that is called a second time by that number, since the caller was
// redirected to it again, knows the second call by a number of its own, which belongs to the same call. A copy of an INVITE that was on its way for longer than
// the callee's transaction lasts makes another call there (RFC 3261 §17.2.3), in which the caller has no part.
using System.Globalization;
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class CallUser : IApplication
{
    /// <summary>The header that carries a call's number.</summary>
    public const string NumberHeader = "X-Call";

    /// <summary>Handles of calls that ended, which are tried again now and then.</summary>
    private const int MaxStaleHandles = 32;

    /// <summary>How often an event is followed by a try of one of them.</summary>
    private const int StalePerMille = 100;

    /// <summary>While nobody begins anything, calls that could not be hung up for want of room are tried again so often.</summary>
    private const int TryAgainMs = 5000;

    /// <summary>RFC 5737: an address that nobody has.</summary>
    private static readonly IpEndpoint s_nobody = IpEndpoint.V4(0xC6336401, 5060);

    private static readonly int[] s_refusals = [400, 404, 410, 480, 486, 488, 500, 503, 600, 603];

    private static readonly byte[] s_text = Encoding.ASCII.GetBytes("somebody is at the door");

    private static readonly byte[] s_event = Encoding.ASCII.GetBytes("Event: door\r\n");

    private static readonly byte[] s_options = Encoding.ASCII.GetBytes("OPTIONS");

    private static readonly byte[] s_notify = Encoding.ASCII.GetBytes("NOTIFY");

    private readonly Node _node;
    private readonly AgentPort _port;
    private readonly CallPersonality _personality;
    private readonly Chance _chance;
    private readonly CallCheck _check;
    private readonly IReadOnlyList<IpEndpoint> _peers;
    private readonly IpEndpoint _address;
    private readonly int _life;
    private readonly byte[] _from;
    private readonly Queue<Action> _due = new();
    private readonly Dictionary<ulong, Own> _calls = [];
    private readonly HashSet<ulong> _taken = [];
    private readonly HashSet<string> _branches = new(StringComparer.Ordinal);
    private readonly List<Handle<Call>> _stale = [];
    private bool _isQuiet;

    /// <summary>A call as its user knows it.</summary>
    private sealed class Own(ulong number, Handle<Call> handle, bool isCaller)
    {
        public ulong Number { get; } = number;

        public Handle<Call> Handle { get; } = handle;

        public bool IsCaller { get; } = isCaller;

        public bool IsAnswered { get; set; }

        public bool ChangesEarly { get; set; }

        public int Deeds { get; set; }
    }

    public CallUser(Node node, AgentPort port, CallPersonality personality, Chance chance, CallCheck check, IReadOnlyList<IpEndpoint> peers)
    {
        _node = node;
        _port = port;
        _personality = personality;
        _chance = chance;
        _check = check;
        _address = node.Addresses[0];
        _peers = [.. peers.Where(peer => peer != node.Addresses[0])];
        _from = Encoding.ASCII.GetBytes($"\"{node.Name}\" <sip:{node.Name}@{AddressText.Of(_address)}>");
        _life = node.Life + 1;
        PauseThenPlace();
    }

    public CallUserCounters Counters { get; } = new();

    private World World => _node.World;

    private Instant Now => _node.World.Now;

    /// <summary>The session interval of a call of its own now; 0 where it has none, or no such call.</summary>
    public uint SessionSecondsOf(ulong number) =>
        _calls.TryGetValue(number, out var call) && _port.TryGetInfo(Now, call.Handle, out var info) ? info.SessionSeconds : 0;

    // ---- The crank, see UserAgent, note [one thing at a time] -------------------------------------------------------------------------

    public bool Work()
    {
        if (_port.PollEvent(out var happened))
        {
            Handle(happened);
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

    private void Note(string text) => World.Tell(OccurrenceKind.Application, _node, text);

    // ---- Calls of its own ---------------------------------------------------------------------------------------------------------------

    private void PauseThenPlace() => After(_chance.Between(0, _personality.PauseMs), () =>
    {
        if (_isQuiet || Counters.Placed + Counters.NotPlaced >= _personality.MaxCalls)
            return;
        Place();
        PauseThenPlace();
    });

    private void Place()
    {
        var peer = _peers[_chance.Below(_peers.Count)];
        if (_chance.Happens(_personality.NobodyPerMille))
            peer = s_nobody;
        var protocol = _chance.Happens(_personality.StreamPerMille) ? Protocol.Tcp : Protocol.Udp;
        bool isOfferless = _chance.Happens(_personality.OfferlessPerMille);
        uint expires = _chance.Happens(_personality.ExpiresPerMille) ? (uint)_chance.Between(1, _personality.ExpiresSeconds) : 0;
        ulong number = _check.NextNumber();
        byte[] target = Encoding.ASCII.GetBytes($"sip:user@{AddressText.Of(peer)}{(protocol == Protocol.Tcp ? ";transport=tcp" : "")}");
        byte[] headers = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{NumberHeader}: {number}\r\n"));
        var result = _port.Place(
            Now,
            new()
            {
                Target = target,
                From = _from,
                Headers = headers,
                Flow = new(protocol, protocol == Protocol.Tcp ? _address.WithPort(0) : _address, peer),
                IsOfferless = isOfferless,
                ExpiresSeconds = expires,
                User = number,
            },
            out var handle);
        Note(string.Create(CultureInfo.InvariantCulture, $"calls ({number}): {result}"));
        // Where the larger buffers are too few there may be none.
        if (result is CallResult.Full or CallResult.TooLong)
        {
            Counters.NotPlaced++;
            return;
        }
        if (result != CallResult.Done)
            throw new SimulationFailure("Command", $"{_node.Name} could not call: {result}");
        Counters.Placed++;
        Counters.Offerless += isOfferless ? 1 : 0;
        Counters.OverStreams += protocol == Protocol.Tcp ? 1 : 0;
        var call = new Own(number, handle, isCaller: true) { ChangesEarly = _chance.Happens(_personality.ChangesEarlyPerMille) };
        _calls.Add(number, call);
        _check.Began(_node, number, number, isCaller: true);
        if (_chance.Happens(_personality.CancelsPerMille))
            After(_chance.Between(0, _chance.Pick(1, 1000, 20_000)), () => HangUp(call));
    }

    // ---- What it is told ------------------------------------------------------------------------------------------------------------------

    private void Handle(in AgentEvent happened)
    {
        if (happened.Transaction is { Kind: TransactionEventKind.Request, Method: Method.Notify })
        {
            // Of a call that is no more; to its agent it may be of a dialog that its user keeps.
            var late = happened.Transaction.Server;
            _due.Enqueue(() => _port.Respond(Now, late, 481));
            return;
        }
        if (happened.Kind != AgentEventKind.Call)
            throw new SimulationFailure("Command", $"{_node.Name} was told {happened.Kind} {happened.Transaction.Kind} {happened.Transaction.Method} {happened.Transaction.Status}");
        var told = happened.Call;
        if (told.Kind == CallEventKind.Incoming)
        {
            Take(told);
            return;
        }
        Note(string.Create(CultureInfo.InvariantCulture, $"is told {told.Kind} ({told.User}) {told.Status} {told.End}"));
        _check.Told(_node, told);
        if (!_calls.TryGetValue(told.User, out var call) || call.Handle != told.Call)
            throw new SimulationFailure("Command", $"{_node.Name} was told {told.Kind} of call {told.User}, which it does not have");
        switch (told.Kind)
        {
            case CallEventKind.Progress:
                if (call.ChangesEarly && told.HasMedia)
                    After(_chance.Between(0, 500), () => ChangeEarly(call));
                break;
            case CallEventKind.Confirmed:
                Counters.Confirmed++;
                Talk(call);
                break;
            case CallEventKind.Request:
                var server = told.Server;
                _due.Enqueue(() => _port.Respond(Now, server, 200));
                break;
            case CallEventKind.Digit or CallEventKind.Text or CallEventKind.Typing:
                Counters.MessagesTaken++;
                break;
            case CallEventKind.Changed:
                Counters.Changed += told.Status < 300 ? 1 : 0;
                Counters.NotChanged += told.Status < 300 ? 0 : 1;
                break;
            case CallEventKind.Ended:
                Counters.Ended(told.End);
                _calls.Remove(told.User);
                if (_stale.Count == MaxStaleHandles)
                    _stale.RemoveAt(0);
                _stale.Add(told.Call);
                break;
        }
    }

    // See note [a call's number].
    private void Take(in CallEvent told)
    {
        var text = SipText.TryRead(_port.Message.Text.ToArray());
        if (text?.Header(NumberHeader) is not { } header || !ulong.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            throw new SimulationFailure("Command", $"{_node.Name} was called by nobody that calls here");
        ulong key = _taken.Add(number) ? number : _check.NextNumber();
        bool isCopy = !_branches.Add(text.Branch);
        Counters.LateCopies += isCopy ? 1 : 0;
        Note(string.Create(CultureInfo.InvariantCulture, $"is called ({number}, {key})"));
        var call = new Own(key, told.Call, isCaller: false) { ChangesEarly = _chance.Happens(_personality.ChangesEarlyPerMille) };
        _calls.Add(key, call);
        _port.SetUser(told.Call, key);
        _check.Began(_node, key, isCopy ? key : number, isCaller: false);
        Counters.Taken++;
        if (_isQuiet)
        {
            _due.Enqueue(() => HangUp(call));
            return;
        }
        if (_chance.Happens(_personality.IgnoresPerMille))
            return;
        int answer = _chance.Between(0, _personality.AnswerMs);
        if (_chance.Happens(_personality.RingsPerMille))
        {
            bool withMedia = _chance.Happens(_personality.EarlyMediaPerMille);
            for (int i = _chance.Pick(1, 1, 2, 3); i > 0; i--)
                AfterOrNow(_chance.Between(0, answer / 2), () => Ring(call, withMedia));
        }
        if (_chance.Happens(_personality.RefusesPerMille))
            AfterOrNow(answer, () => Refuse(call));
        else
            AfterOrNow(answer, () => Answer(call));
    }

    // At once is within the same instant as the call came.
    private void AfterOrNow(int milliseconds, Action action)
    {
        if (milliseconds == 0)
            _due.Enqueue(action);
        else
            After(milliseconds, action);
    }

    // ---- Answers --------------------------------------------------------------------------------------------------------------------------

    private void Ring(Own call, bool withMedia)
    {
        var result = _port.Answer(Now, call.Handle, withMedia ? 183 : _chance.Pick(180, 180, 181, 182), withMedia);
        Expect(call, "rings", result);
        if (result != CallResult.Done)
            return;
        Counters.Rung++;
        Counters.RungWithMedia += withMedia ? 1 : 0;
        if (call.ChangesEarly && withMedia)
            After(_chance.Between(0, 1000), () => ChangeEarly(call));
    }

    private void Answer(Own call)
    {
        if (call.IsAnswered)
            return;
        var result = _port.Answer(Now, call.Handle, 200, withMedia: true);
        Expect(call, "answers", result);
        if (result == CallResult.Done)
        {
            Counters.Answered++;
            call.IsAnswered = true;
        }
        else if (result is CallResult.Full or CallResult.TooLong or CallResult.Busy)
            After(TryAgainMs, () => Answer(call));
    }

    private void Refuse(Own call)
    {
        if (_chance.Happens(_personality.RedirectsPerMille))
        {
            Redirect(call);
            return;
        }
        var result = _port.Answer(Now, call.Handle, _chance.Pick<int>(s_refusals), withMedia: false);
        Expect(call, "refuses", result);
        Counters.Refused += result == CallResult.Done ? 1 : 0;
    }

    // To another, to here again, or to nobody; never to the caller itself, whose two sides of one call nobody could tell apart.
    private void Redirect(Own call)
    {
        _port.TryGetInfo(Now, call.Handle, out var info);
        var targets = _peers.Where(peer => peer.Address != info.Flow.Remote.Address).Append(_address).Append(s_nobody).ToList();
        string transport = _chance.Happens(_personality.StreamPerMille) ? ";transport=tcp" : "";
        string contact = $"Contact: <sip:user@{AddressText.Of(targets[_chance.Below(targets.Count)])}{transport}>\r\n";
        var result = _port.Answer(Now, call.Handle, 302, withMedia: false, Encoding.ASCII.GetBytes(contact));
        Expect(call, "redirects", result);
        Counters.Redirected += result == CallResult.Done ? 1 : 0;
    }

    // ---- In a call ------------------------------------------------------------------------------------------------------------------------

    private void Talk(Own call)
    {
        if (_isQuiet || _chance.Happens(_personality.HangsUpAtOncePerMille))
        {
            _due.Enqueue(() => HangUp(call));
            return;
        }
        if (!_chance.Happens(_personality.StaysPerMille))
            After(_chance.Between(0, _personality.TalkMs), () => HangUp(call));
        call.Deeds = _chance.Between(0, _personality.MaxDeeds);
        PauseThenDo(call);
    }

    private void PauseThenDo(Own call)
    {
        if (call.Deeds-- <= 0)
            return;
        After(_chance.Between(0, _personality.DeedMs), () =>
        {
            if (_isQuiet)
                return;
            Do(call);
            PauseThenDo(call);
        });
    }

    private void Do(Own call)
    {
        switch (_chance.Below(10))
        {
            case 0:
                Change(call, CallChange.Hold, byUpdate: false);
                break;
            case 1:
                Change(call, CallChange.Resume, byUpdate: false);
                break;
            case 2:
                Change(call, CallChange.Renegotiate, byUpdate: false);
                break;
            case 3:
                Change(call, CallChange.Renegotiate, byUpdate: true);
                break;
            case 4:
                Change(call, CallChange.Retarget, byUpdate: true);
                break;
            case 5:
                Count(Expect(call, "presses a key", _port.SendDigit(Now, call.Handle, (byte)_chance.Pick('0', '5', '*', '#'))));
                break;
            case 6:
                Count(Expect(call, "writes", _port.SendText(Now, call.Handle, s_text)));
                break;
            case 7:
                Count(Expect(call, "types", _port.SendTyping(Now, call.Handle, _chance.Happens(500))));
                break;
            case 8:
                Count(Expect(call, "asks what it can", _port.SendRequest(Now, call.Handle, s_options, default)));
                break;
            default:
                Count(Expect(call, "notifies", _port.SendRequest(Now, call.Handle, s_notify, s_event)));
                break;
        }
    }

    private void Count(CallResult result) => Counters.MessagesSent += result == CallResult.Done ? 1 : 0;

    private void ChangeEarly(Own call)
    {
        if (!_isQuiet)
            Change(call, _chance.Pick(CallChange.Renegotiate, CallChange.Retarget), byUpdate: true);
    }

    private void Change(Own call, CallChange change, bool byUpdate)
    {
        if (Expect(call, change.ToString(), _port.Change(Now, call.Handle, change, byUpdate)) == CallResult.Done)
            Counters.Begun(change);
    }

    private void HangUp(Own call)
    {
        var result = _port.HangUp(Now, call.Handle, 0);
        Expect(call, "hangs up", result);
        if (result == CallResult.Done)
            Counters.HungUp++;
        else if (result is CallResult.Full or CallResult.TooLong)
            After(TryAgainMs, () => HangUp(call));
    }

    // A call that ended is Gone, one that has not is not.
    private CallResult Expect(Own call, string deed, CallResult result)
    {
        bool isLive = _calls.ContainsKey(call.Number);
        if (isLive || result != CallResult.Gone)
            Note(string.Create(CultureInfo.InvariantCulture, $"{deed} ({call.Number}): {result}"));
        bool isExpected = isLive ? result is CallResult.Done or CallResult.Busy or CallResult.NotAllowed or CallResult.Full or CallResult.TooLong : result == CallResult.Gone;
        if (!isExpected)
            throw new SimulationFailure("Command", $"{_node.Name} {deed} in call {call.Number}, which is {(isLive ? "there" : "over")}: {result}");
        Counters.NoRoom += result is CallResult.Full or CallResult.TooLong ? 1 : 0;
        return result;
    }

    private void TryStaleHandle()
    {
        if (_stale.Count == 0)
            return;
        var stale = _stale[_chance.Below(_stale.Count)];
        if (_port.HangUp(Now, stale, 0) != CallResult.Gone || _port.TryGetInfo(Now, stale, out _))
            throw new SimulationFailure("StaleHandle", $"{_node.Name} hung up a call that was over");
    }

    // ---- The end of the run ---------------------------------------------------------------------------------------------------------------

    /// <summary>Begins nothing new, and ends what there is.</summary>
    public void BeQuiet()
    {
        _isQuiet = true;
        if (_node.IsUp && _node.Life == _life)
            After(0, HangUpAll);
    }

    private void HangUpAll()
    {
        foreach (var call in _calls.Values.OrderBy(call => call.Number).ToList())
            _due.Enqueue(() => HangUp(call));
        // A callee that may not say BYE yet, an INVITE whose CANCEL waits, a command that found no room.
        if (_calls.Count > 0)
            After(TryAgainMs, HangUpAll);
    }
}

/// <summary>What a user did and what became of it.</summary>
internal sealed class CallUserCounters
{
    public long Placed { get; set; }

    /// <summary>Calls that found no room.</summary>
    public long NotPlaced { get; set; }

    public long Offerless { get; set; }

    public long OverStreams { get; set; }

    public long Taken { get; set; }

    /// <summary>Of these the ones that a copy of an INVITE made, later than its transaction.</summary>
    public long LateCopies { get; set; }

    public long Rung { get; set; }

    public long RungWithMedia { get; set; }

    public long Answered { get; set; }

    public long Refused { get; set; }

    /// <summary>Calls that it sent elsewhere, or here again.</summary>
    public long Redirected { get; set; }

    public long Confirmed { get; set; }

    public long HungUp { get; set; }

    public long Holds { get; set; }

    public long Resumes { get; set; }

    public long Renegotiations { get; set; }

    public long Retargets { get; set; }

    /// <summary>Changes that came about, and others.</summary>
    public long Changed { get; set; }

    public long NotChanged { get; set; }

    public long MessagesSent { get; set; }

    public long MessagesTaken { get; set; }

    /// <summary>Commands that found no room.</summary>
    public long NoRoom { get; set; }

    /// <summary>How calls ended, of both sides.</summary>
    public long[] Ends { get; } = new long[Enum.GetValues<CallEnd>().Length];

    public void Ended(CallEnd end) => Ends[(int)end]++;

    public void Begun(CallChange change)
    {
        switch (change)
        {
            case CallChange.Hold:
                Holds++;
                break;
            case CallChange.Resume:
                Resumes++;
                break;
            case CallChange.Renegotiate:
                Renegotiations++;
                break;
            default:
                Retargets++;
                break;
        }
    }

    /// <summary>Each by its name, for a report.</summary>
    public IEnumerable<(string Name, long Count)> All()
    {
        foreach (var property in typeof(CallUserCounters).GetProperties().Where(property => property.PropertyType == typeof(long)))
            yield return (property.Name, (long)property.GetValue(this)!);
        for (int i = 1; i < Ends.Length; i++)
            yield return ($"Ended{(CallEnd)i}", Ends[i]);
    }
}
