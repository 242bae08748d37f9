// The search: from a host, port and transport to a list of targets (RFC 3263 §4), walked from the start each time that one of its questions has ended (DnsClient,
// note [looking again]).
//
// note [what is tried after what]
// A name of the hosts file, and one with a port, has addresses alone. With a transport given its SRV records are asked for, else NAPTR records and the SRV records
// that they name, else the SRV records of each transport that we have. Where a domain has no SRV records its addresses serve, at the default port. Where it has
// some, and none of them leads anywhere, it has no server for us: addresses of the domain itself are then mostly those of its web server.
// A question that no server answers ends all this only if nothing else leads to an address: there are forwarders that drop types they do not know. What is found
// so is looked for again soon, and never takes the place of targets that were found in order.
//
// note [the order of targets]
// By rank, then as drawn: a NAPTR record of lower order and preference goes before others, and where there are none our own order of transports; then SRV
// priority, then weight; then the addresses of a host, the wanted family first. At last those that no way leads to from here (RFC 6724 rule 1). Services of a
// higher NAPTR order serve only where those of a lower have no target (RFC 3403 §4.1).
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

public sealed partial class ServerResolver
{
    // What one walk has seen.
    private struct Walk
    {
        public long Began;
        public Instant Expires;

        // Targets in _found, and the rank of the last.
        public int Found;
        public byte Rank;

        // Targets without room in it.
        public int Dropped;

        public bool IsWaiting;
        public bool IsStale;
        public bool IsExhausted;

        // A question failed, and one whose answer could have led elsewhere.
        public bool IsFailed;
        public bool IsUncertain;

        // The name, or one that a record names, exists; there are SRV records; one of them says that there is no such service.
        public bool HasName;
        public bool HasServers;
        public bool HasNoService;
    }

    private Walk _walk;

    // Questions that had ended when who waits last looked.
    private long _settled;

    // ---- Beginning and ending ---------------------------------------------------------------------------------------------------

    /// <summary>
    /// Before each new use. True where the records' time is over and they are looked up again: an outcome follows, until which the targets of before are
    /// good. False where there is nothing to wait for. The current target stays while it is among those found and none that is wanted more is alive.
    /// </summary>
    public bool Refresh(Instant now, Handle<ServerResolution> resolution)
    {
        if (!_resolutions.IsLive(resolution))
            return false;
        ref var entry = ref _resolutions[resolution];
        if (entry.IsSearching || entry.HasOutcome)
            return true;
        if (entry.Count > 0 && now < entry.Expires)
        {
            ReturnToPreferred(now, ref entry, TargetsOf(resolution)[..entry.Count]);
            return false;
        }
        Begin(now, resolution);
        // What failed at once is told as if it had taken time.
        if (!entry.IsSearching && entry.Count == 0)
            SetOutcome(ref entry);
        return entry.IsSearching || entry.HasOutcome;
    }

    private void Begin(Instant now, Handle<ServerResolution> resolution)
    {
        ref var entry = ref _resolutions[resolution];
        entry.IsSearching = true;
        entry.Began = _client.Begin();
        Search(now, resolution);
    }

    // Questions ended: those that wait look again, until nothing more ends by that.
    private void Settle(Instant now)
    {
        while (_settled != _client.Ended)
        {
            _settled = _client.Ended;
            for (int i = _resolutions.NextTaken(0); i >= 0; i = _resolutions.NextTaken(i + 1))
            {
                ref var entry = ref _resolutions.At(i);
                if (!entry.IsSearching)
                    continue;
                Search(now, _resolutions.HandleOf(i));
                if (!entry.IsSearching)
                    SetOutcome(ref entry);
            }
        }
    }

