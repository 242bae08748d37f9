// A registrar of the simulated network (RFC 3261 §10.3): an agent's transactions below, everything else by itself, so that it shares no mistake with the client.
using System.Globalization;
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

/// <summary>A REGISTER that arrived, retransmissions aside, and what it was answered with in the end; 0 for nothing.</summary>
internal sealed class Arrival(Instant time, SipText request)
{
    public Instant Time { get; } = time;

    public SipText Request { get; } = request;

    public int Status { get; set; }

    public Instant Answered { get; set; }
}

internal sealed class Registrar : IApplication
{
    // RFC 3261 §19.1.2.
    private const ushort SipPort = 5060;

    private readonly Chance _chance;
    private readonly DigestModel _digest;
    private SipAgent? _agent;
    private Instant _busyUntil;
    private int _waiting;

    /// <param name="transactions">As many requests as are remembered at once: all of the last 32 s.</param>
    public Registrar(World world, string name, int number, IpEndpoint address, RegistrarBehaviour behaviour, int transactions = 64)
    {
        Behaviour = behaviour;
        Transactions = transactions;
        _chance = world.Chance.Fork((ulong)(5000 + number));
        _digest = new(_chance, behaviour);
        Node = new(world, name, number, address) { RefusesWhenDown = false, IsOverrun = () => _waiting >= Behaviour.QueueLength };
        world.Add(Node);
    }

    public Node Node { get; }

    public RegistrarBehaviour Behaviour { get; }

    public LocationService Locations { get; } = new();

    /// <summary>Every REGISTER, where they are kept.</summary>
    public List<Arrival> Arrivals { get; } = [];

    public bool KeepsArrivals { get; init; } = true;

    private int Transactions { get; }

    private World World => Node.World;

    private Instant Now => Node.World.Now;

    // ---- Life ---------------------------------------------------------------------------------------------------------------------

    /// <summary>Nothing happens where it is up already.</summary>
    public void Start()
    {
        if (Node.IsUp)
            return;
        var gate = new StartGate();
        _agent = new(gate, OptionsOf(Node.Addresses[0]), new SeededEntropy(_chance.Fork((ulong)Node.Life)));
        gate.Close();
        _busyUntil = Now;
        _waiting = 0;
        Node.Start(_agent, this);
    }

    /// <summary>
    /// Bindings and nonces are lost. <paramref name="isSilent"/>: as by loss of power, and nothing answers until it is back; else its system stays up and says
    /// that nobody listens.
    /// </summary>
    public void Reboot(TimeSpan down, bool isSilent)
    {
        Locations.Clear();
        _digest.Forget();
        Node.RefusesWhenDown = !isSilent;
        Node.Crash(isSilent);
        World.After(down, Start);
    }

    /// <summary>Nothing reaches it and it says nothing for so long; what it knows stays.</summary>
    public void FallSilent(TimeSpan span)
    {
        Node.Freeze();
        World.After(span, Node.Thaw);
    }

    /// <summary>All nonces are stale from now on.</summary>
    public void ForgetNonces() => _digest.Forget();

    /// <summary>True where a call to that address of record would come to the node now: by its contact's address, or back by the way of its REGISTER.</summary>
    public bool Reaches(string record, Node device)
    {
        if (!Node.IsUp || !Node.HasLink)
            return false;
        foreach (var binding in Locations.BindingsOf(record, Now))
        {
            if (binding.Source.IsReliable && Node.IsConnected(binding.Source.Connection, device))
                return true;
            if (World.Network.Leads(Node.Addresses[0], binding.Source.IsReliable ? AddressOf(binding.Uri) : binding.Source.Remote, device))
                return true;
        }
        return false;
    }

