// The headers, from the records declared in this assembly.
using SipEmbedded.Generation;

namespace SipEmbedded.Messages;

/// <summary>The names of the headers that have a record here, and their parser (names and compact forms, without regard to case).</summary>
[HeaderNames("HeaderName")]
public static partial class HeaderNames;
