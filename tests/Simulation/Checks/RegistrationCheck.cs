// What holds for every registered device, whatever its registrar and its network do: one REGISTER at a time (RFC 3261 §10.2), a result told for each before the
// next, one Call-ID and a CSeq that grows (§10.2.4), waits behind failures (RFC 5626 §4.5, RFC 3261 §20.33), no belief beyond what was granted (§10.2.4), and no
// endless row of requests. It reads messages by hand and reckons grants by itself.
using System.Globalization;
using SipEmbedded.Memory;
using SipEmbedded.Registration;

namespace SipEmbedded.Simulation;

internal sealed class RegistrationCheck(RegistrationOptions options) : MessageCheck
{
    /// <summary>
    /// Requests in a row that each follow at once from the answer to the one before: two challenges at each of four redirections and at each of four targets, and
    /// two longer intervals.
    /// </summary>
    private const int MaxInARow = 20;

    private readonly Dictionary<(Node, string User), Followed> _followed = [];
    private readonly Dictionary<RegisteredDevice, Followed[]> _devices = [];
    private readonly Dictionary<Node, Followed[]> _nodes = [];

    // An account is looked at when something happened to it, and when what was granted ends: there may be a thousand of them.
    private readonly HashSet<Followed> _touched = [];
    private readonly PriorityQueue<Followed, long> _ends = new();

    private sealed class Followed(RegisteredDevice device, int account)
    {
        public RegisteredDevice Device { get; } = device;

        public int Account { get; } = account;

        public int Life { get; set; }

        public string CallId { get; set; } = "";

        public uint Sequence { get; set; }

        /// <summary>The request under way, or null.</summary>
        public SipText? Request { get; set; }

        /// <summary>The request under way when the network changed: its way may be gone, and another take its place.</summary>
        public string MayGiveUp { get; set; } = "";

        public string GivenUp { get; set; } = "";

        /// <summary>Its final response, once there is one.</summary>
        public SipText? Final { get; set; }

        public Instant FinalAt { get; set; }

        public int Failures { get; set; }

        /// <summary>No request comes sooner, unless something new is known.</summary>
        public Instant NotBefore { get; set; }

        public string Reason { get; set; } = "";

        /// <summary>What the registrar granted ends then.</summary>
        public Instant GrantedUntil { get; set; }

        /// <summary>A registration was told of and no end of it.</summary>
        public bool IsTold { get; set; }

        /// <summary>Requests that followed at once, one behind the other.</summary>
        public int InARow { get; set; }

        public string Name => $"{Device.Node.Name}'s {Device.Plans[Account].User}";
    }

    /// <summary>REGISTERs, retransmissions aside.</summary>
    public long Requests { get; private set; }

    public long Results { get; private set; }

    public long Lapses { get; private set; }

    public void Follow(RegisteredDevice device)
    {
        var accounts = device.Plans.Select((plan, number) => new Followed(device, number)).ToArray();
        _devices.Add(device, accounts);
        _nodes.Add(device.Node, accounts);
        foreach (var followed in accounts)
            _followed.Add((device.Node, device.Plans[followed.Account].User), followed);
    }

    // ---- Requests -----------------------------------------------------------------------------------------------------------------

    public override void Sent(MessageSeen message)
    {
        if (message.Text is not { IsRequest: true, Method: "REGISTER" } text || Find(message) is not { } followed)
            return;
        _touched.Add(followed);
        if (followed.Request?.Branch == text.Branch)
        {
            if (followed.Final is not null)
                throw Failure($"{followed.Name} sends {message} again behind its final response");
            return;
        }
        if (followed.GivenUp == text.Branch)
            throw Failure($"{followed.Name} sends {message} again, which it gave up");
        // An answer may still come to it, and mean nothing any more.
        if (followed.Request is { } given && given.Branch == followed.MayGiveUp)
            (followed.GivenUp, followed.Request, followed.Final) = (given.Branch, null, null);
        if (followed.Request is not null)
            throw Failure($"{followed.Name} sends {message} while {followed.Request.Branch} is under way, or before its result was told");
        Begin(followed, message.Time);
        if (followed.CallId.Length > 0 && followed.CallId != text.CallId)
            throw Failure($"{followed.Name} changed its Call-ID from {followed.CallId} to {text.CallId}");
        if (text.Sequence <= followed.Sequence)
            throw Failure($"{followed.Name} sends CSeq {text.Sequence} behind {followed.Sequence}");
        if (message.Time < followed.NotBefore)
            throw Failure($"{followed.Name} sends {message} {(followed.NotBefore - message.Time).TotalSeconds:0.000} s too soon behind {followed.Reason}");
        Requests++;
        (followed.CallId, followed.Sequence, followed.Request, followed.Final) = (text.CallId, text.Sequence, text, null);
    }

