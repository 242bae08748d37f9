// SHA-512/256 against its published examples (NIST's of FIPS 180-4) and against the standard's own definition at every length around a block.
using System.Security.Cryptography;
using System.Text;
using SipEmbedded.Auth;
using Xunit;

namespace SipEmbedded.Tests.Auth;

public sealed class Sha512Slash256Tests
{
    private static string HexOf(byte[] data)
    {
        var result = new byte[32];
        Sha512Slash256.HashData(data, result);
        return Convert.ToHexStringLower(result);
    }

    [Theory]
    [InlineData("", "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a")]
    [InlineData("abc", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23")]
    [InlineData(
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a")]
    public void Published_examples_are_met(string text, string hash) => Assert.Equal(hash, HexOf(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Every_length_around_a_block_is_as_the_standard_defines_it()
    {
        foreach (int length in Enumerable.Range(0, 270).Append(1000))
        {
            byte[] data = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7 + length))];
            Assert.Equal(SHA512.HashData(data), SlowSha512.Sha512(data));
            Assert.Equal(Convert.ToHexStringLower(SlowSha512.Sha512Slash256(data)), HexOf(data));
        }
    }
}
