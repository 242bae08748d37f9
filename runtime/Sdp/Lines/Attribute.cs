// a= lines: RFC 8866 §5.13. What a value means hangs on the name; Attributes/ has a record for each name known here.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>The attributes that are typed here, by name (case-sensitive, RFC 8866 §5).</summary>
[Vocabulary("known-attribute", "AttributeName", Grammar = "sdp")]
public static partial class AttributeNames;

/// <summary><c>a=name</c> or <c>a=name:value</c> (RFC 8866 §5.13).</summary>
[Record("attribute-field", Grammar = "sdp")]
public readonly partial struct AttributeField
{
    [Capture("attribute/attribute-name")] public partial Slice Name { get; }

    /// <summary>The name, where it is one of those typed here.</summary>
    [Capture("attribute/attribute-name")] public partial AttributeName Known { get; }

    /// <summary>Behind the colon; not present in <c>a=name</c>.</summary>
    [Capture("attribute/attribute-value")] public partial Slice Value { get; }
}
