// STUN read and written (RFC 8489 §5, §14), by the sample messages of RFC 5769; and what is no STUN, or not whole.
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SipEmbedded.KeepAlive;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.KeepAlive;

public sealed class StunMessageTests
{
    private static readonly StunTransactionId SampleId = new(0xB7E7A701, 0xBC34D686_FA87DFAE);

    // ---- RFC 5769 ---------------------------------------------------------------------------------------------------------------

    [Fact]
    public void The_sample_request_is_read()
    {
        Assert.True(StunMessage.TryRead(StunVectors.Request, out var message));
        Assert.Equal((StunClass.Request, SampleId), (message.Class, message.Id));
        Assert.True(message.HasFingerprint);
        // PRIORITY belongs to ICE: it has to be understood, and is not.
        Assert.True(message.HasUnknownRequired);
        Assert.Equal(["8022 STUN test client", "0024", "8029", "0006 evtj:h6vY", "0008", "8028"], Describe(message));
        AssertIntegrity(message, Encoding.ASCII.GetBytes(StunVectors.Password));
    }

    [Fact]
    public void The_sample_IPv4_response_is_read()
    {
        Assert.True(StunMessage.TryRead(StunVectors.V4Response, out var message));
        Assert.Equal((StunClass.Success, SampleId), (message.Class, message.Id));
        Assert.Equal(IpEndpoint.V4(0xC0000201, 32853), message.Mapped);
        Assert.True(message.HasFingerprint);
        Assert.False(message.HasUnknownRequired);
        Assert.Equal(["8022 test vector", "0020", "0008", "8028"], Describe(message));
        AssertIntegrity(message, Encoding.ASCII.GetBytes(StunVectors.Password));
    }

    [Fact]
    public void The_sample_IPv6_response_is_read()
    {
        Assert.True(StunMessage.TryRead(StunVectors.V6Response, out var message));
        Assert.True(IpEndpoint.TryRead("2001:db8:1234:5678:11:2233:4455:6677"u8, 32853, out var expected));
        Assert.Equal(expected, message.Mapped);
        Assert.True(message.HasFingerprint);
        AssertIntegrity(message, Encoding.ASCII.GetBytes(StunVectors.Password));
    }

    [Fact]
    public void The_sample_request_with_a_long_term_credential_is_read()
    {
        Assert.True(StunMessage.TryRead(StunVectors.LongTermRequest, out var message));
        Assert.False(message.HasFingerprint);
        Assert.False(message.HasUnknownRequired);
        Assert.Equal(["0006 マトリックス", "0015 f//499k954d6OL34oL9FSTvy64sA", "0014 example.org", "0008"], Describe(message));
        AssertIntegrity(message, MD5.HashData(Encoding.UTF8.GetBytes(StunVectors.LongTermKey)));
    }