    private void Search(Instant now, Handle<ServerResolution> resolution)
    {
        ref var entry = ref _resolutions[resolution];
        _client.NeedSince(FirstBegan());
        _walk = new() { Began = entry.Began, Expires = Instant.Never };
        Span<byte> name = stackalloc byte[ResolverLimits.MaxNameOctets];
        for (int number = 0; TryGetName(entry, number, name, out int length); number++)
        {
            if (length > 0)
                SearchName(now, entry, name[..length]);
            if (_walk.IsWaiting)
                return;
            if (_walk.Found > 0 || _walk.IsFailed || _walk.HasServers)
                break;
        }
        entry.IsSearching = false;
        End(now, resolution);
    }

    private long FirstBegan()
    {
        long first = long.MaxValue;
        for (int i = _resolutions.NextTaken(0); i >= 0; i = _resolutions.NextTaken(i + 1))
        {
            if (_resolutions.At(i).IsSearching)
                first = Math.Min(first, _resolutions.At(i).Began);
        }
        return first;
    }

    // The names to be looked for, one after another: a short one in the domains of the search list first (resolv.conf(5): search, ndots). One with enough dots is
    // looked for as it is alone, since each domain more would be asked for seven records of servers that it does not have. An empty one is too long: passed over.
    private bool TryGetName(in ServerResolution entry, int number, Span<byte> name, out int length)
    {
        var host = _names.Of(entry.Host);
        var configuration = _client.Configuration;
        int domains = entry.IsAbsolute || DnsName.DotsIn(host) >= configuration.Dots ? 0 : configuration.SearchCount;
        length = 0;
        if (number > domains)
            return false;
        if (number < domains && !DnsName.TryJoin(host[..^1], configuration.SearchAt(number), name, out length))
            length = 0;
        if (number == domains)
            DnsName.TryJoin(default, host, name, out length);
        return true;
    }

    private void End(Instant now, Handle<ServerResolution> resolution)
    {
        ref var entry = ref _resolutions[resolution];
        var targets = TargetsOf(resolution);
        Counters.TargetsDropped += _walk.Dropped;
        bool isUnknown = _walk.IsFailed || _walk.IsExhausted;
        bool keeps = (_walk.IsUncertain || isUnknown && _walk.Found == 0) && entry.Count > 0 && now < entry.LastGood + _options.MaxStale;
        var soon = now + _options.FailureTime;
        entry.Fault = ResolutionFault.None;
        if (keeps)
        {
            entry.IsStale = true;
            entry.Expires = soon;
            ReturnToPreferred(now, ref entry, targets[..entry.Count]);
        }
        else if (_walk.Found > 0)
        {
            entry.IsStale = _walk.IsStale;
            entry.Expires = _walk.IsStale || _walk.IsUncertain ? Instant.Earlier(_walk.Expires, soon) : _walk.Expires;
            if (!_walk.IsStale)
                entry.LastGood = now;
            PutInOrder();
            Replace(now, ref entry, targets);
        }
        else
        {
            entry.IsStale = false;
            entry.Count = 0;
            entry.Fault = _walk.IsExhausted ? ResolutionFault.Exhausted : _walk.IsFailed ? ResolutionFault.NoServer
                : _walk.HasNoService ? ResolutionFault.NoService : _walk.HasName ? ResolutionFault.NoAddress : ResolutionFault.NoSuchName;
            Counters.NotFound++;
            return;
        }
        if (entry.IsStale)
            Counters.FoundStale++;
        else
            Counters.Found++;
    }

    // Those without a way go behind the others; where none has one, nothing is known.
    private void PutInOrder()
    {
        var found = _found.AsSpan(0, _walk.Found);
        int ways = 0;
        for (int i = 0; i < found.Length; i++)
        {
            found[i].HasWay = _addresses.TryLocalFor(found[i].Remote, out _);
            if (!found[i].HasWay)
                continue;
            var target = found[i];
            // In place and in order: those without a way move up by one.
            found[ways..i].CopyTo(found[(ways + 1)..]);
            found[ways++] = target;
        }
        for (int i = 0; ways == 0 && i < found.Length; i++)
            found[i].HasWay = true;
    }

