// An IP address and a port as a value. System.Net.IPEndPoint is two objects on the heap.
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Transport;

/// <summary>An IPv4 or IPv6 address and a port.</summary>
public readonly struct IpEndpoint : IEquatable<IpEndpoint>
{
    // IPv4 addresses as their mapped IPv6 ones (RFC 4291 §2.5.5.2), so that one comparison serves both. Two halves, since a UInt128 would be padded.
    private readonly ulong _high;
    private readonly ulong _low;

    private const ulong MappedPrefix = 0xFFFF_0000_0000;

    private IpEndpoint(ulong high, ulong low, uint scope, ushort port)
    {
        _high = high;
        _low = low;
        Scope = scope;
        Port = port;
    }

    /// <summary>An IPv4 address in host order: 192.0.2.1 is 0xC0000201.</summary>
    public static IpEndpoint V4(uint address, ushort port) => new(0, MappedPrefix | address, 0, port);

    /// <summary>
    /// An IPv6 address in host order; <paramref name="scope"/> is the interface of a link-local one, and dropped for any other, which means the same whatever
    /// the interface (RFC 4007 §5). A mapped IPv4 address becomes that.
    /// </summary>
    public static IpEndpoint V6(UInt128 address, ushort port, uint scope = 0)
    {
        ulong high = (ulong)(address >> 64);
        return new(high, (ulong)address, IsScoped(high) ? scope : 0, port);
    }

    // fe80::/10, and multicast of interface-local or link-local scope, ffx1::/16 and ffx2::/16 (RFC 4291 §2.4, §2.7).
    private static bool IsScoped(ulong high) => high >> 54 == 0xFE80 >> 6 || high >> 56 == 0xFF && (high >> 48 & 0xF) is 1 or 2;

    public static IpEndpoint Loopback(ushort port) => V4(0x7F000001, port);

    /// <summary>The interface's number for a link-local IPv6 address, unicast or multicast, else 0.</summary>
    public uint Scope { get; }

    public ushort Port { get; }

    public bool IsV4 => _high == 0 && _low >> 32 == MappedPrefix >> 32;

    /// <summary>The address in host order, an IPv4 one mapped.</summary>
    public UInt128 Address => new(_high, _low);

    /// <summary>The address of an IPv4 endpoint in host order; the last 32 bits of another.</summary>
    public uint V4Address => (uint)_low;

    /// <summary>True for 0.0.0.0 and ::, which mean every address of the host; <c>default</c> is one.</summary>
    public bool IsAny => _high == 0 && _low is 0 or MappedPrefix;

    /// <summary>224.0.0.0/4 or ff00::/8.</summary>
    public bool IsMulticast => IsV4 ? (uint)_low >> 28 == 0xE : _high >> 56 == 0xFF;

    /// <summary>0.0.0.0 or ::, as the address is, without a port.</summary>
    public IpEndpoint AnyOfFamily => IsV4 ? V4(0, 0) : default;

    public IpEndpoint WithPort(ushort port) => new(_high, _low, Scope, port);

    /// <summary>The same address, whatever the port.</summary>
    public bool HasAddressOf(in IpEndpoint other) => _high == other._high && _low == other._low && Scope == other.Scope;

    /// <summary>
    /// Reads a host that is an address (RFC 3261 §25.1: IPv4address, IPv6reference), an IPv6 one with or without its brackets (RFC 5118 §4.5). False for a
    /// name.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> host, ushort port, out IpEndpoint endpoint)
    {
        if (IpAddressText.TryReadV4(host, out uint v4))
        {
            endpoint = V4(v4, port);
            return true;
        }
        if (HostText.TryReadReference(host, out var v6) || IpAddressText.TryReadV6(host, out v6))
        {
            endpoint = V6(v6, port);
            return true;
        }
        endpoint = default;
        return false;
    }

    /// <summary>
    /// Writes the address as a host in a header stands (RFC 3261 §25.1): an IPv6 one in brackets and as RFC 5952 §4 recommends, without its scope, which
    /// means nothing to others.
    /// </summary>
    public void WriteHost(ref ByteWriter writer)
    {
        if (!IsV4)
            writer.Write((byte)'[');
        WriteAddress(ref writer);
        if (!IsV4)
            writer.Write((byte)']');
    }

    /// <summary>Writes <c>host ":" port</c>.</summary>
    public void WriteHostPort(ref ByteWriter writer)
    {
        WriteHost(ref writer);
        writer.Write((byte)':');
        writer.Write((ulong)Port);
    }

    /// <summary>Writes the address without brackets.</summary>
    public void WriteAddress(ref ByteWriter writer)
    {
        if (IsV4)
        {
            for (int shift = 24; shift >= 0; shift -= 8)
            {
                writer.Write((ulong)(byte)(_low >> shift));
                if (shift > 0)
                    writer.Write((byte)'.');
            }
            return;
        }
        // The longest run of zero groups, the first of equals, two at least (RFC 5952 §4.2).
        int best = -1, bestLength = 1, run = 0;
        for (int i = 0; i < 8; i++)
        {
            run = Group(i) == 0 ? run + 1 : 0;
            if (run > bestLength)
                (best, bestLength) = (i - run + 1, run);
        }
        for (int i = 0; i < 8; i++)
        {
            if (i == best)
            {
                writer.Write("::"u8);
                i += bestLength - 1;
                continue;
            }
            // Behind "::" stands no colon more. Without a run the sum is 0.
            if (i > 0 && i != best + bestLength)
                writer.Write((byte)':');
            WriteHex(ref writer, Group(i));
        }
    }

    private ushort Group(int number) => (ushort)((number < 4 ? _high : _low) >> (3 - (number & 3)) * 16);

    private static void WriteHex(ref ByteWriter writer, ushort group)
    {
        bool isWritten = false;
        for (int shift = 12; shift >= 0; shift -= 4)
        {
            int digit = group >> shift & 0xF;
            isWritten |= digit != 0 || shift == 0;
            if (isWritten)
                writer.Write("0123456789abcdef"u8[digit]);
        }
    }

    public bool Equals(IpEndpoint other) => Port == other.Port && HasAddressOf(other);

    public override bool Equals(object? obj) => obj is IpEndpoint other && Equals(other);

    public override int GetHashCode() => unchecked((int)(_low * 0x9E3779B97F4A7C15 >> 32) ^ (int)_high ^ Port * 0x1F35);

    public static bool operator ==(IpEndpoint left, IpEndpoint right) => left.Equals(right);

    public static bool operator !=(IpEndpoint left, IpEndpoint right) => !left.Equals(right);
}
