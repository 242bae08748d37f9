using System.Buffers.Binary;
using System.Net;
using System.Text;
using SipEmbedded.Text;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transport;

public sealed class IpEndpointTests
{
    private const ushort Port = 5060;

    private static IpEndpoint Read(string host)
    {
        Assert.True(IpEndpoint.TryRead(Encoding.ASCII.GetBytes(host), Port, out var endpoint), host);
        Assert.Equal(Port, endpoint.Port);
        return endpoint;
    }

    private delegate void WritePart(IpEndpoint endpoint, ref ByteWriter writer);

    private static string Written(IpEndpoint endpoint, WritePart part)
    {
        var writer = new ByteWriter(new byte[64]);
        part(endpoint, ref writer);
        Assert.False(writer.Overflowed);
        return Encoding.ASCII.GetString(writer.WrittenSpan);
    }

    private static string Address(IpEndpoint endpoint) => Written(endpoint, (IpEndpoint e, ref ByteWriter writer) => e.WriteAddress(ref writer));

    private static string Host(IpEndpoint endpoint) => Written(endpoint, (IpEndpoint e, ref ByteWriter writer) => e.WriteHost(ref writer));

    private static string HostPort(IpEndpoint endpoint) => Written(endpoint, (IpEndpoint e, ref ByteWriter writer) => e.WriteHostPort(ref writer));

