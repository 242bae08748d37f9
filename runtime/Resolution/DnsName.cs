// Domain names as they stand in messages (RFC 1035 §3.1): labels, each behind its length, the last one empty. Here a name always ends with that empty label,
// is never compressed, and is in lower case where it is kept.
using SipEmbedded.Text;

namespace SipEmbedded.Resolution;

public static class DnsName
{
    // Each jump to an earlier part of a message is for one label at least, and no name has more (RFC 1035 §4.1.4).
    private const int MaxPointers = ResolverLimits.MaxNameOctets / 2;

    private const byte PointerBits = 0xC0;

    /// <summary>The name of the root: the target of an SRV record of a service that there is not (RFC 2782).</summary>
    public static bool IsRoot(ReadOnlySpan<byte> name) => name is [0];

    /// <summary>True where two names are the same, whatever their case (RFC 4343).</summary>
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Scan.EqualsIgnoreCase(left, right);

    /// <summary>True where <paramref name="name"/> is <paramref name="zone"/> or lies in it.</summary>
    public static bool IsWithin(ReadOnlySpan<byte> name, ReadOnlySpan<byte> zone)
    {
        while (name.Length > zone.Length)
            name = name[(name[0] + 1)..];
        return AreEqual(name, zone);
    }

    /// <summary>Lower case, in place. A length is less than any letter.</summary>
    public static void Fold(Span<byte> name)
    {
        foreach (ref byte octet in name)
        {
            if (octet is >= (byte)'A' and <= (byte)'Z')
                octet |= 0x20;
        }
    }

    /// <summary>Dots of a host name as it would be written.</summary>
    public static int DotsIn(ReadOnlySpan<byte> name)
    {
        int labels = 0;
        for (; name[0] != 0; name = name[(name[0] + 1)..])
            labels++;
        return Math.Max(labels - 1, 0);
    }

    /// <summary>
    /// Reads <c>*( domainlabel "." ) toplabel [ "." ]</c> (RFC 3261 §25.1), folded. Underscores are taken as well: there are such hosts. False for what is no host
    /// name, is too long, or is all digits at its end: an address with a slip in it. <paramref name="name"/> has room for
    /// <see cref="ResolverLimits.MaxNameOctets"/>.
    /// </summary>
    public static bool TryReadHost(ReadOnlySpan<byte> host, Span<byte> name, out int length)
    {
        length = 0;
        if (host is [.. var front, (byte)'.'])
            host = front;
        bool isNumber = false;
        while (true)
        {
            int dot = host.IndexOf((byte)'.');
            var label = dot < 0 ? host : host[..dot];
            if (label.IsEmpty || label.Length > ResolverLimits.MaxLabelOctets || length + label.Length + 2 > ResolverLimits.MaxNameOctets)
                return false;
            name[length++] = (byte)label.Length;
            isNumber = true;
            foreach (byte octet in label)
            {
                if (!IsHostOctet(octet))
                    return false;
                isNumber &= octet is >= (byte)'0' and <= (byte)'9';
                name[length++] = octet;
            }
            if (dot < 0)
                break;
            host = host[(dot + 1)..];
        }
        name[length++] = 0;
        Fold(name[..length]);
        return !isNumber;
    }

    private static bool IsHostOctet(byte octet) =>
        octet is >= (byte)'a' and <= (byte)'z' or >= (byte)'A' and <= (byte)'Z' or >= (byte)'0' and <= (byte)'9' or (byte)'-' or (byte)'_';

    /// <summary>
    /// Reads a name at an offset of a message and moves it behind. False for what is cut off, too long, or does not end: a pointer leads to an earlier place or
    /// nowhere. <paramref name="name"/> has room for <see cref="ResolverLimits.MaxNameOctets"/>; case stays as it is.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int offset, Span<byte> name, out int length)
    {
        length = 0;
        int at = offset, pointers = 0;
        // Where the labels in hand begin: a pointer must lead in front of them.
        int start = at;
        while ((uint)at < (uint)message.Length)
        {
            int octets = message[at++];
            if ((octets & PointerBits) == PointerBits)
            {
                if (at >= message.Length || ++pointers > MaxPointers)
                    return false;
                if (pointers == 1)
                    offset = at + 1;
                at = (octets & ~PointerBits) << 8 | message[at];
                if (at >= start)
                    return false;
                start = at;
                continue;
            }
            if (octets > ResolverLimits.MaxLabelOctets || length + octets + 1 > ResolverLimits.MaxNameOctets || octets > message.Length - at)
                return false;
            name[length++] = (byte)octets;
            message.Slice(at, octets).CopyTo(name[length..]);
            length += octets;
            at += octets;
            if (octets == 0)
            {
                if (pointers == 0)
                    offset = at;
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Puts labels in front of a name: <c>_sip._udp.</c> (RFC 3263 §4.1), each behind its length. False where the whole is too long.
    /// </summary>
    public static bool TryJoin(ReadOnlySpan<byte> labels, ReadOnlySpan<byte> name, Span<byte> whole, out int length)
    {
        length = labels.Length + name.Length;
        if (length > ResolverLimits.MaxNameOctets)
            return false;
        labels.CopyTo(whole);
        name.CopyTo(whole[labels.Length..]);
        return true;
    }

    /// <summary>Mixes cases by bits, one a letter and begun anew after 64: what an answer has to repeat (<see cref="ResolverOptions.MixesCase"/>).</summary>
    public static void Mix(Span<byte> name, ulong bits)
    {
        foreach (ref byte octet in name)
        {
            if (octet is not (>= (byte)'a' and <= (byte)'z'))
                continue;
            if ((bits & 1) != 0)
                octet &= 0xDF;
            bits = System.Numerics.BitOperations.RotateRight(bits, 1);
        }
    }
}
