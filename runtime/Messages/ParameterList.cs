// The parameters of a record one after another, also those that it has no property for: the text of a [Parameters] property,
// ";name=value;name" or "name=value, name=value" (RFC 3261 §7.3.1, §19.1.1 and §25.1, RFC 3966 §3).
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>
/// One parameter. Both parts are as written, without the white space around them; a value may be a quoted string.
/// </summary>
public readonly struct Parameter(Slice name, Slice value)
{
    public Slice Name { get; } = name;

    /// <summary>Not present where the parameter has no "=".</summary>
    public Slice Value { get; } = value;
}

/// <summary>A parameter list that the grammar has matched. Reading it is linear and allocates nothing.</summary>
public readonly ref struct ParameterList
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly Slice _list;
    private readonly byte _separator;

    private ParameterList(ReadOnlySpan<byte> text, Slice list, byte separator)
    {
        _text = text;
        _list = list;
        _separator = separator;
    }

    /// <param name="list">The list, with or without a separator before its first item; not present or empty is the empty
    /// list.</param>
    /// <param name="text">The text that it is a slice of.</param>
    /// <param name="separator">";", or "," for the parameters of credentials and challenges (RFC 3261 §25.1: dig-resp,
    /// digest-cln).</param>
    public static ParameterList Of(Slice list, ReadOnlySpan<byte> text, byte separator = (byte)';') => new(text, list, separator);

    public Enumerator GetEnumerator() => new(_text, _list, _separator);

    /// <summary>
    /// The first parameter of that name, without regard to case (RFC 3261 §7.3.1). For a URI's see <see cref="UriParameters"/>.
    /// </summary>
    public bool TryFind(ReadOnlySpan<byte> name, out Parameter parameter)
    {
        foreach (var item in this)
        {
            if (Scan.EqualsIgnoreCase(item.Name.In(_text), name))
            {
                parameter = item;
                return true;
            }
        }
        parameter = default;
        return false;
    }

    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _text;
        private readonly int _end;
        private readonly byte _separator;
        private int _at;

        internal Enumerator(ReadOnlySpan<byte> text, Slice list, byte separator)
        {
            _text = text;
            _at = list.Offset;
            _end = list.End;
            _separator = separator;
            Current = default;
        }

        public Parameter Current { get; private set; }

        public bool MoveNext()
        {
            // White space, and the separator before the item; an item without octets is passed over.
            while (_at < _end && (_text[_at] == _separator || _text[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                _at++;
            if (_at == _end)
                return false;
            int start = _at;
            _at = ParameterText.EndOfItem(_text, start, _end, _separator);
            int equal = _text[start.._at].IndexOf((byte)'=');
            Current = equal < 0
                ? new(Scan.Trimmed(_text, start, _at), default)
                : new(Scan.Trimmed(_text, start, start + equal), Scan.Trimmed(_text, start + equal + 1, _at));
            return true;
        }
    }
}
