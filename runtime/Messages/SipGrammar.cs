// The SIP grammar: the files of Grammar/sip taken together, and what settles the choices that they leave open.
using SipEmbedded.Generation;

namespace SipEmbedded.Messages;

[Grammar("sip")]
[Replace("from-spec", "addr-spec", "bare-addr-spec", Because = "RFC 3261 §20: a URI with , ; ? stands in angle brackets")]
[Replace("To", "addr-spec", "bare-addr-spec", Because = "RFC 3261 §20")]
[Replace("contact-param", "addr-spec", "bare-addr-spec", Because = "RFC 3261 §20")]
[Replace("rplyto-spec", "addr-spec", "bare-addr-spec", Because = "RFC 3261 §20")]
[Replace("Refer-To", "addr-spec", "bare-addr-spec", Because = "RFC 8217 §4")]
[Replace("referrer-uri", "addr-spec", "bare-addr-spec", Because = "RFC 8217 §4")]
[Replace("PAssertedID-value", "addr-spec", "bare-addr-spec", Because = "RFC 8217 §4")]
[Replace("PPreferredID-value", "addr-spec", "bare-addr-spec", Because = "RFC 8217 §4")]
[Settle("userinfo", Choose.InOrder, Because = "RFC 3261 §19.1.6: a telephone-subscriber is the user part; RFC 3966 reads it from there")]
[Settle("media-range", Choose.InOrder, Because = "RFC 3261 §20.1: * stands for any type or subtype although a token may be spelled so")]
[Settle("credentials", Choose.InOrder, Because = "RFC 3261 §22.4: the Digest scheme before any other")]
[Settle("challenge", Choose.InOrder, Because = "RFC 3261 §22.4: the Digest scheme before any other")]
[Settle("Referred-By", Choose.InOrder, Because = "RFC 3892 §3: cid is told by its name, any other parameter is generic")]
[Settle("addr-spec", Choose.Commit, Because = "RFC 3261 §19.1: what begins with sip: is a SIP URI or nothing")]
[Settle("bare-addr-spec", Choose.Commit, Because = "RFC 3261 §19.1")]
[Settle("Request-URI", Choose.Commit, Because = "RFC 3261 §19.1")]
internal static partial class SipGrammar;
