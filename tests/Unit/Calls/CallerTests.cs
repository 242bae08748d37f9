// Who calls, in calls: what trusted proxies say of it and what is told to them (RFC 3325, RFC 3323).
using System.Text;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Calls;

public class CallerTests
{
    private static string Caller(CallBench bench) => bench.Bob.Calls.TryGetCaller(bench.Bob.Call, out var caller)
        ? $"{caller.Source} {Text(caller.DisplayName)} {Text(caller.Uri)} {Text(caller.TelUri)} {caller.Withheld}{(caller.IsAnonymous ? " anonymous" : "")}" : "nobody";

    private static string Text(ReadOnlySpan<byte> text) => text.IsEmpty ? "-" : Encoding.UTF8.GetString(text);

    private static CallBench Calling(string headers, params string[] trusted)
    {
        var bench = new CallBench(bob: new() { Trusted = trusted })
        {
            Alters = (what, text) => what == "alice INVITE sdp" ? text.Replace("Max-Forwards", headers + "Max-Forwards") : text,
        };
        bench.Place();
        return bench;
    }

    [Theory]
    [InlineData("", "From - sip:alice@192.0.2.1 - None")]
    [InlineData("P-Asserted-Identity: \"Alice\" <sip:+4930@example.com>, <tel:+4930>\r\nPrivacy: id\r\n", "AssertedIdentity \"Alice\" sip:+4930@example.com tel:+4930 All")]
    [InlineData("Remote-Party-ID: \"Alice\" <sip:anonymous@example.com>;privacy=name\r\n", "RemotePartyId \"Alice\" sip:anonymous@example.com - Name anonymous")]
    public void A_trusted_proxy_says_who_calls_as_long_as_the_call_lasts(string headers, string expected)
    {
        var bench = Calling(headers, "2001:db8::/32", "192.0.2.0/24");
        Assert.Equal(expected, Caller(bench));
        bench.Answer(200);
        bench.Pass(60);
        Assert.Equal(expected, Caller(bench));
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.Pass(0);
        Assert.Equal("nobody", Caller(bench));
        bench.AssertEmpty();
    }

    [Fact]
    public void A_stranger_says_who_calls_by_From_alone()
    {
        var bench = Calling("P-Asserted-Identity: <sip:police@example.com>\r\n", "198.51.100.7");
        Assert.Equal("From - sip:alice@192.0.2.1 - None", Caller(bench));
        Assert.False(bench.Alice.Calls.TryGetCaller(bench.Alice.Call, out _));
    }

    [Fact]
    public void The_words_about_a_call_say_who_calls()
    {
        var bench = Calling("P-Asserted-Identity: \"Alice\" <sip:+4930@example.com>, <tel:+4930>\r\nPrivacy: id\r\n", "192.0.2.1");
        byte[] room = new byte[2048];
        string text = Encoding.UTF8.GetString(room, 0, bench.Bob.Calls.Dump(bench.Now, bench.Bob.Call, room, withMedia: false));
        Assert.Contains("\r\ncaller   \"Alice\" <sip:+4930@example.com> <tel:+4930>, by a trusted peer, not to be shown\r\n", text);
    }

    private static string Placed(CallBench bench, IdentityForm form, PrivacyKinds privacy)
    {
        Assert.Equal(
            CallResult.Done,
            bench.Alice.Calls.Place(
                bench.Now,
                new()
                {
                    Target = "sip:bob@192.0.2.2"u8, From = Identity.AnonymousFrom, Flow = new(Protocol.Udp, CallBench.AlicesAddress, CallBench.BobsAddress),
                    IdentityUri = "sip:front@example.com"u8, IdentityName = "Front \"door\""u8, IdentityForm = form, Privacy = privacy,
                },
                out _));
        bench.Settle();
        return bench.LastOf("alice", "INVITE");
    }

    [Theory]
    [InlineData(IdentityForm.Preferred, PrivacyKinds.None, "P-Preferred-Identity: \"Front \\\"door\\\"\" <sip:front@example.com>\r\n")]
    [InlineData(IdentityForm.Asserted, PrivacyKinds.Id, "P-Asserted-Identity: \"Front \\\"door\\\"\" <sip:front@example.com>\r\nPrivacy: id\r\n")]
    [InlineData(IdentityForm.RemoteParty, PrivacyKinds.Id, "Remote-Party-ID: \"Front \\\"door\\\"\" <sip:front@example.com>;party=calling;privacy=full\r\nPrivacy: id\r\n")]
    [InlineData(IdentityForm.RemoteParty, PrivacyKinds.None, "Remote-Party-ID: \"Front \\\"door\\\"\" <sip:front@example.com>;party=calling;privacy=off\r\n")]
    public void Who_we_are_is_told_to_a_trusted_proxy(IdentityForm form, PrivacyKinds privacy, string expected)
    {
        string invite = Placed(new CallBench(new() { Trusted = ["192.0.2.2"] }), form, privacy);
        Assert.Contains("\r\n" + expected, invite);
        Assert.Contains("\r\nFrom: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=", invite);
    }

    [Theory]
    [InlineData(IdentityForm.Preferred)]
    [InlineData(IdentityForm.Asserted)]
    [InlineData(IdentityForm.RemoteParty)]
    public void A_stranger_is_told_the_wish_for_privacy_and_nothing_else(IdentityForm form)
    {
        string invite = Placed(new CallBench(new() { Trusted = ["198.51.100.7"] }), form, PrivacyKinds.Id | PrivacyKinds.Critical);
        Assert.DoesNotContain("front@example.com", invite);
        Assert.Contains("\r\nPrivacy: id;critical\r\n", invite);
    }

    [Fact]
    public void An_identity_that_is_none_places_no_call()
    {
        var bench = new CallBench();
        var placed = bench.Alice.Calls.Place(
            bench.Now,
            new() { Target = "sip:bob@192.0.2.2"u8, From = "sip:a@b"u8, Flow = new(Protocol.Udp, CallBench.AlicesAddress, CallBench.BobsAddress), IdentityUri = "front door"u8 },
            out _);
        Assert.Equal(CallResult.Malformed, placed);
        Assert.True(bench.Alice.Agent.Use.IsEmpty);
        Assert.Throws<ArgumentException>(() => new CallBench(new() { Trusted = ["the proxy"] }));
    }
}
