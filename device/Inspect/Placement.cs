// From a message's octets to places in its input: offsets and line numbers.
namespace SipEmbedded.Device.Inspect;

/// <summary>Where a text stands in its input.</summary>
internal sealed class Placement
{
    private readonly ReadOnlyMemory<byte> _text;
    private readonly long _offset;
    private readonly long _line;
    private int _lastOffset;
    private long _lastLine;

    /// <param name="text">The text.</param>
    /// <param name="offset">The offset of its first octet in the input, from 0.</param>
    /// <param name="line">The line of the input that it begins on, from 1.</param>
    public Placement(ReadOnlyMemory<byte> text, long offset, long line)
    {
        _text = text;
        _offset = offset;
        _line = _lastLine = line;
    }

    public long OffsetOf(int offset) => _offset + offset;

    /// <summary>The line of the input that an octet of the text stands on, from 1.</summary>
    public long LineOf(int offset)
    {
        // Lines are mostly asked for in order, so counting goes on from the last answer.
        if (offset < _lastOffset)
            (_lastOffset, _lastLine) = (0, _line);
        _lastLine += _text.Span[_lastOffset..offset].Count((byte)'\n');
        _lastOffset = offset;
        return _lastLine;
    }

    /// <summary>The place on its line, in octets from 1.</summary>
    public int ColumnOf(int offset) => offset - _text.Span[..offset].LastIndexOf((byte)'\n');
}
