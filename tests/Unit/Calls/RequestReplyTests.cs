using System.Text;
using SipEmbedded.Calls;
using SipEmbedded.Messages;
using Xunit;

namespace SipEmbedded.Tests.Calls;

public sealed class RequestReplyTests
{
    [Fact]
    public void Who_stops_without_a_word_has_failed() => Assert.Equal("SIP/2.0 500 Server Internal Error\r\n", Sent(new(new byte[256], Method.Info)));

    [Theory]
    [InlineData(Method.Info, 200, true)]
    [InlineData(Method.Info, 699, true)]
    [InlineData(Method.Info, 199, false)]
    [InlineData(Method.Info, 700, false)]
    [InlineData(Method.Info, -1, false)]
    [InlineData(Method.Invite, 200, false)]
    [InlineData(Method.Invite, 299, false)]
    [InlineData(Method.Invite, 300, true)]
    [InlineData(Method.Invite, 100, false)]
    public void A_final_status_is_taken_and_of_an_INVITE_no_success(Method method, int status, bool isTaken)
    {
        var reply = new RequestReply(new byte[256], method);

        Assert.Equal(isTaken, reply.Answer(status));
        Assert.Equal(isTaken ? status : 500, reply.Status);
    }

    [Fact]
    public void The_last_answer_stands()
    {
        var reply = new RequestReply(new byte[256], Method.Info);
        reply.Answer(403, "No"u8);
        reply.Header("X-A"u8, "1"u8);
        reply.Answer(404);
        reply.Header("X-B"u8, "2"u8);

        Assert.Equal("SIP/2.0 404 Not Found\r\nX-B: 2\r\n", Sent(reply));
    }

    [Theory]
    [InlineData("Busy\r\nX-Evil: 1")]
    [InlineData("Busy\n")]
    [InlineData("\0")]
    public void A_reason_injects_nothing(string reason)
    {
        var reply = new RequestReply(new byte[256], Method.Info);

        Assert.False(reply.Answer(486, Encoding.ASCII.GetBytes(reason)));
        Assert.Equal("SIP/2.0 500 Server Internal Error\r\n", Sent(reply));
    }

    [Fact]
    public void A_header_that_is_refused_leaves_those_before_and_behind_it()
    {
        var reply = new RequestReply(new byte[RequestReply.MaxReason + 20], Method.Info);
        reply.Answer(486);

        Assert.True(reply.Header("X-A"u8, "1"u8));
        Assert.False(reply.Header("X-Evil"u8, "1\r\nX-Worse: 2"u8));
        Assert.False(reply.Header("X Evil"u8, "1"u8));
        Assert.False(reply.Header(HeaderName.Other, "1"u8));
        Assert.False(reply.Header("X-Long"u8, "0123456789abcdef"u8));
        Assert.False(reply.Header(HeaderName.RetryAfter, "5"u8));
        Assert.True(reply.Header("X-B"u8, "2"u8));

        Assert.Equal("SIP/2.0 486 Busy Here\r\nX-A: 1\r\nX-B: 2\r\n", Sent(reply));
    }

    [Fact]
    public void A_small_buffer_keeps_what_fits_and_none_keeps_the_status()
    {
        var small = new RequestReply(new byte[4], Method.Info);
        Assert.True(small.Answer(486, "Busy"u8));
        Assert.False(small.Header("X"u8, "1"u8));
        Assert.Equal("SIP/2.0 486 Busy\r\n", Sent(small));
        Assert.False(small.Answer(404, "Nobody"u8));
        Assert.Equal(486, small.Status);

        var none = new RequestReply([], Method.Info);
        Assert.True(none.Answer(486));
        Assert.Equal("SIP/2.0 486 Busy Here\r\n", Sent(none));
    }

    private static string Sent(RequestReply reply)
    {
        var builder = new MessageBuilder(new byte[1024]);
        builder.StartResponse(reply.Status, reply.Reason);
        reply.WriteHeaders(ref builder);
        Assert.True(builder.IsValid);
        return Encoding.ASCII.GetString(builder.Written);
    }
}
