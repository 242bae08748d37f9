// What goes wrong on the way, and how often. Everything can be switched off by itself; 0 is off.
using System.Globalization;

namespace SipEmbedded.Simulation;

/// <summary>Rates are in thousandths, times in microseconds, sizes in octets.</summary>
internal sealed record NetworkFaults
{
    /// <summary>A quiet local network: what phase two of a run has.</summary>
    public static NetworkFaults None { get; } = new() { LatencyUs = 1000 };

    /// <summary>One way.</summary>
    public int LatencyUs { get; init; }

    /// <summary>Up to so much more, by chance. Alone it does not change the order of datagrams.</summary>
    public int JitterUs { get; init; }

    public int LossPerMille { get; init; }

    /// <summary>How often a burst of loss begins (Gilbert and Elliott's model: two states, with a loss rate each).</summary>
    public int BurstPerMille { get; init; }

    /// <summary>How often a burst ends, for each datagram in it.</summary>
    public int BurstEndPerMille { get; init; } = 200;

    /// <summary>Loss within a burst.</summary>
    public int BurstLossPerMille { get; init; } = 900;

    public int DuplicatePerMille { get; init; }

    /// <summary>How often a datagram is held back so that later ones overtake it.</summary>
    public int ReorderPerMille { get; init; }

    /// <summary>How long it is held back, at most.</summary>
    public int ReorderUs { get; init; } = 800_000;

    /// <summary>How often octets of a datagram are changed. Streams have checksums that datagrams have as well; this is what slips through.</summary>
    public int CorruptPerMille { get; init; }

    /// <summary>Octets a second of each direction between two hosts; 0 is unlimited.</summary>
    public int OctetsPerSecond { get; init; }

    /// <summary>What waits for its turn on a limited link; more is dropped.</summary>
    public int QueueOctets { get; init; } = 8000;

    /// <summary>The largest datagram that passes; 0 is unlimited.</summary>
    public int MaxDatagram { get; init; }

    /// <summary>True: a larger one vanishes, as where ICMP is filtered; else its sender is told.</summary>
    public bool IsMaxDatagramSilent { get; init; }

    /// <summary>How often a sender is told that nobody listens (ICMP port unreachable).</summary>
    public int RefusalToldPerMille { get; init; }

    /// <summary>How often a sender is told that a host cannot be reached while the link is cut.</summary>
    public int UnreachableToldPerMille { get; init; }

    /// <summary>How often a connection that is asked for is refused though the peer listens: its backlog is full.</summary>
    public int ConnectRefusedPerMille { get; init; }

    /// <summary>How often it is never answered.</summary>
    public int ConnectSilentPerMille { get; init; }

    /// <summary>How long the system tries to connect.</summary>
    public int ConnectTimeoutUs { get; init; } = 10_000_000;

    /// <summary>How often writing to a stream breaks it.</summary>
    public int ResetPerMille { get; init; }

    /// <summary>How often a stream goes silent for good, for each write.</summary>
    public int HalfDeadPerMille { get; init; }

    /// <summary>When the system gives up on octets that nobody acknowledges.</summary>
    public int StreamTimeoutUs { get; init; } = 30_000_000;

    /// <summary>The largest piece that a stream arrives in; 0 leaves writes whole.</summary>
    public int PieceOctets { get; init; }

    /// <summary>How often two hosts are cut off from each other; for each second of the run.</summary>
    public int PartitionPerMille { get; init; }

    /// <summary>How long, at most.</summary>
    public int PartitionUs { get; init; } = 20_000_000;

    /// <summary>How often an agent ends and is started again; for each second of the run.</summary>
    public int RestartPerMille { get; init; }

    /// <summary>True: times are in microseconds; false: in whole milliseconds, where more things happen at one instant.</summary>
    public bool IsFineGrained { get; init; }

    /// <summary>A network of that seed's: mostly a few things wrong, sometimes nothing, sometimes everything.</summary>
    public static NetworkFaults Draw(Chance chance)
    {
        // Each fault is there by chance, in a strength by chance.
        int common = chance.Pick(0, 250, 500, 900);
        return new()
        {
            LatencyUs = chance.Pick(0, 1000, 20_000, 150_000, 600_000),
            JitterUs = Some(0, 200_000),
            LossPerMille = Some(1, 400),
            BurstPerMille = Some(1, 60),
            DuplicatePerMille = Some(1, 300),
            ReorderPerMille = Some(1, 300),
            ReorderUs = chance.Between(1000, 3_000_000),
            // Rarer: what was read from changed octets can be predicted by nobody, so most checks look away from then on.
            CorruptPerMille = chance.Happens(common / 4) ? chance.Between(1, 100) : 0,
            OctetsPerSecond = chance.Happens(common / 3) ? chance.Between(2000, 50_000) : 0,
            QueueOctets = chance.Between(2000, 20_000),
            MaxDatagram = chance.Happens(common / 2) ? chance.Between(500, 1500) : 0,
            IsMaxDatagramSilent = chance.Happens(500),
            RefusalToldPerMille = chance.Pick(0, 500, 1000),
            UnreachableToldPerMille = chance.Pick(0, 500, 1000),
            ConnectRefusedPerMille = Some(1, 300),
            ConnectSilentPerMille = Some(1, 200),
            ConnectTimeoutUs = chance.Between(1_000_000, 60_000_000),
            ResetPerMille = Some(1, 100),
            HalfDeadPerMille = Some(1, 50),
            StreamTimeoutUs = chance.Between(1_000_000, 60_000_000),
            PieceOctets = chance.Pick(0, 1, 7, 100, 600),
            PartitionPerMille = Some(1, 30),
            PartitionUs = chance.Between(100_000, 40_000_000),
            RestartPerMille = Some(1, 20),
            IsFineGrained = chance.Happens(500),
        };

        int Some(int least, int most) => chance.Happens(common) ? chance.Between(least, most) : 0;
    }

    /// <summary>What is switched on, for a report.</summary>
    public string Describe()
    {
        var parts = from property in typeof(NetworkFaults).GetProperties()
                    where property.Name != nameof(None)
                    let value = property.GetValue(this)
                    where value is not (0 or false)
                    select string.Create(CultureInfo.InvariantCulture, $"{property.Name}={value}");
        return string.Join(' ', parts);
    }
}
