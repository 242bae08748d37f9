// Finding the servers for a SIP URI, and keeping to one (RFC 3263).
//
// note [the order of calls, finding servers]
// TryResolve begins a search; its outcome is taken by TryTakeOutcome, at once or after a later input. TryGetTarget then gives where to send. TryNext after a
// failure of it (time-out, transport error, 503), Succeeded after any answer, Refresh before each new use. The resolution is kept as long as its account: the
// account's REGISTER and INVITE go to one server, since there is one current target.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

/// <summary>Finds servers by RFC 3263 and remembers which of them are dead; see note [the order of calls, finding servers].</summary>
public sealed partial class ServerResolver
{
    private readonly ResolverOptions _options;
    private readonly ILocalAddresses _addresses;
    private readonly Entropy _entropy;
    private readonly DnsClient _client;
    private readonly BufferPool _names;
    private readonly SlotMap<ServerResolution> _resolutions;
    private readonly FoundTarget[] _targets;
    private readonly FoundTarget[] _found;
    private readonly DeadTargets _dead;
    private readonly Protocol[] _transports;

    // Outcomes that wait to be taken.
    private int _outcomes;

    [StartUp(Because = "a resolver is made before start")]
    public ServerResolver(StartGate gate, ResolverOptions options, TransportLayer transport, ILocalAddresses addresses, Entropy entropy)
    {
        _options = options;
        _addresses = addresses;
        _entropy = entropy;
        _transports = [.. options.Transports];
        _client = new(gate, options, transport, entropy);
        _names = new(gate, "names being resolved", new BufferClass(ResolverLimits.MaxNameOctets, options.Resolutions));
        _resolutions = new(gate, "resolutions", options.Resolutions);
        _targets = gate.Take<FoundTarget>("resolutions", options.Resolutions, ResolverLimits.MaxTargets);
        _found = gate.Take<FoundTarget>("targets in work", ResolverLimits.MaxTargets);
        _dead = new(gate, options.DeadTargets);
    }

    public ref ResolverCounters Counters => ref _client.Counters;

    /// <summary>Resolutions held.</summary>
    public int ResolutionCount => _resolutions.Count;

    /// <summary>Questions to name servers that are open.</summary>
    public int OpenQuestions => _client.QuestionCount;

    // ---- Searching --------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Begins to find the servers for a query, whose name is copied. The outcome is there at once for an address, a name of the hosts file and one whose records
    /// are still good. <paramref name="user"/> comes back with it.
    /// </summary>
    public ResolveResult TryResolve(Instant now, in ServerQuery query, ulong user, out Handle<ServerResolution> resolution)
    {
        resolution = default;
        // RFC 3261 §26.2.2: SIPS goes over TLS, which a transport of TCP then means.
        var protocol = query.IsSecure && query.Protocol == Protocol.Tcp ? Protocol.Tls : query.Protocol;
        var needed = query.IsSecure ? Protocol.Tls : protocol;
        if (needed != Protocol.None && (!IsSupported(needed) || protocol != needed && protocol != Protocol.None) || _transports.Length == 0)
            return ResolveResult.UnsupportedTransport;
        Span<byte> name = stackalloc byte[ResolverLimits.MaxNameOctets];
        int length = 0;
        bool isNumeric = IpEndpoint.TryRead(query.Host, 0, out var address);
        if (!isNumeric && !DnsName.TryReadHost(query.Host, name, out length))
            return ResolveResult.BadName;
        if (!_resolutions.TryAdd(out resolution))
        {
            Counters.ResolutionsRefused++;
            return ResolveResult.Full;
        }
        ref var entry = ref _resolutions[resolution];
        entry.User = user;
        entry.HasPort = query.Port.HasValue;
        entry.Port = query.Port.GetValueOrDefault();
        entry.Protocol = protocol;
        entry.IsSecure = query.IsSecure;
        if (isNumeric)
        {
            FoundNumeric(resolution, address);
            return ResolveResult.Started;
        }
        // There is a buffer for each slot.
        _names.TryCopy(name[..length], out entry.Host);
        entry.IsAbsolute = query.Host[^1] == '.';
        Begin(now, resolution);
        if (!entry.IsSearching)
            SetOutcome(ref entry);
        return ResolveResult.Started;
    }

    // RFC 3263 §4.1 and §4.2: an address needs no DNS.
    private void FoundNumeric(Handle<ServerResolution> resolution, in IpEndpoint address)
    {
        ref var entry = ref _resolutions[resolution];
        var protocol = TransportOf(entry);
        TargetsOf(resolution)[0] = new()
        {
            Protocol = protocol, Remote = address.WithPort(entry.HasPort ? entry.Port : DefaultPortOf(protocol)), HasWay = true,
        };
        entry.Count = 1;
        entry.Expires = Instant.Never;
        Counters.Found++;
        SetOutcome(ref entry);
    }

    private bool IsSupported(Protocol protocol)
    {
        foreach (var supported in _transports)
        {
            if (supported == protocol)
                return true;
        }
        return false;
    }

