using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>One Contact value (RFC 3261 §20.10): <c>(name-addr / addr-spec) *(SEMI contact-params)</c>; <c>*</c> stands alone.</summary>
[Header("Contact")]
public readonly partial struct Contact
{
    /// <summary>As written: a quoted string with its quotes, or tokens.</summary>
    [Capture("name-addr/display-name")] public partial Slice DisplayName { get; }

    [Capture("name-addr/addr-spec", "bare-addr-spec")] public partial SipUri Uri { get; }

    [Parameters("contact-params")] public partial Slice Parameters { get; }

    [Parameter("q", Thousandths = true)] public partial ushort? Preference { get; }

    /// <summary>Seconds; a number too large is the largest (RFC 3261 §20.19).</summary>
    [Parameter("expires", Saturate = true)] public partial uint? ExpiresSeconds { get; }

    /// <summary>The instance in quotes and angle brackets (RFC 5626 §4.1).</summary>
    [Parameter("+sip.instance")] public partial Slice Instance { get; }

    [Parameter("reg-id", Max = int.MaxValue)] public partial uint? RegistrationId { get; }

    [Parameter("pub-gruu")] public partial Slice PublicGruu { get; }

    [Parameter("temp-gruu")] public partial Slice TemporaryGruu { get; }
}
