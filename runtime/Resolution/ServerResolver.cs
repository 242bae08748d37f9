// Finding the servers for a SIP URI, and keeping to one (RFC 3263).
//
// note [the order of calls, finding servers]
// TryResolve begins a search; its outcome is taken by TryTakeOutcome, at once or after a later input. TryGetTarget then gives where to send. TryNext after a
// failure of it (time-out, transport error, 503), Succeeded after any answer, Refresh before each new use. The resolution is kept as long as its account: the
// account's REGISTER and INVITE go to one server, since there is one current target.
using System.Diagnostics;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

/// <summary>Finds servers by RFC 3263 and remembers which of them are dead; see note [the order of calls, finding servers].</summary>
public sealed partial class ServerResolver
{
    private readonly ResolverOptions _options;
    private readonly ILocalAddresses _addresses;
    private readonly Entropy _entropy;
    private readonly SlotMap<ServerResolution> _resolutions;
    private readonly FoundTarget[] _targets;
    private readonly DeadTargets _dead;
    private readonly Protocol[] _transports;

    // Outcomes that wait to be taken.
    private int _outcomes;

    public ResolverCounters Counters;

    [StartUp(Because = "a resolver is made before start")]
    public ServerResolver(StartGate gate, ResolverOptions options, TransportLayer transport, ILocalAddresses addresses, Entropy entropy)
    {
        _options = options;
        _addresses = addresses;
        _entropy = entropy;
        _transports = [.. options.Transports];
        _resolutions = new(gate, "resolutions", options.Resolutions);
        _targets = gate.Take<FoundTarget>("resolutions", options.Resolutions, ResolverLimits.MaxTargets);
        _dead = new(gate, options.DeadTargets);
    }

    /// <summary>Resolutions held.</summary>
    public int ResolutionCount => _resolutions.Count;

    // ---- Searching --------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Begins to find the servers for a query, whose name is copied. The outcome is there at once for an address, a name of the hosts file and one whose records
    /// are still good. <paramref name="user"/> comes back with it.
    /// </summary>
    public ResolveResult TryResolve(Instant now, in ServerQuery query, ulong user, out Handle<ServerResolution> resolution)
    {
        resolution = default;
        var protocol = query.IsSecure && query.Protocol == Protocol.Tcp ? Protocol.Tls : query.Protocol;
        if (query.IsSecure && protocol == Protocol.None)
            protocol = Protocol.Tls;
        if (query.IsSecure && protocol != Protocol.Tls || protocol != Protocol.None && !IsSupported(protocol) || _transports.Length == 0)
            return ResolveResult.UnsupportedTransport;
        bool isNumeric = IpEndpoint.TryRead(query.Host, 0, out var address);
        if (!isNumeric)
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
        FoundNumeric(resolution, address);
        return ResolveResult.Started;
    }

    // RFC 3263 §4.1 and §4.2: an address needs no DNS.
    private void FoundNumeric(Handle<ServerResolution> resolution, in IpEndpoint address)
    {
        ref var entry = ref _resolutions[resolution];
        var protocol = entry.Protocol == Protocol.None ? DefaultTransport : entry.Protocol;
        TargetsOf(resolution)[0] = new()
        {
            Protocol = protocol, Remote = address.WithPort(entry.HasPort ? entry.Port : DefaultPortOf(protocol)), HasWay = true,
        };
        entry.Count = 1;
        entry.Expires = Instant.Never;
        SetOutcome(ref entry);
    }

    private bool IsSupported(Protocol protocol) => _transports.AsSpan().Contains(protocol);

    // RFC 3263 §4.1: UDP where nothing says otherwise, for those who have it.
    private Protocol DefaultTransport => IsSupported(Protocol.Udp) ? Protocol.Udp : _transports[0];

    private static ushort DefaultPortOf(Protocol protocol) =>
        protocol == Protocol.Tls ? ResponseRoute.DefaultTlsPort : ResponseRoute.DefaultPort;

    private void SetOutcome(ref ServerResolution entry)
    {
        Debug.Assert(!entry.HasOutcome, "an outcome was not taken");
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
            ref var entry = ref _resolutions.At(i);
            if (!entry.HasOutcome)
                continue;
            entry.HasOutcome = false;
            _outcomes--;
            outcome = new()
            {
                Resolution = _resolutions.HandleOf(i), User = entry.User, IsFound = entry.Count > 0, IsStale = entry.IsStale, Fault = entry.Fault,
            };
            return true;
        }
        return false;
    }

    /// <summary>The resolution is needed no more; a stale handle is passed over.</summary>
    public void Release(Handle<ServerResolution> resolution)
    {
        if (!_resolutions.IsLive(resolution))
            return;
        ref var entry = ref _resolutions[resolution];
        if (entry.HasOutcome)
            _outcomes--;
        _resolutions.Remove(resolution);
    }

    // ---- Inputs -----------------------------------------------------------------------------------------------------------------

    /// <summary>The text of /etc/resolv.conf, at start and when it changed.</summary>
    public void Configure(Instant now, ReadOnlySpan<byte> resolvConf)
    {
    }

    /// <summary>The text of /etc/hosts, at start and when it changed.</summary>
    public void ReadHosts(Instant now, ReadOnlySpan<byte> hosts)
    {
    }

    /// <summary>Links, addresses or routes changed: nothing is known of who can be reached, so nobody is dead.</summary>
    public void NetworkChanged(Instant now) => _dead.ClearAll();

    /// <summary>A datagram on a port that a question was asked from.</summary>
    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
    }

    /// <summary>Octets on a stream to a name server; all of them are taken.</summary>
    public void HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
    }

    /// <summary>A question could not be sent, or came back as an ICMP error; or its port could not be had.</summary>
    public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault)
    {
    }

    /// <summary>A stream to a name server ended, or was never opened.</summary>
    public void ConnectionEnded(Instant now, Handle<Connection> connection, TransportFault fault)
    {
    }

    /// <summary>Takes one deadline that has come; false where there is none.</summary>
    public bool HandleTimeout(Instant now) => false;

    /// <summary>When to call <see cref="HandleTimeout"/>, or <see cref="Instant.Never"/>.</summary>
    public Instant NextDeadline => Instant.Never;

    /// <summary>Questions to name servers that are open.</summary>
    public int OpenQuestions => 0;
}
