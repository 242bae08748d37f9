// Transfers and caller preferences: RFC 3891 §6.1, RFC 4488 §4, RFC 3841 §9.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>Replaces (RFC 3891 §6.1): <c>callid *(SEMI replaces-param)</c>.</summary>
[Header("Replaces")]
public readonly partial struct Replaces
{
    [Capture("callid")] public partial Slice CallId { get; }

    [Parameters("replaces-param")] public partial Slice Parameters { get; }

    [Parameter("to-tag")] public partial Slice ToTag { get; }

    [Parameter("from-tag")] public partial Slice FromTag { get; }

    [Parameter("early-only")] public partial bool EarlyOnly { get; }
}

/// <summary>Refer-Sub (RFC 4488 §4): <c>true</c> or <c>false</c>.</summary>
[Header("Refer-Sub")]
public readonly partial struct ReferSub
{
    [Capture("refer-sub-value")] public partial Slice Value { get; }

    [Parameters("exten")] public partial Slice Parameters { get; }
}

/// <summary>One Accept-Contact value (RFC 3841 §9.2): <c>"*" *(SEMI ac-params)</c>.</summary>
[Header("Accept-Contact")]
public readonly partial struct AcceptContact
{
    [Parameters("ac-params")] public partial Slice Parameters { get; }

    [Parameter("require")] public partial bool Require { get; }

    [Parameter("explicit")] public partial bool Explicit { get; }
}

/// <summary>One Reject-Contact value (RFC 3841 §9.2): <c>"*" *(SEMI rc-params)</c>.</summary>
[Header("Reject-Contact")]
public readonly partial struct RejectContact
{
    [Parameters("rc-params")] public partial Slice Parameters { get; }
}

/// <summary>One Request-Disposition value (RFC 3841 §9.1).</summary>
[Header("Request-Disposition")]
public readonly partial struct RequestDisposition
{
    [Capture(".")] public partial Slice Directive { get; }
}
