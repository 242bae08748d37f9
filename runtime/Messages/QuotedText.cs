// Quoted strings: what they contain, and writing one (RFC 3261 §25.1: quoted-string, quoted-pair; §7.3.1 for folds).
using System.Buffers;
using System.Text.Unicode;
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

[Record("qdtext")]
internal readonly partial struct QuotedOctet
{
    [Capture(".")] public partial Slice Text { get; }
}

/// <summary>
/// Text that a header carries as a quoted string or as a token: display names, realms, user names. A text without quotes is its
/// own content, so that a peer's <c>qop=auth</c> and <c>qop="auth"</c> are the same. Nothing here allocates; all of it is linear.
/// </summary>
public static class QuotedText
{
    private static readonly SearchValues<byte> s_unescaped = UriOctets.Matching<QuotedOctet>();

    /// <summary>
    /// Copies the content of <paramref name="text"/>, as it was captured: without quotes, the backslashes of quoted pairs undone,
    /// each fold one space. False where <paramref name="buffer"/> is too small (as long as the text always suffices).
    /// </summary>
    public static bool TryUnquote(ReadOnlySpan<byte> text, Span<byte> buffer, out int length)
    {
        length = 0;
        text = Inside(text, out bool quoted);
        if (!quoted)
        {
            if (!text.TryCopyTo(buffer))
                return false;
            length = text.Length;
            return true;
        }
        var reader = new Reader(text);
        while (reader.TryNext(out byte octet))
        {
            if (length == buffer.Length)
                return false;
            buffer[length++] = octet;
        }
        return true;
    }

    /// <summary>
    /// True where the content of <paramref name="text"/>, as it was captured, is <paramref name="content"/> octet by octet.
    /// </summary>
    public static bool ContentEquals(ReadOnlySpan<byte> text, ReadOnlySpan<byte> content)
    {
        text = Inside(text, out bool quoted);
        if (!quoted)
            return text.SequenceEqual(content);
        var reader = new Reader(text);
        foreach (byte octet in content)
        {
            if (!reader.TryNext(out byte other) || other != octet)
                return false;
        }
        return !reader.TryNext(out _);
    }

    /// <summary>
    /// Writes <paramref name="content"/> in quotes, with a backslash before each octet that needs one ("\", the quote, control
    /// characters). False, with nothing written, where no quoted string has that content: with CR, LF or what is not UTF-8.
    /// </summary>
    public static bool TryWrite(ref ByteWriter writer, scoped ReadOnlySpan<byte> content)
    {
        if (content.IndexOfAny((byte)'\r', (byte)'\n') >= 0 || !Utf8.IsValid(content))
            return false;
        writer.Write((byte)'"');
        while (!content.IsEmpty)
        {
            int plain = 0;
            while (plain < content.Length && (content[plain] >= 0x80 || s_unescaped.Contains(content[plain])))
                plain++;
            writer.Write(content[..plain]);
            if (plain == content.Length)
                break;
            writer.Write((byte)'\\');
            writer.Write(content[plain]);
            content = content[(plain + 1)..];
        }
        writer.Write((byte)'"');
        return true;
    }

    // What stands between the quotes, or all of a text without them. The grammar lets white space stand before the first quote.
    private static ReadOnlySpan<byte> Inside(ReadOnlySpan<byte> text, out bool quoted)
    {
        var trimmed = text.Trim(" \t\r\n"u8);
        quoted = trimmed is [(byte)'"', .., (byte)'"'];
        return quoted ? trimmed[1..^1] : trimmed;
    }

    // Reads the content octet by octet from what stands inside the quotes.
    private ref struct Reader(ReadOnlySpan<byte> text)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private int _at;

        // White space up to here has been looked through and holds no fold, so that a long run is looked through once.
        private int _unfoldedEnd;

        public bool TryNext(out byte octet)
        {
            if (_at == _text.Length)
            {
                octet = 0;
                return false;
            }
            octet = _text[_at++];
            if (octet == '\\' && _at < _text.Length)
                octet = _text[_at++];
            else if (_at > _unfoldedEnd && IsSpace(octet))
                octet = SkipFold(octet);
            return true;
        }

        // LWS with a fold is one space (RFC 3261 §7.3.1); without one each octet of it stands for itself.
        private byte SkipFold(byte first)
        {
            int end = _at;
            while (end < _text.Length && IsSpace(_text[end]))
                end++;
            if (_text[(_at - 1)..end].IndexOf((byte)'\n') < 0)
            {
                _unfoldedEnd = end;
                return first;
            }
            _at = end;
            return (byte)' ';
        }

        private static bool IsSpace(byte octet) => octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
    }
}