    // RFC 5952 §1 to §4: spellings of an address, and the one that is recommended.
    [Theory]
    [InlineData("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("2001:db8::1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("2001:0db8::1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("2001:db8:0:0:1::1", "2001:db8::1:0:0:1")]
    [InlineData("2001:db8:0000:0:1::1", "2001:db8::1:0:0:1")]
    [InlineData("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1")]
    [InlineData("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1")]
    [InlineData("2001:db8:0:0:0::1", "2001:db8::1")]
    [InlineData("2001:db8:aaaa:bbbb:cccc:dddd::1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1")]
    [InlineData("2001:db8:aaaa:bbbb:cccc:dddd:0:1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1")]
    [InlineData("2001:0db8::0001", "2001:db8::1")]
    [InlineData("2001:db8:0:0:0:0:2:1", "2001:db8::2:1")]
    [InlineData("2001:db8::0:1", "2001:db8::1")]
    [InlineData("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [InlineData("2001:0:0:1:0:0:0:1", "2001:0:0:1::1")]
    [InlineData("2001:DB8::AaAa", "2001:db8::aaaa")]
    [InlineData("0:0:0:0:0:0:0:0", "::")]
    [InlineData("0:0:0:0:0:0:0:1", "::1")]
    [InlineData("1:0:0:0:0:0:0:0", "1::")]
    [InlineData("0:0:1:0:0:0:0:0", "0:0:1::")]
    [InlineData("0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1")]
    [InlineData("0:0:1:1:1:1:1:1", "::1:1:1:1:1:1")]
    [InlineData("1:1:1:1:1:1:0:0", "1:1:1:1:1:1::")]
    public void An_address_is_written_as_rfc_5952_recommends(string spelling, string expected)
    {
        var endpoint = Read(spelling);
        Assert.Equal(expected, Address(endpoint));
        Assert.Equal($"[{expected}]", Host(endpoint));
        Assert.Equal($"[{expected}]:5060", HostPort(endpoint));
        Assert.Equal(endpoint, Read($"[{spelling}]"));
        Assert.False(endpoint.IsV4);
    }

    // RFC 5118: with brackets (§4.1), a received parameter without (§4.5), what looks like a port is a group (§4.3), IPv4 inside (§4.9, §4.10).
    [Theory]
    [InlineData("[2001:db8::10]", "[2001:db8::10]")]
    [InlineData("[2001:db8::9:1]", "[2001:db8::9:1]")]
    [InlineData("[2001:db8::9:255]", "[2001:db8::9:255]")]
    [InlineData("2001:db8::9:255", "[2001:db8::9:255]")]
    [InlineData("[2001:db8::10:5070]", "[2001:db8::10:5070]")]
    [InlineData("[::ffff:192.0.2.10]", "192.0.2.10")]
    [InlineData("::ffff:192.0.2.2", "192.0.2.2")]
    [InlineData("[2001:db8::192.0.2.1]", "[2001:db8::c000:201]")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    public void Hosts_of_rfc_5118_are_read(string spelling, string expected) => Assert.Equal(expected, Host(Read(spelling)));

    [Theory]
    [InlineData("")]
    [InlineData("example.com")]
    [InlineData("[2001:db8:::192.0.2.1]")] // RFC 5118 §4.10: one colon too many
    [InlineData("[2001:db8::1")]
    [InlineData("2001:db8::1]")]
    [InlineData("[[2001:db8::1]]")]
    [InlineData("[192.0.2.1]")]
    [InlineData("[]")]
    [InlineData("[::1]:5060")]
    [InlineData("192.0.2.1:5060")]
    [InlineData("192.0.2")]
    [InlineData("192.0.2.256")]
    [InlineData("192.0.2.01")]
    [InlineData("0xc0000201")]
    [InlineData("fe80::1%eth0")]
    [InlineData("fe80::1%251")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("12345::")]
    [InlineData(" ::1")]
    public void What_is_no_address_is_refused(string host)
    {
        Assert.False(IpEndpoint.TryRead(Encoding.ASCII.GetBytes(host), Port, out var endpoint));
        Assert.Equal(default, endpoint);
    }

    [Fact]
    public void Random_addresses_are_read_and_written_as_the_framework_does()
    {
        var random = new Random(5952);
        byte[] octets = new byte[16];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(octets);
            // Runs of zero groups everywhere, groups with leading zeros.
            for (int group = 0, zeros = random.Next(256); group < 8; group++)
            {
                if ((zeros >> group & 1) != 0)
                    octets[2 * group] = octets[2 * group + 1] = 0;
                else if (random.Next(4) == 0)
                    octets[2 * group] = 0;
            }
            var address = new IPAddress(octets);
            var endpoint = IpEndpoint.V6(BinaryPrimitives.ReadUInt128BigEndian(octets), Port);
            string text = Address(endpoint);
            Assert.Equal(IPAddress.Parse(text), address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
            Assert.Equal(endpoint, Read(text));
            Assert.Equal(endpoint, Read(Host(endpoint)));
            string framework = address.ToString();
            // The framework also writes an IPv4 address inside others than mapped ones (RFC 5952 §5).
            if (!framework.Contains('.'))
                Assert.Equal(framework, text);
            Assert.Equal(endpoint, Read(framework));
            Assert.Equal(address.IsIPv6Multicast, endpoint.IsMulticast);
        }
    }

    [Fact]
    public void Random_v4_addresses_are_read_and_written_as_the_framework_does()
    {
        var random = new Random(791);
        byte[] octets = new byte[4];
        for (int i = 0; i < 5000; i++)
        {
            random.NextBytes(octets);
            uint value = BinaryPrimitives.ReadUInt32BigEndian(octets);
            var endpoint = IpEndpoint.V4(value, Port);
            Assert.Equal(new IPAddress(octets).ToString(), Host(endpoint));
            Assert.Equal(endpoint, Read(Host(endpoint)));
            Assert.Equal(value, endpoint.V4Address);
            Assert.Equal(octets[0] is >= 224 and < 240, endpoint.IsMulticast);
            Assert.Equal(endpoint, IpEndpoint.V6(endpoint.Address, Port));
        }
    }

    [Fact]
    public void A_buffer_too_small_is_told()
    {
        var endpoint = Read("2001:db8::1:0:0:1");
        int length = HostPort(endpoint).Length;
        for (int size = 0; size < length; size++)
        {
            var writer = new ByteWriter(new byte[size]);
            endpoint.WriteHostPort(ref writer);
            Assert.True(writer.Overflowed);
        }
    }

    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("::", true)]
    [InlineData("::ffff:0.0.0.0", true)]
    [InlineData("::1", false)]
    [InlineData("1::", false)]
    [InlineData("0.0.0.1", false)]
    [InlineData("::0.0.0.1", false)]
    public void Any_is_any_address_of_the_host(string host, bool isAny) => Assert.Equal(isAny, Read(host).IsAny);

    [Fact]
    public void Default_is_any()
    {
        Assert.True(default(IpEndpoint).IsAny);
        Assert.Equal(0, default(IpEndpoint).Port);
        Assert.Equal("127.0.0.1:5061", HostPort(IpEndpoint.Loopback(5061)));
    }

    [Theory]
    [InlineData("224.0.0.0", true)]
    [InlineData("224.0.1.75", true)] // sip.mcast.net (RFC 3261 §10.2.6)
    [InlineData("239.255.255.255", true)]
    [InlineData("223.255.255.255", false)]
    [InlineData("240.0.0.0", false)]
    [InlineData("ff02::1", true)]
    [InlineData("fe80::1", false)]
    [InlineData("::ffff:224.0.0.1", true)]
    public void Multicast_is_told(string host, bool isMulticast) => Assert.Equal(isMulticast, Read(host).IsMulticast);

    [Theory]
    [InlineData("fe80::1", true)]
    [InlineData("febf:ffff::1", true)]
    [InlineData("ff01::1", true)]
    [InlineData("ff12::1", true)]
    [InlineData("ff05::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:192.0.2.1", false)]
    public void A_scope_belongs_to_a_link_local_address_alone(string host, bool isScoped)
    {
        var address = Read(host).Address;
        IpEndpoint first = IpEndpoint.V6(address, Port, 1), second = IpEndpoint.V6(address, Port, 2);
        Assert.Equal(isScoped ? 1u : 0u, first.Scope);
        Assert.Equal(isScoped, first != second);
        Assert.Equal(!isScoped, first.HasAddressOf(second));
        // A scope means nothing to others.
        Assert.Equal(Host(first), Host(second));
        Assert.Equal(first.Scope, first.WithPort(1).Scope);
    }

    [Fact]
    public void Endpoints_are_equal_in_address_scope_and_port()
    {
        IpEndpoint[] all =
        [
            default, Read("192.0.2.1"), Read("192.0.2.1").WithPort(1), Read("192.0.2.2"), Read("::192.0.2.1"), Read("2001:db8::1"), Read("2001:db9::1"),
            IpEndpoint.V6(Read("fe80::1").Address, Port, 1), IpEndpoint.V6(Read("fe80::1").Address, Port, 2),
        ];
        for (int left = 0; left < all.Length; left++)
        {
            for (int right = 0; right < all.Length; right++)
            {
                Assert.Equal(left == right, all[left] == all[right]);
                Assert.Equal(left != right, all[left] != all[right]);
                Assert.Equal(left == right, all[left].Equals((object)all[right]));
            }
            var again = IpEndpoint.V6(all[left].Address, all[left].Port, all[left].Scope);
            Assert.Equal(all[left], again);
            Assert.Equal(all[left].GetHashCode(), again.GetHashCode());
        }
        Assert.True(all[1].HasAddressOf(all[2]));
        Assert.False(all[1].HasAddressOf(all[3]));
    }
}
