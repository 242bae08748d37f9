// The methods, from the grammar's Method rule.
using SipEmbedded.Generation;

namespace SipEmbedded.Messages;

/// <summary>The names of the methods that RFC 3261 and its extensions define, and their parser (case-sensitive, RFC 3261 §7.1).</summary>
[Vocabulary("Method", "Method")]
public static partial class Methods;
