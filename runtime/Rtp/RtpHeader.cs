namespace SipEmbedded.Rtp;

/// <summary>The fixed header of an RTP packet (RFC 3550 §5.1), without the sources that contributed.</summary>
public readonly record struct RtpHeader
{
    /// <summary>The first packet of a talkspurt (RFC 3551 §4.1), or of an event (RFC 4733 §2.2).</summary>
    public bool IsMarked { get; init; }

    /// <summary>0 to 127.</summary>
    public byte PayloadType { get; init; }

    public ushort Sequence { get; init; }

    /// <summary>In units of the payload's clock rate.</summary>
    public uint Timestamp { get; init; }

    /// <summary>The synchronization source (SSRC).</summary>
    public uint Source { get; init; }
}
