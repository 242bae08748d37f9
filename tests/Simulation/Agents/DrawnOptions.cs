// An agent's options by chance: large and small timers, limits, pools.
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal static class DrawnOptions
{
    /// <summary>The largest message that the users here write fits with its headers.</summary>
    private const int LargestMessageOctets = 8192;

    /// <summary>Pools that are never full at the rates that users here have; messages are of up to <see cref="LargestMessageOctets"/>.</summary>
    private static readonly BufferClass[] s_ample = [new(512, 512), new(2048, 256), new(LargestMessageOctets, 64)];

    public static SipAgentOptions Draw(Chance chance, in IpEndpoint address)
    {
        bool isUsual = chance.Happens(400);
        int t1 = isUsual ? 500 : chance.Pick(5, 40, 200, 500, 1000, chance.Between(1, 2000));
        int t2 = isUsual ? 4000 : chance.Pick(t1, t1 * 2, t1 * 8, t1 * 3, 4000);
        return Of(
            address,
            new TransactionOptions
            {
                T1 = TimeSpan.FromMilliseconds(t1),
                T2 = TimeSpan.FromMilliseconds(t2),
                T4 = TimeSpan.FromMilliseconds(isUsual ? 5000 : chance.Pick(1, 100, 5000, 10_000)),
                TryingDelay = TimeSpan.FromMilliseconds(isUsual ? 200 : chance.Between(1, 1000)),
                PendingLimit = TimeSpan.FromSeconds(chance.Pick(30, 180, 600)),
                ClientTransactions = 512,
                ServerTransactions = 512,
            },
            chance.Pick(TransportOptions.DefaultPathLimitOctets, 700, 0),
            TimeSpan.FromSeconds(chance.Pick(5, 60, 900)),
            TimeSpan.FromMilliseconds(chance.Pick(500, 4000, 20_000)));
    }

    /// <summary>The usual timers and pools that are never full.</summary>
    public static SipAgentOptions Usual(in IpEndpoint address) => Of(
        address, new() { ClientTransactions = 512, ServerTransactions = 512 }, TransportOptions.DefaultPathLimitOctets, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(4));

    private static SipAgentOptions Of(in IpEndpoint address, TransactionOptions transactions, int pathLimitOctets, TimeSpan idleClose, TimeSpan connectTimeout) => new()
    {
        Transactions = transactions,
        Transport = new()
        {
            ListeningPoints = PointsOf(address),
            Connections = 64,
            PathLimitOctets = pathLimitOctets,
            MaxStreamMessageOctets = LargestMessageOctets,
            IdleClose = idleClose,
            ConnectTimeout = connectTimeout,
            Outputs = 256,
        },
        Buffers = s_ample,
    };

    public static ListeningPoint[] PointsOf(in IpEndpoint address) => [new(Protocol.Udp, address), new(Protocol.Tcp, address)];

    /// <summary>The same with pools that are full every now and then.</summary>
    public static SipAgentOptions WithSmallPools(SipAgentOptions options, Chance chance)
    {
        var transactions = options.Transactions;
        var transport = options.Transport;
        return new()
        {
            Transactions = new()
            {
                T1 = transactions.T1,
                T2 = transactions.T2,
                T4 = transactions.T4,
                TryingDelay = transactions.TryingDelay,
                PendingLimit = transactions.PendingLimit,
                ClientTransactions = chance.Between(0, 6),
                ServerTransactions = chance.Between(0, 6),
            },
            Transport = new()
            {
                ListeningPoints = transport.ListeningPoints,
                Connections = chance.Between(0, 3),
                PathLimitOctets = transport.PathLimitOctets,
                MaxStreamMessageOctets = transport.MaxStreamMessageOctets,
                IdleClose = transport.IdleClose,
                ConnectTimeout = transport.ConnectTimeout,
                Outputs = chance.Between(1, 8),
            },
            Buffers = [new(512, chance.Between(0, 8)), new(2048, chance.Between(0, 8)), new(LargestMessageOctets, chance.Between(0, 2))],
        };
    }

    public static TransactionTimers TimersOf(SipAgentOptions options)
    {
        var transactions = options.Transactions;
        return new(transactions.T1, transactions.T2, transactions.T4, transactions.TryingDelay, transactions.PendingLimit);
    }
}
