using System.Globalization;
using System.Text;
using SipEmbedded.Device.Inspect;
using SipEmbedded.Device.Inspect.Reports;
using Xunit;

namespace SipEmbedded.Device.Tests;

public class TableTests
{
    [Fact]
    public void Invite_with_sdp_prints_the_table_that_the_document_shows()
    {
        var run = InspectRun.OfOctets(File.ReadAllBytes(InspectRun.Corpus("a_invite.sip")));

        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Expected", "a_invite.txt")), run.Output);
        Assert.Equal(ExitStatus.Done, run.Status);
        Assert.Equal("", run.Errors);
    }

    [Fact]
    public void Terminal_gets_colours_and_no_line_wider_than_it_is()
    {
        var terminal = new Terminal(IsTerminal: true, HasColor: true, IsUtf8: true, Columns: 70);
        var run = InspectRun.OfOctets(File.ReadAllBytes(InspectRun.Corpus("a_invite.sip")), terminal: terminal);

        Assert.Contains(Colors.Header, run.Output);
        var table = run.Lines.Skip(1).Select(WithoutColors).ToList();
        Assert.All(table, line => Assert.InRange(EscapedText.ColumnsOf(line), 1, 70));
        // The digest is longer than a line, so it must have been wrapped and be whole.
        string values = string.Concat(table.Select(line => line.Length > 43 ? line[43..] : ""));
        Assert.Contains("6629fae49393a05397450978507c4ef1", values);
    }

    [Fact]
    public void Without_colour_there_is_no_escape_sequence()
    {
        var terminal = new Terminal(IsTerminal: true, HasColor: false, IsUtf8: true, Columns: 80);

        Assert.DoesNotContain('\e', InspectRun.OfOctets(File.ReadAllBytes(InspectRun.Corpus("a_invite.sip")), terminal: terminal).Output);
    }

    [Fact]
    public void Terminal_without_utf8_gets_ascii_alone()
    {
        var terminal = new Terminal(IsTerminal: true, HasColor: false, IsUtf8: false, Columns: 200);
        var run = InspectRun.OfText("OPTIONS sip:a@b SIP/2.0\nSubject: Türöffner\n\n", terminal: terminal);

        Assert.Contains(@"T\u{00FC}r\u{00F6}ffner", run.Output);
        Assert.DoesNotContain(run.Octets, octet => octet > 0x7E);
    }

    [Theory]
    [InlineData("a\e[31mb", @"a\x1B[31mb")]
    [InlineData("a\r\nb\tc", @"a\r\nb\tc")]
    [InlineData("a\u009Bb", @"a\u{009B}b")]
    [InlineData("abc\u202Edef", @"abc\u{202E}def")]
    [InlineData("Zoë 日本", "Zoë 日本")]
    public void Text_is_shown_and_what_could_harm_a_terminal_is_escaped(string text, string shown) =>
        Assert.Equal(shown, EscapedText.Of(text, onlyAscii: false));

    [Fact]
    public void Octets_that_are_not_utf8_are_shown_as_octets() =>
        Assert.Equal(@"caf\xE9 \xC3(", EscapedText.Of([(byte)'c', (byte)'a', (byte)'f', 0xE9, (byte)' ', 0xC3, (byte)'('], onlyAscii: false));

    [Fact]
    public void No_mutation_of_the_corpus_brings_a_control_character_out()
    {
        const int mutations = 400;
        const int seed = 4711;
        var random = new Random(seed);
        byte[] evil = [0x1B, 0x07, 0x08, 0x9B, 0x00, 0x7F, 0xC2, 0x9B, 0xE2, 0x80, 0xAE, 0xFF];
        var messages = InspectRun.CorpusFiles.Select(File.ReadAllBytes).ToArray();
        for (int i = 0; i < mutations; i++)
        {
            byte[] message = [.. messages[i % messages.Length]];
            for (int change = random.Next(1, 8); change > 0; change--)
                message[random.Next(message.Length)] = evil[random.Next(evil.Length)];
            foreach (bool json in (ReadOnlySpan<bool>)[false, true])
            {
                var run = InspectRun.OfOctets(message, json);
                Assert.All((run.Output + run.Errors).EnumerateRunes(), rune => Assert.True(
                    rune.Value == '\n' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format),
                    $"U+{rune.Value:X4} came out of mutation {i} of seed {seed}"));
            }
        }
    }

    private static string WithoutColors(string line) => System.Text.RegularExpressions.Regex.Replace(line, "\e\\[[0-9]*m", "");
}