    // Of a contact that is an address.
    private static IpEndpoint AddressOf(string uri)
    {
        string host = uri[(uri.IndexOf('@') + 1)..].Split(';')[0];
        int colon = host.LastIndexOf(':');
        bool hasPort = ushort.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port);
        IpEndpoint.TryRead(Encoding.ASCII.GetBytes(hasPort ? host[..colon] : host), hasPort ? port : SipPort, out var endpoint);
        return endpoint;
    }

    private SipAgentOptions OptionsOf(in IpEndpoint address) => new()
    {
        Transport = new() { ListeningPoints = DrawnOptions.PointsOf(address), Connections = Math.Max(64, Transactions / 2), Outputs = 256, IdleClose = TimeSpan.FromHours(2) },
        Transactions = new() { ServerTransactions = Transactions, ClientTransactions = 1 },
        // A response is kept for 32 s: a 401 with two challenges has 800 octets, a 200 with a few contacts less.
        Buffers = [new(1536, Transactions + 8), new(16 * 1024, 16)],
    };

    // ---- Requests -----------------------------------------------------------------------------------------------------------------

    public bool Work()
    {
        if (!_agent!.PollEvent(out var happened))
            return false;
        var transaction = happened.Transaction;
        if (happened.Kind != AgentEventKind.Transaction || transaction.Kind != TransactionEventKind.Request)
            return true;
        if (SipText.TryRead(_agent.Message.Text.ToArray()) is not { } request)
            throw new SimulationFailure("Registrar", $"{Node.Name} got a request that cannot be read");
        if (KeepsArrivals && request.Method == "REGISTER")
            Arrivals.Add(new(Now, request));
        if (Behaviour.RequestsPerSecond == 0)
            Answer(transaction.Server, request, transaction.Flow);
        else if (_waiting >= Behaviour.QueueLength)
            Refuse(transaction.Server, request, 503);
        else
            Queue(transaction.Server, request, transaction.Flow);
        return true;
    }

    private void Queue(Handle<ServerTransaction> server, SipText request, Flow source)
    {
        int life = Node.Life;
        _waiting++;
        _busyUntil = (_busyUntil > Now ? _busyUntil : Now) + TimeSpan.FromSeconds(1) / Behaviour.RequestsPerSecond;
        World.At(_busyUntil, () =>
        {
            if (!Node.IsUp || Node.Life != life)
                return;
            _waiting--;
            Answer(server, request, source);
            Node.Settle();
        });
    }

    private void Answer(Handle<ServerTransaction> server, SipText request, in Flow source)
    {
        string uri = request.StartLine.Split(' ')[1];
        if (request.Method != "REGISTER")
            Refuse(server, request, request.Method == "OPTIONS" ? 200 : 405);
        else if (Behaviour.IgnoresUserPart && uri.Contains('@'))
            return;
        else if (Behaviour.Refusal != 0)
            Refuse(server, request, Behaviour.Refusal);
        else if (!IsAuthenticated(server, request))
            return;
        else if (Behaviour.Redirect.Length > 0)
            Send(server, request, 302, [("Contact", $"<{Behaviour.Redirect}>")]);
        else
            Register(server, request, source);
    }

    // 401 where not.
    private bool IsAuthenticated(Handle<ServerTransaction> server, SipText request)
    {
        if (Behaviour.Algorithms.Count == 0)
            return true;
        var finding = _digest.Check(Now, request, out string user);
        if (finding == DigestFinding.Right && UserOf(RecordOf(request)) == user)
            return true;
        Send(server, request, 401, _digest.Challenges(Now, finding == DigestFinding.Stale).Select(challenge => ("WWW-Authenticate", challenge)));
        return false;
    }

    private void Register(Handle<ServerTransaction> server, SipText request, in Flow source)
    {
        string record = RecordOf(request);
        int status = Locations.Register(Now, record, request, source, Behaviour);
        if (status == 423)
            Send(server, request, 423, [("Min-Expires", Text(Behaviour.MinExpires))]);
        else if (status != 200)
            Refuse(server, request, status);
        else
            Send(server, request, 200, HeadersFor(record, request));
    }

    private IEnumerable<(string Name, string Value)> HeadersFor(string record, SipText request)
    {
        var bindings = Locations.BindingsOf(record, Now);
        if (!Behaviour.OmitsContacts)
        {
            foreach (var binding in bindings)
            {
                string parameters = string.Concat(binding.Parameters.Select(parameter => ";" + parameter));
                string expires = Behaviour.GrantsInHeaderOnly ? "" : $";expires={Text(binding.SecondsLeft(Now))}";
                yield return ("Contact", $"<{binding.Uri}>{parameters}{expires}");
            }
        }
        if (Behaviour.GrantsInHeaderOnly && bindings.Count > 0)
            yield return ("Expires", Text(bindings.Max(binding => binding.SecondsLeft(Now))));
        if (Behaviour.ServiceRoute.Length > 0)
            yield return ("Service-Route", Behaviour.ServiceRoute);
        if (Behaviour.Path.Length > 0 && request.Header("Supported")?.Contains("path", StringComparison.Ordinal) == true)
            yield return ("Path", Behaviour.Path);
        if (Behaviour.FlowTimer > 0)
        {
            yield return ("Flow-Timer", Text(Behaviour.FlowTimer));
            yield return ("Require", "outbound");
        }
    }

    /// <summary>The To URI without its parameters: whose bindings they are.</summary>
    public static string RecordOf(SipText request)
    {
        string to = request.Header("To")!;
        int open = to.IndexOf('<');
        string uri = open < 0 ? to.Split(';')[0] : to[(open + 1)..to.IndexOf('>')];
        return uri.Split(';')[0].Trim();
    }

    private static string UserOf(string record) => record[(record.IndexOf(':') + 1)..].Split('@')[0];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    // ---- Responses ----------------------------------------------------------------------------------------------------------------

    private void Refuse(Handle<ServerTransaction> server, SipText request, int status) =>
        Send(server, request, status, status == 503 && Behaviour.RetryAfter > 0 ? [("Retry-After", Text(Behaviour.RetryAfter))] : []);

    private void Send(Handle<ServerTransaction> server, SipText request, int status, IEnumerable<(string Name, string Value)> headers)
    {
        // A request that waited longer than its client did has no transaction any more.
        if (!_agent!.TryBeginResponse(server, status, out var response))
            return;
        foreach (var (name, value) in headers)
            response.Header(Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value));
        response.Finish();
        if (_agent.SendResponse(Now, server, response) == SendResult.Sent)
            Note(request, status);
    }

    private void Note(SipText request, int status)
    {
        if (Arrivals.FindLast(arrival => ReferenceEquals(arrival.Request, request)) is { } arrival)
            (arrival.Status, arrival.Answered) = (status, Now);
    }
}
