// The headers of a SIP URI one after another: "?name=value&name=value" (RFC 3261 §19.1.1 and §25.1: headers).
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>A header in a URI. Both parts are as written, escapes included; a value may be empty.</summary>
public readonly struct UriHeader(Slice name, Slice value)
{
    public Slice Name { get; } = name;

    public Slice Value { get; } = value;
}

/// <summary>A SIP URI's headers. Reading them is linear and allocates nothing.</summary>
public readonly ref struct UriHeaders
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly Slice _headers;

    private UriHeaders(ReadOnlySpan<byte> text, Slice headers)
    {
        _text = text;
        _headers = headers;
    }

    /// <param name="uri">A URI.</param>
    /// <param name="text">The text that it was read from.</param>
    public static UriHeaders Of(in SipUri uri, ReadOnlySpan<byte> text) => new(text, uri.Headers);

    public Enumerator GetEnumerator() => new(_text, _headers);

    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _text;
        private readonly int _end;
        private int _at;

        internal Enumerator(ReadOnlySpan<byte> text, Slice headers)
        {
            _text = text;
            _at = headers.Offset;
            _end = headers.End;
            Current = default;
        }

        public UriHeader Current { get; private set; }

        public bool MoveNext()
        {
            if (_at == _end)
                return false;
            // Behind "?" or "&".
            int start = _at + 1;
            int length = _text[start.._end].IndexOf((byte)'&');
            _at = length < 0 ? _end : start + length;
            int equal = _text[start.._at].IndexOf((byte)'=');
            int nameEnd = equal < 0 ? _at : start + equal;
            Current = new(Slice.Between(start, nameEnd), Slice.Between(Math.Min(nameEnd + 1, _at), _at));
            return true;
        }
    }
}
