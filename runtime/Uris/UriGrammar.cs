// The grammar of generic URIs: the file of Grammar/uri (RFC 3986 appendix A), and what settles the choices that it leaves open.
using SipEmbedded.Generation;

namespace SipEmbedded.Uris;

[Grammar("uri")]
internal static partial class UriGrammar;
