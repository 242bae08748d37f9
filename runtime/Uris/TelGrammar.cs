// The grammar of tel URIs: the files of Grammar/tel (RFC 3966 §3).
using SipEmbedded.Generation;

namespace SipEmbedded.Uris;

[Grammar("tel")]
[Replace("telephone-subscriber", "local-number", "local-subscriber", Because = "RFC 3966 §3: par includes context, so that in "
    + "*par context *par only the list as a whole can be captured")]
internal static partial class TelGrammar;
