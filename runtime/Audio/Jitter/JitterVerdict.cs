namespace SipEmbedded.Audio;

/// <summary>What became of a packet that was put into a <see cref="JitterBuffer"/>. Each is counted in <see cref="JitterFigures"/>.</summary>
public enum JitterVerdict : byte
{
    /// <summary>It waits for its time.</summary>
    Queued,

    /// <summary>It waits, and older ones were thrown away for it: there was no slot, or more sound than the maximum delay.</summary>
    QueuedOverOthers,

    /// <summary>It waits, and a new source, or a jump of sequence numbers, began with it: what waited before is gone.</summary>
    QueuedAfterRestart,

    /// <summary>It waits or was played already.</summary>
    Duplicate,

    /// <summary>Its time has passed.</summary>
    Late,

    /// <summary>Far from all others by its sequence number. If the next one follows on it, the stream goes on there (RFC 3550 A.1).</summary>
    Stray,

    /// <summary>Its codec cannot read it, or it holds more than <see cref="JitterBuffer.MaximumFrameMs"/>.</summary>
    Broken,

    /// <summary>More octets than <see cref="JitterBuffer.PacketOctets"/>.</summary>
    TooLarge,

    /// <summary>A sample rate of a decoder that cannot be played out here, or a clock rate of 0.</summary>
    WrongRate,
}