    // RFC 3263 §4.1: where neither the URI nor the domain says otherwise, TLS for a SIPS URI, and UDP for a SIP URI, for those who have it.
    private Protocol TransportOf(in ServerResolution entry)
    {
        if (entry.Protocol != Protocol.None)
            return entry.Protocol;
        return entry.IsSecure ? Protocol.Tls : IsSupported(Protocol.Udp) ? Protocol.Udp : _transports[0];
    }

    private static ushort DefaultPortOf(Protocol protocol) =>
        protocol == Protocol.Tls ? ResponseRoute.DefaultTlsPort : ResponseRoute.DefaultPort;

    private void SetOutcome(ref ServerResolution entry)
    {
        if (entry.HasOutcome)
            return;
        entry.HasOutcome = true;
        _outcomes++;
    }

    /// <summary>The next outcome; false where there is none. Asked after each input, command and timeout.</summary>
    public bool TryTakeOutcome(out ResolutionOutcome outcome)
    {
        outcome = default;
        if (_outcomes == 0)
            return false;
        for (int i = _resolutions.NextTaken(0); i >= 0; i = _resolutions.NextTaken(i + 1))
        {
            if (TryTakeOutcome(_resolutions.HandleOf(i), out outcome))
                return true;
        }
        return false;
    }

    /// <summary>The outcome of one search, for who can use at once what needs no question; false while it goes on.</summary>
    public bool TryTakeOutcome(Handle<ServerResolution> resolution, out ResolutionOutcome outcome)
    {
        outcome = default;
        if (!_resolutions.IsLive(resolution) || !_resolutions[resolution].HasOutcome)
            return false;
        ref var entry = ref _resolutions[resolution];
        entry.HasOutcome = false;
        _outcomes--;
        outcome = new() { Resolution = resolution, User = entry.User, IsFound = entry.Count > 0, IsStale = entry.IsStale, Fault = entry.Fault };
        return true;
    }

    /// <summary>The resolution is needed no more; a stale handle is passed over. A question that was asked for it goes on: its answer is kept for others.</summary>
    public void Release(Handle<ServerResolution> resolution)
    {
        if (!_resolutions.IsLive(resolution))
            return;
        ref var entry = ref _resolutions[resolution];
        if (entry.HasOutcome)
            _outcomes--;
        _names.Release(entry.Host);
        _resolutions.Remove(resolution);
    }

    // ---- Inputs -----------------------------------------------------------------------------------------------------------------

    /// <summary>The text of /etc/resolv.conf, at start and when it changed. Other servers may say other things, so every name is looked up again.</summary>
    public void Configure(Instant now, ReadOnlySpan<byte> resolvConf)
    {
        if (_client.Configure(now, resolvConf))
            ExpireAll(now);
        Settle(now);
    }

    /// <summary>The text of /etc/hosts, at start and when it changed.</summary>
    public void ReadHosts(Instant now, ReadOnlySpan<byte> hosts)
    {
        _client.ReadHosts(hosts);
        ExpireAll(now);
        Settle(now);
    }

    /// <summary>
    /// Links, addresses or routes changed: nothing is known of who can be reached, so nobody is dead, questions are asked anew, and what is found is put in order
    /// again at its next <see cref="Refresh"/>.
    /// </summary>
    public void NetworkChanged(Instant now)
    {
        _dead.ClearAll();
        ExpireAll(now);
        _client.NetworkChanged(now);
        Settle(now);
    }

    // Names are walked again when they are refreshed; what is an address stays.
    private void ExpireAll(Instant now)
    {
        for (int i = _resolutions.NextTaken(0); i >= 0; i = _resolutions.NextTaken(i + 1))
        {
            ref var entry = ref _resolutions.At(i);
            if (entry.Host.IsSome)
                entry.Expires = now;
        }
    }

    /// <summary>A datagram on a port that a question was asked from (<see cref="Protocol.Dns"/>).</summary>
    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        _client.HandleDatagram(now, flow, datagram);
        Settle(now);
    }

    /// <summary>Octets on a stream to a name server (<see cref="Protocol.DnsStream"/>); all of them are taken.</summary>
    public void HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
        _client.HandleStreamBytes(now, connection, octets);
        Settle(now);
    }

    /// <summary>A question could not be sent, or came back as an ICMP error; or its port could not be had. Nothing happens for other flows.</summary>
    public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault)
    {
        _client.Undelivered(now, flow, fault);
        Settle(now);
    }

    /// <summary>A stream ended, or was never opened. Nothing happens for those that lead to no name server.</summary>
    public void ConnectionEnded(Instant now, Handle<Connection> connection, TransportFault fault)
    {
        _client.ConnectionEnded(now, connection);
        Settle(now);
    }

    /// <summary>Takes one deadline that has come; false where there is none.</summary>
    public bool HandleTimeout(Instant now)
    {
        bool isTaken = _client.HandleTimeout(now);
        if (isTaken)
            Settle(now);
        return isTaken;
    }

    /// <summary>When to call <see cref="HandleTimeout"/>, or <see cref="Instant.Never"/>.</summary>
    public Instant NextDeadline => _client.NextDeadline;
}
