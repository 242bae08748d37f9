// Which name servers are asked, and how: /etc/resolv.conf (resolv.conf(5)). Lines of a keyword and its values; what is not understood is passed over, as the C
// library does it.
using System.Buffers.Text;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

/// <summary>A name server and what is known of it.</summary>
internal struct NameServer
{
    public IpEndpoint Endpoint;

    /// <summary>It did not answer; until then others go before it.</summary>
    public Instant DeadUntil;

    /// <summary>It answered FORMERR to a question with an OPT record (RFC 6891 §7).</summary>
    public bool IsWithoutEdns;
}

internal sealed class ResolverConfiguration
{
    /// <summary>As many as the C library takes (resolv.conf(5): MAXNS), and one.</summary>
    public const int MaxServers = 4;

    /// <summary>Domains of the search list, as the C library has it.</summary>
    public const int MaxSearch = 6;

    // The C library's limits (resolv.conf(5)).
    private const int MaxDots = 15;
    private const int MaxAttempts = 5;
    private const int MaxTimeoutSeconds = 30;

    private const ushort DnsPort = 53;

    private readonly NameServer[] _servers;
    private readonly byte[] _search;
    private readonly byte[] _searchOctets;
    private readonly ResolverOptions _options;

    [StartUp(Because = "a pool is made before start")]
    public ResolverConfiguration(StartGate gate, ResolverOptions options)
    {
        _options = options;
        _servers = gate.Take<NameServer>("name servers", MaxServers);
        _search = gate.Take<byte>("name servers", MaxSearch, ResolverLimits.MaxNameOctets);
        _searchOctets = gate.Take<byte>("name servers", MaxSearch);
        SetDefaults();
    }

    public Span<NameServer> Servers => _servers.AsSpan(0, ServerCount);

    public int ServerCount { get; private set; }

    /// <summary>How often each server is asked.</summary>
    public int Attempts { get; private set; }

    public TimeSpan Timeout { get; private set; }

    /// <summary>Ask another server first each time.</summary>
    public bool Rotates { get; private set; }

    /// <summary>A name with fewer dots is looked for in the domains of the search list first.</summary>
    public int Dots { get; private set; }

    public int SearchCount { get; private set; }

    /// <summary>A domain of the search list.</summary>
    public ReadOnlySpan<byte> SearchAt(int index) => _search.AsSpan(index * ResolverLimits.MaxNameOctets, _searchOctets[index]);

    private void SetDefaults()
    {
        Attempts = Math.Max(_options.Attempts, 1);
        Timeout = _options.QuestionTimeout;
        Rotates = false;
        Dots = 1;
        SearchCount = 0;
    }

    /// <summary>
    /// Takes the place of what was read before. Returns how many values were passed over; <paramref name="isOtherServers"/> where the servers are not those of
    /// before.
    /// </summary>
    public int Read(ReadOnlySpan<byte> text, out bool isOtherServers)
    {
        SetDefaults();
        int servers = 0, passedOver = 0;
        isOtherServers = false;
        var file = new ResolverFile(text, "#;"u8);
        while (file.TryNextLine())
        {
            if (!file.TryNextWord(out var keyword))
                continue;
            bool isSearch = keyword.SequenceEqual("search"u8) || keyword.SequenceEqual("domain"u8);
            if (isSearch)
                SearchCount = 0;
            while (file.TryNextWord(out var value))
            {
                bool isTaken = isSearch ? TryAddSearch(value)
                    : keyword.SequenceEqual("nameserver"u8) ? TryAddServer(value, ref servers, ref isOtherServers)
                    : keyword.SequenceEqual("options"u8) && TryTakeOption(value);
                passedOver += isTaken ? 0 : 1;
            }
        }
        isOtherServers |= servers != ServerCount;
        ServerCount = servers;
        return passedOver;
    }

    private bool TryAddSearch(ReadOnlySpan<byte> domain)
    {
        Span<byte> name = stackalloc byte[ResolverLimits.MaxNameOctets];
        if (SearchCount == MaxSearch || !DnsName.TryReadHost(domain, name, out int length))
            return false;
        name[..length].CopyTo(_search.AsSpan(SearchCount * ResolverLimits.MaxNameOctets));
        _searchOctets[SearchCount++] = (byte)length;
        return true;
    }

    private bool TryAddServer(ReadOnlySpan<byte> text, ref int servers, ref bool isOther)
    {
        if (servers == MaxServers || !TryReadServer(text, out var endpoint))
            return false;
        ref var server = ref _servers[servers++];
        if (server.Endpoint == endpoint)
            return true;
        server = new() { Endpoint = endpoint };
        isOther = true;
        return true;
    }

    // An address, or "[" address "]:" port as OpenBSD's resolv.conf(5) has it. Not one with the name of an interface, which says nothing here.
    private static bool TryReadServer(ReadOnlySpan<byte> text, out IpEndpoint endpoint)
    {
        if (text.LastIndexOf("]:"u8) is > 0 and var end && text[0] == '[')
        {
            endpoint = default;
            return Utf8Parser.TryParse(text[(end + 2)..], out ushort port, out int used) && used == text.Length - end - 2 && port != 0
                && IpEndpoint.TryRead(text[1..end], port, out endpoint);
        }
        return IpEndpoint.TryRead(text, DnsPort, out endpoint);
    }

    private bool TryTakeOption(ReadOnlySpan<byte> option)
    {
        if (option.SequenceEqual("rotate"u8))
            Rotates = true;
        else if (TryReadNumber(option, "ndots:"u8, 0, MaxDots, out int dots))
            Dots = dots;
        else if (TryReadNumber(option, "attempts:"u8, 1, MaxAttempts, out int attempts))
            Attempts = attempts;
        else if (TryReadNumber(option, "timeout:"u8, 1, MaxTimeoutSeconds, out int seconds))
            Timeout = TimeSpan.FromSeconds(seconds);
        else
            return false;
        return true;
    }

    // What is beyond its limits is set to the nearest, as the C library does it.
    private static bool TryReadNumber(ReadOnlySpan<byte> option, ReadOnlySpan<byte> name, int least, int most, out int number)
    {
        number = 0;
        if (!option.StartsWith(name) || !Utf8Parser.TryParse(option[name.Length..], out uint value, out int used) || name.Length + used != option.Length)
            return false;
        number = (int)Math.Clamp(value, (uint)least, (uint)most);
        return true;
    }
}
