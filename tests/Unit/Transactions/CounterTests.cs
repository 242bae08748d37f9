// Each counter is moved by what its name says, and every counter has a row here.
using System.Reflection;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transactions;

public sealed class CounterTests
{
    private sealed record Cause(Func<Element> Make, Action<Element> Happens);

    private static Cause By(Action<Element> happens, Func<Element>? make = null) => new(make ?? (() => new()), happens);

    private static Element With(TransactionOptions? transactions = null, TransportOptions? transport = null, BufferClass[]? buffers = null) =>
        new(transactions, transport, buffers);

    private static void Stream(Element element, string text) => element.ReceiveStream(element.Accept(), Element.Octets(text));

    private static readonly Dictionary<string, Cause> Causes = new()
    {
        ["RequestsReceived"] = By(e => e.Receive(Element.Request("OPTIONS"))),
        ["RequestsTold"] = By(e => e.Receive(Element.Request("OPTIONS"))),
        ["ResponsesReceived"] = By(AnswerOptions),
        ["ResponsesTold"] = By(AnswerOptions),
        ["ResponsesAbsorbed"] = By(e =>
        {
            AnswerOptions(e);
            e.Receive(Element.Answer(e.SentTexts[0], 200));
        }),
        ["RetransmissionsReceived"] = By(e =>
        {
            e.Receive(Element.Request("OPTIONS"));
            e.Receive(Element.Request("OPTIONS"));
        }),
        ["Retransmissions"] = By(e =>
        {
            e.Send("OPTIONS");
            e.Until(500);
        }),
        ["AcksReceived"] = By(e =>
        {
            e.Receive(Element.Request("INVITE"));
            e.Respond(486);
            e.Receive(Element.Request("ACK"));
        }),
        ["CancelsReceived"] = By(e =>
        {
            e.Receive(Element.Request("INVITE"));
            e.Receive(Element.Request("CANCEL"));
        }),
        ["CancelsWithoutLines"] = By(
            e => e.Agent.Cancel(e.Now, e.Send("INVITE"), "X-Why: late\r\n"u8), () => With(buffers: [new(2048, 1)])),
        ["Unreadable"] = By(e => e.Receive("hello")),
        ["BadResponses"] = By(e => e.Receive("SIP/2.0 200 OK\r\n\r\n")),
        ["BadRequests"] = By(e => e.Receive(Element.Request("OPTIONS").Replace("CSeq: 1", "CSeq: x"))),
        ["MethodsRefused"] = By(e => e.Receive(Element.Request("MESSAGE")), () => With(new() { AllowedMethods = [Method.Invite] })),
        ["SchemesRefused"] = By(e => e.Receive(Element.Request("OPTIONS", uri: "http://a"))),
        ["ExtensionsRefused"] = By(e => e.Receive(Element.Request("OPTIONS", extra: "Require: x\r\n"))),
        ["MergedRequests"] = By(e =>
        {
            e.Receive(Element.Request("OPTIONS"));
            e.Receive(Element.Request("OPTIONS", branch: "z9hG4bKfork"));
        }),
        ["Loops"] = By(e =>
        {
            e.Send("OPTIONS");
            e.Receive(e.SentTexts[0]);
        }),
        ["SpentRequests"] = By(
            e => e.Receive(Element.Request("OPTIONS").Replace("Max-Forwards: 70", "Max-Forwards: 0")), () => With(new() { RefusesSpentRequests = true })),
        ["ServersRefused"] = By(e => e.Receive(Element.Request("OPTIONS")), () => With(new() { ServerTransactions = 0 })),
        ["ClientsRefused"] = By(e => e.Send("OPTIONS", out _), () => With(new() { ClientTransactions = 0 })),
        ["StrayResponses"] = By(e => e.Receive(Element.Answer(Element.Request("OPTIONS"), 200))),
        ["StrayAcks"] = By(e => e.Receive(Element.Request("ACK"))),
        ["StrayCancels"] = By(e => e.Receive(Element.Request("CANCEL"))),
        ["Unroutable"] = By(e => e.Receive(Element.Request("OPTIONS", via: "192.0.2.2;maddr=a.example"))),
        ["ClientTimeouts"] = By(e =>
        {
            e.Send("OPTIONS");
            e.Until(32_000);
        }),
        ["TransportErrors"] = By(e =>
        {
            e.Send("OPTIONS");
            e.Agent.HandleUndelivered(e.Now, Element.Udp, TransportFault.Refused);
            e.Until(0);
        }),
        ["Unacknowledged"] = By(e =>
        {
            e.Receive(Element.Request("INVITE"));
            e.Respond(486);
            e.Until(32_000);
        }),
        ["ServerTimeouts"] = By(e =>
        {
            e.Receive(Element.Request("OPTIONS"));
            e.Until(32_000);
        }),
        ["SwitchedToStream"] = By(e => e.Send("MESSAGE", body: new('x', 1400))),
        ["FellBackToUdp"] = By(e =>
        {
            e.Send("MESSAGE", body: new('x', 1400));
            e.Agent.HandleClosed(e.Now, e.Sent[0].Connection, TransportFault.Refused);
        }),
        ["StaleCommands"] = By(e => e.Agent.Cancel(e.Now, default)),

        ["DatagramsReceived"] = By(e => e.Receive(Element.Request("OPTIONS"))),
        ["StreamMessagesReceived"] = By(e => Stream(e, Element.Request("OPTIONS"))),
        ["DatagramsSent"] = By(e => e.Send("OPTIONS")),
        ["StreamMessagesSent"] = By(e => e.Send("OPTIONS", Element.Tcp)),
        ["KeepAliveDatagrams"] = By(e => e.Receive("\r\n")),
        ["StunDatagrams"] = By(e => e.Agent.HandleDatagram(e.Now, Element.Udp, [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, .. new byte[12]])),
        ["Pings"] = By(e => Stream(e, "\r\n\r\n")),
        ["Pongs"] = By(e =>
        {
            e.Send("OPTIONS", Element.Tcp);
            e.ReceiveStream(e.Sent[0].Connection, "\r\n"u8);
        }),
        ["UnframableStreams"] = By(e => Stream(e, Element.Request("OPTIONS").Replace("Content-Length: 0\r\n", ""))),
        ["StalledStreams"] = By(e =>
        {
            Stream(e, "INVITE");
            e.Until(32_000);
        }),
        ["IdleStreamsClosed"] = By(e =>
        {
            Stream(e, "\r\n\r\n");
            e.Until(15 * 60_000);
        }),
        ["ConnectTimeouts"] = By(e =>
        {
            e.Send("OPTIONS", Element.Tcp);
            e.Until(4000);
        }),
        ["ConnectionsRefused"] = By(e => e.Send("OPTIONS", out _, Element.Tcp), () => With(transport: new() { Connections = 0 })),
        ["StreamsWithoutBuffer"] = By(e => Stream(e, "INVITE"), () => With(buffers: [new(512, 0)])),
        ["OutputsRefused"] = By(e => e.Send("OPTIONS", out _), () => With(transport: new() { Outputs = 0 })),
        ["StaleInputs"] = By(e => e.Agent.HandleStreamBytes(e.Now, default, "x"u8)),
        ["Undelivered"] = By(e => e.Agent.HandleUndelivered(e.Now, Element.Udp, TransportFault.Refused)),
        ["ConnectionsClosed"] = By(e => e.Agent.HandleClosed(e.Now, e.Accept(), TransportFault.Closed)),
    };

    private static void AnswerOptions(Element element)
    {
        element.Send("OPTIONS");
        element.Receive(Element.Answer(element.SentTexts[0], 200));
    }

    private static IEnumerable<string> Names =>
        new[] { typeof(TransactionCounters), typeof(TransportCounters) }
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Instance)).Select(counter => counter.Name);

    [Fact]
    public void Every_counter_has_its_cause() => Assert.Equal(Names.Order(), Causes.Keys.Order());

    public static TheoryData<string> All => new(Causes.Keys);

    [Theory, MemberData(nameof(All))]
    public void A_counter_is_moved_by_what_it_counts(string name)
    {
        var element = Causes[name].Make();
        Assert.Equal(0, Read(element, name));
        Causes[name].Happens(element);
        element.Drain();
        Assert.Equal(1, Read(element, name));
        element.AssertAccounted();
    }

    private static long Read(Element element, string name)
    {
        object counters = typeof(TransactionCounters).GetField(name) is null ? element.Agent.TransportCounters : element.Agent.TransactionCounters;
        return (long)counters.GetType().GetField(name)!.GetValue(counters)!;
    }
}
