// What name servers said, by name and type, for as long as they said and, where no server can be asked, for some days more (RFC 1035 §7.4, RFC 2308, RFC 8767).
//
// note [who gives way]
// An entry is needed from the moment that a search looks at it until that search ends, and while its question is open. Of the others the one that was looked at
// longest ago gives way when there is no slot, or no buffer, for a new one. Where all are needed, the search that wants one more is told that it is exhausted.
using SipEmbedded.Memory;

namespace SipEmbedded.Resolution;

/// <summary>A name and type that was asked for, and what is known of it.</summary>
internal struct CacheEntry
{
    public Memory.Buffer Name;
    public Memory.Buffer Records;
    public ulong Hash;
    public DnsType Type;

    /// <summary>What the last answer said; None while there was none.</summary>
    public AnswerKind Kind;

    public int Count;

    /// <summary>When the answer's time to live is over.</summary>
    public Instant Expires;

    /// <summary>When the answer came, and when a question failed, in the order of searches and answers; 0 where none did.</summary>
    public long Answered;

    public long Failed;

    /// <summary>The failure was want of room.</summary>
    public bool IsExhausted;

    /// <summary>After a failure: when to ask again.</summary>
    public Instant RetryAt;

    /// <summary>Failures since the last answer.</summary>
    public byte FailuresInRow;

    /// <summary>When a search last looked, in the same order.</summary>
    public long Used;

    /// <summary>The number of the question that is open for it, from 1; 0 where none is.</summary>
    public int Question;
}

internal sealed class DnsCache
{
    private readonly SlotMap<CacheEntry> _entries;
    private readonly HashIndex _index;
    private readonly BufferPool _buffers;
    private readonly KeyedHash _hash;

    [StartUp(Because = "a pool is made before start")]
    public DnsCache(StartGate gate, ResolverOptions options, KeyedHash hash)
    {
        _entries = new(gate, "cached names", options.CacheEntries);
        _index = new(gate, "cached names", options.CacheEntries);
        _buffers = new(gate, "cached records", options.CacheBuffers);
        _hash = hash;
    }

    public int Count => _entries.Count;

    /// <summary>Entries that a search looked at in this moment of the order, or later, stay (note [who gives way]).</summary>
    public long NeededSince { get; set; }

    /// <summary>Of the whole resolver: this is its lowest part.</summary>
    public ResolverCounters Counters;

    public ref CacheEntry this[int entry] => ref _entries.At(entry);

    public ReadOnlySpan<byte> NameOf(in CacheEntry entry) => _buffers.Of(entry.Name);

    public ReadOnlySpan<byte> RecordsOf(in CacheEntry entry) => entry.Records.IsSome ? _buffers.Of(entry.Records) : default;

    /// <summary>Octets of the longest answer that can be kept.</summary>
    public int LargestOctets => _buffers.LargestOctets;

    /// <summary>The entry of a name in lower case and a type; a new one where there is none. False, counted, where there is no room.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, DnsType type, out int entry)
    {
        ulong hash = (ulong)_hash.Of(name) ^ (ulong)type;
        for (int i = _index.First(hash); i >= 0; i = _index.Next(i))
        {
            ref readonly var filed = ref _entries.At(i);
            if (filed.Type == type && filed.Hash == hash && NameOf(filed).SequenceEqual(name))
            {
                entry = i;
                return true;
            }
        }
        entry = -1;
        if (_entries.IsFull && !TryEvict())
        {
            Counters.CacheRefused++;
            return false;
        }
        // More may give way for the buffer, so a slot is free.
        if (!TryCopy(name, out var copy) || !_entries.TryAdd(out var handle))
            return false;
        entry = handle.Index;
        ref var added = ref _entries[handle];
        added.Name = copy;
        added.Type = type;
        added.Hash = hash;
        _index.Add(hash, entry);
        return true;
    }

    /// <summary>
    /// An answer to the question that is open for an entry came. False, counted, where its records cannot be kept; what was known before is then forgotten.
    /// </summary>
    public bool TryStore(int entry, in ReadAnswer answer, ReadOnlySpan<byte> records, Instant expires, long order)
    {
        ref var stored = ref _entries.At(entry);
        _buffers.Release(stored.Records);
        stored.Records = default;
        stored.Kind = AnswerKind.None;
        if (!records.IsEmpty && !TryCopy(records, out stored.Records))
            return false;
        stored.Kind = answer.Kind;
        stored.Count = answer.Count;
        stored.Expires = expires;
        stored.Answered = order;
        stored.Failed = 0;
        stored.FailuresInRow = 0;
        return true;
    }

    /// <summary>
    /// All answers are from servers that are not asked any more, or through a network that is left: they serve on only where nobody can be asked.
    /// </summary>
    public void ExpireAll(Instant now)
    {
        for (int i = _entries.NextTaken(0); i >= 0; i = _entries.NextTaken(i + 1))
            _entries.At(i).Expires = Instant.Earlier(_entries.At(i).Expires, now);
        ForgetFailures(now);
    }

    /// <summary>What failed may be asked for again at once.</summary>
    public void ForgetFailures(Instant now)
    {
        for (int i = _entries.NextTaken(0); i >= 0; i = _entries.NextTaken(i + 1))
        {
            _entries.At(i).RetryAt = now;
            _entries.At(i).Failed = 0;
            _entries.At(i).FailuresInRow = 0;
        }
    }

    private bool TryCopy(ReadOnlySpan<byte> octets, out Memory.Buffer copy)
    {
        while (!_buffers.TryCopy(octets, out copy))
        {
            if (octets.Length > _buffers.LargestOctets || !TryEvict())
            {
                Counters.CacheRefused++;
                return false;
            }
        }
        return true;
    }

    private bool TryEvict()
    {
        int oldest = -1;
        for (int i = _entries.NextTaken(0); i >= 0; i = _entries.NextTaken(i + 1))
        {
            ref readonly var entry = ref _entries.At(i);
            if (entry.Question == 0 && entry.Used < NeededSince && (oldest < 0 || entry.Used < _entries.At(oldest).Used))
                oldest = i;
        }
        if (oldest < 0)
            return false;
        ref readonly var gone = ref _entries.At(oldest);
        _buffers.Release(gone.Name);
        _buffers.Release(gone.Records);
        _index.Remove(gone.Hash, oldest);
        _entries.Remove(_entries.HandleOf(oldest));
        Counters.CacheEvicted++;
        return true;
    }
}