    // What was found takes the place of the targets of before; the walk along them goes on where they are the same.
    private void Replace(Instant now, ref ServerResolution entry, Span<FoundTarget> targets)
    {
        var found = _found.AsSpan(0, _walk.Found);
        int current = -1;
        uint tried = 0;
        for (int i = 0; i < found.Length; i++)
        {
            for (int old = 0; old < entry.Count; old++)
            {
                if (!found[i].IsSameAs(targets[old]))
                    continue;
                tried |= (entry.Tried >> old & 1) << i;
                if (old == entry.Current)
                    current = i;
            }
        }
        found.CopyTo(targets);
        entry.Count = found.Length;
        entry.Tried = tried;
        if (current >= 0)
        {
            entry.Current = current;
            ReturnToPreferred(now, ref entry, found);
            return;
        }
        int first = FirstAlive(now, found, tried, byte.MaxValue);
        if (first < 0)
        {
            entry.TriesDead = true;
            first = Math.Max(FirstUntried(entry), 0);
        }
        entry.Current = first;
    }

    // ---- RFC 3263 ---------------------------------------------------------------------------------------------------------------

    // Note [what is tried after what].
    private void SearchName(Instant now, in ServerResolution entry, ReadOnlySpan<byte> name)
    {
        var transport = TransportOf(entry);
        if (entry.HasPort || _client.IsInHosts(name))
        {
            AddHost(now, name, transport, entry.HasPort ? entry.Port : DefaultPortOf(transport));
            return;
        }
        if (entry.Protocol == Protocol.None)
        {
            SearchNaptr(now, entry, name);
            if (!_walk.IsWaiting && _walk.Found == 0)
                SearchTransports(now, entry, name);
        }
        else
            AddServers(now, name, LabelsOf(transport), transport);
        if (!_walk.IsWaiting && _walk.Found == 0 && !_walk.HasServers)
            AddHost(now, name, transport, DefaultPortOf(transport));
    }

    private bool IsWanted(in ServerResolution entry, Protocol protocol) => IsSupported(protocol) && (!entry.IsSecure || protocol == Protocol.Tls);

    // RFC 3263 §4.1 and RFC 3403 §4.1: by order, then preference.
    private void SearchNaptr(Instant now, in ServerResolution entry, ReadOnlySpan<byte> name)
    {
        bool wasFailed = _walk.IsFailed;
        bool isKnown = TryLook(now, name, DnsType.Naptr, out var lookup);
        // Some forwarders never answer this type. The others tell whether servers can be asked.
        _walk.IsFailed = wasFailed;
        if (!isKnown)
            return;
        Span<KeptNaptr> services = stackalloc KeptNaptr[ResolverLimits.MaxRecords];
        int count = 0, offset = 0;
        for (int i = 0; i < lookup.Count; i++)
        {
            var service = KeptRecords.NaptrAt(lookup.Records, ref offset);
            if (!IsWanted(entry, service.Protocol))
                continue;
            int at = count++;
            for (; at > 0 && KeyOf(services[at - 1]) > KeyOf(service); at--)
                services[at] = services[at - 1];
            services[at] = service;
        }
        for (int i = 0; i < count; i++)
        {
            if (_walk.Found > 0 && services[i].Order != services[i - 1].Order)
                return;
            AddServers(now, KeptRecords.NameAt(lookup.Records, services[i].NameOffset), default, services[i].Protocol);
            if (_walk.IsWaiting)
                return;
        }
    }

    private static uint KeyOf(in KeptNaptr service) => (uint)service.Order << 16 | service.Preference;

    // RFC 3263 §4.1: each transport that we have is asked for; all at once, since most domains have but one of them.
    private void SearchTransports(Instant now, in ServerResolution entry, ReadOnlySpan<byte> name)
    {
        foreach (var protocol in _transports)
        {
            if (IsWanted(entry, protocol))
                AddServers(now, name, LabelsOf(protocol), protocol);
        }
    }

