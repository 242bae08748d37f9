// One direction between two hosts: what it does to datagrams, and when it is cut.
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

internal sealed class Link(Chance chance, NetworkCounters counters)
{
    private const int MicrosecondsPerMillisecond = 1000;
    private const int MicrosecondsPerSecond = 1_000_000;

    private bool _isInBurst;
    private Instant _busyUntil;
    private Instant _lastArrival;

    public Chance Chance { get; } = chance;

    /// <summary>Nothing passes before.</summary>
    public Instant CutUntil { get; set; }

    /// <summary>True where chance takes the datagram; moves the burst's state.</summary>
    public bool Loses(NetworkFaults faults)
    {
        if (_isInBurst)
            _isInBurst = !Chance.Happens(faults.BurstEndPerMille);
        else
            _isInBurst = Chance.Happens(faults.BurstPerMille);
        return Chance.Happens(_isInBurst ? faults.BurstLossPerMille : faults.LossPerMille);
    }

    /// <summary>True where a limited link has no room for so many octets now; else they are on their way behind what waits.</summary>
    public bool IsFull(NetworkFaults faults, Instant now, int octets)
    {
        if (faults.OctetsPerSecond == 0)
            return false;
        var start = _busyUntil > now ? _busyUntil : now;
        long waitingUs = (start - now).Ticks / TimeSpan.TicksPerMicrosecond;
        if (waitingUs * faults.OctetsPerSecond / MicrosecondsPerSecond + octets > faults.QueueOctets)
            return true;
        _busyUntil = start + TimeSpan.FromMicroseconds((long)octets * MicrosecondsPerSecond / faults.OctetsPerSecond);
        return false;
    }

    /// <summary>When a datagram that leaves now arrives. Later ones arrive no earlier, unless one is held back by chance.</summary>
    public Instant ArrivalOf(NetworkFaults faults, Instant now, bool mayOvertake)
    {
        var start = faults.OctetsPerSecond > 0 && _busyUntil > now ? _busyUntil : now;
        var arrival = start + Delay(faults);
        if (mayOvertake && Chance.Happens(faults.ReorderPerMille))
        {
            counters.HeldBack++;
            return arrival + Rounded(faults, Chance.Between(1, faults.ReorderUs));
        }
        if (arrival < _lastArrival)
            arrival = _lastArrival;
        _lastArrival = arrival;
        return arrival;
    }

    /// <summary>Latency and jitter.</summary>
    public TimeSpan Delay(NetworkFaults faults) =>
        Rounded(faults, faults.LatencyUs + (faults.JitterUs > 0 ? Chance.Between(0, faults.JitterUs) : 0));

    private static TimeSpan Rounded(NetworkFaults faults, int microseconds) => TimeSpan.FromMicroseconds(faults.IsFineGrained
        ? microseconds
        : (microseconds + MicrosecondsPerMillisecond - 1) / MicrosecondsPerMillisecond * MicrosecondsPerMillisecond);
}
