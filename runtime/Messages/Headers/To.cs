using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>To (RFC 3261 §20.39): <c>( name-addr / addr-spec ) *( SEMI to-param )</c>.</summary>
[Header("To")]
public readonly partial struct To
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("name-addr/addr-spec", "bare-addr-spec")] public partial SipUri Uri { get; }

    [Parameters("to-param")] public partial Slice Parameters { get; }

    [Parameter("tag")] public partial Slice Tag { get; }
}
