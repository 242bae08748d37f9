// Each leniency with a message as a real peer sends it: accepted with the switch on, rejected with it off and all others on.
using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Tests.Conformance;
using Xunit;

namespace SipEmbedded.Tests.Leniencies;

public sealed class LeniencyTests
{
    private const string Plain = "OPTIONS sip:bell@door.example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKx1\r\n"
        + "From: \"Front\" <sip:front@example.com>;tag=f1\r\nTo: <sip:bell@door.example.com>\r\nCall-ID: 2f9@192.0.2.9\r\nCSeq: 1 OPTIONS\r\n"
        + "Content-Length: 0\r\n\r\n";

    private const string PlainResponse = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKx1\r\nFrom: <sip:front@example.com>;tag=f1\r\n"
        + "To: <sip:bell@door.example.com>;tag=t1\r\nCall-ID: 2f9@192.0.2.9\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

    // One row for each leniency and place: what stands in the plain message, and what the peer sends in its place.
    public static TheoryData<Leniency, string, string> Samples { get; } = new()
    {
        { Leniency.LineFeed, "OPTIONS sip:bell@door.example.com SIP/2.0\r\n", "OPTIONS sip:bell@door.example.com SIP/2.0\n" },
        { Leniency.LineFeed, "CSeq: 1 OPTIONS\r\n", "CSeq: 1 OPTIONS\n" },
        { Leniency.LineFeed, "0\r\n\r\n", "0\r\n\n" },
        { Leniency.TrailingSpace, "SIP/2.0\r\nVia", "SIP/2.0  \r\nVia" },
        { Leniency.TrailingSpace, "Call-ID: 2f9@192.0.2.9", "Call-ID: 2f9@192.0.2.9 " },
        { Leniency.RequestLineSpaces, "OPTIONS sip:bell@door.example.com SIP/2.0", "OPTIONS  sip:bell@door.example.com   SIP/2.0" },
        { Leniency.ReasonPhraseCharacters, "SIP/2.0 200 OK", "SIP/2.0 200 OK \"door\" <open>" },
        { Leniency.UnspacedDisplayName, "\"Front\" <sip:front", "Front<sip:front" },
        { Leniency.DisplayNameCharacters, "\"Front\" <sip:front", "Front (1st floor) <sip:front" },
        { Leniency.SpacedAddress, "<sip:front@example.com>", "< sip:front@example.com >" },
        { Leniency.HostCharacters, "door.example.com SIP/2.0", "front_door SIP/2.0" },
        { Leniency.HostCharacters, "192.0.2.9:5060", "DESKTOP-PC_1.local:5060" },
        { Leniency.UserCharacters, "sip:bell@door.example.com SIP", "sip:*21#@door.example.com SIP" },
        { Leniency.UserCharacters, "To: <sip:bell@", "To: <sip:[bell]@" },
        { Leniency.UserCharacters, "To: <sip:bell@door.example.com>", "To: sip:*21#@door.example.com" },
        { Leniency.CallIdCharacters, "2f9@192.0.2.9", "2f9=a&b@192.0.2.9@x" },
        { Leniency.ProductText, "Content-Length: 0", "User-Agent: FPBX-2.11.0(11.8.1) [x]\r\nContent-Length: 0" },
        { Leniency.ProductText, "Content-Length: 0", "Server: Grandstream HT-502 V1.1B [1]\r\nContent-Length: 0" },
        { Leniency.EmptyList, "Content-Length: 0", "Require:\r\nContent-Length: 0" },
        { Leniency.TrailingComma, "Content-Length: 0", "Accept-Contact: *;audio,\r\nContent-Length: 0" },
    };

    [Fact]
    public void The_plain_messages_need_no_leniency()
    {
        Assert.Equal("accept", Verdict.On(Encoding.UTF8.GetBytes(Plain), Leniency.None).Outcome);
        Assert.Equal("accept", Verdict.On(Encoding.UTF8.GetBytes(PlainResponse), Leniency.None).Outcome);
    }

    [Fact]
    public void Every_leniency_has_a_sample()
    {
        var all = Enum.GetValues<Leniency>().Where(l => l is not (Leniency.None or Leniency.Default)).ToList();
        Assert.Equal(all, Samples.Select(row => (Leniency)row[0]).Distinct().Order());
        Assert.Equal(Leniency.Default, all.Aggregate(Leniency.None, (sum, l) => sum | l));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_leniency_accepts_what_is_rejected_without_it(Leniency leniency, string plain, string sent)
    {
        string source = leniency == Leniency.ReasonPhraseCharacters ? PlainResponse : Plain;
        Assert.Contains(plain, source, StringComparison.Ordinal);
        byte[] text = Encoding.UTF8.GetBytes(source.Replace(plain, sent, StringComparison.Ordinal));
        Assert.Empty(Verdict.On(text, leniency).Faults);
        Assert.Empty(Verdict.On(text).Faults);
        Assert.NotEmpty(Verdict.On(text, Leniency.None).Faults);
        // Whatever else is tolerated, a display name of tokens right before "<" is one of its characters as well.
        var others = leniency == Leniency.UnspacedDisplayName ? Leniency.Default & ~Leniency.DisplayNameCharacters : Leniency.Default;
        Assert.NotEmpty(Verdict.On(text, others & ~leniency).Faults);
    }
}
