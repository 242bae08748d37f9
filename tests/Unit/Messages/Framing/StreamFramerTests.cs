// Messages on a stream: cut anywhere, one behind another, with keep-alives between them (RFC 3261 §18.3, RFC 5626 §4.4.1).
using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Tests.Vectors;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.StreamFraming;

public sealed class StreamFramerTests
{
    /// <summary>What a framer says of a stream that arrives in pieces, as a log: "Message 120", "Ping 4", "Fault Missing Content-Length".</summary>
    private static List<string> Run(byte[] stream, Func<int, int> nextPiece, StreamSide side = StreamSide.Accepted, Leniency allow = Leniency.Default,
        int maxOctets = StreamFramer.MaxMessageOctets)
    {
        var framer = new StreamFramer(side, allow, maxOctets);
        var log = new List<string>();
        int begin = 0;
        for (int end = 0; end <= stream.Length; end = end == stream.Length ? end + 1 : Math.Min(stream.Length, end + nextPiece(end)))
        {
            while (true)
            {
                var input = framer.Next(stream.AsSpan(begin, end - begin), out int consumed);
                begin += consumed;
                if (input == StreamInput.NeedMore)
                {
                    Assert.Equal(0, consumed);
                    break;
                }
                if (input == StreamInput.Fault)
                {
                    log.Add($"Fault {framer.Fault.Kind} {framer.Fault.Rule}");
                    Assert.Equal(StreamInput.Fault, framer.Next(stream.AsSpan(begin, end - begin), out _));
                    return log;
                }
                log.Add($"{input} {consumed}");
            }
        }
        if (begin < stream.Length)
            log.Add($"Rest {stream.Length - begin}");
        return log;
    }

    private static List<string> Whole(byte[] stream, StreamSide side = StreamSide.Accepted, Leniency allow = Leniency.Default,
        int maxOctets = StreamFramer.MaxMessageOctets) => Run(stream, _ => stream.Length, side, allow, maxOctets);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private const string Options = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP c;branch=z9hG4bK1\r\nContent-Length: 0\r\n\r\n";

    public static TheoryData<string> All() => MessageVectors.Ids(MessageVectors.All);

    [Theory]
    [MemberData(nameof(All))]
    public void A_message_split_at_every_octet_is_framed_as_when_whole(string id)
    {
        byte[] stream = [.. MessageVectors.Get(id).Read(), .. Bytes(Options)];
        var expected = Whole(stream);
        for (int split = 0; split <= stream.Length; split++)
            Assert.Equal(expected, Run(stream, at => at < split ? split : stream.Length));
        Assert.Equal(expected, Run(stream, _ => 1));
        Assert.Equal(expected, Run(stream, at => 1 + at % 7));
    }

    [Fact]
    public void A_well_formed_message_with_a_length_is_found_whole()
    {
        int found = 0;
        foreach (var vector in MessageVectors.Rfc4475.Concat(MessageVectors.Rfc5118).Where(v => v.Parser == "accept"))
        {
            byte[] text = vector.Read();
            var index = new MessageIndex();
            // The oldest peers send none over UDP; on a stream that is a fault.
            bool hasLength = SipMessage.TryRead(text, Framing.Stream, ref index, out var message, out _);
            string first = Whole([.. text, .. Bytes(Options)])[0];
            Assert.Equal(hasLength ? $"Message {message.Text.Length}" : "Fault Missing Content-Length", first);
            found += hasLength ? 1 : 0;
        }
        Assert.Equal(25 + 10, found);
    }

    [Fact]
    public void Pipelined_messages_and_keep_alives_come_in_order()
    {
        byte[] stream = Bytes(Options + "\r\n\r\n" + Options + Options + "\r\n" + Options + "\r\n\r\n\r\n\r\n");
        string message = $"Message {Options.Length}";
        // One empty line before a message is part of it (RFC 3261 §7.5).
        Assert.Equal([message, "Ping 4", message, message, $"Message {Options.Length + 2}", "Ping 4", "Ping 4"], Whole(stream));
        Assert.Equal(Whole(stream), Run(stream, _ => 1));
    }

    [Fact]
    public void The_side_that_opened_the_stream_takes_every_empty_line_for_a_pong()
    {
        byte[] stream = Bytes("\r\n" + Options + "\r\n\r\n");
        Assert.Equal(["Pong 2", $"Message {Options.Length}", "Pong 2", "Pong 2"], Whole(stream, StreamSide.Opened));
        Assert.Equal(Whole(stream, StreamSide.Opened), Run(stream, _ => 1, StreamSide.Opened));
    }

    [Fact]
    public void A_pong_is_told_although_nothing_follows_and_half_a_ping_is_not()
    {
        Assert.Equal(["Pong 2"], Whole(Bytes("\r\n"), StreamSide.Opened));
        Assert.Equal(["Rest 2"], Whole(Bytes("\r\n")));
    }

    [Theory]
    [InlineData("Content-Length: 5")]
    [InlineData("CONTENT-LENGTH:5")]
    [InlineData("l: 5")]
    [InlineData("L : 0005")]
    [InlineData("Content-Length:\r\n 5")]
    [InlineData("Content-Length:\r\n\t \r\n 5")]
    [InlineData("Content-Length: 5  ")]
    [InlineData("Content-Length: 5\r\nl: 5")]
    public void Content_length_is_read_however_it_is_written(string line)
    {
        string message = $"INFO sip:a@b SIP/2.0\r\nSubject: x\r\n{line}\r\nTo: sip:a@b\r\n\r\nhello";
        Assert.Equal([$"Message {message.Length}", "Rest 4"], Whole(Bytes(message + "INVI")));
    }

