// Binding messages of ours (RFC 8489 §5, §6.1, §6.3.1.1).
using System.Buffers.Binary;
using SipEmbedded.Transport;

namespace SipEmbedded.KeepAlive;

/// <summary>Writes one message into a buffer of <see cref="MaxOctets"/> at least: the header, then at most one of each attribute, then <see cref="Finish"/>.</summary>
public ref struct StunWriter
{
    // The "Unknown Attribute" of RFC 8489 §14.8 has 17.
    private const int MaxReasonOctets = 20;

    /// <summary>More types than this an error need not name: whoever sent so many is told enough.</summary>
    private const int MaxUnknownListed = 16;

    /// <summary>All that a message of ours may hold: an address, an error with its reason, the unknown types, a fingerprint.</summary>
    public const int MaxOctets = StunMessage.HeaderOctets
        + StunMessage.AttributeHeaderOctets + StunMessage.AddressPrefixOctets + StunMessage.V6Octets
        + StunMessage.AttributeHeaderOctets + ErrorPrefixOctets + MaxReasonOctets
        + StunMessage.AttributeHeaderOctets + MaxUnknownListed * sizeof(ushort)
        + StunMessage.AttributeHeaderOctets + sizeof(uint);

    private const int ErrorPrefixOctets = 4;

    private readonly Span<byte> _buffer;
    private readonly StunTransactionId _id;
    private int _length;

    public StunWriter(Span<byte> buffer, StunClass @class, StunTransactionId id)
    {
        _buffer = buffer[..MaxOctets];
        _id = id;
        _length = StunMessage.HeaderOctets;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer, (ushort)StunMessage.TypeOf(@class));
        BinaryPrimitives.WriteUInt32BigEndian(_buffer[4..], TransportLayer.StunMagicCookie);
        BinaryPrimitives.WriteUInt32BigEndian(_buffer[8..], id.High);
        BinaryPrimitives.WriteUInt64BigEndian(_buffer[12..], id.Low);
    }

    /// <summary>The address that a request came from (RFC 8489 §14.2).</summary>
    public void XorMappedAddress(in IpEndpoint address)
    {
        int octets = address.IsV4 ? StunMessage.V4Octets : StunMessage.V6Octets;
        var value = Begin(StunAttributeType.XorMappedAddress, StunMessage.AddressPrefixOctets + octets);
        value[0] = 0;
        value[1] = (byte)(address.IsV4 ? 1 : 2);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(address.Port ^ TransportLayer.StunMagicCookie >> 16));
        value = value[StunMessage.AddressPrefixOctets..];
        if (address.IsV4)
            BinaryPrimitives.WriteUInt32BigEndian(value, address.V4Address ^ TransportLayer.StunMagicCookie);
        else
            BinaryPrimitives.WriteUInt128BigEndian(value, address.Address ^ StunMessage.MaskOf(_id));
    }

    /// <summary>420 and what was not understood of a request (RFC 8489 §6.3.1, §14.8, §14.13).</summary>
    public void UnknownAttributes(in StunMessage request)
    {
        var reason = "Unknown Attribute"u8;
        var value = Begin(StunAttributeType.ErrorCode, ErrorPrefixOctets + reason.Length);
        value.Clear();
        value[2] = 4;
        value[3] = 20;
        reason.CopyTo(value[ErrorPrefixOctets..]);
        int start = _length;
        value = Begin(StunAttributeType.UnknownAttributes, MaxUnknownListed * sizeof(ushort));
        int count = 0;
        foreach (var attribute in request.Attributes)
        {
            if (!attribute.IsUnknownRequired || count == MaxUnknownListed)
                continue;
            BinaryPrimitives.WriteUInt16BigEndian(value[(count * sizeof(ushort))..], (ushort)attribute.Type);
            count++;
        }
        _length = start;
        Begin(StunAttributeType.UnknownAttributes, count * sizeof(ushort));
    }

    /// <summary>The message; with a FINGERPRINT where that is wanted.</summary>
    public ReadOnlySpan<byte> Finish(bool hasFingerprint)
    {
        if (!hasFingerprint)
            return Finished();
        int start = _length;
        var value = Begin(StunAttributeType.Fingerprint, sizeof(uint));
        Finished();
        BinaryPrimitives.WriteUInt32BigEndian(value, StunFingerprint.Of(_buffer[..start]));
        return _buffer[.._length];
    }

    private readonly ReadOnlySpan<byte> Finished()
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(_length - StunMessage.HeaderOctets));
        return _buffer[.._length];
    }

    // An attribute's header, its padding cleared; its value is for the caller to fill.
    private Span<byte> Begin(StunAttributeType type, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[_length..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(_length + 2)..], (ushort)length);
        var value = _buffer.Slice(_length + StunMessage.AttributeHeaderOctets, length + 3 & ~3);
        value[length..].Clear();
        _length += StunMessage.AttributeHeaderOctets + value.Length;
        return value[..length];
    }
}
