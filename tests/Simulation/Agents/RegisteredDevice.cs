// A device with accounts: an agent that registers and stays registered, and a user that only listens to what it is told.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

/// <summary>Something that a device was told of one of its accounts.</summary>
internal sealed record Told(Instant Time, int Account, RegistrationEvent Event);

internal sealed class RegisteredDevice : IApplication
{
    private readonly Chance _chance;
    private readonly RegistrationCheck _check;
    private readonly SipAgentOptions _options;
    private readonly Queue<Action> _due = new();
    private readonly List<Handle<Account>> _accounts = [];
    private AgentPort? _port;

    public RegisteredDevice(
        World world, RegistrationCheck check, string name, int number, IpEndpoint address, SipAgentOptions options, AccountPlan[] plans, Translator? behind = null)
    {
        _check = check;
        _options = options;
        _chance = world.Chance.Fork((ulong)(9000 + number));
        Plans = plans;
        Node = new(world, name, number, address) { Behind = behind };
        world.Add(Node);
        check.Follow(this);
    }

    public Node Node { get; }

    public AccountPlan[] Plans { get; }

    public AgentPort Port => _port ?? throw new InvalidOperationException("not started");

    /// <summary>/etc/resolv.conf.</summary>
    public string ResolverConfiguration { get; init; } = "";

    /// <summary>False: it makes its accounts and begins nothing.</summary>
    public bool RegistersAtStart { get; init; } = true;

    /// <summary>Everything that it was told, where that is kept.</summary>
    public List<Told> Events { get; } = [];

    public bool KeepsEvents { get; init; } = true;

    /// <summary>Makes the port that its agent is reached through: a test plants a fault so.</summary>
    public Func<string, SipAgent, AgentPort> MakePort { get; init; } = (name, agent) => new(name, agent);

    /// <summary>What became of making each account.</summary>
    public List<AccountResult> Made { get; } = [];

    private World World => Node.World;

    private Instant Now => Node.World.Now;

    // ---- Life ---------------------------------------------------------------------------------------------------------------------

    public void Start()
    {
        var gate = new StartGate();
        var agent = new SipAgent(gate, _options, new SeededEntropy(_chance.Fork((ulong)Node.Life)), Node);
        gate.Close();
        _port = MakePort(Node.Name, agent);
        _accounts.Clear();
        _due.Clear();
        Made.Clear();
        for (int i = 0; i < Plans.Length; i++)
        {
            int number = i;
            _due.Enqueue(() => Make(number));
        }
        Node.Start(_port, this);
        if (ResolverConfiguration.Length > 0)
            Node.ConfigureResolver(ResolverConfiguration);
        if (!RegistersAtStart)
            return;
        for (int i = 0; i < Plans.Length; i++)
            Register(i);
    }

    private void Make(int number)
    {
        var plan = Plans[number];
        var settings = new AccountSettings
        {
            AddressOfRecord = Text(plan.Record),
            Server = Text(plan.Server),
            Instance = Text(plan.Instance),
            ExpiresSeconds = plan.ExpiresSeconds,
            DelayBeforeRefresh = plan.DelayBeforeRefresh,
            Protocol = plan.Protocol,
            KeepAlive = plan.KeepAlive,
            KeepAliveInterval = plan.KeepAliveInterval,
            UsesPublicAddress = plan.UsesPublicAddress,
            User = (ulong)number,
        };
        Made.Add(Port.CreateAccount(settings, out var account));
        _accounts.Add(account);
        if (account.IsSome)
            Port.SetCredentials(account, [], Text(plan.User), Text(plan.Password));
    }

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);

    // ---- Commands -----------------------------------------------------------------------------------------------------------------

    /// <summary>Gives a command through the crank, so that what it causes is drained before the next.</summary>
    private void Do(Action command)
    {
        _due.Enqueue(command);
        Node.Settle();
    }

    public void Register(int account = 0, bool isAutomatic = true) => Do(() =>
    {
        _check.Commanded(this, account);
        Port.Register(Now, _accounts[account], isAutomatic);
    });

    public void Unregister(int account = 0) => Do(() =>
    {
        _check.Commanded(this, account);
        Port.Unregister(Now, _accounts[account]);
    });

    public void Destroy(int account = 0) => Do(() => Port.Destroy(_accounts[account]));

    public RegistrationInfo Info(int account = 0) => Info(Now, account);

    /// <summary>How an account stands at that time, if nothing happens until then.</summary>
    public RegistrationInfo Info(Instant now, int account)
    {
        Port.TryGetInfo(now, _accounts[account], out var info);
        return info;
    }

    /// <summary>A text that its registrar gave an account.</summary>
    public string TextOf(AccountText kind, int account = 0) => Encoding.ASCII.GetString(Port.Agent.Accounts!.TextOf(_accounts[account], kind));

    /// <summary>False before it was started, and where no account could be made.</summary>
    public bool HasAccount(int account) => account < _accounts.Count && _accounts[account].IsSome;

    // ---- Events -------------------------------------------------------------------------------------------------------------------

    public bool Work()
    {
        if (Port.PollEvent(out var happened))
        {
            if (happened.Kind == AgentEventKind.Registration)
                Hear(happened.Registration);
            return true;
        }
        if (!_due.TryDequeue(out var command))
            return false;
        command();
        return true;
    }

    private void Hear(in RegistrationEvent happened)
    {
        int account = (int)happened.User;
        World.Tell(OccurrenceKind.Application, Node, Describe(happened));
        if (KeepsEvents)
            Events.Add(new(Now, account, happened));
        _check.Told(this, account, happened);
    }

    private static string Describe(in RegistrationEvent happened) => happened.Kind == RegistrationEventKind.Result
        ? $"{happened.Verb} {happened.Status}{(happened.IsLocal ? $" ({happened.Fault})" : "")}: {happened.Outcome}, next in {happened.Next.TotalSeconds:0.0} s"
        : happened.Kind.ToString();
}
