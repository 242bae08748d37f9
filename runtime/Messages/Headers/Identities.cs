// Further headers that hold an address: RFC 3261 §20.31, RFC 3325 §9, RFC 3515 §2.1, RFC 3892 §3; and of a draft, draft-ietf-sip-privacy-04.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>Reply-To (RFC 3261 §20.31).</summary>
[Header("Reply-To")]
public readonly partial struct ReplyTo
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("rplyto-spec/name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("rplyto-spec/name-addr/addr-spec", "rplyto-spec/bare-addr-spec")] public partial SipUri Uri { get; }

    [Parameters("rplyto-spec/rplyto-param")] public partial Slice Parameters { get; }
}

/// <summary>Refer-To (RFC 3515 §2.1): <c>( name-addr / addr-spec ) *(SEMI generic-param)</c>.</summary>
[Header("Refer-To")]
public readonly partial struct ReferTo
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("name-addr/addr-spec", "bare-addr-spec")] public partial SipUri Uri { get; }

    [Parameters("generic-param")] public partial Slice Parameters { get; }
}

/// <summary>Referred-By (RFC 3892 §3).</summary>
[Header("Referred-By")]
public readonly partial struct ReferredBy
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("referrer-uri/name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("referrer-uri/name-addr/addr-spec", "referrer-uri/bare-addr-spec")] public partial SipUri Uri { get; }

    [Parameters("generic-param")] public partial Slice Parameters { get; }

    /// <summary>The Content-ID of the signed body part, in quotes.</summary>
    [Parameter("cid")] public partial Slice ContentId { get; }
}

/// <summary>One P-Asserted-Identity value (RFC 3325 §9.1).</summary>
[Header("PAssertedID")]
public readonly partial struct PAssertedIdentity
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("name-addr/addr-spec", "bare-addr-spec")] public partial SipUri Uri { get; }
}

/// <summary>One P-Preferred-Identity value (RFC 3325 §9.2).</summary>
[Header("PPreferredID")]
public readonly partial struct PPreferredIdentity
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("name-addr/addr-spec", "bare-addr-spec")] public partial SipUri Uri { get; }
}

/// <summary>One Remote-Party-ID value (draft-ietf-sip-privacy-04 §5.1; never an RFC).</summary>
[Header("Remote-Party-ID")]
public readonly partial struct RemotePartyId
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("name-addr/addr-spec", "bare-addr-spec")] public partial SipUri Uri { get; }

    [Parameters("rpi-token")] public partial Slice Parameters { get; }

    /// <summary>Whose identity it is: <c>calling</c>, <c>called</c> or another word; the calling one's in a request where it is not said.</summary>
    [Parameter("party")] public partial Slice Party { get; }

    /// <summary>What is to be withheld: <c>full</c>, <c>name</c>, <c>uri</c> or <c>off</c>, perhaps with <c>-network</c>; several in quotes, with commas.</summary>
    [Parameter("privacy")] public partial Slice Privacy { get; }
}
