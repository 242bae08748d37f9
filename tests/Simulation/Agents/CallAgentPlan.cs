// An agent that makes calls: session timers, reliable responses and pools by chance. Its timers of transactions are the usual ones, since what is watched here are
// calls; other ones are drawn where transactions are (DrawnOptions).
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Negotiation;
using SipEmbedded.SessionTimers;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

/// <summary>What is drawn of an agent, once for all of its lives.</summary>
internal sealed record CallAgentPlan
{
    /// <summary>Calls at once that no user here needs more of.</summary>
    public const int AmpleCalls = 64;

    private const ushort FirstAudioPort = 40000;

    private const int LargestMessageOctets = 8192;

    public SessionTimerSettings Timer { get; init; } = new() { Mode = SessionTimerMode.Optional };

    public ReliableMode Reliable { get; init; } = ReliableMode.Optional;

    public int Calls { get; init; } = AmpleCalls;

    public int SpareDialogs { get; init; } = 8;

    public int ClientTransactions { get; init; } = 1024;

    public int ServerTransactions { get; init; } = 1024;

    public int Connections { get; init; } = 64;

    public int Outputs { get; init; } = 256;

    public int AudioSessions { get; init; } = AmpleCalls;

    /// <summary>Messages here are of less than two thousand octets, with descriptions of some three hundred.</summary>
    public BufferClass[] Buffers { get; init; } = [new(512, 2048), new(2048, 2048), new(LargestMessageOctets, 64)];

    public int RingMostSeconds { get; init; } = 180;

    public static CallAgentPlan Draw(Chance chance)
    {
        var mode = chance.Pick(SessionTimerMode.Off, SessionTimerMode.Optional, SessionTimerMode.Optional, SessionTimerMode.Required, SessionTimerMode.Always);
        uint least = chance.Pick(90u, 90u, 100u, 150u);
        return new()
        {
            Timer = new()
            {
                Mode = mode,
                LeastSeconds = least,
                IntervalSeconds = Math.Max(least, chance.Pick(90u, 90u, 120u, 240u, 1800u)),
                Refresher = chance.Pick(SessionRefresher.None, SessionRefresher.Us, SessionRefresher.Peer),
            },
            Reliable = chance.Pick(ReliableMode.Off, ReliableMode.Optional, ReliableMode.Optional, ReliableMode.Required),
            RingMostSeconds = chance.Pick(20, 180),
        };
    }

    /// <summary>The same with pools that are full every now and then.</summary>
    public CallAgentPlan WithSmallPools(Chance chance) => this with
    {
        Calls = chance.Between(0, 4),
        SpareDialogs = chance.Between(0, 2),
        ClientTransactions = chance.Between(0, 8),
        ServerTransactions = chance.Between(0, 8),
        Connections = chance.Between(0, 3),
        Outputs = chance.Between(1, 8),
        AudioSessions = chance.Between(0, 4),
        Buffers = [new(512, chance.Between(0, 24)), new(2048, chance.Between(0, 16)), new(LargestMessageOctets, chance.Between(0, 4))],
    };

    /// <summary>The pool of ports for media, which an agent's options hold.</summary>
    public AudioSessions MakeAudio(StartGate gate) => new(gate, AudioSessions, FirstAudioPort);

    public SipAgentOptions Make(in IpEndpoint address, AudioSessions audio) => new()
    {
        Calls = new()
        {
            Calls = Calls,
            SpareDialogs = SpareDialogs,
            SessionTimer = Timer,
            Reliable = Reliable,
            RingMost = TimeSpan.FromSeconds(RingMostSeconds),
            Streams = [new AudioStreamHandler(new(), audio)],
        },
        Transactions = new()
        {
            ClientTransactions = ClientTransactions,
            ServerTransactions = ServerTransactions,
            PendingLimit = TimeSpan.FromMinutes(4),
            AllowedMethods = [Method.Invite, Method.Bye, Method.Options, Method.Info, Method.Message, Method.Update, Method.Prack, Method.Notify],
            SupportedExtensions = Extensions,
        },
        Transport = new()
        {
            ListeningPoints = DrawnOptions.PointsOf(address),
            Connections = Connections,
            Outputs = Outputs,
            PathLimitOctets = 0,
            MaxStreamMessageOctets = LargestMessageOctets,
            IdleClose = TimeSpan.FromMinutes(1),
        },
        Buffers = Buffers,
        // Where a redirection leads is an address, so nobody is asked; each call may be on its way.
        Resolver = new() { Resolutions = AmpleCalls },
    };

    // What may be required of it is what it can do.
    private string Extensions => (Reliable, Timer.Mode) switch
    {
        (ReliableMode.Off, SessionTimerMode.Off) => "",
        (ReliableMode.Off, _) => "timer",
        (_, SessionTimerMode.Off) => "100rel",
        _ => "100rel, timer",
    };

    public string Describe() =>
        $"timer {Timer.Mode} {Timer.IntervalSeconds}/{Timer.LeastSeconds} s refresher {Timer.Refresher}, reliable {Reliable}, rings {RingMostSeconds} s, calls {Calls}+{SpareDialogs}, "
        + $"clients {ClientTransactions}, servers {ServerTransactions}, connections {Connections}, outputs {Outputs}, audio {AudioSessions}, "
        + $"buffers {string.Join(' ', Buffers.Select(one => $"{one.Count}x{one.Octets}"))}";
}
