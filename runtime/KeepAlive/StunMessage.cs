// STUN messages as keep-alives need them: Binding requests and their answers (RFC 8489 §5, §6.3, §14; RFC 5626 §8 for their use on a SIP port).
//
// note [what is read of STUN]
// One walk over the attributes checks their lengths and notes what an answer may say: the address that was seen, an error, what we do not understand. No
// credentials are in use between a SIP element and its registrar (RFC 5626 §8), so USERNAME, MESSAGE-INTEGRITY and the rest of that kind are known and passed
// over (RFC 8489 §6.3), what stands behind an integrity is not looked at (§14.5, §14.6), and SOFTWARE is neither used nor sent (§16.1.2).
using System.Buffers.Binary;
using SipEmbedded.Transport;

namespace SipEmbedded.KeepAlive;

/// <summary>The class of a message: the two bits C1 and C0 (RFC 8489 §5).</summary>
public enum StunClass : byte
{
    Request,
    Indication,
    Success,
    Error,
}

/// <summary>The attributes of RFC 8489 §18.3. Those below <see cref="FirstOptional"/> have to be understood.</summary>
public enum StunAttributeType : ushort
{
    MappedAddress = 0x0001,
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    ErrorCode = 0x0009,
    UnknownAttributes = 0x000A,
    Realm = 0x0014,
    Nonce = 0x0015,
    MessageIntegritySha256 = 0x001C,
    PasswordAlgorithm = 0x001D,
    Userhash = 0x001E,
    XorMappedAddress = 0x0020,

    /// <summary>From here on an attribute may be passed over by who does not know it.</summary>
    FirstOptional = 0x8000,
    Software = 0x8022,
    Fingerprint = 0x8028,
}

/// <summary>The 96 random bits that an answer repeats (RFC 8489 §5): the first 32 and the rest, as they stand in the message.</summary>
public readonly record struct StunTransactionId(uint High, ulong Low);

/// <summary>One attribute and where its header begins in the message.</summary>
public readonly ref struct StunAttribute(StunAttributeType type, ReadOnlySpan<byte> value, int offset)
{
    public readonly StunAttributeType Type = type;
    public readonly ReadOnlySpan<byte> Value = value;
    public readonly int Offset = offset;

    /// <summary>True for what has to be understood and is not (RFC 8489 §6.3.1).</summary>
    public bool IsUnknownRequired => Type < StunAttributeType.FirstOptional && !IsKnown(Type);

    private static bool IsKnown(StunAttributeType type) => type is StunAttributeType.MappedAddress or StunAttributeType.Username
        or StunAttributeType.MessageIntegrity or StunAttributeType.ErrorCode or StunAttributeType.UnknownAttributes or StunAttributeType.Realm
        or StunAttributeType.Nonce or StunAttributeType.MessageIntegritySha256 or StunAttributeType.PasswordAlgorithm or StunAttributeType.Userhash
        or StunAttributeType.XorMappedAddress;
}

