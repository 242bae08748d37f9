// Handlers bound by the generator: each method to its own, 405 with Allow for the known rest, 501 for the unknown (RFC 3261 §8.2.1, §21.4.6, §21.5.2).
using System.Text;
using SipEmbedded.Generation;
using SipEmbedded.Messages;
using SipEmbedded.Tests.Vectors;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Dispatch;

[Dispatcher(typeof(Methods))]
internal sealed partial class DoorMethods
{
    public List<string> Calls { get; } = [];

    [Handles("INVITE")]
    private void PlaceCall(int octets) => Calls.Add($"invite {octets}");

    [Handles("BYE")]
    [Handles("CANCEL")]
    private void EndCall(int octets) => Calls.Add($"end {octets}");

    // A method of the user's own, which no grammar here knows.
    [Handles("KNOCK")]
    private void Knock(int octets) => Calls.Add($"knock {octets}");
}

[Dispatcher(typeof(Methods))]
internal static partial class Answers
{
    [Handles("OPTIONS")]
    private static int Options() => 200;

    [Handles("INVITE")]
    private static int Invite() => 486;
}

public sealed class DispatchTests
{
    [Theory]
    [InlineData("INVITE", "invite 7")]
    [InlineData("BYE", "end 7")]
    [InlineData("CANCEL", "end 7")]
    [InlineData("KNOCK", "knock 7")]
    public void A_method_reaches_its_handler(string method, string call)
    {
        var door = new DoorMethods();
        Assert.Equal(DispatchOutcome.Handled, door.Dispatch(Encoding.ASCII.GetBytes(method), 7));
        Assert.Equal([call], door.Calls);
    }

    [Theory]
    [InlineData("REGISTER", DispatchOutcome.NotAllowed)]
    [InlineData("PRACK", DispatchOutcome.NotAllowed)]
    [InlineData("PUBLISH", DispatchOutcome.NotAllowed)]
    [InlineData("invite", DispatchOutcome.NotImplemented)] // RFC 3261 §7.1: methods are case-sensitive
    [InlineData("INVITES", DispatchOutcome.NotImplemented)]
    [InlineData("INVIT", DispatchOutcome.NotImplemented)]
    [InlineData("KNOCK2", DispatchOutcome.NotImplemented)]
    [InlineData("", DispatchOutcome.NotImplemented)]
    public void A_method_without_a_handler_calls_none(string method, DispatchOutcome outcome)
    {
        var door = new DoorMethods();
        Assert.Equal(outcome, door.Dispatch(Encoding.ASCII.GetBytes(method), 7));
        Assert.Empty(door.Calls);
    }

    [Fact]
    public void Allow_lists_what_is_handled() => Assert.Equal("INVITE, BYE, CANCEL, KNOCK", Encoding.ASCII.GetString(DoorMethods.Allow));

    [Fact]
    public void A_handler_may_return_a_value()
    {
        Assert.Equal(DispatchOutcome.Handled, Answers.Dispatch("OPTIONS"u8, out int status));
        Assert.Equal(200, status);
        Assert.Equal(DispatchOutcome.Handled, Answers.Dispatch("INVITE"u8, out status));
        Assert.Equal(486, status);
        Assert.Equal(DispatchOutcome.NotAllowed, Answers.Dispatch("BYE"u8, out status));
        Assert.Equal(0, status);
    }

    [Theory]
    [InlineData("escnull", "405 Method Not Allowed")]
    [InlineData("intmeth", "501 Not Implemented")]
    [InlineData("esc02", "501 Not Implemented")]
    public void The_rest_is_refused_with_allow(string name, string status)
    {
        byte[] text = MessageVectors.Torture(name);
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var request, out _));
        var outcome = new DoorMethods().Dispatch(request.Request.MethodName.In(text), 0);
        byte[] buffer = new byte[4096];
        var builder = new MessageBuilder(buffer);
        Assert.True(MethodRefusal.Write(outcome, request, DoorMethods.Allow, "door1"u8, ref builder));
        Assert.True(builder.IsValid);
        string response = Encoding.Latin1.GetString(builder.Written);
        Assert.StartsWith($"SIP/2.0 {status}\r\n", response, StringComparison.Ordinal);

        var answerIndex = new MessageIndex();
        Assert.True(SipMessage.TryRead(builder.Written, Framing.Stream, ref answerIndex, out var answer, out _));
        var allowed = new List<string>();
        foreach (var allow in answer.All<Allow>())
            allowed.Add(Encoding.ASCII.GetString(allow.MethodName.In(answer.Text)));
        Assert.Equal(["INVITE", "BYE", "CANCEL", "KNOCK"], allowed);
        Assert.True(answer.TryGet<To>(out var to, out _));
        Assert.Equal("door1", Encoding.ASCII.GetString(to.Tag.In(answer.Text)));
    }

    [Fact]
    public void A_handled_request_and_an_ack_are_not_refused()
    {
        var index = new MessageIndex();
        byte[] ack = [.. "ACK sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c;branch=z9hG4bK1\r\nContent-Length: 0\r\n\r\n"u8];
        Assert.True(SipMessage.TryRead(ack, Framing.Datagram, ref index, out var request, out _));
        var builder = new MessageBuilder(new byte[512]);
        Assert.False(MethodRefusal.Write(DispatchOutcome.NotAllowed, request, DoorMethods.Allow, "t"u8, ref builder));
        Assert.False(MethodRefusal.Write(DispatchOutcome.Handled, request, DoorMethods.Allow, "t"u8, ref builder));
        Assert.True(builder.Written.IsEmpty);
    }
}
