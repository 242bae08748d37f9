// Messages to and from name servers (RFC 1035 §4, RFC 3596, RFC 2782, RFC 3403, RFC 6891), read where they stand. Every offset is checked before it is used: a
// message is whatever somebody sent.
using System.Buffers.Binary;
using SipEmbedded.Text;

namespace SipEmbedded.Resolution;

/// <summary>The types of records that are asked for or looked at.</summary>
public enum DnsType : ushort
{
    None = 0,
    A = 1,
    Cname = 5,
    Soa = 6,
    Aaaa = 28,
    Srv = 33,
    Naptr = 35,
    Opt = 41,
}

/// <summary>RCODE (RFC 1035 §4.1.1).</summary>
public enum DnsCode : byte
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NoSuchName = 3,
    NotImplemented = 4,
    Refused = 5,
}

/// <summary>A record: its owner begins at <see cref="NameOffset"/>, its data is a part of the message.</summary>
public readonly struct DnsRecord
{
    public int NameOffset { get; init; }

    public DnsType Type { get; init; }

    /// <summary>1 is the Internet.</summary>
    public ushort Class { get; init; }

    /// <summary>Seconds; one with its highest bit set is 0 (RFC 2181 §8).</summary>
    public uint TimeToLive { get; init; }

    public Slice Data { get; init; }
}

/// <summary>A message being read, in order: the question, then one record after another.</summary>
public ref struct DnsReader
{
    public const int HeaderOctets = 12;

    /// <summary>The class of the Internet.</summary>
    public const ushort Internet = 1;

    private const int TypeAndClassOctets = 4;
    private const int RecordHeadOctets = 10;

    private readonly ReadOnlySpan<byte> _message;
    private int _offset;

    private DnsReader(ReadOnlySpan<byte> message)
    {
        _message = message;
        _offset = HeaderOctets;
    }

    /// <summary>False where not even the header is whole.</summary>
    public static bool TryBegin(ReadOnlySpan<byte> message, out DnsReader reader)
    {
        reader = message.Length < HeaderOctets ? default : new(message);
        return message.Length >= HeaderOctets;
    }

    public readonly ushort Id => Number(0);

    /// <summary>True for an answer to a standard query.</summary>
    public readonly bool IsAnswer => (_message[2] & 0xF8) == 0x80;

    /// <summary>TC: records are missing (RFC 2181 §9).</summary>
    public readonly bool IsTruncated => (_message[2] & 0x02) != 0;

    public readonly DnsCode Code => (DnsCode)(_message[3] & 0x0F);

    public readonly int Questions => Number(4);

    public readonly int Answers => Number(6);

    public readonly int Authorities => Number(8);

    private readonly ushort Number(int offset) => BinaryPrimitives.ReadUInt16BigEndian(_message[offset..]);

    /// <summary>Reads a question; its name as it stands. False where it is broken.</summary>
    public bool TryReadQuestion(scoped Span<byte> name, out int length, out DnsType type, out ushort @class)
    {
        type = default;
        @class = 0;
        if (!DnsName.TryRead(_message, ref _offset, name, out length) || _message.Length - _offset < TypeAndClassOctets)
            return false;
        type = (DnsType)Number(_offset);
        @class = Number(_offset + 2);
        _offset += TypeAndClassOctets;
        return true;
    }

    /// <summary>Reads the head of a record and passes over its data. False where it is broken or there is none.</summary>
    public bool TryReadRecord(out DnsRecord record)
    {
        record = default;
        int start = _offset;
        Span<byte> name = stackalloc byte[ResolverLimits.MaxNameOctets];
        if (!DnsName.TryRead(_message, ref _offset, name, out _) || _message.Length - _offset < RecordHeadOctets)
            return false;
        uint timeToLive = BinaryPrimitives.ReadUInt32BigEndian(_message[(_offset + 4)..]);
        int octets = Number(_offset + 8);
        int data = _offset + RecordHeadOctets;
        if (octets > _message.Length - data)
            return false;
        record = new()
        {
            NameOffset = start,
            Type = (DnsType)Number(_offset),
            Class = Number(_offset + 2),
            TimeToLive = timeToLive > int.MaxValue ? 0 : timeToLive,
            Data = Slice.Between(data, data + octets),
        };
        _offset = data + octets;
        return true;
    }

    /// <summary>The owner of a record that was read.</summary>
    public readonly bool TryReadOwner(in DnsRecord record, Span<byte> name, out int length)
    {
        int offset = record.NameOffset;
        return DnsName.TryRead(_message, ref offset, name, out length);
    }

    /// <summary>A name in a record's data behind <paramref name="skipped"/> octets, which must end with the data where <paramref name="isLast"/>.</summary>
    public readonly bool TryReadName(in DnsRecord record, int skipped, bool isLast, Span<byte> name, out int length)
    {
        length = 0;
        int offset = record.Data.Offset + skipped;
        return skipped < record.Data.Length && DnsName.TryRead(_message, ref offset, name, out length)
            && (isLast ? offset == record.Data.End : offset <= record.Data.End);
    }

    /// <summary>The data of a record.</summary>
    public readonly ReadOnlySpan<byte> DataOf(in DnsRecord record) => record.Data.In(_message);

    // SERIAL, REFRESH, RETRY, EXPIRE, MINIMUM (RFC 1035 §3.3.13).
    private const int SoaNumbersOctets = 20;

    /// <summary>MINIMUM of an SOA record, seconds: how long a negative answer holds (RFC 2308 §4). It ends the data.</summary>
    public readonly bool TryReadMinimum(in DnsRecord soa, out uint seconds)
    {
        seconds = 0;
        var data = DataOf(soa);
        // Two names in front, one octet each at least.
        if (data.Length < SoaNumbersOctets + 2)
            return false;
        seconds = BinaryPrimitives.ReadUInt32BigEndian(data[^4..]);
        return true;
    }
}

/// <summary>Writes questions.</summary>
public static class DnsQuestionText
{
    /// <summary>
    /// Octets that an answer in a datagram may have: what passes every path without being cut in pieces (DNS flag day 2020; RFC 6891 §6.2.5 leaves the choice).
    /// </summary>
    public const int AnswerOctets = 1232;

    private const int OptOctets = 11;

    /// <summary>The longest question.</summary>
    public const int MaxOctets = DnsReader.HeaderOctets + ResolverLimits.MaxNameOctets + 4 + OptOctets;

    /// <summary>
    /// Writes a question for one type of one name, recursion desired, with an OPT record (RFC 6891 §6.1.2) or without, to a buffer of <see cref="MaxOctets"/>.
    /// Returns its length.
    /// </summary>
    public static int Write(Span<byte> message, ushort id, ReadOnlySpan<byte> name, DnsType type, bool hasOpt)
    {
        message[..DnsReader.HeaderOctets].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        message[2] = 0x01;
        message[5] = 1;
        message[11] = hasOpt ? (byte)1 : (byte)0;
        int at = DnsReader.HeaderOctets;
        name.CopyTo(message[at..]);
        at += name.Length;
        BinaryPrimitives.WriteUInt16BigEndian(message[at..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(message[(at + 2)..], DnsReader.Internet);
        at += 4;
        if (!hasOpt)
            return at;
        message.Slice(at, OptOctets).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(message[(at + 1)..], (ushort)DnsType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(message[(at + 3)..], AnswerOctets);
        return at + OptOctets;
    }
}
