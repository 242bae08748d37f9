// The SDP grammar: the files of Grammar/sdp taken together, and what settles the choices that they leave open.
// Read first: RFC 8866 section 9.
using SipEmbedded.Generation;

namespace SipEmbedded.Sdp;

[Grammar("sdp", KeepsSpace = true)]
[Replace("version-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("origin-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("session-name-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("session-name-field", "text", "session-name", Because = "leniency.abnf adds to session-name")]
[Replace("information-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("uri-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("email-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("phone-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("connection-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("bandwidth-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("time-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("repeat-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("zone-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("key-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("attribute-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Replace("media-field", "CRLF", "line-end", Because = "leniency.abnf adds to line-end")]
[Lenient("bare-line-feed", (uint)SdpLeniency.BareLineFeed)]
[Lenient("unterminated-line", (uint)SdpLeniency.UnterminatedLastLine)]
[Lenient("trailing-space", (uint)SdpLeniency.TrailingWhiteSpace)]
[Lenient("empty-session-name", (uint)SdpLeniency.EmptySessionName)]
[Settle("srtp-session-param", Choose.InOrder, Because = "RFC 4568 §6.3: an extension is what none of the names before it is")]
internal static partial class SdpGrammar;
