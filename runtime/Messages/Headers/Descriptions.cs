// Headers that describe: RFC 3261 §20.25, §20.26, §20.35, §20.36 and §20.41; Privacy (RFC 3323 §4.2).
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>Organization (RFC 3261 §20.25).</summary>
[Header("Organization")]
public readonly partial struct Organization
{
    [Capture(".")] public partial Slice Text { get; }
}

/// <summary>Subject (RFC 3261 §20.36).</summary>
[Header("Subject")]
public readonly partial struct Subject
{
    [Capture(".")] public partial Slice Text { get; }
}

/// <summary>Server (RFC 3261 §20.35).</summary>
[Header("Server")]
public readonly partial struct Server
{
    [Capture(".")] public partial Slice Text { get; }
}

/// <summary>User-Agent (RFC 3261 §20.41).</summary>
[Header("User-Agent")]
public readonly partial struct UserAgent
{
    [Capture(".")] public partial Slice Text { get; }
}

/// <summary>Priority (RFC 3261 §20.26).</summary>
[Header("Priority")]
public readonly partial struct Priority
{
    [Capture(".")] public partial Slice Value { get; }
}

/// <summary>Privacy (RFC 3323 §4.2): <c>priv-value *(";" priv-value)</c>.</summary>
[Header("Privacy-hdr")]
public readonly partial struct Privacy
{
    [Capture(".")] public partial Slice Values { get; }
}
