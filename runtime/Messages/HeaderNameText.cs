// The text of a header's name, for headers that no record knows.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>A header's name (RFC 3261 §25.1: <c>header-name = token</c>).</summary>
[Record("header-name")]
internal readonly partial struct HeaderNameText
{
    [Capture("token")] public partial Slice Token { get; }

    /// <summary>The end of the name at <paramref name="offset"/>, or negative.</summary>
    public static int EndOf(ReadOnlySpan<byte> text, int offset) => Match(text, offset, 0, out _);
}