/// <summary>A message that was received, over the caller's octets; see note [what is read of STUN].</summary>
public readonly ref struct StunMessage
{
    /// <summary>Type, length, cookie, transaction (RFC 8489 §5).</summary>
    public const int HeaderOctets = 20;

    /// <summary>Type and length of an attribute (RFC 8489 §14).</summary>
    public const int AttributeHeaderOctets = 4;

    /// <summary>The one method there is (RFC 8489 §5).</summary>
    public const int BindingMethod = 1;

    private const byte FamilyV4 = 1;
    private const byte FamilyV6 = 2;

    private StunMessage(ReadOnlySpan<byte> octets, StunTransactionId id, StunClass @class, scoped in Findings found)
    {
        Octets = octets;
        Id = id;
        Class = @class;
        Mapped = found.XorMapped ?? found.Mapped;
        ErrorCode = found.ErrorCode;
        HasUnknownRequired = found.HasUnknownRequired;
        HasFingerprint = found.HasFingerprint;
    }

    private struct Findings
    {
        public IpEndpoint? XorMapped;
        public IpEndpoint? Mapped;
        public int ErrorCode;
        public bool HasUnknownRequired;
        public bool HasFingerprint;
    }

    public ReadOnlySpan<byte> Octets { get; }

    public StunTransactionId Id { get; }

    public StunClass Class { get; }

    /// <summary>
    /// The address that the answering side saw: XOR-MAPPED-ADDRESS, or MAPPED-ADDRESS of an old server; null where there is none of a known family.
    /// </summary>
    public IpEndpoint? Mapped { get; }

    /// <summary>300 to 699; 0 where there is none (RFC 8489 §14.8).</summary>
    public int ErrorCode { get; }

    /// <summary>True where an attribute has to be understood and is not.</summary>
    public bool HasUnknownRequired { get; }

    /// <summary>True where the message carries a FINGERPRINT; it is right then.</summary>
    public bool HasFingerprint { get; }

    /// <summary>Every attribute, in order.</summary>
    public Enumerator Attributes => new(Octets);

    /// <summary>
    /// Reads a Binding message that fills <paramref name="octets"/>. False for what is none, is not whole, or has a wrong fingerprint: it is dropped without
    /// a word (RFC 8489 §6.3).
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out StunMessage message)
    {
        message = default;
        if (!TransportLayer.IsStun(octets))
            return false;
        int type = BinaryPrimitives.ReadUInt16BigEndian(octets);
        int length = BinaryPrimitives.ReadUInt16BigEndian(octets[2..]);
        if ((length & 3) != 0 || length != octets.Length - HeaderOctets || MethodOf(type) != BindingMethod)
            return false;
        var id = new StunTransactionId(BinaryPrimitives.ReadUInt32BigEndian(octets[8..]), BinaryPrimitives.ReadUInt64BigEndian(octets[12..]));
        var found = default(Findings);
        bool isBehindIntegrity = false;
        int at = HeaderOctets;
        for (var attributes = new Enumerator(octets); attributes.MoveNext();)
        {
            var attribute = attributes.Current;
            at = attributes.Position;
            // RFC 8489 §14.7: it is the last.
            if (attribute.Type == StunAttributeType.Fingerprint)
            {
                if (at != octets.Length || !IsFingerprint(octets, attribute))
                    return false;
                found.HasFingerprint = true;
            }
            else if (!isBehindIntegrity && !TryNote(attribute, id, ref found))
                return false;
            isBehindIntegrity |= attribute.Type is StunAttributeType.MessageIntegrity or StunAttributeType.MessageIntegritySha256;
        }
        if (at != octets.Length)
            return false;
        message = new(octets, id, ClassOf(type), found);
        return true;
    }

    // Of a type that comes twice the first counts (RFC 8489 §14).
    private static bool TryNote(in StunAttribute attribute, StunTransactionId id, ref Findings found)
    {
        switch (attribute.Type)
        {
            case StunAttributeType.XorMappedAddress:
                return TryReadAddress(attribute.Value, id, isObfuscated: true, ref found.XorMapped);
            case StunAttributeType.MappedAddress:
                return TryReadAddress(attribute.Value, id, isObfuscated: false, ref found.Mapped);
            case StunAttributeType.ErrorCode:
                if (found.ErrorCode == 0)
                    found.ErrorCode = ReadErrorCode(attribute.Value);
                return true;
            default:
                found.HasUnknownRequired |= attribute.IsUnknownRequired;
                return true;
        }
    }

    // RFC 8489 §14.1, §14.2. A family that is not known is passed over; one that is known has its length.
    private static bool TryReadAddress(ReadOnlySpan<byte> value, StunTransactionId id, bool isObfuscated, ref IpEndpoint? address)
    {
        if (value.Length < AddressPrefixOctets)
            return false;
        byte family = value[1];
        if (family is not (FamilyV4 or FamilyV6))
            return true;
        if (value.Length != AddressPrefixOctets + (family == FamilyV4 ? V4Octets : V6Octets))
            return false;
        if (address is not null)
            return true;
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(value[2..]);
        if (isObfuscated)
            port ^= (ushort)(TransportLayer.StunMagicCookie >> 16);
        var octets = value[AddressPrefixOctets..];
        if (family == FamilyV4)
            address = IpEndpoint.V4(BinaryPrimitives.ReadUInt32BigEndian(octets) ^ (isObfuscated ? TransportLayer.StunMagicCookie : 0), port);
        else
            address = IpEndpoint.V6(BinaryPrimitives.ReadUInt128BigEndian(octets) ^ (isObfuscated ? MaskOf(id) : 0), port);
        return true;
    }

    // A reserved octet, the family, the port.
    internal const int AddressPrefixOctets = 4;
    internal const int V4Octets = 4;
    internal const int V6Octets = 16;

    /// <summary>What an IPv6 address is hidden by: the cookie and the transaction (RFC 8489 §14.2).</summary>
    internal static UInt128 MaskOf(StunTransactionId id) => new((ulong)TransportLayer.StunMagicCookie << 32 | id.High, id.Low);

    private static int ReadErrorCode(ReadOnlySpan<byte> value)
    {
        if (value.Length < 4)
            return 0;
        int hundreds = value[2] & 7;
        return hundreds is >= 3 and <= 6 && value[3] < 100 ? hundreds * 100 + value[3] : 0;
    }

    private static bool IsFingerprint(ReadOnlySpan<byte> octets, in StunAttribute attribute) =>
        attribute.Value.Length == sizeof(uint)
        && BinaryPrimitives.ReadUInt32BigEndian(attribute.Value) == StunFingerprint.Of(octets[..attribute.Offset]);

    // RFC 8489 §5, figure 3: M11 to M7, C1, M6 to M4, C0, M3 to M0.
    private static int MethodOf(int type) => type & 0xF | type >> 1 & 0x70 | type >> 2 & 0xF80;

    private static StunClass ClassOf(int type) => (StunClass)(type >> 7 & 2 | type >> 4 & 1);

    internal static int TypeOf(StunClass @class) => BindingMethod | ((int)@class & 2) << 7 | ((int)@class & 1) << 4;

    /// <summary>Walks attributes until the end, or until one does not fit.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> octets)
    {
        private readonly ReadOnlySpan<byte> _octets = octets;

        public StunAttribute Current { get; private set; }

        /// <summary>Where the next attribute begins.</summary>
        internal int Position { get; private set; } = HeaderOctets;

        public readonly Enumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            var rest = _octets[Position..];
            if (rest.Length < AttributeHeaderOctets)
                return false;
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            // RFC 8489 §14: padded to a multiple of four, with whatever octets.
            int padded = length + 3 & ~3;
            if (padded > rest.Length - AttributeHeaderOctets)
                return false;
            var type = (StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(rest);
            Current = new(type, rest.Slice(AttributeHeaderOctets, length), Position);
            Position += AttributeHeaderOctets + padded;
            return true;
        }
    }
}
