// The configuration file: what it gives where it is right, and that every mistake is named at once, with its line, where it is wrong.
using System.Text;
using SipEmbedded.Auth;
using SipEmbedded.Device.Configuration;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Device.Tests.Configuration;

public sealed class PhoneConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("configuration-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_example_shows_every_member_and_is_right()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "doorphone.example.json");
        var errors = new StringWriter();

        var configuration = PhoneConfiguration.Load(path, errors);

        Assert.Equal("", errors.ToString());
        var provider = configuration!.Accounts[1];
        Assert.Equal("provider", provider.Name);
        Assert.Equal("sip:registrar.example.net", provider.Server);
        Assert.Equal("sip:4921155501@example.net", provider.AddressOfRecord);
        Assert.Equal("Front door", provider.DisplayName);
        Assert.Equal(["house-17 example.net", "house-17 edge.example.net"], provider.Authentication.Select(who => $"{who.User} {who.Realm}"));
        Assert.Equal([DigestAlgorithm.Sha512Slash256, DigestAlgorithm.Sha256, DigestAlgorithm.Md5], provider.Algorithms);
        Assert.Equal(DigestAlgorithm.Sha256, provider.MinimumAlgorithm);
        Assert.Equal(["sip:edge.example.net;lr", "sip:core.example.net;lr"], provider.Route);
        Assert.Equal(("4921155501", ";q=0.7;audio"), (provider.ContactUser, provider.ContactParameters));
        Assert.Equal(10u, provider.RefreshDelaySeconds);
        Assert.Equal([("X-Door", "front")], provider.Headers);
        Assert.Equal("door.example.net:5060", provider.SentBy);
        Assert.Equal(new KeepAliveConfiguration(KeepAliveChoice.Crlf, 90, IsOffered: false), provider.KeepAlive);
        Assert.Equal(300, provider.PingSeconds);
        Assert.Equal("urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF", provider.InstanceId);
        Assert.True(provider.UsesPublicAddress && provider.IsAutomatic && provider.FollowsRedirects);
        // It shows the defaults here.
        Assert.Equal(RetryConfiguration.Standard, configuration.Retry);
        var standard = Right("""{ "accounts": [{ "server": "sip:pbx", "user": "u" }] }""");
        Assert.Equal((standard.DeadTimeSeconds, standard.FailureTimeSeconds), (configuration.DeadTimeSeconds, configuration.FailureTimeSeconds));
    }

    [Fact]
    public void A_server_and_a_user_are_enough()
    {
        var configuration = Right("""{ "accounts": [{ "server": "sip:pbx.example.com:5070", "user": "door" }] }""");

        var account = Assert.Single(configuration.Accounts);
        Assert.Equal("door", account.Name);
        Assert.Equal("sip:door@pbx.example.com", account.AddressOfRecord);
        Assert.Equal(account.AddressOfRecord, account.From);
        Assert.Null(account.ContactUser);
        Assert.Empty(account.Contacts);
        Assert.Equal((600u, 40u, true), (account.ExpiresSeconds, account.RefreshDelaySeconds, account.IsAutomatic));
        Assert.Equal(Protocol.None, account.Transport);
        Assert.Empty(account.Authentication);
        Assert.Empty(account.Route);
        Assert.Equal(KeepAliveConfiguration.Standard, account.KeepAlive);
        Assert.Equal([IpEndpoint.V4(0, 5060)], configuration.Listen);
        Assert.Equal("/etc/resolv.conf", configuration.ResolvConf);
    }

    [Fact]
    public void Every_mistake_is_named_with_its_line_what_stands_there_and_what_is_allowed()
    {
        Assert.Equal(
            """
            2: listen: "here" is no address: 192.0.2.1, :5070, [2001:db8::1]:5070
            3: accounts[0].user: it is missing
            4: accounts[0].server: "pbx.example.com" is no SIP URI: a SIP URI without a user, such as sip:pbx.example.com, sip:192.0.2.1:5070, "sip:[2001:db8::1];transport=tcp"
            5: accounts[0].expires: 0 is not allowed: seconds from 1 to 86400
            6: accounts[0].refreshDelay: "5" is not allowed: seconds from 1 to 86400
            7: accounts[0].automatic: "yes" is not allowed: true or false
            8: accounts[0].transport: "tls" is not allowed: any, udp, tcp
            9: accounts[0].algorithms[1]: "SHA-1" is no algorithm: MD5, MD5-sess, SHA-256, SHA-256-sess, SHA-512-256, SHA-512-256-sess
            11: accounts[0].contacts[0].q: 1.5 is not allowed: a number from 0 to 1, at most three digits behind the point
            12: accounts[0].contacts[1]: "door" is not allowed: a section {…}
            14: accounts[0].headers.Via: "Via" is a header that the stack writes itself
            14: accounts[0].headers.X-Door: 1 is no text, which stands in quotes
            15: accounts[0].keepAlive.intervall: there is no such member; allowed are method, interval, offer
            15: accounts[0].keepAlive.method: "ping" is not allowed: automatic, none, crlf, stun
            16: registration.longestRetry: it is shorter than "retry"
            """,
            Wrong(
                """
                {
                  "listen": "here",
                  "accounts": [{
                    "server": "pbx.example.com",
                    "expires": 0,
                    "refreshDelay": "5",
                    "automatic": "yes",
                    "transport": "tls",
                    "algorithms": ["MD5", "SHA-1"],
                    "contacts": [
                      { "uri": "sip:u@h", "q": 1.5 },
                      "door",
                    ], // a comment
                    "headers": { "Via": "x", "X-Door": 1 },
                    "keepAlive": { "method": "ping", "intervall": 30 },
                  }], "registration": { "longestRetry": 7 },
                }
                """));
    }

    [Theory]
    [InlineData("server", "\"sip:door@pbx\"", "has a user or headers")]
    [InlineData("server", "\"sips:pbx\"", "needs TLS")]
    [InlineData("server", "\"sip:pbx;transport=sctp\"", "asks for a transport")]
    [InlineData("addressOfRecord", "\"sip:pbx\"", "is no address of record")]
    [InlineData("from", "\"tel:+49\"", "is no address of record")]
    [InlineData("displayName", "\"a\\nb\"", "has control characters")]
    [InlineData("displayName", "\"\\ud800\"", "half a character")]
    [InlineData("route", "\"sip:proxy\"", "with the parameter lr")]
    [InlineData("outboundProxy", "[]", "is no text")]
    [InlineData("sentBy", "\"door:99999\"", "is no host with or without a port")]
    [InlineData("instanceId", "\"urn:uuid:1\"", "is no instance")]
    [InlineData("realm", "\"\"", "is no realm")]
    [InlineData("authenticationUser", "\"a:b\"", "is no user name")]
    [InlineData("minimumAlgorithm", "\"SHA\"", "is no algorithm")]
    [InlineData("contacts", "{}", "a list of sections")]
    [InlineData("contacts", "[{},{},{},{},{}]", "5 are not allowed: from 0 to 4")]
    [InlineData("contacts", "[{\"uri\":\"tel:1\"}]", "is no URI of a contact")]
    [InlineData("contacts", "[{\"parameters\":\";expires=1\"}]", "which are members of their own")]
    [InlineData("contact", "{\"parameters\":\"audio\"}", "are no parameters of a Contact")]
    [InlineData("contact", "{\"parameters\":\";q=1\"}", "which are members of their own")]
    [InlineData("contact", "{\"q\":0.1234}", "at most three digits")]
    [InlineData("contact", "{\"user\":\"a b\"}", "is no user of a SIP URI")]
    [InlineData("headers", "{\"X Y\":\"1\"}", "is no name of a header")]
    [InlineData("headers", "{\"l\":\"1\"}", "that the stack writes itself")]
    [InlineData("headers", "{\"X\":\"1\\r\\nY: 2\"}", "is no value of a header")]
    [InlineData("keepAlive", "{\"interval\":0}", "seconds from 1 to 3600")]
    [InlineData("credentials", "[{\"password\":\"x\"}]", "it is missing")]
    [InlineData("expires", "1e99", "seconds from 1 to 86400")]
    [InlineData("expires", "99999999999999999999", "seconds from 1 to 86400")]
    public void A_value_that_cannot_be_used_is_refused(string member, string value, string expected)
    {
        string rest = member == "server" ? "" : "\"server\": \"sip:pbx\",";

        Assert.Contains(expected, Wrong($$"""{ "accounts": [{ {{rest}} "user": "u", "{{member}}": {{value}} }] }"""));
    }

    [Fact]
    public void Members_that_do_not_go_together_are_refused()
    {
        Assert.Contains("names another transport", Wrong("""{ "accounts": [{ "server": "sip:pbx;transport=udp", "user": "u", "transport": "tcp" }] }"""));
        Assert.Contains("nothing would be left", Wrong(
            """{ "accounts": [{ "server": "sip:pbx", "user": "u", "algorithms": ["MD5"], "minimumAlgorithm": "SHA-256" }] }"""));
        Assert.Contains("two accounts are named \"u\"", Wrong(
            """{ "accounts": [{ "server": "sip:a", "user": "u" }, { "server": "sip:b", "user": "u" }] }"""));
        Assert.Contains("accounts: 0 are not allowed: from 1 to 8", Wrong("""{ "accounts": [] }"""));
        Assert.Contains("accounts: it is missing", Wrong("{}"));
        Assert.Contains("in place of", Wrong(
            """{ "accounts": [{ "server": "sip:a", "user": "u", "contact": {}, "contacts": [{ "uri": "sip:u@h" }] }] }"""));
    }

    [Fact]
    public void A_member_that_stands_twice_is_a_mistake() =>
        Assert.Equal("4: accounts[0].user: it stands here a second time; the first is on line 3", Wrong(
            """
            { "accounts": [{
                "server": "sip:pbx",
                "user": "a",
                "user": "b"
            }] }
            """));

    [Theory]
    [InlineData("{\n\"accounts\": [}", "2: this is no JSON: ")]
    [InlineData("", "1: this is no JSON: ")]
    [InlineData("{}\n{}", "2: this is no JSON: ")]
    [InlineData("[]", "1: a list […] is not allowed")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[", "1: this is no JSON: ")]
    public void What_is_no_such_text_is_told_with_its_line(string text, string expected) => Assert.StartsWith(expected, Wrong(text));

    [Fact]
    public void Text_that_is_not_utf8_is_told_with_its_line()
    {
        List<ConfigurationFault> faults = [];

        Assert.Null(PhoneConfiguration.Read([(byte)'{', (byte)'\n', (byte)'"', 0xFF, (byte)'"'], new(_folder), faults));

        Assert.Equal(new(2, "", "the text is not UTF-8"), Assert.Single(faults));
    }

    [Fact]
    public void A_password_comes_from_the_text_a_file_or_the_environment()
    {
        File.WriteAllText(Path.Combine(_folder, "door"), "from a file\nsecond line");
        Environment.SetEnvironmentVariable("DOORPHONE_TEST_PASSWORD", "from the environment");

        var accounts = Right(
            """
            { "accounts": [
                { "name": "1", "server": "sip:pbx", "user": "u", "password": "from the text" },
                { "name": "2", "server": "sip:pbx", "user": "u", "password": { "file": "door" } },
                { "name": "3", "server": "sip:pbx", "user": "u", "password": { "environment": "DOORPHONE_TEST_PASSWORD" } },
                { "name": "4", "server": "sip:pbx", "user": "u", "realm": "r", "password": { "hash": { "MD5": "00112233445566778899aabbccddeeff" } } },
            ] }
            """).Accounts;

        Assert.Equal(["from the text", "from a file", "from the environment", null], accounts.Select(account => account.Authentication[0].Password));
        Assert.Equal(new PasswordHash(DigestAlgorithm.Md5, "00112233445566778899aabbccddeeff"), Assert.Single(accounts[3].Authentication[0].Hashes));
    }

    [Theory]
    [InlineData("\"secret\\u0001\"")]
    [InlineData("{ \"hash\": { \"MD5\": \"secret\" } }")]
    [InlineData("[\"secret\"]")]
    public void A_mistake_in_a_password_does_not_show_it(string password)
    {
        string faults = Wrong($$"""{ "accounts": [{ "server": "sip:pbx", "user": "u", "realm": "r", "password": {{password}} }] }""");

        Assert.Contains("password", faults);
        Assert.DoesNotContain("secret", faults);
    }

    [Theory]
    [InlineData("{ \"file\": \"nowhere\" }", "password.file: Could not find file")]
    [InlineData("{ \"environment\": \"DOORPHONE_TEST_NOTHING\" }", "the variable DOORPHONE_TEST_NOTHING is not set")]
    [InlineData("{ \"hash\": { \"MD5\": \"00112233445566778899aabbccddeeff\" } }", "a hash is of one realm")]
    [InlineData("{}", "one of file, environment, hash")]
    public void A_password_that_cannot_be_had_is_a_mistake(string password, string expected) =>
        Assert.Contains(expected, Wrong($$"""{ "accounts": [{ "server": "sip:pbx", "user": "u", "password": {{password}} }] }"""));

    [Fact]
    public void A_file_that_cannot_be_read_is_told()
    {
        var errors = new StringWriter();

        Assert.Null(PhoneConfiguration.Load(Path.Combine(_folder, "nowhere.json"), errors));

        Assert.StartsWith("doorphone: cannot read the configuration: ", errors.ToString());
    }

    // Mutations of the example: whatever stands there, it is read or refused.
    [Fact]
    public void No_text_brings_the_reader_down()
    {
        byte[] example = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "doorphone.example.json"));
        var random = new Random(20_400);
        int right = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] text = [.. example];
            for (int j = random.Next(1, 6); j > 0; j--)
                text[random.Next(text.Length)] = "{}[]\",:0\n\\ue\xFF"u8[random.Next(14)];
            List<ConfigurationFault> faults = [];
            bool isRight = PhoneConfiguration.Read(text, new(_folder), faults) is not null;
            Assert.Equal(isRight, faults.Count == 0);
            Assert.All(faults, fault => Assert.InRange(fault.Line, 1, example.Count((byte)'\n') + 301));
            right += isRight ? 1 : 0;
        }
        // Some of them changed a comment alone.
        Assert.InRange(right, 1, 299);
    }

    private PhoneConfiguration Right(string text)
    {
        List<ConfigurationFault> faults = [];
        var configuration = PhoneConfiguration.Read(Encoding.UTF8.GetBytes(text), new(_folder), faults);
        Assert.Empty(faults);
        return configuration!;
    }

    private string Wrong(string text)
    {
        List<ConfigurationFault> faults = [];
        Assert.Null(PhoneConfiguration.Read(Encoding.UTF8.GetBytes(text), new(_folder), faults));
        return string.Join('\n', faults.OrderBy(fault => fault.Line).ThenBy(fault => fault.Place, StringComparer.Ordinal)
            
            .Select(fault => fault.In("")[1..]));
    }
}
