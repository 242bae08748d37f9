// The lines that describe a session as a whole: RFC 8866 §5.1 to §5.6. A record is read from a whole line, its end included, and
// writes one.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary><c>v=</c> (RFC 8866 §5.1).</summary>
[Record("version-field", Grammar = "sdp")]
public readonly partial struct VersionField
{
    /// <summary>The version that RFC 8866 describes, and the only one.</summary>
    public const uint Current = 0;

    [Capture("DIGIT")] public partial uint Version { get; }
}

/// <summary><c>o=</c> (RFC 8866 §5.2). The two numbers stay text: they may exceed 64 bits, and are only compared.</summary>
[Record("origin-field", Grammar = "sdp")]
public readonly partial struct OriginField
{
    /// <summary><c>-</c> where the host has no user names.</summary>
    [Capture("username")] public partial Slice UserName { get; }

    /// <summary>Decimal digits of any number.</summary>
    [Capture("sess-id")] public partial Slice SessionId { get; }

    /// <summary>Decimal digits of any number; grows by one with each change (RFC 3264 §8).</summary>
    [Capture("sess-version")] public partial Slice SessionVersion { get; }

    /// <summary><c>IN</c>.</summary>
    [Capture("nettype")] public partial Slice NetworkType { get; }

    /// <summary><c>IP4</c> or <c>IP6</c>.</summary>
    [Capture("addrtype")] public partial Slice AddressType { get; }

    /// <summary>A host name or an address, an IPv6 one without brackets.</summary>
    [Capture("unicast-address")] public partial Slice Address { get; }
}

/// <summary><c>s=</c> (RFC 8866 §5.3).</summary>
[Record("session-name-field", Grammar = "sdp")]
public readonly partial struct SessionNameField
{
    [Capture("session-name")] public partial Slice Name { get; }
}

/// <summary><c>i=</c>, of the session or of one media (RFC 8866 §5.4).</summary>
[Record("information-field", Grammar = "sdp")]
public readonly partial struct InformationField
{
    [Capture("text")] public partial Slice Text { get; }
}

/// <summary><c>u=</c> (RFC 8866 §5.5).</summary>
[Record("uri-field", Grammar = "sdp")]
public readonly partial struct UriField
{
    [Capture("uri")] public partial Slice Uri { get; }
}

/// <summary><c>e=</c> (RFC 8866 §5.6): <c>address</c>, <c>address (name)</c> or <c>name &lt;address&gt;</c>.</summary>
[Record("email-field", Grammar = "sdp")]
public readonly partial struct EmailField
{
    /// <summary>The address alone.</summary>
    [Capture("email-address/address-and-comment/addr-spec|email-address/dispname-and-address/addr-spec|email-address/addr-spec")]
    public partial Slice Address { get; }

    /// <summary>The value as a whole, with the name.</summary>
    [Capture("email-address")] public partial Slice Text { get; }
}

/// <summary><c>p=</c> (RFC 8866 §5.6): <c>phone</c>, <c>phone (name)</c> or <c>name &lt;phone&gt;</c>.</summary>
[Record("phone-field", Grammar = "sdp")]
public readonly partial struct PhoneField
{
    /// <summary>The number alone, with its spaces and hyphens; a space before the name belongs to it.</summary>
    [Capture("phone-number/phone")] public partial Slice Number { get; }

    /// <summary>The value as a whole, with the name.</summary>
    [Capture("phone-number")] public partial Slice Text { get; }
}
