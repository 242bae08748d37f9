using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>One line of a description: where it stands and of what type it is. Typed records read it as a whole.</summary>
public readonly struct SdpLine
{
    /// <summary>The value of <see cref="MediaIndex"/> for a line that describes the session.</summary>
    public const int Session = -1;

    internal SdpLine(byte type, int mediaIndex, int start, int valueEnd, int end)
    {
        Type = type;
        MediaIndex = mediaIndex;
        Extent = Slice.Between(start, end);
        Value = Slice.Between(start + ValueOffset, valueEnd);
    }

    // The type letter and "=".
    internal const int ValueOffset = 2;

    /// <summary>The letter in front of "=".</summary>
    public byte Type { get; }

    /// <summary>Which media the line belongs to, counting from 0, or <see cref="Session"/>.</summary>
    public int MediaIndex { get; }

    /// <summary>The line with its type and its line end.</summary>
    public Slice Extent { get; }

    /// <summary>What stands between "=" and the line end, white space included.</summary>
    public Slice Value { get; }

    /// <summary>
    /// The line as the record of its type (RFC 8866 §9): <see cref="VersionField"/>, <see cref="OriginField"/>, … False with a fault where it
    /// does not match, also where <typeparamref name="T"/> is the record of another type. <paramref name="text"/> and
    /// <paramref name="allow"/> are those that the reader was given.
    /// </summary>
    public bool TryRead<T>(ReadOnlySpan<byte> text, SdpLeniency allow, out T value, out ParseFault fault)
        where T : struct, IRecord<T>
    {
        // The matcher finds the line end by itself, and with more text behind that it scans by whole vectors. Where there is no line end, what
        // stands behind is not of this description.
        if (Value.End == Extent.End)
            text = text[..Extent.End];
        int end = T.Match(text, Extent.Offset, (uint)allow, out value);
        if (end == Extent.End)
        {
            fault = default;
            return true;
        }
        fault = end < 0 ? T.FaultOf(end) : new ParseFault(FaultKind.Syntax, end, "line-end");
        value = default;
        return false;
    }
}