    // A device that was started again has a new Call-ID and knows nothing.
    private static void Begin(Followed followed, Instant now)
    {
        if (followed.Life == followed.Device.Node.Life)
            return;
        followed.Life = followed.Device.Node.Life;
        (followed.CallId, followed.Sequence, followed.NotBefore, followed.Failures) = ("", 0, now, 0);
    }

    public override void Received(MessageSeen message)
    {
        if (message.Text is not { IsFinal: true, Method: "REGISTER" } text || Find(message) is not { } followed)
            return;
        if (followed.Request?.Branch == text.Branch && followed.Final is null)
        {
            (followed.Final, followed.FinalAt) = (text, message.Time);
            _touched.Add(followed);
        }
    }

    private Followed? Find(MessageSeen message) => _followed.GetValueOrDefault((message.Node, UserOf(message.Text!.Header("From")!)));

    private static string UserOf(string from)
    {
        int start = from.IndexOf("sip:", StringComparison.Ordinal) + 4;
        int end = from.IndexOf('@', start);
        return end < 0 ? "" : from[start..end];
    }

    // ---- What sets aside a wait ---------------------------------------------------------------------------------------------------

    /// <summary>Its user wants something of an account.</summary>
    public void Commanded(RegisteredDevice device, int account) => _devices[device][account].NotBefore = default;

    public override void Saw(Occurrence occurrence)
    {
        bool isNew = occurrence.Kind == OccurrenceKind.Weather && occurrence.Note == Node.ToldOfChange;
        if (!isNew || !_nodes.TryGetValue(occurrence.Node!, out var accounts))
            return;
        foreach (var followed in accounts)
            (followed.NotBefore, followed.Failures, followed.MayGiveUp) = (default, 0, followed.Request?.Branch ?? "");
    }

    // ---- Events -------------------------------------------------------------------------------------------------------------------

    public void Told(RegisteredDevice device, int account, in RegistrationEvent happened)
    {
        var followed = _devices[device][account];
        Begin(followed, device.Node.World.Now);
        _touched.Add(followed);
        switch (happened.Kind)
        {
            case RegistrationEventKind.Result:
                HearResult(followed, happened);
                break;
            case RegistrationEventKind.Lapsed:
                Lapses++;
                if (device.Node.World.Now < followed.GrantedUntil)
                    throw Failure($"{followed.Name} was told of a lapse {(followed.GrantedUntil - device.Node.World.Now).TotalSeconds:0.000} s too soon");
                followed.IsTold = false;
                break;
            case RegistrationEventKind.FlowFailed or RegistrationEventKind.AddressChanged or RegistrationEventKind.Offline:
                followed.NotBefore = default;
                break;
            default:
                throw Failure($"{followed.Name} was told {happened.Kind}");
        }
    }

    private void HearResult(Followed followed, in RegistrationEvent happened)
    {
        Results++;
        var (request, final) = (followed.Request, followed.Final);
        (followed.Request, followed.Final) = (null, null);
        int status = final?.Status ?? 0;
        if (status != 0 ? happened.Status != status || happened.IsLocal : !happened.IsLocal)
            throw Failure($"{followed.Name} was told {happened.Status} (local: {happened.IsLocal}) of a request whose final response is {status}");
        var now = followed.Device.Node.World.Now;
        followed.InARow = happened.Outcome == RegistrationOutcome.Continues ? followed.InARow + 1 : 0;
        if (followed.InARow > MaxInARow)
            throw Failure($"{followed.Name} sends more than {MaxInARow} requests in a row");
        switch (happened.Outcome)
        {
            case RegistrationOutcome.Done:
                if (status is < 200 or > 299)
                    throw Failure($"{followed.Name} takes {status} for a success");
                followed.Failures = 0;
                Succeed(followed, happened, request!, final!);
                break;
            case RegistrationOutcome.Continues:
                break;
            case RegistrationOutcome.WillRetry or RegistrationOutcome.Refused or RegistrationOutcome.Failed:
                Fail(followed, happened, final, now);
                break;
            default:
                throw Failure($"{followed.Name} was told the outcome {happened.Outcome}");
        }
    }

    private void Succeed(Followed followed, in RegistrationEvent happened, SipText request, SipText final)
    {
        if (happened.IsUnregistration)
            (followed.GrantedUntil, followed.IsTold) = (default, false);
        if (happened.Verb != RegistrationVerb.Register)
            return;
        var granted = GrantOf(request, final);
        followed.GrantedUntil = followed.FinalAt + granted;
        followed.IsTold = granted > TimeSpan.Zero;
        _ends.Enqueue(followed, followed.GrantedUntil.Ticks);
        if (happened.Granted > granted)
            throw Failure($"{followed.Name} believes in {happened.Granted.TotalSeconds} s, of which {granted.TotalSeconds} were granted");
    }

