// tel URIs (RFC 3966): a telephone number, global or local to a context.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Uris;

/// <summary>The two kinds of telephone number (RFC 3966 §5.1.4 and §5.1.5).</summary>
public enum TelephoneNumberKind : byte
{
    None,

    /// <summary>Unique in the world; begins with a plus sign.</summary>
    Global,

    /// <summary>Valid in the context that the phone-context parameter names, which is always there.</summary>
    Local,
}

/// <summary>
/// A tel URI (RFC 3966 §3: <c>"tel:" telephone-subscriber</c>). Parts are as written, separators and escapes included.
/// </summary>
[Record("telephone-uri", Grammar = "tel")]
public readonly partial struct TelUri
{
    [Branch("telephone-subscriber/global-number", "telephone-subscriber/local-subscriber")]
    public partial TelephoneNumberKind Kind { get; }

    /// <summary>The digits with their visual separators, a global number with its plus sign.</summary>
    [Capture("telephone-subscriber/global-number/global-number-digits|telephone-subscriber/local-subscriber/local-number-digits")]
    public partial Slice Number { get; }

    /// <summary>All parameters as written, from the first semicolon.</summary>
    [Capture("telephone-subscriber/global-number/par|telephone-subscriber/local-subscriber/local-parameters")]
    public partial Slice Parameters { get; }
}
