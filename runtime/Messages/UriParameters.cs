// The parameters of a SIP URI, whose names and values may be escaped: ";%6C%72" is lr (RFC 3261 §19.1.4, RFC 4475 §3.1.1.3).
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>A SIP URI's parameters. Reading them is linear and allocates nothing.</summary>
public readonly ref struct UriParameters
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly Slice _list;

    private UriParameters(ReadOnlySpan<byte> text, Slice list)
    {
        _text = text;
        _list = list;
    }

    /// <param name="uri">A URI.</param>
    /// <param name="text">The text that it was read from.</param>
    public static UriParameters Of(in SipUri uri, ReadOnlySpan<byte> text) => new(text, uri.Parameters);

    public ParameterList.Enumerator GetEnumerator() => ParameterList.Of(_list, _text).GetEnumerator();

    /// <summary>The first parameter whose name, unescaped, is <paramref name="name"/> without regard to case.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out Parameter parameter)
    {
        foreach (var item in this)
        {
            if (UriText.UnescapesTo(item.Name.In(_text), name, ignoreCase: true))
            {
                parameter = item;
                return true;
            }
        }
        parameter = default;
        return false;
    }
}
