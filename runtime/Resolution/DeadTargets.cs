// Targets that failed a while ago (RFC 3263 §4.3). An address that is dead for one account is dead for all, so the agent has one table.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

/// <summary>Addresses with protocol and port, each with the time until which it is passed over.</summary>
internal sealed class DeadTargets
{
    private struct Entry
    {
        public IpEndpoint Remote;
        public Protocol Protocol;

        // Free where it has passed.
        public Instant Until;
    }

    private readonly Entry[] _entries;

    [StartUp(Because = "a pool is made before start")]
    public DeadTargets(StartGate gate, int capacity) => _entries = gate.Take<Entry>("dead targets", capacity);

    /// <summary>Notes a target until a time. True where another one had to be forgotten for it; one that finds no place in a table of none is not noted.</summary>
    public bool Mark(Instant now, Protocol protocol, in IpEndpoint remote, Instant until)
    {
        int at = IndexOf(protocol, remote);
        for (int i = 0; at < 0 && i < _entries.Length; i++)
        {
            if (_entries[i].Until <= now)
                at = i;
        }
        bool isForgotten = at < 0 && _entries.Length > 0;
        for (int i = 0; isForgotten && i < _entries.Length; i++)
        {
            if (at < 0 || _entries[i].Until < _entries[at].Until)
                at = i;
        }
        if (at >= 0)
            _entries[at] = new() { Remote = remote, Protocol = protocol, Until = until };
        return isForgotten;
    }

    public bool IsDead(Instant now, Protocol protocol, in IpEndpoint remote) =>
        IndexOf(protocol, remote) is >= 0 and var at && _entries[at].Until > now;

    /// <summary>A target answered.</summary>
    public void Clear(Protocol protocol, in IpEndpoint remote)
    {
        if (IndexOf(protocol, remote) is >= 0 and var at)
            _entries[at] = default;
    }

    /// <summary>The network is another one: nothing is known of any target.</summary>
    public void ClearAll() => _entries.AsSpan().Clear();

    private int IndexOf(Protocol protocol, in IpEndpoint remote)
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            // An empty entry's protocol is None, and no target's.
            if (_entries[i].Protocol == protocol && _entries[i].Remote == remote)
                return i;
        }
        return -1;
    }
}
