// STUN messages (RFC 8489 §5): what a datagram on a SIP port may be besides SIP. Besides note [what is checked]: attributes lie in the message one behind
// the other up to its end, and an address that was read is written and read again as itself.
using System.Buffers.Binary;
using SipEmbedded.KeepAlive;
using SipEmbedded.Transport;

namespace SipEmbedded.Fuzz;

internal sealed class StunBody() : FuzzBody("stun")
{
    private readonly byte[] _written = new byte[StunWriter.MaxOctets];

    public override int MaxOctets => 256;

    public override List<byte[]> Seeds(int seed)
    {
        var id = new StunTransactionId(0x01020304, 0x05060708_090A0B0C);
        var seeds = new List<byte[]>();
        foreach (var address in new[] { IpEndpoint.V4(0xC0000201, 5060), IpEndpoint.V6(UInt128.One << 120, 61001) })
        {
            foreach (bool hasFingerprint in new[] { false, true })
            {
                foreach (var @class in new[] { StunClass.Request, StunClass.Success, StunClass.Error })
                {
                    var writer = new StunWriter(new byte[StunWriter.MaxOctets], @class, id);
                    writer.XorMappedAddress(address);
                    seeds.Add(writer.Finish(hasFingerprint).ToArray());
                }
            }
        }
        // USERNAME, one that nobody knows, MESSAGE-INTEGRITY, MAPPED-ADDRESS behind it, SOFTWARE.
        byte[] several =
        [
            0, 1, 0, 60, 0x21, 0x12, 0xA4, 0x42, .. new byte[12], 0, 6, 0, 3, 97, 98, 99, 0, 1, 0, 0, 0, 0, 8, 0, 20, .. new byte[20],
            0, 1, 0, 8, 0, 1, 0, 1, 1, 1, 1, 1, 0x80, 0x22, 0, 5, 97, 98, 99, 100, 101, 0, 0, 0,
        ];
        seeds.Add(several);
        return seeds;
    }

    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        var outcome = default(Outcome);
        if (!StunMessage.TryRead(text, out var message))
            return outcome;
        PropertyViolation.Unless(TransportLayer.IsStun(text), "what is read is STUN");
        outcome.Add((ulong)message.Class);
        outcome.AddSize(message.ErrorCode);
        int end = StunMessage.HeaderOctets;
        bool hasFingerprint = false;
        foreach (var attribute in message.Attributes)
        {
            PropertyViolation.Unless(attribute.Offset == end, "attributes follow one another");
            end += StunMessage.AttributeHeaderOctets + (attribute.Value.Length + 3 & ~3);
            hasFingerprint = attribute.Type == StunAttributeType.Fingerprint;
            outcome.Add((ulong)attribute.Type);
        }
        PropertyViolation.Unless(end == text.Length, "attributes fill the message");
        PropertyViolation.Unless(hasFingerprint == message.HasFingerprint, "a fingerprint is the last");
        if (message.Mapped is { } mapped)
            CheckWritten(message, mapped);
        return outcome;
    }

    private void CheckWritten(in StunMessage message, in IpEndpoint mapped)
    {
        var writer = new StunWriter(_written, message.Class, message.Id);
        writer.XorMappedAddress(mapped);
        PropertyViolation.Unless(
            StunMessage.TryRead(writer.Finish(message.HasFingerprint), out var again) && again.Mapped == mapped && again.Class == message.Class
                && again.Id == message.Id && BinaryPrimitives.ReadUInt16BigEndian(_written.AsSpan(2)) == again.Octets.Length - StunMessage.HeaderOctets,
            "what is written is read again");
    }
}