    // RFC 3261 §10.2.4: of each of our contacts its parameter, else the header; the shortest counts. A contact that is not listed is perhaps not there.
    private TimeSpan GrantOf(SipText request, SipText final)
    {
        uint? header = uint.TryParse(final.Header("Expires"), NumberStyles.None, CultureInfo.InvariantCulture, out uint seconds) ? seconds : null;
        uint? asked = uint.TryParse(request.Header("Expires"), NumberStyles.None, CultureInfo.InvariantCulture, out uint wanted) ? wanted : null;
        var listed = ContactText.AllOf(final);
        var least = TimeSpan.MaxValue;
        foreach (var contact in ContactText.AllOf(request).Where(contact => contact.Expires != 0))
        {
            var found = listed.Find(one => one.Uri == contact.Uri) ?? listed.Find(one => IsRewritten(one, contact));
            double interval = found?.Expires ?? header ?? contact.Expires ?? asked ?? uint.MaxValue;
            if (found is null)
                interval = Math.Min(interval, options.UnconfirmedMost.TotalSeconds);
            least = TimeSpan.FromSeconds(Math.Min(interval, least.TotalSeconds));
        }
        return least;
    }

    // The same user at another address or port: what a gateway made of ours. Users here have one device each.
    private static bool IsRewritten(ContactText one, ContactText contact) => one.Uri.Split('@')[0] == contact.Uri.Split('@')[0];

    private void Fail(Followed followed, in RegistrationEvent happened, SipText? final, Instant now)
    {
        // One that was asked for once, or takes a contact away, says nothing of when the account comes by itself.
        if (happened.Verb != RegistrationVerb.Register || !followed.Device.Info(followed.Account).IsAutomatic)
            return;
        followed.Failures++;
        var least = LeastWait(followed, happened, final);
        followed.NotBefore = now + least;
        followed.Reason = $"{happened.Status} ({happened.Outcome}, {followed.Failures} in a row)";
        bool isRefusal = final?.Status is 401 or 403 or 404 or 407;
        if (isRefusal && happened.Outcome == RegistrationOutcome.WillRetry)
            throw Failure($"{followed.Name} takes {final!.Status} for something that time mends");
        if (happened.Next < least)
            throw Failure($"{followed.Name} means to come in {happened.Next.TotalSeconds:0.000} s behind {followed.Reason}, which wants {least.TotalSeconds:0.000}");
    }

    private TimeSpan LeastWait(Followed followed, in RegistrationEvent happened, SipText? final)
    {
        if (happened.Outcome == RegistrationOutcome.Refused)
            return options.RefusedRetry / 2;
        var first = happened.Fault is RegistrationFault.NoServer or RegistrationFault.NoWay ? options.SearchBase : options.RetryBase;
        double doubled = first.TotalSeconds * Math.Pow(2, Math.Min(followed.Failures - 1, 20));
        var wait = TimeSpan.FromSeconds(Math.Min(doubled, options.RetryMost.TotalSeconds) / 2);
        if (!uint.TryParse(final?.Header("Retry-After")?.Split(';', '(')[0], NumberStyles.None, CultureInfo.InvariantCulture, out uint after))
            return wait;
        var asked = TimeSpan.FromSeconds(Math.Min(after, options.RetryAfterMost.TotalSeconds));
        return asked > wait ? asked : wait;
    }

    // ---- Between two steps --------------------------------------------------------------------------------------------------------

    public override void TimeMoves(Instant from, Instant to)
    {
        while (_ends.TryPeek(out var ended, out long ticks) && ticks < to.Ticks)
        {
            _ends.Dequeue();
            _touched.Add(ended);
        }
        foreach (var followed in _touched)
            Look(followed, from, to);
        _touched.Clear();
    }

    private void Look(Followed followed, Instant from, Instant to)
    {
        var device = followed.Device;
        if (!device.Node.IsUp || followed.Life != device.Node.Life || !device.HasAccount(followed.Account))
            return;
        if (followed.Final is not null && followed.Request?.Branch == followed.MayGiveUp)
            (followed.GivenUp, followed.Request, followed.Final) = (followed.MayGiveUp, null, null);
        if (followed.Final is not null)
            throw Failure($"{followed.Name} got {followed.Final} and told nobody");
        if (followed.IsTold && followed.GrantedUntil <= from)
            throw Failure($"{followed.Name} told nobody that its registration lapsed");
        // At the last instant before the next thing happens.
        var last = Instant.FromTicks(Math.Max(from.Ticks, to.Ticks - 1));
        if (last >= followed.GrantedUntil && device.Info(last, followed.Account).State == RegistrationState.Registered)
            throw Failure($"{followed.Name} believes to be registered {(last - followed.GrantedUntil).TotalSeconds:0.000} s after the end of what was granted");
    }
}
