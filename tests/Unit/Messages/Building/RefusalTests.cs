// Requests refused before anything is done with them, as RFC 4475 wants it.
using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Tests.Conformance;
using SipEmbedded.Tests.Vectors;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Building;

public sealed class RefusalTests
{
    public static TheoryData<string> Rejected() => MessageVectors.Ids(
        MessageVectors.Rfc4475.Concat(MessageVectors.Rfc5118).Where(v => v.Parser == "reject" && v.Kind == "req"));

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Every_request_to_reject_gets_an_answer_that_its_sender_can_match(string id)
    {
        byte[] text = MessageVectors.Get(id).Read();
        var index = new MessageIndex();
        var check = MessageCheck.Of(text, Framing.Datagram, ref index);
        Assert.True(check.MoveNext());
        var builder = new MessageBuilder(new byte[4096]);
        Assert.True(Refusal.WriteFault(check.Current, check.Message, "t1"u8, ref builder));
        Assert.True(builder.IsValid, $"{builder.Fault.Rule}");
        string response = Encoding.Latin1.GetString(builder.Written);
        Assert.StartsWith($"SIP/2.0 {(id == "rfc4475/badvers" ? 505 : 400)} ", response, StringComparison.Ordinal);
        Assert.Contains("\r\nVia", response, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\r\nCSeq", response, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("\r\n\r\n", response, StringComparison.Ordinal);
        // To, where it is well formed, has got its tag.
        if (check.Message.TryGet<To>(out _, out _))
            Assert.Contains(";tag=", response[response.IndexOf("\r\nTo", StringComparison.OrdinalIgnoreCase)..], StringComparison.Ordinal);
    }

    [Fact] // RFC 3261 §21.4.1
    public void A_400_says_what_is_missing()
    {
        byte[] text = MessageVectors.Torture("insuf");
        var index = new MessageIndex();
        var check = MessageCheck.Of(text, Framing.Datagram, ref index);
        Assert.True(check.MoveNext());
        var builder = new MessageBuilder(new byte[4096]);
        Refusal.WriteFault(check.Current, check.Message, "t1"u8, ref builder);
        Assert.StartsWith("SIP/2.0 400 Missing From\r\nVia: ", Encoding.UTF8.GetString(builder.Written), StringComparison.Ordinal);
    }

    [Fact] // RFC 4475 §3.3.5
    public void A_420_lists_what_is_not_supported_of_require_alone()
    {
        byte[] text = MessageVectors.Torture("bext01");
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var request, out _));
        var builder = new MessageBuilder(new byte[4096]);
        Assert.True(Refusal.WriteBadExtension(request, "timer, 100rel"u8, "t1"u8, ref builder));
        string response = Encoding.UTF8.GetString(builder.Written);
        Assert.StartsWith("SIP/2.0 420 Bad Extension\r\n", response, StringComparison.Ordinal);
        Assert.Contains("\r\nUnsupported: nothingSupportsThis\r\nUnsupported: nothingSupportsThisEither\r\n", response, StringComparison.Ordinal);
        Assert.DoesNotContain("roxies", response, StringComparison.Ordinal);

        builder = new MessageBuilder(new byte[4096]);
        Assert.False(Refusal.WriteBadExtension(request, "NothingSupportsThisEither,nothingsupportsthis"u8, "t1"u8, ref builder));
        Assert.True(builder.Written.IsEmpty);
    }

    [Fact] // RFC 4475 §3.3.6
    public void A_415_lists_what_is_accepted()
    {
        byte[] text = MessageVectors.Torture("invut");
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var request, out _));
        var builder = new MessageBuilder(new byte[4096]);
        Assert.True(Refusal.WriteUnsupportedMediaType(request, "application/sdp"u8, "t1"u8, ref builder));
        Assert.Contains("\r\nAccept: application/sdp\r\n", Encoding.UTF8.GetString(builder.Written), StringComparison.Ordinal);
    }

    [Fact] // RFC 4475 §3.3.2
    public void A_416_is_an_answer_like_any_other()
    {
        byte[] text = MessageVectors.Torture("unkscm");
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var request, out _));
        var builder = new MessageBuilder(new byte[4096]);
        Assert.True(Refusal.Write(416, request, "t1"u8, ref builder));
        Assert.StartsWith("SIP/2.0 416 Unsupported URI Scheme\r\n", Encoding.UTF8.GetString(builder.Written), StringComparison.Ordinal);
        Assert.Equal("accept", Verdict.On(builder.Written, Leniency.None, Framing.Stream).Outcome);
    }

    [Theory]
    [InlineData("unreason")]
    [InlineData("bigcode")]
    [InlineData("scalarlg")]
    public void A_response_is_never_answered(string name)
    {
        byte[] text = MessageVectors.Torture(name);
        var index = new MessageIndex();
        var check = MessageCheck.Of(text, Framing.Datagram, ref index);
        var builder = new MessageBuilder(new byte[4096]);
        Assert.False(Refusal.WriteFault(new(FaultKind.Syntax, 0, "x"), check.Message, "t1"u8, ref builder));
        Assert.False(Refusal.Write(481, check.Message, "t1"u8, ref builder));
        Assert.True(builder.Written.IsEmpty);
    }

    [Theory]
    [InlineData(FaultKind.Version, "SIP-Version", 505)]
    [InlineData(FaultKind.Limit, "message-header", 513)]
    [InlineData(FaultKind.Limit, "Content-Length", 413)]
    [InlineData(FaultKind.Missing, "To", 400)]
    [InlineData(FaultKind.None, "", 0)]
    public void A_fault_has_its_status(FaultKind kind, string rule, int status) => Assert.Equal(status, MessageCheck.StatusFor(new(kind, 0, rule)));
}
