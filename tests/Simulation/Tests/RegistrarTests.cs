// The registrar's model does what RFC 3261 §10.3 and RFC 7616 say: it is what the client is held to.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class RegistrarTests
{
    private const string Record = "sip:alice@example.net";

    private static readonly IpEndpoint s_phone = IpEndpoint.V4(0xC0000201, 5060);

    private static readonly IpEndpoint s_address = IpEndpoint.V4(0xC0000202, 5060);

    private readonly World _world = new(1, NetworkFaults.None);
    private readonly RegistrarBehaviour _behaviour = new();
    private readonly Registrar _registrar;
    private readonly EchoEngine _engine = new() { Echoes = false };
    private readonly Node _node;
    private int _requests;

    public RegistrarTests()
    {
        _behaviour.Passwords.Add("alice", "secret");
        _registrar = new(_world, "registrar", 0, s_address, _behaviour);
        _node = new(_world, "phone", 1, s_phone);
        _world.Add(_node);
        _node.Start(_engine);
        _registrar.Start();
    }

    private SipText? Ask(int sequence, string[] headers, string callId = "one", string uri = "sip:example.net")
    {
        int number = ++_requests;
        string head = $"REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK{number}\r\nMax-Forwards: 70\r\n"
            + $"From: <{Record}>;tag=a\r\nTo: <{Record}>\r\nCall-ID: {callId}\r\nCSeq: {sequence} REGISTER\r\n";
        string text = head + string.Concat(headers.Select(header => header + "\r\n")) + "Content-Length: 0\r\n\r\n";
        int before = _engine.Datagrams.Count;
        _engine.Send(new(Protocol.Udp, s_phone, s_address), Encoding.ASCII.GetBytes(text));
        _node.Settle();
        _world.RunUntil(_world.Now + TimeSpan.FromSeconds(1));
        return _engine.Datagrams.Count == before ? null : SipText.TryRead(_engine.Datagrams[^1].Octets);
    }

    private static int StatusOf(SipText? response) => response?.Status ?? 0;

    private static string[] ContactsOf(SipText? response) => [.. ContactText.AllOf(response!).Select(contact => $"{contact.Uri} {contact.Expires}")];

    private void AsksNobody() => _behaviour.Algorithms = [];

    [Fact]
    public void A_contact_is_kept_until_it_expires_by_its_own_interval_then_the_headers_then_the_usual_one()
    {
        AsksNobody();
        var response = Ask(1, ["Contact: <sip:a@192.0.2.1>;expires=100, <sip:b@192.0.2.1>", "Expires: 200"]);
        var third = Ask(2, ["Contact: <sip:c@192.0.2.1>;q=0.5"]);

        Assert.Equal(["sip:a@192.0.2.1 100", "sip:b@192.0.2.1 200"], ContactsOf(response));
        Assert.Equal(["sip:a@192.0.2.1 99", "sip:b@192.0.2.1 199", "sip:c@192.0.2.1 3600"], ContactsOf(third));

        _world.RunUntil(_world.Now + TimeSpan.FromSeconds(150));

        Assert.Equal(["sip:b@192.0.2.1 48", "sip:c@192.0.2.1 3449"], ContactsOf(Ask(3, [])));
        Assert.Equal("q=0.5", ContactText.AllOf(Ask(4, [])!)[1].Parameters[0]);
    }

    [Fact]
    public void A_contact_is_removed_by_zero_and_all_of_them_by_an_asterisk()
    {
        AsksNobody();
        Ask(1, ["Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>, <sip:c@192.0.2.1>"]);

        Assert.Equal(2, ContactsOf(Ask(2, ["Contact: <sip:a@192.0.2.1>;expires=0"])).Length);
        Assert.Equal(400, StatusOf(Ask(3, ["Contact: *"])));
        Assert.Equal(400, StatusOf(Ask(4, ["Contact: *, <sip:d@192.0.2.1>", "Expires: 0"])));
        Assert.Empty(ContactsOf(Ask(5, ["Contact: *", "Expires: 0"])));
    }

    [Fact]
    public void What_is_out_of_order_changes_nothing_unless_it_has_another_call_id()
    {
        AsksNobody();
        Ask(5, ["Contact: <sip:a@192.0.2.1>"]);

        Assert.Equal(500, StatusOf(Ask(3, ["Contact: <sip:b@192.0.2.1>, <sip:a@192.0.2.1>;expires=0"])));
        Assert.Equal(500, StatusOf(Ask(4, ["Contact: *", "Expires: 0"])));
        Assert.Equal("sip:a@192.0.2.1", Assert.Single(_registrar.Locations.BindingsOf(Record, _world.Now)).Uri);
        Assert.Empty(ContactsOf(Ask(1, ["Contact: *", "Expires: 0"], callId: "two")));
    }

    [Fact]
    public void Too_brief_an_interval_is_refused_with_the_least_and_too_long_a_one_is_cut()
    {
        AsksNobody();
        var brief = Ask(1, ["Contact: <sip:a@192.0.2.1>;expires=30"]);

        Assert.Equal((423, "60"), (StatusOf(brief), brief!.Header("Min-Expires")));
        Assert.Equal(["sip:a@192.0.2.1 3600"], ContactsOf(Ask(2, ["Contact: <sip:a@192.0.2.1>;expires=100000"])));
    }

    [Fact]
    public void One_instance_and_flow_has_one_binding_whatever_its_address()
    {
        AsksNobody();
        Ask(1, ["Contact: <sip:a@192.0.2.1>;reg-id=1;+sip.instance=\"<urn:uuid:1>\""]);

        Assert.Equal(["sip:a@192.0.2.9 3600"], ContactsOf(Ask(2, ["Contact: <sip:a@192.0.2.9>;reg-id=1;+sip.instance=\"<urn:uuid:1>\""])));
    }

    [Theory]
    [InlineData("MD5")]
    [InlineData("SHA-256")]
    public void Credentials_are_right_once_for_each_count_and_a_nonce_has_its_time(string algorithm)
    {
        string nonce = NonceOf(Ask(1, ["Contact: <sip:a@192.0.2.1>"])!);

        Assert.Equal(200, StatusOf(Ask(2, ["Contact: <sip:a@192.0.2.1>", Credentials(algorithm, nonce, 1, "secret")])));
        Assert.Equal(200, StatusOf(Ask(3, ["Contact: <sip:a@192.0.2.1>", Credentials(algorithm, nonce, 2, "secret")])));
        Assert.True(IsStale(Ask(4, ["Contact: <sip:a@192.0.2.1>", Credentials(algorithm, nonce, 2, "secret")])));
        Assert.False(IsStale(Ask(5, ["Contact: <sip:a@192.0.2.1>", Credentials(algorithm, nonce, 3, "wrong")])));

        _world.RunUntil(_world.Now + _behaviour.NonceLifetime);

        Assert.True(IsStale(Ask(6, ["Contact: <sip:a@192.0.2.1>", Credentials(algorithm, nonce, 4, "secret")])));
    }

    [Fact]
    public void The_example_of_RFC_7616_is_right_but_for_its_nonce()
    {
        _behaviour.Realm = "http-auth@example.org";
        _behaviour.Passwords["Mufasa"] = "Circle of Life";
        var digest = new DigestModel(new(1), _behaviour);
        const string Head = "GET /dir/index.html SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=b\r\nFrom: a\r\nTo: b\r\nCall-ID: c\r\nCSeq: 1 GET\r\nAuthorization: Digest ";
        const string Given = "username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
            + "nc=00000001, cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, ";

        var md5 = SipText.TryRead(Encoding.ASCII.GetBytes($"{Head}{Given}algorithm=MD5, response=\"8ca523f5e9506fed4657c9700eebdbec\"\r\n\r\n"))!;
        var sha = SipText.TryRead(Encoding.ASCII.GetBytes(
            $"{Head}{Given}algorithm=SHA-256, response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"\r\n\r\n"))!;

        Assert.Equal(DigestFinding.Stale, digest.Check(default, md5, out _));
        Assert.Equal(DigestFinding.Stale, digest.Check(default, sha, out _));
    }

    [Fact]
    public void A_nonce_that_serves_once_is_stale_the_second_time()
    {
        _behaviour.NoncesServeOnce = true;
        string nonce = NonceOf(Ask(1, [])!);

        Assert.Equal(200, StatusOf(Ask(2, [Credentials("MD5", nonce, 1, "secret")])));
        Assert.True(IsStale(Ask(3, [Credentials("MD5", nonce, 2, "secret")])));
    }

    [Fact]
    public void It_has_the_ways_of_the_field_that_it_is_given()
    {
        AsksNobody();
        _behaviour.IgnoresUserPart = true;
        Assert.Null(Ask(1, [], uri: "sip:alice@example.net"));

        _behaviour.GrantsInHeaderOnly = true;
        var header = Ask(2, ["Contact: <sip:a@192.0.2.1>;expires=300"]);
        Assert.Equal(("300", null), (header!.Header("Expires"), ContactText.AllOf(header)[0].Expires));

        _behaviour.ContactPort = 40_000;
        Assert.Equal("sip:b@192.0.2.1:40000;transport=udp", ContactText.AllOf(Ask(3, ["Contact: <sip:b@192.0.2.1:5060;transport=udp>"])!)[1].Uri);

        _behaviour.OmitsContacts = true;
        Assert.Empty(ContactsOf(Ask(4, [])));

        (_behaviour.Refusal, _behaviour.RetryAfter) = (503, 30);
        Assert.Equal("30", Ask(5, [])!.Header("Retry-After"));
    }

    [Fact]
    public void A_reboot_loses_bindings_and_nonces()
    {
        string nonce = NonceOf(Ask(1, [])!);
        Ask(2, ["Contact: <sip:a@192.0.2.1>", Credentials("MD5", nonce, 1, "secret")]);
        _registrar.Reboot(TimeSpan.FromSeconds(5), isSilent: true);

        Assert.Null(Ask(3, []));

        _world.RunUntil(_world.Now + TimeSpan.FromSeconds(10));

        Assert.True(IsStale(Ask(4, [Credentials("MD5", nonce, 2, "secret")])));
        Assert.Empty(_registrar.Locations.BindingsOf(Record, _world.Now));
    }

    [Fact]
    public void What_is_more_than_it_can_take_waits_and_then_is_dropped()
    {
        AsksNobody();
        (_behaviour.RequestsPerSecond, _behaviour.QueueLength) = (1, 2);
        var start = _world.Now;
        for (int i = 1; i <= 5; i++)
            _engine.Send(new(Protocol.Udp, s_phone, s_address), Encoding.ASCII.GetBytes(
                $"REGISTER sip:example.net SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKq{i}\r\nMax-Forwards: 70\r\nFrom: <{Record}>;tag=a\r\n"
                + $"To: <{Record}>\r\nCall-ID: q\r\nCSeq: {i} REGISTER\r\nContent-Length: 0\r\n\r\n"));
        _node.Settle();
        _world.RunUntil(start + TimeSpan.FromSeconds(10));

        Assert.Equal([1001, 2001], _registrar.Arrivals.Select(arrival => (arrival.Answered - start).TotalMilliseconds));
        Assert.Equal(3, _world.Network.Counters.Lost);
    }

    private static string NonceOf(SipText challenge)
    {
        Assert.Equal(401, challenge.Status);
        string value = challenge.Header("WWW-Authenticate")!;
        int start = value.IndexOf("nonce=\"", StringComparison.Ordinal) + 7;
        return value[start..value.IndexOf('"', start)];
    }

    private static bool IsStale(SipText? challenge)
    {
        Assert.Equal(401, StatusOf(challenge));
        return challenge!.Header("WWW-Authenticate")!.Contains("stale=true", StringComparison.Ordinal);
    }

    private static string Credentials(string algorithm, string nonce, int count, string password)
    {
        string Hash(string text) => Convert.ToHexStringLower(
            algorithm == "MD5" ? MD5.HashData(Encoding.ASCII.GetBytes(text)) : SHA256.HashData(Encoding.ASCII.GetBytes(text)));
        string number = count.ToString("x8", CultureInfo.InvariantCulture);
        string response = Hash($"{Hash($"alice:example.net:{password}")}:{nonce}:{number}:mine:auth:{Hash("REGISTER:sip:example.net")}");
        return $"Authorization: Digest username=\"alice\", realm=\"example.net\", nonce=\"{nonce}\", uri=\"sip:example.net\", response=\"{response}\", "
            + $"algorithm={algorithm}, cnonce=\"mine\", qop=auth, nc={number}";
    }
}
