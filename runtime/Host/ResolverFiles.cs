// The texts that the machine's own resolver goes by, /etc/resolv.conf and /etc/hosts (resolv.conf(5), hosts(5)): read here, understood below.
//
// note [when files are looked at]
// Whoever gives a device its address writes the name servers a moment before or after, and says nothing of it. So the files are looked at when the network
// has changed, again a second later, then after pauses that grow up to a minute, and so on for ever: two small files that the kernel has in memory.
using System.Text;
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>Hands in a file's text when it is another; see note [when files are looked at].</summary>
internal sealed unsafe class ResolverFiles
{
    /// <summary>Octets of one file; the rest is not looked at. A hosts file of a thousand lines has less.</summary>
    private const int MaxOctets = 64 * 1024;

    private static readonly TimeSpan s_shortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    private struct Known
    {
        public UInt128 Fingerprint;

        // Nothing was handed in so far.
        public bool IsSome;
    }

    private readonly EngineDriver _driver;
    private readonly HostCounters _counters;
    private readonly byte[] _configurationPath;
    private readonly byte[] _hostsPath;
    private readonly byte[] _octets;
    private readonly KeyedHash _hash;
    private Known _configuration;
    private Known _hosts;
    private TimeSpan _pause;

    [StartUp(Because = "a pool is made before start")]
    public ResolverFiles(StartGate gate, HostOptions options, EngineDriver driver, HostCounters counters)
    {
        _driver = driver;
        _counters = counters;
        _configurationPath = PathOf(options.ResolverConfigurationPath);
        _hostsPath = PathOf(options.HostsPath);
        // One more tells whether there is more.
        _octets = gate.Take<byte>("resolver files", 1, MaxOctets + 1, isPinned: true);
        // Whoever may write these files needs no collision.
        _hash = new(stackalloc byte[KeyedHash.KeyOctets]);
        if (_configurationPath.Length > 0 || _hostsPath.Length > 0)
            NextDeadline = Instant.FromTicks(0);
    }

    // As open(2) wants it: ended by a zero; nothing for a file that is not read.
    [StartUp(Because = "paths are known before start")]
    private static byte[] PathOf(string path) => path.Length == 0 ? [] : Encoding.UTF8.GetBytes(path + '\0');

    public Instant NextDeadline { get; private set; } = Instant.Never;

    /// <summary>Looks at both now, and soon again.</summary>
    public void LookSoon(Instant now)
    {
        if (NextDeadline == Instant.Never)
            return;
        _pause = TimeSpan.Zero;
        NextDeadline = now;
    }

    /// <summary>Looks at both, where it is time to.</summary>
    public void HandleTimeout(Instant now)
    {
        if (NextDeadline > now)
            return;
        _pause = _pause == TimeSpan.Zero ? s_shortestPause : _pause * 2 < s_longestPause ? _pause * 2 : s_longestPause;
        NextDeadline = now + _pause;
        if (TryRead(_configurationPath, ref _configuration, out var text))
        {
            _driver.Engine.HandleResolverConfiguration(now, text);
            _driver.Drain(now);
        }
        if (TryRead(_hostsPath, ref _hosts, out text))
        {
            _driver.Engine.HandleHosts(now, text);
            _driver.Drain(now);
        }
    }

    // False where it says the same as before, or cannot be read now. A file that is not there says nothing, as an empty one.
    private bool TryRead(byte[] path, ref Known known, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (path.Length == 0 || !TryRead(path, out int length))
            return false;
        if (length > MaxOctets)
        {
            _counters.ResolverFilesCut++;
            // Half a line would say something else than the whole.
            length = _octets.AsSpan(0, MaxOctets).LastIndexOf((byte)'\n') + 1;
        }
        text = _octets.AsSpan(0, length);
        var fingerprint = _hash.Of(text);
        if (known.IsSome && known.Fingerprint == fingerprint)
            return false;
        known = new() { Fingerprint = fingerprint, IsSome = true };
        _counters.ResolverFileChanges++;
        return true;
    }

    private bool TryRead(byte[] path, out int length)
    {
        length = 0;
        int descriptor;
        fixed (byte* first = path)
            descriptor = Libc.Open(first, Number.ReadOnly | Number.OpenNonBlocking | Number.CloseOnExec);
        if (descriptor < 0)
            return Libc.LastError is Errno.ENOENT or Errno.ENOTDIR || Fails();
        bool isRead = false;
        while (length < _octets.Length)
        {
            nint count = Libc.Read(descriptor, Pinned.At(_octets, length), (nuint)(_octets.Length - length));
            if (count < 0 && Libc.LastError == Errno.EINTR)
                continue;
            isRead = count >= 0;
            if (count <= 0)
                break;
            length += (int)count;
        }
        _ = Libc.Close(descriptor);
        return isRead || Fails();
    }

    private bool Fails()
    {
        _counters.ResolverFileFailures++;
        return false;
    }
}
