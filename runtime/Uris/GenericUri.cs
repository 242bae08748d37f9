// URIs of any scheme, read by the generic syntax (RFC 3986 §3): what a header carries beside sip:, sips: and tel:.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Uris;

/// <summary>
/// A URI with a scheme (RFC 3986 §3: <c>scheme ":" hier-part [ "?" query ] [ "#" fragment ]</c>). Parts are as written, escapes
/// included, without the delimiters around them; a part that is not there is not present, which differs from one that is there
/// and empty.
/// </summary>
[Record("URI", Grammar = "uri")]
public readonly partial struct GenericUri
{
    [Capture("scheme")] public partial Slice Scheme { get; }

    [Capture("hier-part/authority/userinfo")] public partial Slice UserInfo { get; }

    /// <summary>
    /// A name or an address, an IP literal in its brackets; present, though perhaps empty, where the URI has an authority.
    /// </summary>
    [Capture("hier-part/authority/host")] public partial Slice Host { get; }

    /// <summary>Digits, perhaps none: RFC 3986 §3.2.3 leaves their range to the scheme.</summary>
    [Capture("hier-part/authority/port")] public partial Slice Port { get; }

    /// <summary>From the slash where there is an authority; empty or not present where the URI has no path.</summary>
    [Capture("hier-part/path-abempty|hier-part/path-absolute|hier-part/path-rootless|hier-part/path-empty")]
    public partial Slice Path { get; }

    [Capture("query")] public partial Slice Query { get; }

    [Capture("fragment")] public partial Slice Fragment { get; }
}
