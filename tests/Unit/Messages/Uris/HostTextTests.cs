// IP addresses against the framework's reader, which is the slow and obvious reference, and hosts compared (RFC 5954 §4).
using System.Net;
using System.Net.Sockets;
using SipEmbedded.Messages;
using Xunit;

namespace SipEmbedded.Tests.Messages.Uris;

public sealed class HostTextTests
{
    private const int Seed = 3261;
    private const int Samples = 20_000;

    [Theory]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("1::")]
    [InlineData("2001:db8::9:1")]
    [InlineData("2001:DB8:0:0:8:800:200C:417A")]
    [InlineData("::ffff:192.0.2.128")]
    [InlineData("1:2:3:4:5:6:192.0.2.128")]
    [InlineData("1:2:3:4:5:6:7::")]
    [InlineData("::2:3:4:5:6:7:8")]
    [InlineData("fe80::0001:0:0:1")]
    public void Addresses_are_read_as_the_framework_reads_them(string text)
    {
        Assert.True(IpAddressText.TryReadV6(Octets.Of(text), out var address));
        Assert.Equal(Reference(IPAddress.Parse(text)), address);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("::1:2:3:4:5:6:7:8")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7:")]
    [InlineData(":1:2:3:4:5:6:7")]
    [InlineData("12345::")]
    [InlineData("g::")]
    [InlineData("::1.2.3")]
    [InlineData("::1.2.3.4.5")]
    [InlineData("::256.0.0.1")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("1.2.3.4::")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    public void What_is_no_address_is_refused(string text) => Assert.False(IpAddressText.TryReadV6(Octets.Of(text), out _));

    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("192.0.2.1", true)]
    [InlineData("192.0.2.256", false)]
    [InlineData("192.0.2.01", false)]
    [InlineData("192.0.2", false)]
    [InlineData("192.0.2.1.", false)]
    [InlineData("192.0..1", false)]
    [InlineData("1.2.3.4294967297", false)]
    [InlineData("a.b.c.d", false)]
    public void Four_decimal_octets_are_an_address(string text, bool valid)
    {
        Assert.Equal(valid, IpAddressText.TryReadV4(Octets.Of(text), out uint address));
        if (valid)
            Assert.Equal(text, new IPAddress([(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8),
                (byte)address]).ToString());
    }

    [Fact]
    public void Random_addresses_and_near_misses_are_read_as_the_framework_reads_them()
    {
        var random = new Random(Seed);
        int valid = 0;
        for (int i = 0; i < Samples; i++)
        {
            int groups = random.Next(5, 10), gap = random.Next(-1, groups + 1);
            var parts = Enumerable.Range(0, groups).Select(_ => random.Next(0x10000).ToString("x" + random.Next(1, 4))).ToList();
            if (random.Next(4) == 0)
                parts[^1] = $"{random.Next(300)}.{random.Next(256)}.{random.Next(256)}.{random.Next(256)}";
            string text = gap < 0 ? string.Join(':', parts) : string.Join(':', parts.Take(gap)) + "::"
                + string.Join(':', parts.Skip(gap));
            bool expected = IPAddress.TryParse(text, out var reference)
                && reference.AddressFamily == AddressFamily.InterNetworkV6;
            // The framework lets "::" stand for no group at all, the grammar does not.
            expected &= gap < 0 || groups + (parts[^1].Contains('.') ? 1 : 0) < 8;
            Assert.True(expected == IpAddressText.TryReadV6(Octets.Of(text), out var address), text);
            if (!expected)
                continue;
            valid++;
            Assert.Equal(Reference(reference!), address);
            Assert.True(HostText.AreEqual(Octets.Of($"[{text}]"), Octets.Of($"[{reference}]")), text);
        }
        Assert.True(valid > Samples / 10);
    }

    [Theory]
    [InlineData("Example.COM", "example.com", true)]
    [InlineData("example.com", "example.org", false)]
    [InlineData("[::1]", "[0:0::1]", true)]
    [InlineData("[::1]", "::1", false)]
    [InlineData("[::1]", "[::2]", false)]
    [InlineData("[v1.x]", "[V1.X]", true)]
    public void Hosts_are_compared_as_names_or_addresses(string left, string right, bool equal) =>
        Assert.Equal(equal, HostText.AreEqual(Octets.Of(left), Octets.Of(right)));

    private static UInt128 Reference(IPAddress address) =>
        address.GetAddressBytes().Aggregate(UInt128.Zero, (value, octet) => value << 8 | octet);
}
