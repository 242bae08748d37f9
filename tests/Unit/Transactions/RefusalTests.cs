// What is refused before a transaction exists (RFC 3261 §8.2, §21): each refusal by the request's form, in RFC 3261's order, the same each time it comes
// again, and without a slot.
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Transactions;

public sealed class RefusalTests
{
    private static readonly Method[] Methods = [Method.Invite, Method.Bye, Method.Options];

    /// <summary>Twice the same request, twice the same answer, and nothing kept.</summary>
    private static string Refused(string request, int status, TransactionOptions? options = null)
    {
        var element = new Element(options);
        element.Receive(request);
        element.Receive(request);
        Assert.Equal([$"0 > udp {status}", $"0 > udp {status}"], element.Log);
        Assert.Equal(element.SentTexts[0], element.SentTexts[1]);
        Assert.True(element.Agent.Use.IsEmpty);
        // Its ACK is dropped.
        element.Receive(Element.Request("ACK"));
        Assert.Equal(2, element.Log.Count);
        return element.SentTexts[0];
    }

    private static void Told(string request, TransactionOptions? options = null)
    {
        var element = new Element(options);
        element.Receive(request);
        Assert.Equal(TransactionEventKind.Request, element.LastEvent.Kind);
        Assert.Empty(element.Sent);
    }

    [Fact]
    public void A_method_that_is_not_taken_has_405_or_501_with_Allow()
    {
        var options = new TransactionOptions { AllowedMethods = Methods };
        Assert.Equal("Allow: INVITE, BYE, OPTIONS, ACK, CANCEL", Element.LineOf(Refused(Element.Request("MESSAGE"), 405, options), "Allow"));
        Assert.Equal("Allow: INVITE, BYE, OPTIONS, ACK, CANCEL", Element.LineOf(Refused(Element.Request("FROBNICATE"), 501, options), "Allow"));
        Told(Element.Request("BYE"), options);
        Told(Element.Request("FROBNICATE"));
    }

    [Fact]
    public void A_request_URI_of_another_scheme_has_416()
    {
        Refused(Element.Request("OPTIONS", uri: "http://example.com"), 416);
        Refused(Element.Request("INVITE", uri: "tel:+4930"), 416);
        Told(Element.Request("OPTIONS", uri: "sips:door@192.0.2.1"));
        Told(Element.Request("INVITE", uri: "tel:+4930"), new() { AcceptsOtherSchemes = true });
    }

    [Fact]
    public void An_extension_that_is_not_known_has_420_with_each_that_is_not()
    {
        var options = new TransactionOptions { SupportedExtensions = "timer, 100rel" };
        string answer = Refused(Element.Request("OPTIONS", extra: "Require: 100rel, Timer, x\r\nRequire: y\r\n"), 420, options);
        Assert.Equal(["Unsupported: x", "Unsupported: y"], answer.Split("\r\n").Where(line => line.StartsWith("Unsupported")));
        Told(Element.Request("OPTIONS", extra: "Require: timer\r\n"), new() { SupportedExtensions = "timer" });
        Told(Element.Request("OPTIONS", extra: "Proxy-Require: x\r\n"));
    }

