// Quoted strings: RFC 3261 §25.1 (quoted-string, quoted-pair), §7.3.1 (folds).
using System.Diagnostics;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Messages.Values;

public sealed class QuotedTextTests
{
    private static string Content(byte[] text)
    {
        byte[] buffer = new byte[text.Length];
        Assert.True(QuotedText.TryUnquote(text, buffer, out int length));
        return Octets.ToText(buffer.AsSpan(0, length));
    }

    [Theory]
    [InlineData("\"\"", "")]
    [InlineData("\"Bob\"", "Bob")]
    [InlineData("  \"Bob\"", "Bob")]
    [InlineData("Bob", "Bob")]
    [InlineData("A. G. Bell ", "A. G. Bell")]
    [InlineData("", "")]
    [InlineData("\"J Rosenberg \\\\\\\"\"", "J Rosenberg \\\"")]
    [InlineData("\"\\a\\\0\"", "a\0")]
    [InlineData("\"a  b\tc\"", "a  b\tc")]
    [InlineData("\"a \r\n  b\"", "a b")]
    [InlineData("\"a\r\n b\r\n\tc \r\n d\"", "a b c d")]
    [InlineData("\" \"", " ")]
    [InlineData("\"", "\"")]
    public void The_content_is_what_stands_in_the_quotes(string text, string content)
    {
        byte[] octets = Octets.Of(text);
        Assert.Equal(content, Content(octets));
        Assert.True(QuotedText.ContentEquals(octets, Octets.Of(content)));
        Assert.False(QuotedText.ContentEquals(octets, Octets.Of(content + "x")));
        if (content.Length > 0)
            Assert.False(QuotedText.ContentEquals(octets, Octets.Of(content[..^1])));
    }

    [Fact]
    public void Case_matters() => Assert.False(QuotedText.ContentEquals("\"Auth\""u8, "auth"u8));

    [Fact]
    public void A_buffer_that_is_too_small_is_refused()
    {
        Assert.False(QuotedText.TryUnquote("\"ab\""u8, new byte[1], out _));
        Assert.True(QuotedText.TryUnquote("\"ab\""u8, new byte[2], out _));
        Assert.False(QuotedText.TryUnquote("ab"u8, new byte[1], out _));
    }

    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("biloxi.com", "\"biloxi.com\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [InlineData("a\tb\0\x7F", "\"a\tb\\\0\\\x7F\"")]
    [InlineData("\xC3\xA9", "\"\xC3\xA9\"")]
    public void Content_is_written_with_the_escapes_it_needs(string content, string text)
    {
        var writer = new ByteWriter(new byte[64]);
        Assert.True(QuotedText.TryWrite(ref writer, Octets.Of(content)));
        Assert.Equal(text, Octets.ToText(writer.WrittenSpan));
    }

    [Theory]
    [InlineData("a\rb")]
    [InlineData("a\nb")]
    [InlineData("\xFF")]
    [InlineData("\xC3")]
    public void What_no_quoted_string_can_hold_is_refused_with_nothing_written(string content)
    {
        var writer = new ByteWriter(new byte[64]);
        Assert.False(QuotedText.TryWrite(ref writer, Octets.Of(content)));
        Assert.Equal(0, writer.Written);
    }

    [Fact]
    public void Every_character_comes_back_through_a_header()
    {
        string all = string.Concat(Enumerable.Range(0, 128).Where(i => i is not ('\r' or '\n')).Select(i => (char)i))
            + "\xC3\xA9\xE2\x82\xAC";
        var writer = new ByteWriter(new byte[512]);
        writer.Write("Digest realm="u8);
        Assert.True(QuotedText.TryWrite(ref writer, Octets.Of(all)));
        writer.Write(", nonce=\"1\""u8);
        byte[] text = writer.WrittenSpan.ToArray();
        Assert.True(WwwAuthenticate.TryParse(text, out var challenge, out var fault), $"{fault.Rule} at {fault.Offset}");
        Assert.Equal(all, Content(challenge.Realm.In(text).ToArray()));
        Assert.True(QuotedText.ContentEquals(challenge.Realm.In(text), Octets.Of(all)));
    }

    [Theory]
    [InlineData(' ')]
    [InlineData('\\')]
    [InlineData('\n')]
    public void Long_runs_are_read_in_linear_time(char octet)
    {
        byte[] text = Octets.Of("\"" + new string(octet, 65534) + "\""), buffer = new byte[text.Length];
        QuotedText.TryUnquote(text, buffer, out _);
        long start = Stopwatch.GetTimestamp();
        Assert.True(QuotedText.TryUnquote(text, buffer, out int length));
        // Quadratic work over 64 KiB would take seconds.
        Assert.True(Stopwatch.GetElapsedTime(start).TotalMilliseconds < 100);
        Assert.Equal(octet switch { ' ' => 65534, '\\' => 65534 / 2, _ => 1 }, length);
    }
}