    [Fact]
    public void The_sample_request_with_a_userhash_is_not_whole_by_the_length_that_it_names()
    {
        byte[] sample = StunVectors.UserhashRequest;
        Assert.False(StunMessage.TryRead(sample, out _));
        byte[] whole = [.. sample];
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(2), (ushort)(sample.Length - StunMessage.HeaderOctets));
        Assert.True(StunMessage.TryRead(whole, out var message));
        Assert.False(message.HasUnknownRequired);
        Assert.Equal(["001E", "0015 obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA", "0014 example.org", "001C"], Describe(message));
        // The authors' integrity is over the length that they printed.
        int at = 0;
        foreach (var attribute in message.Attributes)
            at = attribute.Offset;
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes(StunVectors.LongTermKey));
        Assert.Equal(sample[^32..], HMACSHA256.HashData(key, sample[..at]));
    }

    // RFC 8489 §14.5: over the message up to the attribute, its length as if the attribute were the last.
    private static void AssertIntegrity(in StunMessage message, byte[] key)
    {
        foreach (var attribute in message.Attributes)
        {
            if (attribute.Type != StunAttributeType.MessageIntegrity)
                continue;
            byte[] covered = message.Octets[..attribute.Offset].ToArray();
            int end = attribute.Offset + StunMessage.AttributeHeaderOctets + attribute.Value.Length;
            BinaryPrimitives.WriteUInt16BigEndian(covered.AsSpan(2), (ushort)(end - StunMessage.HeaderOctets));
            Assert.Equal(HMACSHA1.HashData(key, covered), attribute.Value.ToArray());
            return;
        }
        Assert.Fail("there is no integrity");
    }

    // The type of each attribute, and its text where it holds one.
    private static List<string> Describe(in StunMessage message)
    {
        var described = new List<string>();
        foreach (var attribute in message.Attributes)
        {
            bool isText = attribute.Type is StunAttributeType.Software or StunAttributeType.Username or StunAttributeType.Realm or StunAttributeType.Nonce;
            described.Add($"{(int)attribute.Type:X4}{(isText ? " " + Encoding.UTF8.GetString(attribute.Value) : "")}");
        }
        return described;
    }

    // ---- Written and read -------------------------------------------------------------------------------------------------------

    public static TheoryData<string, int> Addresses => new()
    {
        { "192.0.2.1", 32853 }, { "255.255.255.255", 65535 }, { "0.0.0.1", 0 }, { "2001:db8::1", 5060 }, { "fe80::1", 1 }, { "::1", 65535 },
    };

    [Theory, MemberData(nameof(Addresses))]
    public void An_address_that_was_written_is_read(string host, int port)
    {
        Assert.True(IpEndpoint.TryRead(Encoding.ASCII.GetBytes(host), (ushort)port, out var address));
        foreach (bool hasFingerprint in new[] { false, true })
        {
            var writer = new StunWriter(new byte[StunWriter.MaxOctets], StunClass.Success, SampleId);
            writer.XorMappedAddress(address);
            Assert.True(StunMessage.TryRead(writer.Finish(hasFingerprint), out var message));
            Assert.Equal((StunClass.Success, SampleId, (IpEndpoint?)address), (message.Class, message.Id, message.Mapped));
            Assert.Equal(hasFingerprint, message.HasFingerprint);
        }
    }

    [Fact]
    public void A_request_is_a_header()
    {
        var writer = new StunWriter(new byte[StunWriter.MaxOctets], StunClass.Request, new(0x01020304, 0x05060708_090A0B0C));
        Assert.Equal("00010000 2112A442 01020304 05060708090A0B0C".Replace(" ", ""), Convert.ToHexString(writer.Finish(hasFingerprint: false)));
    }

    [Fact]
    public void What_was_not_understood_is_named_and_no_more_than_fits()
    {
        // Seventeen that have to be understood, one known and one that may be passed over.
        byte[] request = Message(0x0001, [0x0006, 0x8029, .. Enumerable.Range(0x0100, 17)]);
        Assert.True(StunMessage.TryRead(request, out var asked));
        var writer = new StunWriter(new byte[StunWriter.MaxOctets], StunClass.Error, asked.Id);
        writer.UnknownAttributes(asked);
        Assert.True(StunMessage.TryRead(writer.Finish(hasFingerprint: true), out var answer));
        Assert.Equal((StunClass.Error, 420), (answer.Class, answer.ErrorCode));
        var named = new List<int>();
        foreach (var attribute in answer.Attributes)
        {
            for (var value = attribute.Value; attribute.Type == StunAttributeType.UnknownAttributes && !value.IsEmpty; value = value[2..])
                named.Add(BinaryPrimitives.ReadUInt16BigEndian(value));
        }
        Assert.Equal(Enumerable.Range(0x0100, 16), named);
        Assert.True(answer.Octets.Length <= request.Length + 40);
    }

    // ---- Read -------------------------------------------------------------------------------------------------------------------

    /// <summary>A message of a type with attributes, each of four octets of zero.</summary>
    private static byte[] Message(int type, params int[] attributes) =>
        Message(type, [.. attributes.Select(attribute => (attribute, new byte[4]))]);

    private static byte[] Message(int type, params (int Type, byte[] Value)[] attributes)
    {
        var octets = new List<byte> { (byte)(type >> 8), (byte)type, 0, 0, 0x21, 0x12, 0xA4, 0x42 };
        octets.AddRange(new byte[12]);
        foreach (var (attribute, value) in attributes)
        {
            octets.AddRange([(byte)(attribute >> 8), (byte)attribute, (byte)(value.Length >> 8), (byte)value.Length, .. value]);
            octets.AddRange(new byte[-value.Length & 3]);
        }
        octets[2] = (byte)(octets.Count - 20 >> 8);
        octets[3] = (byte)(octets.Count - 20);
        return [.. octets];
    }

    [Theory]
    [InlineData(0x0001, StunClass.Request)]
    [InlineData(0x0011, StunClass.Indication)]
    [InlineData(0x0101, StunClass.Success)]
    [InlineData(0x0111, StunClass.Error)]
    public void The_class_is_read_from_its_two_bits(int type, StunClass expected)
    {
        Assert.True(StunMessage.TryRead(Message(type, Array.Empty<int>()), out var message));
        Assert.Equal(expected, message.Class);
    }

    [Theory]
    [InlineData(0x0003)] // Allocate of TURN
    [InlineData(0x0000)]
    [InlineData(0x0081)]
    [InlineData(0x0201)]
    public void Another_method_is_not_read(int type) => Assert.False(StunMessage.TryRead(Message(type, Array.Empty<int>()), out _));

    [Fact]
    public void Every_part_of_a_message_is_no_message()
    {
        foreach (byte[] sample in new[] { StunVectors.Request, StunVectors.V6Response, StunVectors.LongTermRequest })
        {
            for (int length = 0; length < sample.Length; length++)
                Assert.False(StunMessage.TryRead(sample.AsSpan(0, length), out _));
            Assert.False(StunMessage.TryRead([.. sample, 0], out _));
            Assert.False(StunMessage.TryRead([.. sample, 0, 0, 0, 0], out _));
        }
    }

    [Fact]
    public void A_changed_octet_breaks_the_fingerprint()
    {
        for (int at = 0; at < StunVectors.V4Response.Length; at++)
        {
            byte[] changed = [.. StunVectors.V4Response];
            changed[at] ^= 0x10;
            // Where it is the fingerprint's own type that changed, there is none.
            Assert.False(StunMessage.TryRead(changed, out var message) && message.HasFingerprint);
        }
    }

    [Fact]
    public void A_fingerprint_is_the_last()
    {
        var writer = new StunWriter(new byte[StunWriter.MaxOctets], StunClass.Request, default);
        byte[] whole = writer.Finish(hasFingerprint: true).ToArray();
        Assert.True(StunMessage.TryRead(whole, out _));
        byte[] longer = [.. whole, 0x80, 0x22, 0, 0];
        longer[3] += 4;
        Assert.False(StunMessage.TryRead(longer, out _));
    }

    [Fact]
    public void The_hidden_address_counts_and_the_open_one_where_it_is_alone()
    {
        byte[] open = [0, 1, 0x13, 0xC4, 192, 0, 2, 7];
        byte[] hidden = [0, 1, 0x13, 0xC4, 192, 0, 2, 7];
        Assert.True(StunMessage.TryRead(Message(0x0101, (0x0001, open)), out var alone));
        Assert.Equal(IpEndpoint.V4(0xC0000207, 5060), alone.Mapped);
        Assert.True(StunMessage.TryRead(Message(0x0101, (0x0001, open), (0x0020, hidden)), out var both));
        Assert.Equal(IpEndpoint.V4(0xC0000207 ^ 0x2112A442, 5060 ^ 0x2112), both.Mapped);
    }

    [Fact]
    public void The_first_of_two_addresses_counts()
    {
        Assert.True(StunMessage.TryRead(Message(0x0101, (0x0001, [0, 1, 0, 1, 1, 1, 1, 1]), (0x0001, [0, 1, 0, 2, 2, 2, 2, 2])), out var message));
        Assert.Equal(IpEndpoint.V4(0x01010101, 1), message.Mapped);
    }

    [Fact]
    public void What_stands_behind_the_integrity_is_not_looked_at()
    {
        foreach (int integrity in new[] { 0x0008, 0x001C })
        {
            Assert.True(StunMessage.TryRead(Message(0x0101, (integrity, new byte[20]), (0x0001, [0, 1, 0, 1, 1, 1, 1, 1]), (0x0100, [])), out var message));
            Assert.Null(message.Mapped);
            Assert.False(message.HasUnknownRequired);
        }
    }

    [Theory]
    [InlineData(0x0020, "0003 0000 00000000", true)] // a family that nobody knows
    [InlineData(0x0020, "0001 0000 000000", false)]
    [InlineData(0x0020, "0001 0000 0000000000", false)]
    [InlineData(0x0020, "0002 0000 00000000", false)]
    [InlineData(0x0020, "000100", false)]
    [InlineData(0x0001, "", false)]
    [InlineData(0x0009, "00000400", true)] // an error of 400
    [InlineData(0x0009, "0000", true)] // one without a number
    public void An_address_has_the_length_of_its_family(int type, string value, bool isRead)
    {
        byte[] octets = Message(0x0101, (type, Convert.FromHexString(value.Replace(" ", ""))));
        Assert.Equal(isRead, StunMessage.TryRead(octets, out var message));
        Assert.Null(message.Mapped);
        Assert.Equal(value == "00000400" ? 400 : 0, message.ErrorCode);
    }

    [Theory]
    [InlineData("00000300", 300)]
    [InlineData("FFFFFE63", 699)] // reserved bits are passed over
    [InlineData("00000414", 420)]
    [InlineData("00000200", 0)]
    [InlineData("00000700", 0)]
    [InlineData("00000464", 0)]
    public void An_error_is_a_hundred_and_a_number(string value, int expected)
    {
        Assert.True(StunMessage.TryRead(Message(0x0111, (0x0009, Convert.FromHexString(value))), out var message));
        Assert.Equal(expected, message.ErrorCode);
    }

    [Fact]
    public void SIP_is_no_STUN_and_only_the_first_octets_of_RFC_7983_are()
    {
        byte[] octets = Message(0x0001, Array.Empty<int>());
        for (int first = 0; first < 256; first++)
        {
            octets[0] = (byte)first;
            Assert.Equal(first <= 3, TransportLayer.IsStun(octets));
        }
        octets[0] = 0;
        octets[5] ^= 1;
        Assert.False(TransportLayer.IsStun(octets));
        Assert.False(TransportLayer.IsStun("OPTIONS sip:a SIP/2.0\r\n\r\n"u8));
        Assert.False(TransportLayer.IsStun(default));
    }

    [Fact]
    public void Mutated_messages_are_read_or_not_and_nothing_else()
    {
        var random = new Random(8489);
        byte[][] samples = [StunVectors.Request, StunVectors.V4Response, StunVectors.V6Response, StunVectors.LongTermRequest, Message(0x0111, (9, [0, 0, 4, 20, 65]))];
        int read = 0;
        for (int i = 0; i < 50_000; i++)
        {
            byte[] mutant = [.. samples[random.Next(samples.Length)]];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                mutant[random.Next(2, mutant.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : random.Next(4));
            if (random.Next(4) == 0)
                mutant = mutant[..random.Next(mutant.Length + 1)];
            if (!StunMessage.TryRead(mutant, out var message))
                continue;
            read++;
            int end = StunMessage.HeaderOctets;
            foreach (var attribute in message.Attributes)
            {
                Assert.Equal(end, attribute.Offset);
                end += StunMessage.AttributeHeaderOctets + (attribute.Value.Length + 3 & ~3);
            }
            Assert.Equal(mutant.Length, end);
        }
        Assert.True(read > 1000, $"{read} were read");
    }
}