    private static ReadOnlySpan<byte> LabelsOf(Protocol protocol) => protocol switch
    {
        Protocol.Udp => "\u0004_sip\u0004_udp"u8,
        Protocol.Tcp => "\u0004_sip\u0004_tcp"u8,
        _ => "\u0005_sips\u0004_tcp"u8,
    };

    // The servers of an SRV name, which is put together from labels and a name.
    private void AddServers(Instant now, ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, Protocol protocol)
    {
        Span<byte> service = stackalloc byte[ResolverLimits.MaxNameOctets];
        if (!DnsName.TryJoin(labels, name, service, out int length))
            return;
        bool wasFailed = _walk.IsFailed;
        bool isKnown = TryLook(now, service[..length], DnsType.Srv, out var lookup);
        _walk.IsUncertain |= _walk.IsFailed && !wasFailed;
        if (!isKnown)
            return;
        _walk.HasServers = true;
        Span<KeptSrv> servers = stackalloc KeptSrv[ResolverLimits.MaxRecords];
        servers = servers[..lookup.Count];
        int offset = 0;
        foreach (ref var server in servers)
            server = KeptRecords.SrvAt(lookup.Records, ref offset);
        SrvOrder.Sort(servers, _entropy);
        for (int i = 0; i < servers.Length; i++)
        {
            if (i > 0 && servers[i].Priority != servers[i - 1].Priority)
                NextRank();
            var target = KeptRecords.NameAt(lookup.Records, servers[i].NameOffset);
            if (DnsName.IsRoot(target))
                _walk.HasNoService = true;
            else if (servers[i].Port != 0)
                AddHost(now, target, protocol, servers[i].Port);
        }
        NextRank();
    }

    private void NextRank()
    {
        if (_walk.Rank < byte.MaxValue)
            _walk.Rank++;
    }

    // The addresses of a host, both families at once.
    private void AddHost(Instant now, ReadOnlySpan<byte> name, Protocol protocol, ushort port)
    {
        bool isV6First = _options.Families is FamilyOrder.Ipv6First or FamilyOrder.Ipv6Only;
        bool hasSecond = _options.Families is FamilyOrder.Ipv6First or FamilyOrder.Ipv4First;
        AddAddresses(now, name, isV6First ? DnsType.Aaaa : DnsType.A, protocol, port);
        if (hasSecond)
            AddAddresses(now, name, isV6First ? DnsType.A : DnsType.Aaaa, protocol, port);
    }

    private void AddAddresses(Instant now, ReadOnlySpan<byte> name, DnsType type, Protocol protocol, ushort port)
    {
        if (!TryLook(now, name, type, out var lookup))
            return;
        for (int i = 0; i < lookup.Count; i++)
        {
            var target = new FoundTarget { Protocol = protocol, Remote = KeptRecords.AddressAt(lookup.Records, i).WithPort(port), Rank = _walk.Rank };
            if (IsFound(target))
                continue;
            if (_walk.Found == _found.Length)
                _walk.Dropped++;
            else
                _found[_walk.Found++] = target;
        }
    }

    private bool IsFound(in FoundTarget target)
    {
        for (int i = 0; i < _walk.Found; i++)
        {
            if (_found[i].IsSameAs(target))
                return true;
        }
        return false;
    }

    // True where there are records; what else there is to say, the walk notes.
    private bool TryLook(Instant now, ReadOnlySpan<byte> name, DnsType type, out Lookup lookup)
    {
        lookup = _client.Look(now, name, type, _walk.Began);
        _walk.IsWaiting |= lookup.State == LookupState.Waiting;
        _walk.IsFailed |= lookup.State == LookupState.Failed;
        _walk.IsExhausted |= lookup.State == LookupState.Exhausted;
        _walk.HasName |= lookup.State is LookupState.Records or LookupState.NoData;
        _walk.IsStale |= lookup.IsStale;
        _walk.Expires = Instant.Earlier(_walk.Expires, lookup.Expires);
        return lookup.State == LookupState.Records;
    }
}
