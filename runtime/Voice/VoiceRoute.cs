namespace SipEmbedded.Voice;

/// <summary>What of a session is joined to the sound card, and how loud. Both ways as they are, until something else is said.</summary>
public readonly record struct VoiceRoute
{
    public VoiceRoute()
    {
    }

    /// <summary>Our microphones are heard at the other end; otherwise it has silence, or what is played to it.</summary>
    public bool Talks { get; init; } = true;

    /// <summary>The other end is heard at our loudspeakers.</summary>
    public bool Hears { get; init; } = true;

    /// <summary>The level of our voice at the other end, in decibels.</summary>
    public double TalkLevel { get; init; }

    /// <summary>The level of the other end at our loudspeakers, in decibels.</summary>
    public double HearLevel { get; init; }
}
