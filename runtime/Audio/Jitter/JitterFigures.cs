namespace SipEmbedded.Audio;

/// <summary>
/// A jitter buffer's figures since it was reset. Delays are those that the buffer adds: from when a sample would come in on the fastest way to the end of the
/// <see cref="JitterBuffer.Read"/> that gives it away. Samples are of the rate that is played out.
/// </summary>
public struct JitterFigures
{
    /// <summary>Of what was given away last.</summary>
    public TimeSpan CurrentDelay;

    /// <summary>What the measured jitter asks for.</summary>
    public TimeSpan TargetDelay;

    /// <summary>What is held to the target: the least of the last reads.</summary>
    public TimeSpan SmoothedDelay;

    /// <summary>
    /// How much faster the sender's clock runs than the sound card's, in millionths; 0 until it is known, after some twenty seconds, and where the network is too
    /// restless to tell.
    /// </summary>
    public float DriftPpm;

    /// <summary>Packets that were put in, whatever became of them.</summary>
    public long Packets;

    public long Duplicates;

    /// <summary>Came when others had been played in their place, or their gap was filled.</summary>
    public long Late;

    public long Strays;

    public long Broken;

    public long TooLarge;

    public long WrongRate;

    /// <summary>Were not there when their time came: lost, or late.</summary>
    public long Lost;

    /// <summary>Of those, how many frames were made from what the next packet held of them.</summary>
    public long Recovered;

    /// <summary>Packets that were thrown away unheard since newer ones found no room.</summary>
    public long Overflows;

    /// <summary>Another source, or a jump of sequence numbers.</summary>
    public long Restarts;

    /// <summary>Timestamps that did not fit what came, and were put right.</summary>
    public long TimestampFaults;

    public long PlayedSamples;

    /// <summary>Made up, since nothing was there.</summary>
    public long ConcealedSamples;

    /// <summary>Silence or comfort noise, before the first packet and in pauses of the sender.</summary>
    public long SilentSamples;

    /// <summary>How often sound was shortened, and by how much in all.</summary>
    public long Accelerations;

    public long AcceleratedSamples;

    /// <summary>How often sound was lengthened, and by how much in all.</summary>
    public long Expansions;

    public long ExpandedSamples;
}
