using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>
/// Walks the items of a list that a record holds as one slice: formats and times (spaces between), keys (semicolons), ranges (commas).
/// Use with <c>foreach</c>; empty items, as before a leading space, are passed over.
/// </summary>
public ref struct SdpItems(ReadOnlySpan<byte> text, Slice list, byte separator = (byte)' ')
{
    private readonly ReadOnlySpan<byte> _text = text[..list.End];
    private int _position = list.Offset;

    /// <summary>The item's place in the text.</summary>
    public Slice Current { get; private set; }

    public readonly SdpItems GetEnumerator() => this;

    public bool MoveNext()
    {
        int start = _position;
        while (start < _text.Length && IsSeparator(_text[start]))
            start++;
        if (start >= _text.Length)
            return false;
        int end = start + 1;
        while (end < _text.Length && !IsSeparator(_text[end]))
            end++;
        _position = end;
        Current = Slice.Between(start, end);
        return true;
    }

    // WSP of RFC 4568's lists is a space or a tab.
    private readonly bool IsSeparator(byte octet) => octet == separator || octet == '\t' && separator == ' ';
}
