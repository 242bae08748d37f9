// A client of name servers (RFC 1034 §5.3.1: a stub resolver): what is known of a name, and questions for what is not.
//
// note [looking again]
// A search asks for all that it needs by Look, and is told to wait where an answer is on its way. When any question has ended it looks at everything again, from
// the start, and finds in the cache what it had to wait for. So a search has no state of its own beside the question where it began, and several searches for one
// name share its question. Two things make this end: an answer or a failure that came since the search began serves it whatever its time to live, and what it has
// looked at stays in the cache until it ends (DnsCache, note [who gives way]).
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

internal enum LookupState : byte
{
    /// <summary>A question is open, or waits for its turn.</summary>
    Waiting,

    Records,
    NoData,
    NoName,

    /// <summary>No server answered.</summary>
    Failed,

    /// <summary>No room for the question or the answer.</summary>
    Exhausted,
}

/// <summary>What is known of a name and type. The records are good until the next look.</summary>
internal ref struct Lookup
{
    public LookupState State;
    public ReadOnlySpan<byte> Records;
    public int Count;

    /// <summary>When to look again.</summary>
    public Instant Expires;

    public bool IsStale;
}

internal sealed partial class DnsClient
{
    private readonly ResolverOptions _options;
    private readonly TransportLayer _transport;
    private readonly Entropy _entropy;
    private readonly ResolverConfiguration _configuration;
    private readonly HostsFile _hosts;
    private readonly DnsCache _cache;
    private readonly SlotMap<DnsQuestion> _questions;
    private readonly TimerWheel _timers;
    private readonly Stream[] _streams;
    private readonly byte[] _streamOctets;
    private readonly byte[] _records;
    private readonly byte[] _hostRecords;

    // Searches, answers and failures in their order.
    private long _order;

    [StartUp(Because = "a client is made before start")]
    public DnsClient(StartGate gate, ResolverOptions options, TransportLayer transport, Entropy entropy)
    {
        _options = options;
        _transport = transport;
        _entropy = entropy;
        Span<byte> key = stackalloc byte[KeyedHash.KeyOctets];
        entropy.Fill(key);
        var hash = new KeyedHash(key);
        _configuration = new(gate, options);
        _hosts = new(gate, options.HostNames, hash);
        _cache = new(gate, options, hash);
        _questions = new(gate, "questions", options.Questions);
        _timers = new(gate, "questions", options.Questions);
        _streams = gate.Take<Stream>("streams to name servers", options.Streams);
        _streamOctets = gate.Take<byte>("streams to name servers", options.Streams, StreamOctets);
        _records = gate.Take<byte>("answer in work", _cache.LargestOctets);
        _hostRecords = gate.Take<byte>("answer in work", KeptRecords.AddressOctets, ResolverLimits.MaxTargets);
    }

    public ref ResolverCounters Counters => ref _cache.Counters;

    public ResolverConfiguration Configuration => _configuration;

    /// <summary>Questions open.</summary>
    public int QuestionCount => _questions.Count;

    public Instant NextDeadline => _timers.NextDeadline;

    /// <summary>How many questions have ended: where it has changed, who waits looks again.</summary>
    public long Ended { get; private set; }

    /// <summary>A search begins: its place in the order.</summary>
    public long Begin() => ++_order;

    /// <summary>The place of the first search that has not ended: what it looked at stays in the cache.</summary>
    public void NeedSince(long began) => _cache.NeededSince = began;

    /// <summary>True where the hosts file has the name.</summary>
    public bool IsInHosts(ReadOnlySpan<byte> name) => _hosts.Knows(name);

    /// <summary>
    /// What is known of a name in lower case, for a search that began then (note [looking again]); a question is asked where nothing is. Aliases are followed.
    /// </summary>
    public Lookup Look(Instant now, ReadOnlySpan<byte> name, DnsType type, long began)
    {
        var lookup = new Lookup { Expires = Instant.Never, State = LookupState.NoData };
        for (int aliases = 0; aliases <= AnswerReading.MaxAliases; aliases++)
        {
            if (type is DnsType.A or DnsType.Aaaa && _hosts.Knows(name))
            {
                lookup.Count = _hosts.Find(name, type, _hostRecords);
                lookup.Records = _hostRecords;
                lookup.State = lookup.Count > 0 ? LookupState.Records : LookupState.NoData;
                return lookup;
            }
            if (!_cache.TryGet(name, type, out int index))
            {
                lookup.State = LookupState.Exhausted;
                return lookup;
            }
            ref var entry = ref _cache[index];
            entry.Used = _order;
            bool isGood = entry.Kind != AnswerKind.None && (now < entry.Expires || entry.Answered >= began);
            if (!isGood)
            {
                if (entry.Question == 0 && entry.Failed < began && now >= entry.RetryAt)
                    Ask(now, index);
                bool isAnswerable = entry.Kind != AnswerKind.None && now < entry.Expires + _options.MaxStale;
                if (StateOf(now, entry, began) is var state && (state != LookupState.Failed || !isAnswerable))
                {
                    lookup.State = state;
                    return lookup;
                }
                lookup.IsStale = true;
                lookup.Expires = Instant.Earlier(lookup.Expires, entry.RetryAt);
            }
            else
                lookup.Expires = Instant.Earlier(lookup.Expires, entry.Expires);
            if (entry.Kind == AnswerKind.Alias)
            {
                name = _cache.RecordsOf(entry);
                continue;
            }
            lookup.Count = entry.Count;
            lookup.Records = _cache.RecordsOf(entry);
            lookup.State = entry.Kind switch
            {
                AnswerKind.Records => LookupState.Records,
                AnswerKind.NoName => LookupState.NoName,
                _ => LookupState.NoData,
            };
            return lookup;
        }
        Counters.AliasRings++;
        return lookup;
    }

    // Of an entry that has no good answer.
    private LookupState StateOf(Instant now, in CacheEntry entry, long began)
    {
        if (entry.Question != 0)
            return LookupState.Waiting;
        if (entry.Failed >= began || now < entry.RetryAt)
            return entry.IsExhausted ? LookupState.Exhausted : LookupState.Failed;
        // All questions are others'. One of them will end, but where there are none at all.
        return _questions.Count > 0 ? LookupState.Waiting : LookupState.Exhausted;
    }

    // ---- What the machine says --------------------------------------------------------------------------------------------------

    /// <summary>True where other servers are to be asked from here on, and nothing that is known is good any more.</summary>
    public bool Configure(Instant now, ReadOnlySpan<byte> resolvConf)
    {
        Counters.ConfigurationPassedOver += _configuration.Read(resolvConf, out bool isOtherServers);
        if (!isOtherServers)
            return false;
        _cache.ExpireAll(now);
        AskAnew(now);
        return true;
    }

    public void ReadHosts(ReadOnlySpan<byte> hosts)
    {
        Counters.HostNamesPassedOver += _hosts.Read(hosts);
        // A name that is waited for may stand there now.
        Ended++;
    }

    /// <summary>What could not be asked may be asked now, and what was asked may have gone the old way.</summary>
    public void NetworkChanged(Instant now)
    {
        foreach (ref var server in _configuration.Servers)
            server.DeadUntil = now;
        _cache.ForgetFailures(now);
        AskAnew(now);
    }
}
