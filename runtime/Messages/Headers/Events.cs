// Events: RFC 6665 §8.2, RFC 3903 §11.3, RFC 6086 §9.2.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>Event (RFC 6665 §8.2.1): <c>event-type *( SEMI event-param )</c>.</summary>
[Header("Event")]
public readonly partial struct Event
{
    /// <summary>The package, with its templates.</summary>
    [Capture("event-type")] public partial Slice Type { get; }

    [Parameters("event-param")] public partial Slice Parameters { get; }

    [Parameter("id")] public partial Slice Id { get; }
}

/// <summary>Subscription-State (RFC 6665 §8.2.3): <c>substate-value *( SEMI subexp-params )</c>.</summary>
[Header("Subscription-State")]
public readonly partial struct SubscriptionState
{
    /// <summary><c>active</c>, <c>pending</c>, <c>terminated</c> or an extension.</summary>
    [Capture("substate-value")] public partial Slice State { get; }

    [Parameters("subexp-params")] public partial Slice Parameters { get; }

    [Parameter("reason")] public partial Slice Reason { get; }

    [Parameter("expires", Saturate = true)] public partial uint? ExpiresSeconds { get; }

    [Parameter("retry-after", Saturate = true)] public partial uint? RetryAfterSeconds { get; }
}

/// <summary>One Allow-Events value (RFC 6665 §8.2.2).</summary>
[Header("Allow-Events")]
public readonly partial struct AllowEvents
{
    [Capture(".")] public partial Slice Type { get; }
}

/// <summary>SIP-ETag (RFC 3903 §11.3.1).</summary>
[Header("SIP-ETag")]
public readonly partial struct SipETag
{
    [Capture(".")] public partial Slice Tag { get; }
}

/// <summary>SIP-If-Match (RFC 3903 §11.3.2).</summary>
[Header("SIP-If-Match")]
public readonly partial struct SipIfMatch
{
    [Capture(".")] public partial Slice Tag { get; }
}

/// <summary>Info-Package (RFC 6086 §9.2).</summary>
[Header("Info-Package")]
public readonly partial struct InfoPackage
{
    [Capture("Info-package-type/Info-package-name")] public partial Slice Name { get; }

    [Parameters("Info-package-type/Info-package-param")] public partial Slice Parameters { get; }
}

/// <summary>One Recv-Info value (RFC 6086 §9.2).</summary>
[Header("Recv-Info")]
public readonly partial struct RecvInfo
{
    [Capture("Info-package-name")] public partial Slice Name { get; }

    [Parameters("Info-package-param")] public partial Slice Parameters { get; }
}
