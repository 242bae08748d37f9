// Headers that point elsewhere or explain: RFC 3261 §20.4, §20.9, §20.18 and §20.43, RFC 3326.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>One Alert-Info value (RFC 3261 §20.4).</summary>
[Header("Alert-Info")]
public readonly partial struct AlertInfo
{
    [Capture("absoluteURI")] public partial Slice Uri { get; }

    [Parameters("generic-param")] public partial Slice Parameters { get; }
}

/// <summary>One Call-Info value (RFC 3261 §20.9).</summary>
[Header("Call-Info")]
public readonly partial struct CallInfo
{
    [Capture("absoluteURI")] public partial Slice Uri { get; }

    [Parameters("info-param")] public partial Slice Parameters { get; }

    [Parameter("purpose")] public partial Slice Purpose { get; }
}

/// <summary>One Error-Info value (RFC 3261 §20.18).</summary>
[Header("Error-Info")]
public readonly partial struct ErrorInfo
{
    [Capture("absoluteURI")] public partial Slice Uri { get; }

    [Parameters("generic-param")] public partial Slice Parameters { get; }
}

/// <summary>One Warning value (RFC 3261 §20.43): <c>warn-code SP warn-agent SP warn-text</c>.</summary>
[Header("Warning")]
public readonly partial struct Warning
{
    [Capture("warn-code")] public partial ushort Code { get; }

    [Capture("warn-agent")] public partial Slice Agent { get; }

    /// <summary>With its quotes.</summary>
    [Capture("warn-text")] public partial Slice Text { get; }
}

/// <summary>One Reason value (RFC 3326 §2): <c>protocol *(SEMI reason-params)</c>.</summary>
[Header("Reason")]
public readonly partial struct Reason
{
    [Capture("protocol")] public partial Slice Protocol { get; }

    [Parameters("reason-params")] public partial Slice Parameters { get; }

    [Parameter("cause", Saturate = true)] public partial ushort? Cause { get; }

    /// <summary>With its quotes.</summary>
    [Parameter("text")] public partial Slice Text { get; }
}
