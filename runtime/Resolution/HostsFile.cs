// Names that this machine knows by itself: /etc/hosts (hosts(5)), lines of an address and its names. They go before DNS.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

/// <summary>A table of names by their keyed fingerprints, and their addresses.</summary>
internal sealed class HostsFile
{
    private struct Entry
    {
        public UInt128 Name;
        public IpEndpoint Address;
    }

    private readonly Entry[] _entries;
    private readonly KeyedHash _hash;
    private int _count;

    [StartUp(Because = "a pool is made before start")]
    public HostsFile(StartGate gate, int capacity, KeyedHash hash)
    {
        _entries = gate.Take<Entry>("hosts", capacity);
        _hash = hash;
    }

    /// <summary>Takes the place of what was read before. Returns how many names were passed over, for want of room or since a line is not understood.</summary>
    public int Read(ReadOnlySpan<byte> text)
    {
        _count = 0;
        int passedOver = 0;
        Span<byte> name = stackalloc byte[ResolverLimits.MaxNameOctets];
        var file = new ResolverFile(text, "#"u8);
        while (file.TryNextLine())
        {
            if (!file.TryNextWord(out var word))
                continue;
            bool isAddress = IpEndpoint.TryRead(word, 0, out var address);
            while (file.TryNextWord(out word))
            {
                if (!isAddress || !DnsName.TryReadHost(word, name, out int length) || _count == _entries.Length)
                    passedOver++;
                else
                    _entries[_count++] = new() { Name = _hash.Of(name[..length]), Address = address };
            }
        }
        return passedOver;
    }

    public bool Knows(ReadOnlySpan<byte> name)
    {
        var wanted = _count == 0 ? default : _hash.Of(name);
        for (int i = 0; i < _count; i++)
        {
            if (_entries[i].Name == wanted)
                return true;
        }
        return false;
    }

    /// <summary>
    /// The addresses of a name for A or AAAA, in the order of the file, as <see cref="KeptRecords"/> holds them. Returns their number; those without room in
    /// <paramref name="kept"/> are left out.
    /// </summary>
    public int Find(ReadOnlySpan<byte> name, DnsType type, Span<byte> kept)
    {
        int found = 0;
        var wanted = _hash.Of(name);
        for (int i = 0; i < _count && (found + 1) * KeptRecords.AddressOctets <= kept.Length; i++)
        {
            if (_entries[i].Name == wanted && _entries[i].Address.IsV4 == (type == DnsType.A))
                KeptRecords.WriteAddress(kept[(found++ * KeptRecords.AddressOctets)..], _entries[i].Address.Address);
        }
        return found;
    }
}
