// Messages of 64 KiB made to cost as much as they can: they come to an end, on a small stack, and what is found wrong lies inside the message. That
// the time is in proportion to the length, the benchmark measures.
using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Tests.Conformance;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Limits;

public sealed class HostileInputTests
{
    private const int StackOctets = 256 * 1024;

    private const string Head = HostileLines.Head;
    private const string Tail = HostileLines.Tail;

    private static string Times(string piece) => string.Concat(Enumerable.Repeat(piece, 64_000 / piece.Length));

    public static TheoryData<string, string, string, string> Lines { get; } = ToTheory();

    private static TheoryData<string, string, string, string> ToTheory()
    {
        var data = new TheoryData<string, string, string, string>();
        foreach (var (what, start, piece, end) in HostileLines.All)
            data.Add(what, start, piece, end);
        return data;
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_line_of_64_kib_comes_to_an_end(string what, string start, string piece, string end)
    {
        string line = start + Times(piece) + end;
        Assert.InRange(line.Length, 60_000, 65_000);
        foreach (var allow in new[] { Leniency.Default, Leniency.None })
            CheckOnASmallStack(what, Head + line + Tail, allow);
    }

    public static TheoryData<string, string, string> Messages { get; } = new()
    {
        { "", "\r\n", "" },
        { "", "\n", "" },
        { "", "a", "" },
        { "INVITE ", "a", " SIP/2.0\r\n\r\n" },
        { "INVITE", " ", "sip:a@b SIP/2.0\r\n\r\n" },
        { "INVITE sip:a@b", ";x", " SIP/2.0\r\n\r\n" },
        { "INVITE sip:", "%41", "@b SIP/2.0\r\n\r\n" },
        { "SIP/2.0 200 ", "\"", "\r\n\r\n" },
        { "SIP/2.0 ", "1", "\r\n\r\n" },
        { Head, "a:b\r\n", "\r\n" },
        { Head, ":", "\r\n\r\n" },
        { Head, "a", ":\r\n\r\n" },
        { Head, " ", "\r\n\r\n" },
        { Head, "l:0\r\n", "\r\n" },
        { Head, "Via: SIP/2.0/UDP c\r\n", "\r\n" },
        { Head, "a b\r\n", "\r\n" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_of_64_kib_comes_to_an_end(string start, string piece, string end)
    {
        foreach (var allow in new[] { Leniency.Default, Leniency.None })
            CheckOnASmallStack("message", start + Times(piece) + end, allow);
    }

    [Theory]
    [InlineData(65_535, false)]
    [InlineData(65_536, true)]
    [InlineData(200_000, true)]
    public void A_text_that_no_slice_can_address_is_a_fault_and_can_still_be_answered(int octets, bool tooLong)
    {
        byte[] text = new byte[octets];
        Encoding.UTF8.GetBytes(Head + "Content-Type: a/b\r\nContent-Length: 1\r\n\r\nx", text);
        var index = new MessageIndex();
        Assert.Equal(!tooLong, SipMessage.TryRead(text, Framing.Datagram, ref index, out var message, out var fault));
        Assert.Equal(tooLong ? FaultKind.Limit : FaultKind.None, fault.Kind);
        Assert.True(message.TryGet<CallId>(out _, out _));
        Assert.Equal(tooLong, Verdict.On(text).Faults.Any(f => f.Status == 513));
    }

    [Theory] // see note [nesting is bounded]
    [InlineData(33, true)]
    [InlineData(34, false)]
    public void Comments_nest_up_to_a_limit(int depth, bool matches)
    {
        string text = $"{Head}Server: x {new string('(', depth)}a{new string(')', depth)}{Tail}";
        Assert.Equal(matches, Verdict.On(Encoding.UTF8.GetBytes(text), Leniency.None).Faults.Count == 0);
    }

    [Fact]
    public void One_header_line_too_many_is_a_fault()
    {
        string lines = string.Concat(Enumerable.Repeat("z:b\r\n", MessageIndex.MaxHeaderLines - 6));
        Assert.Equal("accept", Verdict.On(Encoding.UTF8.GetBytes(Head + "Max-Forwards: 1\r\n" + lines + "\r\n")).Outcome);
        var fault = Assert.Single(Verdict.On(Encoding.UTF8.GetBytes(Head + "Max-Forwards: 1\r\nz:b\r\n" + lines + "\r\n")).Faults);
        Assert.Equal((FaultKind.Limit, "message-header", 513), (fault.Kind, fault.Rule, fault.Status));
    }

    [Fact] // a message that could not be read leaves nothing of the one before
    public void An_index_forgets_the_message_before()
    {
        var index = new MessageIndex();
        byte[] response = Encoding.UTF8.GetBytes("SIP/2.0 200 OK\r\nCall-ID: x\r\n\r\n");
        Assert.True(SipMessage.TryRead(response, Framing.Datagram, ref index, out _, out _));
        foreach (string broken in new[] { "OPTIONS sip:a@b SIP/2.0\r\nbroken\r\n\r\n", "OPTIONS sip:a@b SIP/2.0", "" })
        {
            Assert.False(SipMessage.TryRead(Encoding.UTF8.GetBytes(broken), Framing.Datagram, ref index, out var message, out _));
            Assert.True(message.IsRequest);
            Assert.False(message.TryGet<CallId>(out _, out _));
            Assert.True(message.Body.IsEmpty);
        }
    }

    private static void CheckOnASmallStack(string what, string text, Leniency allow)
    {
        byte[] octets = Encoding.Latin1.GetBytes(text);
        Exception? failed = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    var index = new MessageIndex();
                    var check = MessageCheck.Of(octets, Framing.Datagram, ref index, allow);
                    while (check.MoveNext())
                    {
                        Assert.InRange(check.Current.Offset, 0, octets.Length);
                        var builder = new MessageBuilder(new byte[70_000]);
                        Refusal.WriteFault(check.Current, check.Message, "t"u8, ref builder);
                    }
                    RoutingView.TryRead(check.Message, out _, out _);
                    new StreamFramer(StreamSide.Accepted, allow).Next(octets, out _);
                }
                catch (Exception e)
                {
                    failed = e;
                }
            },
            StackOctets);
        thread.Start();
        thread.Join();
        Assert.True(failed is null, $"{what}: {failed}");
    }
}
