// SipHash-2-4 with 128 bits against its authors' vectors: key 00..0f, inputs of 0 to 63 octets that count up.
using System.Buffers.Binary;
using System.Security.Cryptography;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Tests.Memory;

public sealed class KeyedHashTests
{
    private static byte[] Counting(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)i)];

    private static byte[] Hash(byte[] key, byte[] text)
    {
        byte[] octets = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(octets, new KeyedHash(key).Of(text));
        return octets;
    }

    [Theory]
    [InlineData(0, "a3817f04ba25a8e66df67214c7550293")]
    [InlineData(1, "da87c1d86b99af44347659119b22fc45")]
    [InlineData(7, "a1f1ebbed8dbc153c0b84aa61ff08239")]
    [InlineData(8, "3b62a9ba6258f5610f83e264f31497b4")]
    [InlineData(63, "5150d1772f50834a503e069a973fbd7c")]
    public void Published_vectors_are_met(int length, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(Hash(Counting(16), Counting(length))));

    // SHA-256 over all 64 in order, as OpenSSL makes them: openssl mac -macopt hexkey:000102030405060708090a0b0c0d0e0f -macopt size:16 -in FILE SIPHASH
    [Fact]
    public void All_64_vectors_together_are_met() =>
        Assert.Equal("ecfaa9fe47ff788fa834a9863ea2715a2880cd37d2b8c3c194402838428119b9", Convert.ToHexStringLower(
            SHA256.HashData([.. Enumerable.Range(0, 64).SelectMany(length => Hash(Counting(16), Counting(length)))])));

    [Fact]
    public void Longer_texts_and_other_keys_agree_with_the_paper()
    {
        var random = new Random(2012);
        byte[] key = new byte[KeyedHash.KeyOctets];
        for (int length = 0; length < 600; length++)
        {
            byte[] text = new byte[length];
            random.NextBytes(text);
            random.NextBytes(key);
            Assert.Equal(OfThePaper(key, text), Hash(key, text));
        }
    }

    [Fact]
    public void A_key_of_another_length_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedHash(new byte[15]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedHash(new byte[17]));
    }

    // The paper's figures 2.1 and 2.2, step by step, the input padded as a whole first; 128 bits as the authors' program adds them.
    private static byte[] OfThePaper(byte[] key, byte[] text)
    {
        ulong k0 = BitConverter.ToUInt64(key, 0), k1 = BitConverter.ToUInt64(key, 8);
        byte[] padded = new byte[text.Length / 8 * 8 + 8];
        text.CopyTo(padded, 0);
        padded[^1] = (byte)(text.Length % 256);
        ulong[] v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ 0xee, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573];
        for (int at = 0; at < padded.Length; at += 8)
        {
            ulong m = BitConverter.ToUInt64(padded, at);
            v[3] ^= m;
            Rounds(2);
            v[0] ^= m;
        }
        v[2] ^= 0xee;
        Rounds(4);
        ulong first = v[0] ^ v[1] ^ v[2] ^ v[3];
        v[1] ^= 0xdd;
        Rounds(4);
        ulong second = v[0] ^ v[1] ^ v[2] ^ v[3];
        return [.. BitConverter.GetBytes(first), .. BitConverter.GetBytes(second)];

        void Rounds(int count)
        {
            for (; count > 0; count--)
            {
                Half(0, 1, 13, isTurned: true);
                Half(2, 3, 16, isTurned: false);
                Half(2, 1, 17, isTurned: true);
                Half(0, 3, 21, isTurned: false);
            }
        }

        void Half(int a, int b, int bits, bool isTurned)
        {
            v[a] += v[b];
            v[b] = (v[b] << bits | v[b] >> 64 - bits) ^ v[a];
            if (isTurned)
                v[a] = v[a] << 32 | v[a] >> 32;
        }
    }
}
