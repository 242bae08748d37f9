using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>From (RFC 3261 §20.20): <c>( name-addr / addr-spec ) *( SEMI from-param )</c>.</summary>
[Header("From")]
public readonly partial struct From
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("from-spec/name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("from-spec/name-addr/addr-spec", "from-spec/bare-addr-spec")] public partial SipUri Uri { get; }

    [Parameters("from-spec/from-param")] public partial Slice Parameters { get; }

    [Parameter("tag")] public partial Slice Tag { get; }
}
