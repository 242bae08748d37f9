namespace SipEmbedded.Sdp;

/// <summary>How much of a description is read; more is a fault of kind Limit, so that a hostile one costs a bounded time.</summary>
public static class SdpLimits
{
    /// <summary>
    /// Lines. A call's description has 10 to 40; one of a browser with several media, their candidates and their feedback messages has
    /// 300. In 64 KiB there would be place for 16 384.
    /// </summary>
    public const int MaxLines = 512;

    /// <summary>Media sections: a call has one or two; the largest in RFC 4317 and RFC 5888 have four.</summary>
    public const int MaxMediaSections = 16;

    /// <summary>
    /// Formats of one m= line. A phone lists 3 to 12, a browser's video 50. Each may be looked up among the section's attributes, so this times
    /// <see cref="MaxLines"/> bounds that work.
    /// </summary>
    public const int MaxFormats = 64;
}
