// Lists of option tags: RFC 3261 §20.29, §20.32, §20.37 and §20.40.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>One Supported value (RFC 3261 §20.37): an option tag.</summary>
[Header("Supported")]
public readonly partial struct Supported
{
    [Capture(".")] public partial Slice OptionTag { get; }
}

/// <summary>One Require value (RFC 3261 §20.32): an option tag.</summary>
[Header("Require")]
public readonly partial struct Require
{
    [Capture(".")] public partial Slice OptionTag { get; }
}

/// <summary>One Proxy-Require value (RFC 3261 §20.29): an option tag.</summary>
[Header("Proxy-Require")]
public readonly partial struct ProxyRequire
{
    [Capture(".")] public partial Slice OptionTag { get; }
}

/// <summary>One Unsupported value (RFC 3261 §20.40): an option tag.</summary>
[Header("Unsupported")]
public readonly partial struct Unsupported
{
    [Capture(".")] public partial Slice OptionTag { get; }
}
