// What an answer says to its question: records, an alias, or that there are none (RFC 1034 §4.3.2, RFC 2181, RFC 2308).
//
// note [what is taken]
// Of an answer only those records are taken that a chain of aliases leads to from the name that was asked for, and of the authority section the SOA of a zone that
// this name lies in. Addresses in the additional section are asked for anew: a question more, and nobody can slip in what was not asked for (RFC 2181 §5.4.1,
// RFC 5452 §6). Addresses that no server can have (unspecified, multicast) are passed over, so is a NAPTR of another service.
using System.Buffers.Binary;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

internal enum AnswerKind : byte
{
    None,
    Records,

    /// <summary>The name stands for another, of which the answer says nothing more.</summary>
    Alias,

    /// <summary>The name exists and has no such record.</summary>
    NoData,

    /// <summary>The name does not exist.</summary>
    NoName,
}

/// <summary>What was found in an answer; the records stand in the buffer that was given.</summary>
internal struct ReadAnswer
{
    public AnswerKind Kind;

    /// <summary>Seconds.</summary>
    public uint TimeToLive;

    /// <summary>False for a negative answer without an SOA, which does not say how long it holds (RFC 2308 §5).</summary>
    public bool HasTimeToLive;

    public int Count;
    public int Octets;

    /// <summary>Records of the type that found no room.</summary>
    public int Dropped;

    /// <summary>The aliases form a ring, or more than <see cref="AnswerReading.MaxAliases"/> stand in a row: there is nothing at their end.</summary>
    public bool IsRing;
}

internal static class AnswerReading
{
    /// <summary>Aliases of one name in a row: more than two are seldom, and a ring of them has no end.</summary>
    public const int MaxAliases = 8;

    /// <summary>
    /// Reads the records behind the question, for a name in lower case. False where the message is broken. <paramref name="kept"/> is where the records go, as
    /// <see cref="KeptRecords"/> says.
    /// </summary>
    public static bool TryRead(DnsReader behindQuestion, ReadOnlySpan<byte> name, DnsType type, Span<byte> kept, out ReadAnswer answer)
    {
        answer = default;
        uint timeToLive = uint.MaxValue;
        Span<byte> current = stackalloc byte[ResolverLimits.MaxNameOctets], target = stackalloc byte[ResolverLimits.MaxNameOctets];
        name.CopyTo(current);
        int length = name.Length;
        for (int aliases = 0; aliases <= MaxAliases; aliases++)
        {
            if (!TryCollect(behindQuestion, current[..length], type, kept, target, out int targetLength, ref timeToLive, ref answer))
                return false;
            if (answer.Kind == AnswerKind.Records)
            {
                answer.TimeToLive = timeToLive;
                answer.HasTimeToLive = true;
                return true;
            }
            if (targetLength == 0)
                return TryReadNone(behindQuestion, current[..length], isAlias: aliases > 0, kept, timeToLive, ref answer);
            target[..targetLength].CopyTo(current);
            length = targetLength;
        }
        answer = new() { Kind = AnswerKind.NoData, TimeToLive = timeToLive, HasTimeToLive = true, IsRing = true };
        return true;
    }

    // The records of the type that the name owns, else its alias; in one walk along the answer section.
    private static bool TryCollect(
        DnsReader reader, ReadOnlySpan<byte> name, DnsType type, Span<byte> kept, Span<byte> target, out int targetLength, ref uint timeToLive,
        ref ReadAnswer answer)
    {
        targetLength = 0;
        Span<byte> owner = stackalloc byte[ResolverLimits.MaxNameOctets];
        bool isOwned = false;
        uint aliasTimeToLive = 0, least = uint.MaxValue;
        for (int i = 0; i < reader.Answers; i++)
        {
            if (!reader.TryReadRecord(out var record) || !reader.TryReadOwner(record, owner, out int ownerLength))
                return false;
            if (record.Class != DnsReader.Internet || !DnsName.AreEqual(owner[..ownerLength], name))
                continue;
            if (record.Type == type)
            {
                isOwned = true;
                // RFC 2181 §5.2: all records of a set have one TTL; where they differ the least serves.
                least = Math.Min(least, record.TimeToLive);
                if (!TryKeep(reader, record, kept, ref answer))
                    return false;
            }
            else if (record.Type == DnsType.Cname && targetLength == 0)
            {
                if (!reader.TryReadName(record, 0, isLast: true, target, out targetLength))
                    return false;
                DnsName.Fold(target[..targetLength]);
                aliasTimeToLive = record.TimeToLive;
            }
        }
        if (isOwned)
        {
            answer.Kind = answer.Count > 0 ? AnswerKind.Records : AnswerKind.None;
            targetLength = 0;
            timeToLive = Math.Min(timeToLive, least);
        }
        else if (targetLength > 0)
            timeToLive = Math.Min(timeToLive, aliasTimeToLive);
        return true;
    }

