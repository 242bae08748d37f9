// A translator of addresses between a device and the rest, as a router at home is one (RFC 4787, RFC 5382): each inside endpoint has one outside port whoever
// it speaks to, what comes in must come from whom was spoken to, and a mapping that nobody used for a time is gone, so that the next datagram has another
// port. One that is started again has forgotten everything.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class Translator(World world, IpEndpoint outside)
{
    // RFC 4787 §4.2.1: ports of inside hosts that choose one at 1024 or above are mapped there as well. Away from what hosts here draw themselves.
    private const ushort FirstPort = 20_000;
    private const ushort LastPort = 29_999;

    private readonly Dictionary<IpEndpoint, Mapping> _inside = [];
    private readonly Dictionary<ushort, Mapping> _outside = [];
    private ushort _next = FirstPort;

    private sealed class Mapping(IpEndpoint inside, ushort port)
    {
        public IpEndpoint Inside { get; } = inside;

        public ushort Port { get; } = port;

        public Instant LastUse { get; set; }

        /// <summary>Who may answer, by address and port.</summary>
        public HashSet<IpEndpoint> Peers { get; } = [];
    }

    /// <summary>The outside address, without a port.</summary>
    public IpEndpoint Outside { get; } = outside;

    /// <summary>A mapping that is not used for so long is gone. RFC 4787 §4.3 asks for two minutes at least; routers that have less are common.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>The same for connections (RFC 5382 §5: two hours and four minutes at least).</summary>
    public TimeSpan StreamTimeout { get; set; } = TimeSpan.FromMinutes(124);

    /// <summary>How often it was started: a connection through an earlier life is not known.</summary>
    public int Life { get; private set; } = 1;

    /// <summary>Ports that were given to datagrams, for tests.</summary>
    public int Mapped { get; private set; }

    public Instant Now => world.Now;

    /// <summary>All mappings are gone.</summary>
    public void Restart()
    {
        world.Tell(OccurrenceKind.Weather, null, "the translator was started again");
        Life++;
        _inside.Clear();
        _outside.Clear();
    }

    /// <summary>A datagram leaves; what it comes from as others see it.</summary>
    public IpEndpoint Leave(in IpEndpoint inside, in IpEndpoint remote)
    {
        if (!_inside.TryGetValue(inside, out var mapping) || IsOver(mapping))
        {
            if (mapping is not null)
                _outside.Remove(mapping.Port);
            mapping = new(inside, NextPort());
            _inside[inside] = mapping;
            _outside[mapping.Port] = mapping;
            Mapped++;
        }
        mapping.LastUse = world.Now;
        mapping.Peers.Add(remote);
        return Outside.WithPort(mapping.Port);
    }

    /// <summary>A datagram comes in; false where it is for nobody. It keeps no mapping alive (RFC 4787 §4.3: what comes in need not).</summary>
    public bool TryEnter(ushort port, in IpEndpoint remote, out IpEndpoint inside)
    {
        inside = default;
        if (!_outside.TryGetValue(port, out var mapping) || IsOver(mapping) || !mapping.Peers.Contains(remote))
            return false;
        inside = mapping.Inside;
        return true;
    }

    public Translation BeginStream() => new(this, Outside.WithPort(NextPort()));

    private bool IsOver(Mapping mapping) => mapping.LastUse + Timeout <= world.Now;

    private ushort NextPort()
    {
        ushort port = _next;
        _next = port == LastPort ? FirstPort : (ushort)(port + 1);
        return port;
    }
}

/// <summary>What a translator knows of one connection.</summary>
internal sealed class Translation(Translator translator, IpEndpoint outside)
{
    private readonly int _life = translator.Life;
    private Instant _lastUse = translator.Now;

    /// <summary>Where it comes from as the other end sees it.</summary>
    public IpEndpoint Outside { get; } = outside;

    /// <summary>Octets pass; false where the translator knows nothing of the connection any more, and drops them.</summary>
    public bool TryPass()
    {
        if (translator.Life != _life || _lastUse + translator.StreamTimeout <= translator.Now)
            return false;
        _lastUse = translator.Now;
        return true;
    }
}