    [Theory]
    [InlineData("Content-Length: -1", "Syntax")]
    [InlineData("Content-Length: 5x", "Syntax")]
    [InlineData("Content-Length: 5 5", "Syntax")]
    [InlineData("Content-Length: 5, 5", "Syntax")]
    [InlineData("Content-Length: 5\r\n 5", "Syntax")]
    [InlineData("Content-Length:", "Syntax")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6", "Mismatch")]
    [InlineData("Content-Length: 2147483648", "Range")]
    [InlineData("Content-Length: 18446744073709551621", "Range")]
    [InlineData("Content-Length: 99999999999999999999999999999999999999", "Range")]
    [InlineData("Content-Length: 2147483647", "Limit")]
    [InlineData("Content-Length: 65535", "Limit")]
    [InlineData("Subject: Content-Length: 5", "Missing")]
    [InlineData("X-Content-Length: 5", "Missing")]
    [InlineData("Subject: a\r\n Content-Length: 5", "Missing")]
    public void A_length_that_frames_nothing_is_a_fault(string line, string kind)
    {
        byte[] stream = Bytes($"INFO sip:a@b SIP/2.0\r\n{line}\r\n\r\nhello");
        string log = Assert.Single(Whole(stream));
        Assert.Equal($"Fault {kind} Content-Length", log);
        Assert.Equal([log], Run(stream, _ => 1));
    }

    [Fact]
    public void A_fault_of_the_length_leaves_the_headers_for_an_answer()
    {
        byte[] stream = Bytes("INFO sip:a@b SIP/2.0\r\nl: x\r\n\r\nhello");
        var framer = new StreamFramer(StreamSide.Accepted);
        Assert.Equal(StreamInput.Fault, framer.Next(stream, out int consumed));
        Assert.Equal(stream.Length - "hello".Length, consumed);
    }

    [Theory]
    [InlineData(StreamFramer.MaxHeaderOctets, "Message")]
    [InlineData(StreamFramer.MaxHeaderOctets + 1, "Fault")]
    public void The_header_area_ends_at_its_limit(int octets, string input)
    {
        const string Start = "INFO sip:a@b SIP/2.0\r\nl: 0\r\nX: ";
        byte[] stream = Bytes(Start + new string('x', octets - Start.Length - 4) + "\r\n\r\n");
        Assert.Equal(octets, stream.Length);
        Assert.StartsWith(input, Assert.Single(Whole(stream)), StringComparison.Ordinal);
        Assert.Equal(Whole(stream), Run(stream, _ => 1));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\r")]
    [InlineData("\n")]
    [InlineData("a:b\r\n")]
    [InlineData(" \r\n")]
    public void What_never_ends_is_a_fault_at_the_limit(string piece)
    {
        // A bare LF is a line end where it is tolerated: endless keep-alives, not a fault.
        byte[] stream = Bytes(string.Concat(Enumerable.Repeat(piece, 70_000 / piece.Length)));
        Assert.Equal(["Fault Limit message-header"], Whole(stream, allow: piece == "\n" ? Leniency.None : Leniency.Default));
    }

    [Theory]
    [InlineData(StreamFramer.MaxMessageOctets, "Message 65535")]
    [InlineData(StreamFramer.MaxMessageOctets + 1, "Fault Limit Content-Length")]
    public void The_body_ends_at_the_limit_of_a_message(int octets, string input)
    {
        const string Start = "INFO sip:a@b SIP/2.0\r\nl: ";
        int body = octets - Start.Length - 5 - 4;
        byte[] stream = [.. Bytes($"{Start}{body}\r\n\r\n"), .. new byte[body]];
        Assert.Equal(octets, stream.Length);
        Assert.Equal([input], Whole(stream));
    }

    [Fact]
    public void A_smaller_buffer_is_a_smaller_limit()
    {
        byte[] stream = Bytes(Options);
        Assert.Equal([$"Message {Options.Length}"], Whole(stream, maxOctets: Options.Length));
        Assert.Equal(["Fault Limit message-header"], Whole(stream, maxOctets: Options.Length - 1));
    }

    [Fact]
    public void A_bare_line_feed_ends_a_line_only_where_it_is_tolerated()
    {
        string message = Options.Replace("\r", "", StringComparison.Ordinal);
        Assert.Equal([$"Message {message.Length}"], Whole(Bytes(message)));
        Assert.Equal(["Fault Syntax CRLF"], Whole(Bytes(message), allow: Leniency.None));
    }

    // What the framer takes for a message's end, its reader does as well: nothing can be hidden between the two.
    [Theory]
    [MemberData(nameof(All))]
    public void The_reader_ends_a_message_where_the_framer_does(string id)
    {
        byte[] stream = [.. MessageVectors.Get(id).Read(), .. Bytes(Options)];
        var framer = new StreamFramer(StreamSide.Opened);
        if (framer.Next(stream, out int consumed) != StreamInput.Message)
            return;
        var index = new MessageIndex();
        if (SipMessage.TryRead(stream.AsSpan(0, consumed), Framing.Stream, ref index, out var message, out var fault))
            Assert.Equal(consumed, message.Text.Length);
        else
            Assert.NotEqual(FaultKind.Length, fault.Kind);
    }
}
