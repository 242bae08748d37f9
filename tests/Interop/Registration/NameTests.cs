// Servers that are found by name: two registrars behind SRV records, of which one fails and comes back; records that change; a name server that is gone.
using Xunit;

namespace SipEmbedded.Interop.Tests.Registration;

public class NameTests
{
    // A server that failed is passed over for so long (resolver.deadTime), and a name that nobody answered for is not asked for (failureTime).
    private const int DeadSeconds = 3;
    private const int FailureSeconds = 2;
    private const int ExpiresSeconds = 4;
    private const int RefreshDelaySeconds = 2;

    // At the latest with the next refresh, and the time of a busy machine.
    private static readonly TimeSpan FailoverLimit = TimeSpan.FromSeconds(ExpiresSeconds - RefreshDelaySeconds + 3);

    // When the time is over for which it is passed over, with the refresh after that.
    private static readonly TimeSpan ReturnLimit = TimeSpan.FromSeconds(DeadSeconds + ExpiresSeconds - RefreshDelaySeconds + 3);

    private static string Configuration(TestDns names) =>
        $$"""
        {
          "listen": "127.0.0.1:0",
          "resolver": { "configuration": "{{names.ResolvConf}}", "hosts": "{{names.Hosts}}", "deadTime": {{DeadSeconds}}, "failureTime": {{FailureSeconds}} },
          "registration": { "retry": 2, "longestRetry": 4, "spread": 0 },
          // alice by what the records prefer, which is UDP.
          "accounts": [
            { "server": "sip:{{TestDns.Domain}}", "user": "alice", "password": "secret", {{Times}} },
            { "server": "sip:{{TestDns.Domain}}", "user": "bob", "password": "word", "transport": "tcp", {{Times}} },
          ]
        }
        """;

    private static string Times => $"\"expires\": {ExpiresSeconds}, \"refreshDelay\": {RefreshDelaySeconds}";

    private static string[] RecordsOf(params IEnumerable<Kamailio> registrars) =>
    [
        TestDns.Pointer("SIP+D2U", "udp", 10), TestDns.Pointer("SIP+D2T", "tcp", 20), TestDns.Address("pbx", "127.0.0.1"),
        .. registrars.SelectMany((registrar, i) => (string[])
            [TestDns.Service("udp", "pbx", registrar.Port, 10 * (i + 1)), TestDns.Service("tcp", "pbx", registrar.Port, 10 * (i + 1))]),
    ];

    private static void Served(Kamailio by, Registerer device, TimeSpan limit, string what) =>
        Expect.Within(limit, () => by.BindingsOf("alice") is [{ IsTcp: false }] && by.BindingsOf("bob") is [{ IsTcp: true }], what, device);

    [NameServerFact]
    public void When_the_first_server_dies_the_second_takes_over_and_the_first_again_when_it_is_back()
    {
        using Kamailio first = new(), second = new();
        using var names = new TestDns("127.77.0.1");
        names.Publish(60, RecordsOf(first, second));
        using var device = new Registerer(Configuration(names));
        Served(first, device, Expect.Soon, "it registers at the preferred one");
        Assert.Equal(0, second.RegistersReceived);

        first.Stop();
        Served(second, device, FailoverLimit, "the second takes over");

        first.Start();
        Served(first, device, ReturnLimit, "the first again");
        // A failure is no reason to doubt the records: they were asked for at the beginning, perhaps twice where the machine is busy.
        Assert.InRange(names.QuestionsFor("NAPTR"), 1, 2);
        Assert.InRange(names.QuestionsFor("SRV"), 2, 4);
        Assert.Equal(0, device.Stop());
        Assert.Empty(first.BindingsOf("alice"));
        Assert.Empty(first.BindingsOf("bob"));
    }

    [NameServerFact]
    public void Records_that_change_are_followed_when_their_time_is_over()
    {
        using Kamailio old = new(), next = new();
        using var names = new TestDns("127.77.0.2");
        names.Publish(1, RecordsOf(old));
        using var device = new Registerer(Configuration(names));
        Served(old, device, Expect.Soon, "it registers where the records say");

        names.Publish(1, RecordsOf(next));

        Served(next, device, FailoverLimit, "it registers where they say now");
    }

    [NameServerFact]
    public void Without_a_name_server_the_last_answer_serves()
    {
        using var registrar = new Kamailio();
        using var names = new TestDns("127.77.0.3");
        names.Publish(1, RecordsOf(registrar));
        using var device = new Registerer(Configuration(names));
        Served(registrar, device, Expect.Soon, "it registers");

        names.Stop();
        // The registrar has forgotten what was there when the name server went: what it knows is new.
        Thread.Sleep(TimeSpan.FromSeconds(ExpiresSeconds));
        registrar.Restart();
        Served(registrar, device, FailoverLimit, "it registers although nobody tells where");
        device.WaitFor(news => Registerer.IsRegistered(news) && (bool)news["isServerStale"]!, Expect.Soon);
        Assert.DoesNotContain(device.News(), news => (string?)news["fault"] == "noServer");

        names.Publish(1, RecordsOf(registrar));
        device.WaitFor(news => Registerer.IsRegistered(news) && !(bool)news["isServerStale"]!, Expect.Soon);
    }

    [NameServerFact]
    public void A_device_that_starts_before_the_name_server_registers_when_that_is_there()
    {
        using var registrar = new Kamailio();
        using var names = new TestDns("127.77.0.4");
        using var device = new Registerer(Configuration(names));
        device.WaitFor(news => (string?)news["fault"] == "noServer", Expect.Soon);

        names.Publish(60, RecordsOf(registrar));

        Served(registrar, device, TimeSpan.FromSeconds(15), "it registers");
    }
}

/// <summary>A test with a name server of its own; skipped, with the reason, where there can be none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NameServerFactAttribute : FactAttribute
{
    public NameServerFactAttribute() => Skip = Peers.WhyNot(["kamailio", "dnsmasq"]) ?? TestDns.WhyNot;
}
