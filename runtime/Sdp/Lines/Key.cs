using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>How a <c>k=</c> line gives its key.</summary>
public enum KeyMethod : byte
{
    None,
    Prompt,
    Clear,
    Base64,
    Uri,
}

/// <summary><c>k=</c>, obsolete (RFC 8866 §5.12: must not be used, and is discarded where it stands). Read so that it can be shown.</summary>
[Record("key-field", Grammar = "sdp")]
public readonly partial struct KeyField
{
    [Branch("key-type/\"prompt\"", "key-type/\"clear:\"", "key-type/\"base64:\"", "key-type/\"uri:\"")]
    public partial KeyMethod Method { get; }

    /// <summary>What stands behind the method's colon.</summary>
    [Capture("key-type/text|key-type/base64|key-type/uri")] public partial Slice Key { get; }
}
