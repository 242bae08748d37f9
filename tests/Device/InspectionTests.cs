// What is told where, and with which status: verdicts, faults, unreadable files, streams, the command line.
using System.Text;
using SipEmbedded.Device.Inspect;
using Xunit;

namespace SipEmbedded.Device.Tests;

public class InspectionTests
{
    // The least that RFC 3261 §8.1.1 asks for.
    private const string Least =
        "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\nTo: <sip:a@b>\nCall-ID: 1\nCSeq: 1 OPTIONS\nMax-Forwards: 70\n";

    [Fact]
    public void Several_files_get_a_verdict_a_line()
    {
        var run = InspectRun.OfFiles(InspectRun.CorpusFiles);

        Assert.Equal(InspectRun.CorpusFiles.Count(), run.Lines.Length);
        Assert.All(run.Lines, line => Assert.StartsWith("ok ", line));
        Assert.Contains(run.Lines, line => line.Contains("a_invite.sip INVITE sip:1001@10.0.0.77:5062"));
        Assert.Contains(run.Lines, line => line.Contains("d_401.sip 401 Unauthorized"));
    }

    [Fact]
    public void Faulty_file_among_others_is_told_on_both_streams()
    {
        string bad = Path.GetTempFileName();
        try
        {
            File.WriteAllText(bad, Least.Replace("CSeq: 1 OPTIONS", "CSeq: 1 INVITE").ReplaceLineEndings("\r\n") + "\r\n");
            var run = InspectRun.OfFiles([InspectRun.Corpus("e_bye.sip"), bad]);

            Assert.Equal(ExitStatus.Fault, run.Status);
            Assert.StartsWith($"fault {bad} OPTIONS sip:a@b", run.Lines[1]);
            Assert.Matches($@"^{System.Text.RegularExpressions.Regex.Escape(bad)}:[0-9]+: mismatch in CSeq \(CSeq\): .+; line 6, column 9\n$", run.Errors);
        }
        finally
        {
            File.Delete(bad);
        }
    }

    [Fact]
    public void Unreadable_file_is_worse_than_a_fault_and_stops_nothing()
    {
        var run = InspectRun.OfFiles([Path.Combine(AppContext.BaseDirectory, "no-such-file"), AppContext.BaseDirectory, InspectRun.Corpus("e_bye.sip")]);

        Assert.Equal(ExitStatus.Usage, run.Status);
        Assert.Single(run.Lines);
        Assert.Contains("there is no such file", run.Errors);
        Assert.Contains("it is a directory", run.Errors);
    }

    [Fact]
    public void Leniencies_are_faults_where_they_are_off()
    {
        byte[] message = Encoding.ASCII.GetBytes((Least + "\n").ReplaceLineEndings("\n"));

        Assert.Equal(ExitStatus.Done, InspectRun.OfOctets(message).Status);
        Assert.Equal(ExitStatus.Fault, InspectRun.OfOctets(message, allow: Tolerance.None).Status);
        Assert.True(Tolerance.None.TryAdd("linefeed", out var lineFeed));
        Assert.Equal(ExitStatus.Done, InspectRun.OfOctets(message, allow: lineFeed).Status);
    }

    [Fact]
    public void Sdp_fault_is_a_fault_of_the_message()
    {
        const string sdp = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nt=0 0\nm=audio 70000 RTP/AVP 0\n";
        var run = InspectRun.OfText($"{Least}Content-Type: application/sdp\n\n{sdp}");

        Assert.Equal(ExitStatus.Fault, run.Status);
        Assert.Matches(@"range in .+ \(SDP\): .+; line 14, column 9\n$", run.Errors);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void Stream_is_framed_the_same_however_it_arrives(int pieceOctets)
    {
        string message = Least + "Content-Type: text/plain\nContent-Length: 3\n\n";
        byte[] stream = Encoding.ASCII.GetBytes($"\n\n{message}abc\n{message}def\n\n{message}ghi".ReplaceLineEndings("\r\n"));
        int length = Encoding.ASCII.GetByteCount(message.ReplaceLineEndings("\r\n")) + 3;
        var run = InspectRun.OfOctets(stream, json: true, stream: true, pieceOctets: pieceOctets);

        var found = run.Lines.Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement)
            .Select(item => (item.GetProperty("kind").GetString(), item.GetProperty("offset").GetInt32(), item.GetProperty("length").GetInt32()));
        Assert.Equal(
            [("ping", 0, 4), ("request", 4, length), ("pong", 4 + length, 2), ("request", 6 + length, length), ("ping", 6 + 2 * length, 4),
                ("request", 10 + 2 * length, length)],
            found);
        Assert.Equal(ExitStatus.Done, run.Status);
    }

    [Theory]
    [InlineData("Content-Length: 30\n\nshort", "length")]
    [InlineData("\n", "missing in Content-Length")]
    [InlineData("Content-Length: 99999999\n\n", "Content-Length")]
    [InlineData("Content-Le", "missing in CRLF")]
    public void Stream_that_cannot_be_framed_is_a_fault(string end, string told)
    {
        var run = InspectRun.OfText(Least + end, stream: true);

        Assert.Equal(ExitStatus.Fault, run.Status);
        Assert.Contains(told, run.Errors);
    }

    [Fact]
    public void Header_lines_without_end_stop_at_the_framer_limit()
    {
        byte[] endless = [.. "OPTIONS sip:a@b SIP/2.0\r\nX: "u8, .. Enumerable.Repeat((byte)'x', 200_000)];
        var run = InspectRun.OfOctets(endless, stream: true);

        Assert.Equal(ExitStatus.Fault, run.Status);
        Assert.NotEqual("", run.Errors);
    }

    [Fact]
    public void More_octets_than_a_datagram_can_have_are_a_fault() =>
        Assert.Contains("limit in SIP-message", InspectRun.OfOctets([.. Enumerable.Repeat((byte)'x', 70_000)]).Errors);

    [Fact]
    public void Nothing_at_all_is_a_fault() => Assert.Equal(ExitStatus.Fault, InspectRun.OfOctets([]).Status);

    [Theory]
    [InlineData("--nope")]
    [InlineData("-x", "file")]
    [InlineData("--lenient", "Everything")]
    [InlineData("--lenient", "4095")]
    public void Wrong_command_line_is_an_error(params string[] args) => Assert.NotEmpty(InspectCommand.Create().Parse(args).Errors);

    [Theory]
    [InlineData("a.sip", "-", "--json", "-v", "--stream", "--strict", "--no-color")]
    [InlineData("--lenient", "LineFeed,MissingTime", "a.sip")]
    [InlineData("--lenient", "LineFeed", "--lenient", "trailingspace")]
    public void Right_command_line_is_none(params string[] args) => Assert.Empty(InspectCommand.Create().Parse(args).Errors);
}
