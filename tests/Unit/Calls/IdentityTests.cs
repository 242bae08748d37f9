// Who calls, and what may be shown of it: RFC 3325, RFC 3323, the Remote-Party-ID of a draft; and what we say of ourselves.
using System.Text;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Calls;

public sealed class IdentityTests
{
    private static readonly IpEndpoint s_proxy = Endpoint("192.0.2.1"), s_stranger = Endpoint("192.0.2.99");

    private readonly TrustedPeers _trusted = Trusting("192.0.2.1");

    private static IpEndpoint Endpoint(string host)
    {
        Assert.True(IpEndpoint.TryRead(Encoding.ASCII.GetBytes(host), 5060, out var endpoint));
        return endpoint;
    }

    private static TrustedPeers Trusting(params string[] peers)
    {
        var trusted = new TrustedPeers(new StartGate(), peers.Length);
        foreach (string peer in peers)
            Assert.True(trusted.TryAdd(Encoding.ASCII.GetBytes(peer)), peer);
        return trusted;
    }

    private static byte[] Invite(string headers, string from = "\"Mallory\" <sip:mallory@example.net>") => Encoding.UTF8.GetBytes(
        $"INVITE sip:door@example.com SIP/2.0\r\nFrom: {from};tag=1\r\n{headers.Replace("|", "\r\n")}{(headers.Length > 0 ? "\r\n" : "")}\r\n");

