// What the voice layer tells: keys, and whether the peer is heard.
using SipEmbedded.Audio;

namespace SipEmbedded.Voice;

public enum VoiceEventKind : byte
{
    None,

    /// <summary>The first packet of the peer's came, or the first after <see cref="Silent"/>.</summary>
    Heard,

    /// <summary>
    /// Nothing came for <see cref="VoiceOptions.SilenceLimit"/>, although the peer was to send: it may be gone. <see cref="VoiceEvent.Duration"/>: since something did.
    /// </summary>
    Silent,

    /// <summary>A key was pressed at the other end: <see cref="VoiceEvent.Key"/>, <see cref="VoiceEvent.Method"/>.</summary>
    KeyPressed,

    /// <summary>It was released: <see cref="VoiceEvent.Duration"/>.</summary>
    KeyReleased,

    /// <summary>A prompt has been played to its end, and was not stopped.</summary>
    Played,
}

/// <summary>One event of a session.</summary>
public struct VoiceEvent
{
    public VoiceEventKind Kind { get; internal set; }

    /// <summary>The number that the calls layer gives the call (<c>CallLayer.SessionOf</c>); 0 for what concerns the loudspeaker alone.</summary>
    public ulong Session { get; internal set; }

    /// <summary>0 to 9, *, #, A to D, ! for a hook flash.</summary>
    public byte Key { get; internal set; }

    /// <summary>How the key came.</summary>
    public KeyMethod Method { get; internal set; }

    /// <summary>How long the key was held, or nothing was heard.</summary>
    public TimeSpan Duration { get; internal set; }
}
