// The two files of a machine's resolver as texts: lines of words between blanks.
namespace SipEmbedded.Resolution;

/// <summary>Walks along lines and their words; what stands behind a comment's sign is no part of a line.</summary>
internal ref struct ResolverFile(ReadOnlySpan<byte> text, ReadOnlySpan<byte> commentSigns)
{
    private readonly ReadOnlySpan<byte> _commentSigns = commentSigns;
    private ReadOnlySpan<byte> _text = text;
    private ReadOnlySpan<byte> _line;

    /// <summary>Goes to the next line; false behind the last.</summary>
    public bool TryNextLine()
    {
        if (_text.IsEmpty)
            return false;
        int end = _text.IndexOf((byte)'\n');
        _line = end < 0 ? _text : _text[..end];
        _text = end < 0 ? default : _text[(end + 1)..];
        int comment = _line.IndexOfAny(_commentSigns);
        if (comment >= 0)
            _line = _line[..comment];
        return true;
    }

    /// <summary>The next word of the line; false where there is none.</summary>
    public bool TryNextWord(out ReadOnlySpan<byte> word)
    {
        _line = _line.TrimStart(" \t\r\f\v"u8);
        int end = _line.IndexOfAny(" \t\r\f\v"u8);
        word = end < 0 ? _line : _line[..end];
        _line = _line[word.Length..];
        return !word.IsEmpty;
    }
}