    /// <summary>What is read, in one line: source, name, URI, tel URI, what is withheld.</summary>
    private string Told(byte[] text, IpEndpoint from)
    {
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var request, out _));
        var identity = CallerIdentity.Read(request, _trusted, from);
        byte[] name = new byte[identity.DisplayName.Length];
        Assert.True(identity.TryCopyName(request.Text, name, out int length));
        string anonymous = identity.IsAnonymous ? " anonymous" : "";
        string withheld = identity.Withheld == WithheldIdentity.None ? "" : $" withheld {identity.Withheld}";
        string unquoted = Encoding.UTF8.GetString(name, 0, length);
        return $"{identity.Source} '{unquoted}' {Text(identity.Uri.Extent)} {Text(identity.TelUri.Extent)}{anonymous}{withheld}";

        string Text(Slice slice) => slice.IsPresent ? Encoding.UTF8.GetString(slice.In(text)) : "-";
    }

    [Theory]
    [InlineData("", "From 'Mallory' sip:mallory@example.net -")]
    [InlineData("P-Asserted-Identity: \"Alice \\\"A\\\"\" <sip:alice@example.com>", "AssertedIdentity 'Alice \"A\"' sip:alice@example.com -")]
    [InlineData("P-Asserted-Identity: sip:alice@example.com", "AssertedIdentity '' sip:alice@example.com -")]
    [InlineData("P-Asserted-Identity: Alice Smith <sips:alice@example.com>", "AssertedIdentity 'Alice Smith' sips:alice@example.com -")]
    [InlineData("P-Asserted-Identity: \"Zoë\" <sip:alice@example.com>", "AssertedIdentity 'Zoë' sip:alice@example.com -")]
    // One sip and one tel URI, on one line or two, in either order (RFC 3325 §9.1).
    [InlineData("P-Asserted-Identity: \"Alice\" <sip:alice@example.com>, tel:+14085264000", "AssertedIdentity 'Alice' sip:alice@example.com tel:+14085264000")]
    [InlineData("P-Asserted-Identity: tel:+14085264000|P-Asserted-Identity: \"Alice\" <sip:alice@example.com>", "AssertedIdentity 'Alice' sip:alice@example.com tel:+14085264000")]
    [InlineData("P-Asserted-Identity: \"A\" <TEL:+1;phone-context=x>, <sip:alice@example.com>", "AssertedIdentity 'A' sip:alice@example.com TEL:+1;phone-context=x")]
    [InlineData("P-Asserted-Identity: \"Alice\" <tel:+14085264000>", "AssertedIdentity 'Alice' tel:+14085264000 tel:+14085264000")]
    // Of several of a kind the first.
    [InlineData("P-Asserted-Identity: <sip:a@b>, <sip:c@d>, <tel:1>, <tel:2>", "AssertedIdentity '' sip:a@b tel:1")]
    // What is no sip, sips or tel URI is no asserted identity.
    [InlineData("P-Asserted-Identity: <mailto:alice@example.com>", "From 'Mallory' sip:mallory@example.net -")]
    [InlineData("P-Asserted-Identity: <sip:alice@>", "From 'Mallory' sip:mallory@example.net -")]
    [InlineData("P-Asserted-Identity: <sip:a@b>, <sip:broken", "AssertedIdentity '' sip:a@b -")]
    [InlineData("P-Asserted-Identity:", "From 'Mallory' sip:mallory@example.net -")]
    // Remote-Party-ID where nothing is asserted.
    [InlineData("Remote-Party-ID: \"Alice\" <sip:alice@example.com>;party=calling;screen=yes;privacy=off", "RemotePartyId 'Alice' sip:alice@example.com -")]
    [InlineData("Remote-Party-ID: \"Alice\" <sip:alice@example.com;user=phone>", "RemotePartyId 'Alice' sip:alice@example.com;user=phone -")]
    [InlineData("Remote-Party-ID: sip:alice@example.com;screen=no", "RemotePartyId '' sip:alice@example.com -")]
    [InlineData("Remote-Party-ID: <tel:+14085264000>;party=calling", "RemotePartyId '' tel:+14085264000 tel:+14085264000")]
    [InlineData("Remote-Party-ID: <sip:door@b>;party=called, <sip:alice@b>;PARTY=Calling", "RemotePartyId '' sip:alice@b -")]
    [InlineData("Remote-Party-ID: <sip:door@b>;party=called", "From 'Mallory' sip:mallory@example.net -")]
    [InlineData("Remote-Party-ID: <sip:bob@b>|P-Asserted-Identity: <sip:alice@b>", "AssertedIdentity '' sip:alice@b -")]
    [InlineData("Remote-Party-ID: <sip:alice@b|P-Asserted-Identity: <sip:alice@>", "From 'Mallory' sip:mallory@example.net -")]
    public void A_trusted_peer_is_believed(string headers, string expected) => Assert.Equal(expected, Told(Invite(headers), s_proxy));

    [Theory]
    [InlineData("P-Asserted-Identity: \"Alice\" <sip:alice@example.com>")]
    [InlineData("Remote-Party-ID: \"Alice\" <sip:alice@example.com>;party=calling")]
    [InlineData("P-Asserted-Identity: <tel:110>|Remote-Party-ID: <sip:police@example.com>")]
    public void A_stranger_is_not(string headers) => Assert.Equal("From 'Mallory' sip:mallory@example.net -", Told(Invite(headers), s_stranger));

    [Theory]
    [InlineData("Privacy: id", "All")]
    [InlineData("Privacy: header", "All")]
    [InlineData("Privacy: user", "All")]
    [InlineData("Privacy: session ; ID;critical", "All")]
    [InlineData("Privacy: session|Privacy: id", "All")]
    [InlineData("Privacy: id, critical", "All")] // a comma is no separator of the RFC's; the wish is plain all the same
    [InlineData("Privacy: none", "None")]
    [InlineData("Privacy: session;critical", "None")]
    [InlineData("Privacy: identity", "None")]
    [InlineData("Privacy:", "None")]
    [InlineData("Remote-Party-ID: <sip:a@b>;privacy=full", "All")]
    [InlineData("Remote-Party-ID: <sip:a@b>;privacy=full-network", "All")]
    [InlineData("Remote-Party-ID: <sip:a@b>;Privacy=Name", "Name")]
    [InlineData("Remote-Party-ID: <sip:a@b>;privacy=uri", "Uri")]
    [InlineData("Remote-Party-ID: <sip:a@b>;privacy=\"name, uri-network\"", "All")]
    [InlineData("Remote-Party-ID: <sip:a@b>;privacy=off", "None")]
    [InlineData("Remote-Party-ID: <sip:a@b>;privacy=fuller", "None")]
    [InlineData("Remote-Party-ID: <sip:door@b>;party=called;privacy=full", "None")]
    [InlineData("Privacy: none|Remote-Party-ID: <sip:a@b>;privacy=name", "Name")]
    public void A_wish_for_privacy_is_honoured_whoever_it_comes_from(string headers, string withheld)
    {
        byte[] text = Invite(headers + "|P-Asserted-Identity: \"Alice\" <sip:alice@example.com>");
        string expected = withheld == "None" ? "" : $" withheld {withheld}";

        Assert.Equal("AssertedIdentity 'Alice' sip:alice@example.com -" + expected, Told(text, s_proxy));
        Assert.Equal("From 'Mallory' sip:mallory@example.net -" + expected, Told(text, s_stranger));
    }

    [Theory]
    [InlineData("\"Anonymous\" <sip:anonymous@anonymous.invalid>", true)] // RFC 3323 §4.1.1.3
    [InlineData("<sip:x1f@Anonymous.Invalid>", true)]
    [InlineData("Anonymous <sip:c8oqz84zk7z@privacy.org>", true)] // RFC 3261 §8.1.1.3
    [InlineData("\"Anon\\ymous\" <sip:x@b>", true)]
    [InlineData("<sip:anonymous@192.0.2.1>", true)]
    [InlineData("\"Anonymous Coward\" <sip:anonymouse@b>", false)]
    [InlineData("<sip:alice@anonymous.invalid.example.com>", false)]
    public void An_anonymous_caller_is_told(string from, bool isAnonymous) =>
        Assert.Equal(isAnonymous, Told(Invite("", from), s_stranger).Contains(" anonymous", StringComparison.Ordinal));

    [Fact]
    public void A_request_without_a_From_that_can_be_read_is_of_nobody()
    {
        Assert.Equal("None '' - - withheld All", Told("INVITE sip:a SIP/2.0\r\nPrivacy: id\r\n\r\n"u8.ToArray(), s_proxy));
        Assert.Equal("None '' - -", Told(Invite("", from: "<sip:mallory@"), s_stranger));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.200/25", "192.0.2.128", true)]
    [InlineData("192.0.2.200/25", "192.0.2.127", false)]
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "192.0.2.1", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("[2001:db8::1]", "2001:db8::1", true)]
    [InlineData("2001:db8::1/128", "2001:db8::2", false)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", true)]
    public void Peers_are_trusted_by_address_and_prefix(string peer, string from, bool isTrusted) =>
        Assert.Equal(isTrusted, Trusting(peer).Contains(Endpoint(from)));

    [Theory]
    [InlineData("")]
    [InlineData("proxy.example.com")]
    [InlineData("192.0.2.1/33")]
    [InlineData("192.0.2.1/")]
    [InlineData("192.0.2.1/-1")]
    [InlineData("192.0.2.1/24x")]
    [InlineData("192.0.2.1/99999999999999999999999")]
    [InlineData("192.0.2.1/4294967296")]
    [InlineData("2001:db8::/129")]
    [InlineData("::ffff:192.0.2.1/96")]
    [InlineData("/24")]
    public void What_is_no_address_is_not_trusted(string peer)
    {
        var trusted = new TrustedPeers(new StartGate(), 1);

        Assert.False(trusted.TryAdd(Encoding.ASCII.GetBytes(peer)));
        Assert.Equal(0, trusted.Count);
        Assert.False(trusted.Contains(default));
    }

    [Fact]
    public void A_full_table_says_so_and_a_cleared_one_trusts_nobody()
    {
        var trusted = Trusting("192.0.2.1");
        Assert.False(trusted.TryAdd("192.0.2.2"u8));

        trusted.Clear();
        Assert.False(trusted.Contains(s_proxy));
        Assert.True(trusted.TryAdd("192.0.2.2"u8));
        Assert.True(trusted.Contains(Endpoint("192.0.2.2")));
    }

    [Theory]
    [InlineData("", "", PrivacyKinds.None, "")]
    [InlineData("", "sip:door@example.com", PrivacyKinds.None, "P-Preferred-Identity: <sip:door@example.com>\r\n")]
    [InlineData("Door \"1\"", "sips:door@example.com;x=1", PrivacyKinds.None, "P-Preferred-Identity: \"Door \\\"1\\\"\" <sips:door@example.com;x=1>\r\n")]
    [InlineData("Tür", "tel:+14085264000", PrivacyKinds.Id, "P-Preferred-Identity: \"Tür\" <tel:+14085264000>\r\nPrivacy: id\r\n")]
    [InlineData("", "", PrivacyKinds.User | PrivacyKinds.Header | PrivacyKinds.Session | PrivacyKinds.Id | PrivacyKinds.Critical,
        "Privacy: user;header;session;id;critical\r\n")]
    [InlineData("", "", PrivacyKinds.Off, "Privacy: none\r\n")]
    public void An_identity_is_written(string name, string uri, PrivacyKinds privacy, string expected)
    {
        var builder = new MessageBuilder(new byte[256]);

        Assert.True(Identity.Write(ref builder, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(uri), privacy));
        Assert.True(builder.IsValid);
        Assert.Equal(expected, Encoding.UTF8.GetString(builder.Written));
    }

    [Theory]
    [InlineData("", "sip:a@b>,<sip:evil@c", PrivacyKinds.None)]
    [InlineData("", "sip:a@b\r\nX-Evil: 1", PrivacyKinds.None)]
    [InlineData("", "mailto:a@b", PrivacyKinds.None)]
    [InlineData("", "alice", PrivacyKinds.None)]
    [InlineData("", " sip:a@b", PrivacyKinds.None)]
    [InlineData("Evil\r\nX-Evil: 1", "sip:a@b", PrivacyKinds.None)]
    [InlineData("", "sip:a@b", PrivacyKinds.Critical)]
    [InlineData("", "sip:a@b", PrivacyKinds.Off | PrivacyKinds.Id)]
    [InlineData("", "sip:a@b", (PrivacyKinds)64)]
    public void What_cannot_stand_there_is_refused_and_nothing_is_written(string name, string uri, PrivacyKinds privacy)
    {
        var builder = new MessageBuilder(new byte[256]);

        Assert.False(Identity.Write(ref builder, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(uri), privacy));
        Assert.True(builder.IsValid);
        Assert.True(builder.Written.IsEmpty);
    }

    [Fact]
    public void A_name_or_a_URI_that_is_too_long_is_refused()
    {
        var builder = new MessageBuilder(new byte[2048]);
        byte[] name = Encoding.ASCII.GetBytes(new string('n', Identity.MaxPreferred));
        byte[] uri = Encoding.ASCII.GetBytes("sip:" + new string('u', Identity.MaxPreferred));

        Assert.False(Identity.Write(ref builder, name, "sip:a@b"u8, PrivacyKinds.None));
        Assert.False(Identity.Write(ref builder, default, uri, PrivacyKinds.None));
        Assert.True(builder.Written.IsEmpty);
    }

    [Fact]
    public void The_anonymous_From_is_one_and_is_read_as_anonymous()
    {
        string from = Encoding.ASCII.GetString(Identity.AnonymousFrom);

        Assert.Equal("From 'Anonymous' sip:anonymous@anonymous.invalid - anonymous", Told(Invite("", from), s_proxy));
    }

    /// <summary>
    /// Headers put together from pieces that peers and attackers send, cut, doubled and with octets changed. Whatever comes: no exception, a stranger's From or
    /// nobody, a privacy wish that is spelled out is honoured, and every slice lies in the message.
    /// </summary>
    [Fact]
    public void Hostile_headers_give_no_identity_that_is_not_there()
    {
        const int Rounds = 20_000;
        string[] pieces =
        [
            "P-Asserted-Identity: ", "Remote-Party-ID: ", "Privacy: ", "<sip:alice@example.com>", "\"Al\\\"ice\" ", "tel:+1234", ",", ";", "party=", "calling",
            "privacy=", "full", "\"", "<", ">", "id", "none", "\\", " ", "\t", "\r\n", "\r\n ", "sip:", "@", "%00", "\u00ff", "anonymous.invalid", "=", "a",
        ];
        var random = new Random(20261);
        byte[] name = new byte[4096];
        int asserted = 0, parties = 0, nobody = 0;
        for (int i = 0; i < Rounds; i++)
        {
            var headers = new StringBuilder();
            for (int n = random.Next(1, 25); n > 0; n--)
                headers.Append(pieces[random.Next(pieces.Length)]);
            string begun = pieces[random.Next(2)] + "<sip:p@q>";
            byte[] text = Encoding.Latin1.GetBytes($"INVITE sip:a SIP/2.0\r\nFrom: <sip:m@n>;tag=1\r\n{begun}{headers}\r\nPrivacy: id\r\n\r\n");
            for (int n = random.Next(3); n > 0; n--)
                text[random.Next(text.Length)] = (byte)random.Next(256);
            var index = new MessageIndex();
            int length = random.Next(4) == 0 ? random.Next(text.Length) : text.Length;
            SipMessage.TryRead(text.AsSpan(0, length), Framing.Datagram, ref index, out var request, out _);

            var stranger = CallerIdentity.Read(request, _trusted, s_stranger);
            Assert.True(stranger.Source is IdentitySource.From or IdentitySource.None);
            var identity = CallerIdentity.Read(request, _trusted, s_proxy);
            Assert.Equal(stranger.Withheld, identity.Withheld);
            Assert.True(identity.TryCopyName(request.Text, name, out _));
            Assert.InRange(identity.Uri.Extent.End, 0, request.Text.Length);
            Assert.InRange(identity.TelUri.Extent.End, 0, request.Text.Length);
            Assert.Equal(identity.Source == IdentitySource.None, identity.Uri.Kind == SipUriKind.None);
            if (request.FirstLineOf(HeaderName.Privacy) is >= 0 and var line && request.ValueOf(line).In(request.Text).SequenceEqual("id"u8))
                Assert.Equal(WithheldIdentity.All, identity.Withheld);
            asserted += identity.Source == IdentitySource.AssertedIdentity ? 1 : 0;
            parties += identity.Source == IdentitySource.RemotePartyId ? 1 : 0;
            nobody += identity.Source == IdentitySource.None ? 1 : 0;
        }
        // Each outcome is met often enough to say something.
        const int Often = 100;
        Assert.True(asserted > Often && parties > Often && nobody > Often, $"{asserted} asserted, {parties} parties, {nobody} nobody");
    }

    [Fact]
    public void Reading_and_writing_identities_allocate_nothing()
    {
        byte[] text = Invite(
            "P-Asserted-Identity: \"Al\\\"ice\" <sip:alice@example.com>, <tel:+1234>|Remote-Party-ID: <sip:a@b>;privacy=name|Privacy: id;critical");
        byte[] output = new byte[512], name = new byte[64];
        var index = new MessageIndex();
        Run(100);

        long before = HeapCount.Begin();
        int read = Run(100_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(100_000, read);

        int Run(int rounds)
        {
            int read = 0;
            for (int i = 0; i < rounds; i++)
            {
                SipMessage.TryRead(text, Framing.Datagram, ref index, out var request, out _);
                var identity = CallerIdentity.Read(request, _trusted, s_proxy);
                var builder = new MessageBuilder(output);
                if (identity.TryCopyName(request.Text, name, out int length)
                    && Identity.Write(ref builder, name.AsSpan(0, length), identity.Uri.Extent.In(text), PrivacyKinds.Id))
                    read++;
            }
            return read;
        }
    }
}
