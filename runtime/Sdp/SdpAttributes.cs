using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>
/// Walks the a= lines of a section that was found well formed, in order; with a name, only those of that name. Use with <c>foreach</c>.
/// </summary>
public ref struct SdpAttributes
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly SdpLeniency _allow;
    private readonly AttributeName _name;
    private readonly ReadOnlySpan<byte> _prefix;
    private readonly int _end;
    private int _position;
    private AttributeField _current;

    internal SdpAttributes(ReadOnlySpan<byte> text, Slice section, SdpLeniency allow, AttributeName name = AttributeName.Other)
    {
        _text = text;
        _allow = allow;
        _name = name;
        _prefix = AttributeNames.NameOf(name);
        _position = section.Offset;
        _end = section.End;
        _current = default;
    }

    public readonly AttributeField Current => _current;

    public readonly SdpAttributes GetEnumerator() => this;

    public bool MoveNext()
    {
        while (SdpSection.TryFind(_text, ref _position, _end, (byte)'a', out int start))
        {
            // Most lines have another name, which is told without reading them.
            if (!_text[(start + SdpLine.ValueOffset)..].StartsWith(_prefix))
                continue;
            if (AttributeField.Match(_text, start, (uint)_allow, out _current) >= 0 && (_name == AttributeName.Other || _current.Known == _name))
                return true;
        }
        return false;
    }
}