    // No record for us: the name does not exist, has others, or is an alias whose end was not told.
    private static bool TryReadNone(DnsReader reader, ReadOnlySpan<byte> name, bool isAlias, Span<byte> kept, uint timeToLive, ref ReadAnswer answer)
    {
        bool hasSoa = false, ownsOthers = false;
        uint negative = 0;
        Span<byte> owner = stackalloc byte[ResolverLimits.MaxNameOctets];
        for (int i = 0; i < reader.Answers + reader.Authorities; i++)
        {
            if (!reader.TryReadRecord(out var record) || !reader.TryReadOwner(record, owner, out int ownerLength))
                return false;
            if (i < reader.Answers)
            {
                ownsOthers |= DnsName.AreEqual(owner[..ownerLength], name);
                continue;
            }
            if (record.Type != DnsType.Soa || record.Class != DnsReader.Internet || !DnsName.IsWithin(name, owner[..ownerLength]))
                continue;
            if (!reader.TryReadMinimum(record, out uint minimum))
                return false;
            hasSoa = true;
            negative = Math.Min(record.TimeToLive, minimum);
        }
        if (reader.Code == DnsCode.NoSuchName)
            answer.Kind = AnswerKind.NoName;
        else if (isAlias && !hasSoa && !ownsOthers && name.Length <= kept.Length)
        {
            answer.Kind = AnswerKind.Alias;
            name.CopyTo(kept);
            answer.Octets = name.Length;
            answer.TimeToLive = timeToLive;
            answer.HasTimeToLive = true;
            return true;
        }
        else
            answer.Kind = AnswerKind.NoData;
        // Records that are there but of no use hold as long as they would otherwise.
        answer.HasTimeToLive = hasSoa || ownsOthers;
        answer.TimeToLive = hasSoa ? Math.Min(negative, timeToLive) : timeToLive;
        return true;
    }

    // One record of the type that was asked for. False where it is broken; one that is of no use is passed over.
    private static bool TryKeep(in DnsReader reader, in DnsRecord record, Span<byte> kept, ref ReadAnswer answer)
    {
        Span<byte> octets = stackalloc byte[KeptRecords.MaxRecordOctets];
        int length;
        var data = reader.DataOf(record);
        switch (record.Type)
        {
            case DnsType.A when data.Length == sizeof(uint):
                length = KeepAddress(octets, IpEndpoint.V4(BinaryPrimitives.ReadUInt32BigEndian(data), 0));
                break;
            case DnsType.Aaaa when data.Length == KeptRecords.AddressOctets:
                length = KeepAddress(octets, IpEndpoint.V6(BinaryPrimitives.ReadUInt128BigEndian(data), 0));
                break;
            case DnsType.Srv:
                if (!reader.TryReadName(record, KeptSrv.HeadOctets, isLast: true, octets[KeptSrv.HeadOctets..], out int target))
                    return false;
                data[..KeptSrv.HeadOctets].CopyTo(octets);
                length = Fold(octets, KeptSrv.HeadOctets, target);
                break;
            case DnsType.Naptr:
                if (!TryKeepNaptr(reader, record, octets, out length))
                    return false;
                break;
            default:
                return false;
        }
        if (length == 0)
            return true;
        if (answer.Count == ResolverLimits.MaxRecords || answer.Octets + length > kept.Length)
        {
            answer.Dropped++;
            return true;
        }
        octets[..length].CopyTo(kept[answer.Octets..]);
        answer.Octets += length;
        answer.Count++;
        return true;
    }

    private static int KeepAddress(Span<byte> octets, in IpEndpoint address)
    {
        if (address.IsAny || address.IsMulticast)
            return 0;
        KeptRecords.WriteAddress(octets, address.Address);
        return KeptRecords.AddressOctets;
    }

    private static int Fold(Span<byte> octets, int head, int name)
    {
        DnsName.Fold(octets.Slice(head, name));
        return head + name;
    }

    // RFC 3403 §4.1: order, preference, then three texts behind their lengths, then a name.
    private static bool TryKeepNaptr(in DnsReader reader, in DnsRecord record, Span<byte> octets, out int length)
    {
        const int NumbersOctets = 4;
        length = 0;
        var data = reader.DataOf(record);
        int at = NumbersOctets;
        if (!TryReadText(data, ref at, out var flags) || !TryReadText(data, ref at, out var services) || !TryReadText(data, ref at, out var expression)
            || !reader.TryReadName(record, at, isLast: true, octets[KeptNaptr.HeadOctets..], out int name))
            return false;
        // RFC 3263 §4.1: the flag "s", no expression, and the service of a transport.
        var protocol = ProtocolOf(services);
        if (protocol == Protocol.None || !Scan.EqualsIgnoreCase(flags, "s"u8) || !expression.IsEmpty || name == 1)
            return true;
        data[..NumbersOctets].CopyTo(octets);
        octets[NumbersOctets] = (byte)protocol;
        length = Fold(octets, KeptNaptr.HeadOctets, name);
        return true;
    }

    private static Protocol ProtocolOf(ReadOnlySpan<byte> services)
    {
        if (Scan.EqualsIgnoreCase(services, "SIP+D2U"u8))
            return Protocol.Udp;
        if (Scan.EqualsIgnoreCase(services, "SIP+D2T"u8))
            return Protocol.Tcp;
        return Scan.EqualsIgnoreCase(services, "SIPS+D2T"u8) ? Protocol.Tls : Protocol.None;
    }

    private static bool TryReadText(ReadOnlySpan<byte> data, ref int at, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (at >= data.Length || data[at] > data.Length - at - 1)
            return false;
        text = data.Slice(at + 1, data[at]);
        at += 1 + text.Length;
        return true;
    }
}
