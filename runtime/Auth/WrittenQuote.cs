// A quoted string kept as its peer wrote it (RFC 3261 §25.1 quoted-string, §7.3.1 for folds).
//
// note [as it was written]
// A nonce, a realm and an opaque go back with the backslashes that they came with: the content is the same either way, and a peer that compares or hashes
// them without undoing backslashes is served as well. What is hashed here is the content.
using SipEmbedded.Text;

namespace SipEmbedded.Auth;

internal static class WrittenQuote
{
    /// <summary>
    /// Copies the text of a parameter with its quotes, a fold as one blank; a token gets quotes. False where <paramref name="buffer"/> is too small, and where
    /// the text cannot stand on a line of ours: with NUL, or with a CR or LF that is no fold.
    /// </summary>
    public static bool TryKeep(ReadOnlySpan<byte> text, Span<byte> buffer, out int length)
    {
        length = 0;
        // The grammar lets white space stand before the first quote.
        text = text.Trim(" \t\r\n"u8);
        bool isQuoted = text is [(byte)'"', .., (byte)'"'];
        if (!isQuoted && (text.IsEmpty || text.IndexOfAny("\"\\, \t\r\n\0"u8) >= 0))
            return false;
        scoped var writer = new ByteWriter(buffer);
        writer.Write((byte)'"');
        if (!isQuoted)
            writer.Write(text);
        else if (!TryCopyInside(text[1..^1], ref writer))
            return false;
        writer.Write((byte)'"');
        length = writer.Written;
        return !writer.Overflowed;
    }

    private static bool TryCopyInside(scoped ReadOnlySpan<byte> text, ref ByteWriter writer)
    {
        for (int at = 0; at < text.Length;)
        {
            byte octet = text[at];
            if (octet == '\\')
            {
                if (at + 1 == text.Length || text[at + 1] is 0 or (byte)'\r' or (byte)'\n')
                    return false;
                writer.Write(text.Slice(at, 2));
                at += 2;
            }
            else if (octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                int end = HeaderValues.SkipSpace(text, at, text.Length);
                if (!TryCopySpace(text[at..end], ref writer))
                    return false;
                at = end;
            }
            else
            {
                // A quote inside would end the string that it is written into.
                if (octet is 0 or (byte)'"')
                    return false;
                writer.Write(octet);
                at++;
            }
        }
        return true;
    }

    // White space with a fold in it is one blank, other white space stands for itself.
    private static bool TryCopySpace(scoped ReadOnlySpan<byte> space, ref ByteWriter writer)
    {
        if (space.IndexOfAny((byte)'\r', (byte)'\n') < 0)
        {
            writer.Write(space);
            return true;
        }
        writer.Write((byte)' ');
        return space[^1] is (byte)' ' or (byte)'\t' && space.IndexOf((byte)'\n') >= 0;
    }
}
