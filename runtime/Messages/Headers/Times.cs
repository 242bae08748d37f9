// Times and intervals: RFC 3261 §20.17, §20.19, §20.23, §20.33 and §20.38, RFC 4028 §4 and §5, RFC 5626 §10.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>Expires (RFC 3261 §20.19), in seconds.</summary>
[Header("Expires")]
public readonly partial struct Expires
{
    /// <summary>A number too large is the largest.</summary>
    [Capture("delta-seconds", Saturate = true)] public partial uint Seconds { get; }
}

/// <summary>Min-Expires (RFC 3261 §20.23), in seconds.</summary>
[Header("Min-Expires")]
public readonly partial struct MinExpires
{
    /// <summary>A number too large is the largest.</summary>
    [Capture("delta-seconds", Saturate = true)] public partial uint Seconds { get; }
}

/// <summary>Flow-Timer (RFC 5626 §10), in seconds.</summary>
[Header("Flow-Timer")]
public readonly partial struct FlowTimer
{
    /// <summary>A number too large is the largest.</summary>
    [Capture("DIGIT", Saturate = true)] public partial uint Seconds { get; }
}

/// <summary>Date (RFC 3261 §20.17), always GMT. The text fixes the number of digits; a name of the day that contradicts the date is kept as it is.</summary>
[Header("Date")]
public readonly partial struct Date
{
    [Capture("SIP-date/rfc1123-date/wkday")] public partial Slice Weekday { get; }

    [Capture("SIP-date/rfc1123-date/date1/DIGIT[1]", Max = 31)] public partial byte Day { get; }

    [Capture("SIP-date/rfc1123-date/date1/month")] public partial Slice Month { get; }

    [Capture("SIP-date/rfc1123-date/date1/DIGIT[2]")] public partial ushort Year { get; }

    [Capture("SIP-date/rfc1123-date/time/DIGIT[1]", Max = 23)] public partial byte Hour { get; }

    [Capture("SIP-date/rfc1123-date/time/DIGIT[2]", Max = 59)] public partial byte Minute { get; }

    [Capture("SIP-date/rfc1123-date/time/DIGIT[3]", Max = 60)] public partial byte Second { get; }
}

/// <summary>Retry-After (RFC 3261 §20.33): <c>delta-seconds [ comment ] *( SEMI retry-param )</c>.</summary>
[Header("Retry-After")]
public readonly partial struct RetryAfter
{
    /// <summary>A number too large is the largest.</summary>
    [Capture("delta-seconds", Saturate = true)] public partial uint Seconds { get; }

    [Capture("comment")] public partial Slice Comment { get; }

    [Parameters("retry-param")] public partial Slice Parameters { get; }

    [Parameter("duration", Saturate = true)] public partial uint? DurationSeconds { get; }
}

/// <summary>Timestamp (RFC 3261 §20.38): <c>1*(DIGIT) [ "." *(DIGIT) ] [ LWS delay ]</c>.</summary>
[Header("Timestamp")]
public readonly partial struct Timestamp
{
    [Capture("DIGIT[1]")] public partial Slice Seconds { get; }

    [Capture("DIGIT[2]")] public partial Slice Fraction { get; }

    [Capture("delay")] public partial Slice Delay { get; }
}

/// <summary>Session-Expires (RFC 4028 §4): <c>delta-seconds *(SEMI se-params)</c>.</summary>
[Header("Session-Expires")]
public readonly partial struct SessionExpires
{
    /// <summary>A number too large is the largest.</summary>
    [Capture("delta-seconds", Saturate = true)] public partial uint Seconds { get; }

    [Parameters("se-params")] public partial Slice Parameters { get; }

    /// <summary><c>uac</c> or <c>uas</c>.</summary>
    [Parameter("refresher")] public partial Slice Refresher { get; }
}

/// <summary>Min-SE (RFC 4028 §5): <c>delta-seconds *(SEMI generic-param)</c>.</summary>
[Header("Min-SE")]
public readonly partial struct MinSe
{
    /// <summary>A number too large is the largest.</summary>
    [Capture("delta-seconds", Saturate = true)] public partial uint Seconds { get; }

    [Parameters("generic-param")] public partial Slice Parameters { get; }
}