    [Fact]
    public void A_CANCEL_is_not_refused_for_what_it_requires()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        element.Receive(Element.Request("CANCEL", extra: "Require: x\r\n"));
        Assert.Equal(["0 ! Request Invite", "0 > udp 200", "0 ! Cancel Cancel"], element.Log);
    }

    [Fact]
    public void A_spent_request_is_taken_by_an_endpoint_and_refused_by_one_who_forwards()
    {
        string spent = Element.Request("OPTIONS").Replace("Max-Forwards: 70", "Max-Forwards: 0");
        Told(spent);
        Refused(spent, 483, new() { RefusesSpentRequests = true });
        Told(Element.Request("OPTIONS"), new() { RefusesSpentRequests = true });
    }

    [Fact]
    public void The_same_initial_request_over_another_way_has_482()
    {
        var element = new Element();
        element.Receive(Element.Request("INVITE"));
        element.Receive(Element.Request("INVITE", branch: "z9hG4bKfork"));
        // Inside a dialog, in another call, with another number, or by another method it is no copy.
        element.Receive(Element.Request("INVITE", branch: "z9hG4bK3", toTag: "x"));
        element.Receive(Element.Request("INVITE", branch: "z9hG4bK4", callId: "other"));
        element.Receive(Element.Request("INVITE", branch: "z9hG4bK5", cseq: 2));
        element.Receive(Element.Request("OPTIONS", branch: "z9hG4bK6"));
        Assert.Equal(
            ["0 ! Request Invite", "0 > udp 482", "0 ! Request Invite", "0 ! Request Invite", "0 ! Request Invite", "0 ! Request Options"], element.Log);
        Assert.Equal(1, element.Agent.TransactionCounters.MergedRequests);
    }

    [Fact]
    public void A_request_of_ours_that_comes_back_has_482()
    {
        var element = new Element();
        element.Send("OPTIONS");
        string ours = element.SentTexts[0];
        string line = Element.LineOf(ours, "Via");
        element.Clear();
        element.Receive(ours.Replace(line, "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKproxy\r\n" + line));
        Assert.Equal(["0 > udp 482"], element.Log);
        Assert.Equal(1, element.Agent.TransactionCounters.Loops);
        // Sent elsewhere on its way it is a call to ourselves.
        element.Receive(ours.Replace(line, "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKproxy2\r\n" + line)
            .Replace("OPTIONS sip:peer@192.0.2.2", "OPTIONS sip:door@192.0.2.1"));
        Assert.Equal("0 ! Request Options", element.Log[^1]);
    }

    [Theory]
    [InlineData("CSeq: 1 OPTIONS\r\n", "", 400, "Missing CSeq")]
    [InlineData("CSeq: 1 OPTIONS", "CSeq: 1 INVITE", 400, "Contradictory CSeq")]
    [InlineData("CSeq: 1 OPTIONS", "CSeq: x OPTIONS", 400, "Malformed")]
    [InlineData("CSeq: 1 OPTIONS", "CSeq: 4294967296 OPTIONS", 400, "Out of Range")]
    [InlineData("Call-ID: call1\r\n", "", 400, "Missing Call-ID")]
    [InlineData("Call-ID: call1", "Call-ID: call1\r\nCall-ID: call2", 400, "Repeated Call-ID")]
    [InlineData("From: <sip:peer@192.0.2.2>;tag=theirs\r\n", "", 400, "Missing From")]
    [InlineData("To: <sip:door@192.0.2.1>\r\n", "", 400, "Missing To")]
    [InlineData("Content-Length: 0", "Content-Length: 5", 400, "Malformed Content-Length")]
    [InlineData("Content-Length: 0", "Content-Length: -1", 400, "Malformed")]
    [InlineData("Content-Length: 0", "Content-Length: 0\r\nContent-Length: 1", 400, "Contradictory Content-Length")]
    [InlineData(" SIP/2.0\r\n", " SIP/7.0\r\n", 505, "")]
    [InlineData("sip:door@192.0.2.1 ", "<sip:door@192.0.2.1> ", 400, "Malformed")]
    public void A_malformed_request_is_refused_by_its_form(string from, string to, int status, string phrase)
    {
        string request = Element.Request("OPTIONS");
        Assert.Contains(from, request);
        Assert.Contains(phrase, Refused(request.Replace(from, to), status).Split("\r\n")[0]);
    }

    [Fact]
    public void A_request_with_too_many_headers_has_513()
    {
        string many = string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: 1\r\n"));
        Refused(Element.Request("OPTIONS", extra: many), 513);
    }

    [Theory]
    [InlineData("OPTIONS sip:a SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n")]
    [InlineData("OPTIONS sip:a SIP/2.0\r\nVia: nonsense\r\n\r\n")]
    [InlineData("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:0;branch=z9hG4bK1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1\r\n\r\n")]
    [InlineData("hello")]
    [InlineData("ACK sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1\r\n\r\n")]
    public void What_cannot_be_answered_is_dropped_and_counted(string text)
    {
        var element = new Element();
        element.Receive(text);
        Assert.Empty(element.Log);
        Assert.Equal(1, element.Agent.TransactionCounters.Unreadable);
    }

    [Theory]
    [InlineData(";maddr=conference.example.com")]
    [InlineData(":0")]
    public void A_request_whose_Via_leads_nowhere_is_dropped_and_counted(string behindHost)
    {
        var element = new Element();
        element.Receive(Element.Request("OPTIONS", via: "192.0.2.2" + behindHost));
        element.Receive(Element.Request("OPTIONS", via: "192.0.2.2" + behindHost, uri: "http://a"));
        Assert.Empty(element.Log);
        Assert.Equal(2, element.Agent.TransactionCounters.Unroutable);
        Assert.True(element.Agent.Use.IsEmpty);
    }

    [Theory]
    [InlineData("SIP/2.0 200", "SIP/2.0 99")]
    [InlineData("SIP/2.0 200", "SIP/3.0 200")]
    [InlineData("Content-Length: 0", "Content-Length: 1")]
    [InlineData("CSeq: 1 OPTIONS\r\n", "")]
    [InlineData("Call-ID: call-of-ours\r\n", "")]
    [InlineData("\r\nFrom: ", ", SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKx\r\nFrom: ")]
    [InlineData("\r\nFrom: ", "\r\nVia: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKx\r\nFrom: ")]
    [InlineData("\r\nFrom: ", "\r\nVia: nonsense\r\nFrom: ")]
    public void A_malformed_response_or_one_with_two_Vias_is_dropped_and_counted(string from, string to)
    {
        var element = new Element();
        element.Send("OPTIONS");
        string answer = Element.Answer(element.SentTexts[0], 200);
        Assert.Contains(from, answer);
        element.Clear();
        element.Receive(answer.Replace(from, to));
        Assert.Empty(element.Log);
        Assert.Equal((1, 0), (element.Agent.TransactionCounters.BadResponses, element.Agent.TransactionCounters.ResponsesReceived));
        // The right one is still awaited.
        element.Receive(answer);
        Assert.Equal(["0 ! Response Options 200"], element.Log);
    }

    [Fact]
    public void RFC_3261_names_the_order_of_the_refusals()
    {
        // Method, scheme, merged request, extension, and what a proxy would look at last.
        var options = new TransactionOptions { AllowedMethods = [Method.Options], RefusesSpentRequests = true };
        string all = Element.Request("MESSAGE", uri: "http://a", extra: "Require: x\r\n").Replace("Max-Forwards: 70", "Max-Forwards: 0");
        Refused(all, 405, options);
        all = all.Replace("MESSAGE", "OPTIONS");
        Refused(all, 416, options);
        all = all.Replace("http://a", "sip:a");
        Refused(all, 420, options);
        Refused(all.Replace("Require: x\r\n", ""), 483, options);
    }
}
