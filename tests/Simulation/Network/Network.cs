// The network: carries datagrams, badly as it is told to, and opens streams (Network.Streams.cs).
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed partial class Network(World world, Chance chance, NetworkFaults faults)
{
    /// <summary>A corrupted datagram has so many octets changed, at most.</summary>
    private const int MaxCorruptOctets = 4;

    private readonly Dictionary<IpEndpoint, Node> _listeners = [];
    private readonly Dictionary<UInt128, Translator> _translators = [];
    private readonly Dictionary<(UInt128, UInt128), Link> _links = [];

    /// <summary>What goes wrong from now on.</summary>
    public NetworkFaults Faults { get; set; } = faults;

    public NetworkCounters Counters { get; } = new();

    public void Attach(Node node)
    {
        foreach (var address in node.Addresses)
            Attach(node, address);
    }

    /// <summary>Datagrams and connections to that address and port are the node's.</summary>
    public void Attach(Node node, in IpEndpoint address) => _listeners.Add(address, node);

    public void Detach(in IpEndpoint address) => _listeners.Remove(address);

    public void Add(Translator translator) => _translators.Add(translator.Outside.Address, translator);

    /// <summary>Nothing passes from one host to the other for so long.</summary>
    public void Cut(Node from, Node to, TimeSpan span)
    {
        Counters.Cuts++;
        world.Tell(OccurrenceKind.Weather, from, $"cut off from {to.Name} for {span.TotalMilliseconds} ms");
        foreach (var source in from.Addresses)
        {
            foreach (var target in to.Addresses)
                LinkOf(source, target).CutUntil = world.Now + span;
        }
    }

    /// <summary>Every link is whole and quiet again. What is on its way stays so.</summary>
    public void Heal()
    {
        world.Tell(OccurrenceKind.Weather, null, "healed");
        Faults = NetworkFaults.None;
        foreach (var link in _links.Values)
            link.CutUntil = default;
    }

    /// <summary>True where a datagram from one address to another would come to the node now, if nothing took it on the way.</summary>
    public bool Leads(in IpEndpoint from, in IpEndpoint to, Node node)
    {
        var target = to;
        if (_translators.TryGetValue(to.Address, out var translator) && !translator.TryEnter(to.Port, from, out target))
            return false;
        return node.IsUp && node.HasLink && _listeners.TryGetValue(target, out var listener) && listener == node;
    }

    public void Send(Node sender, in Flow flow, byte[] octets)
    {
        Counters.Sent++;
        if (!sender.HasLink)
        {
            Lose(sender, flow, octets, "no link");
            TellUndelivered(sender, flow, TransportFault.Unreachable, TimeSpan.Zero);
            return;
        }
        if (Faults.MaxDatagram > 0 && octets.Length > Faults.MaxDatagram)
        {
            Lose(sender, flow, octets, "too large");
            if (!Faults.IsMaxDatagramSilent)
                TellUndelivered(sender, flow, TransportFault.TooLarge, TimeSpan.Zero);
            return;
        }
        var link = LinkOf(flow.Local, flow.Remote);
        if (link.CutUntil > world.Now)
        {
            Lose(sender, flow, octets, "cut off");
            if (link.Chance.Happens(Faults.UnreachableToldPerMille))
                TellUndelivered(sender, flow, TransportFault.Unreachable, TimeSpan.Zero);
            return;
        }
        if (link.Loses(Faults))
        {
            Lose(sender, flow, octets, "lost");
            return;
        }
        if (link.IsFull(Faults, world.Now, octets.Length))
        {
            Lose(sender, flow, octets, "queue full");
            return;
        }
        byte[] carried = Corrupted(link, octets);
        Deliver(sender, flow, carried, !ReferenceEquals(carried, octets), link.ArrivalOf(Faults, world.Now, mayOvertake: true));
        if (link.Chance.Happens(Faults.DuplicatePerMille))
        {
            Counters.Duplicated++;
            Deliver(sender, flow, octets, false, link.ArrivalOf(Faults, world.Now, mayOvertake: true));
        }
    }

    private void Deliver(Node sender, Flow flow, byte[] octets, bool isCorrupt, Instant arrival)
    {
        var source = sender.Behind?.Leave(flow.Local, flow.Remote) ?? flow.Local;
        world.At(arrival, () =>
        {
            var target = flow.Remote;
            if (_translators.TryGetValue(target.Address, out var translator) && !translator.TryEnter(target.Port, source, out target))
            {
                Lose(sender, flow, octets, "the translator knows nobody for it");
                return;
            }
            bool isKnown = _listeners.TryGetValue(target, out var receiver);
            if (isKnown && !receiver!.HasLink)
            {
                Lose(sender, flow, octets, "no link");
                return;
            }
            if (!isKnown || !receiver!.IsUp)
            {
                Lose(sender, flow, octets, "nobody there");
                var back = LinkOf(flow.Remote, flow.Local);
                if ((receiver?.RefusesWhenDown ?? back.Chance.Happens(Faults.RefusalToldPerMille)) && back.CutUntil <= world.Now)
                    TellUndelivered(sender, flow, TransportFault.Refused, back.Delay(Faults));
                return;
            }
            var arrived = new Flow(flow.Protocol, target, source);
            if (!receiver.Takes(ref arrived))
            {
                Lose(sender, flow, octets, "from another than was asked");
                return;
            }
            if (receiver.IsOverrun())
            {
                Lose(sender, flow, octets, "no room at the receiver's");
                return;
            }
            Counters.Delivered++;
            receiver.HandleDatagram(arrived, octets, isCorrupt);
        });
    }

    private void Lose(Node sender, in Flow flow, byte[] octets, string why)
    {
        Counters.Lost++;
        world.Tell(OccurrenceKind.DatagramLost, sender, flow, octets, why);
    }

    private void TellUndelivered(Node sender, Flow flow, TransportFault fault, TimeSpan delay)
    {
        Counters.ToldUndelivered++;
        int life = sender.Life;
        world.After(delay, () =>
        {
            if (sender.Life == life)
                sender.HandleUndelivered(flow, fault);
        });
    }

    private byte[] Corrupted(Link link, byte[] octets)
    {
        if (octets.Length == 0 || !link.Chance.Happens(Faults.CorruptPerMille))
            return octets;
        Counters.Corrupted++;
        byte[] changed = [.. octets];
        for (int i = link.Chance.Between(1, MaxCorruptOctets); i > 0; i--)
            changed[link.Chance.Below(changed.Length)] ^= (byte)link.Chance.Between(1, 255);
        return changed;
    }

    private Link LinkOf(in IpEndpoint from, in IpEndpoint to)
    {
        if (!_links.TryGetValue((from.Address, to.Address), out var link))
        {
            link = new(chance.Fork((ulong)from.Address * 0x9E3779B97F4A7C15 ^ (ulong)to.Address), Counters);
            _links.Add((from.Address, to.Address), link);
        }
        return link;
    }
}

/// <summary>What became of datagrams and connections.</summary>
internal sealed class NetworkCounters
{
    public long Sent { get; set; }

    public long Delivered { get; set; }

    public long Lost { get; set; }

    public long Duplicated { get; set; }

    public long Corrupted { get; set; }

    /// <summary>Datagrams that were held back so that later ones overtook them.</summary>
    public long HeldBack { get; set; }

    /// <summary>Datagrams of which a sender was told that they did not arrive.</summary>
    public long ToldUndelivered { get; set; }

    /// <summary>Times that nothing passed from one host to another for a while.</summary>
    public long Cuts { get; set; }

    /// <summary>Connections that were refused, or never answered, though the peer listens.</summary>
    public long ConnectionsRefused { get; set; }

    public long ConnectionsUnanswered { get; set; }

    /// <summary>Streams that broke while they were written to, and such that went silent for good.</summary>
    public long StreamsReset { get; set; }

    public long StreamsSilenced { get; set; }
}
