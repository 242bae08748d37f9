// From and To as a transaction needs them: only the tag (RFC 3261 §17.2.3). Their addresses are passed over, not checked.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>From's parameters, its address passed over.</summary>
[Record("skim-from")]
internal readonly partial struct SkimmedFrom
{
    [Capture("skim-address")] public partial Slice Address { get; }

    [Parameters("from-param")] public partial Slice Parameters { get; }

    [Parameter("tag")] public partial Slice Tag { get; }
}

/// <summary>To's parameters, its address passed over.</summary>
[Record("skim-to")]
internal readonly partial struct SkimmedTo
{
    [Capture("skim-address")] public partial Slice Address { get; }

    [Parameters("to-param")] public partial Slice Parameters { get; }

    [Parameter("tag")] public partial Slice Tag { get; }
}
