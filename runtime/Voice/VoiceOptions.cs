// All that the voice layer is made from, and its memory.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Rtp;

namespace SipEmbedded.Voice;

/// <summary>Settings of a <see cref="VoiceLayer"/>, read once when it is made. The defaults are those of a door-phone.</summary>
public sealed class VoiceOptions
{
    [StartUp(Because = "options are made before start")]
    public VoiceOptions()
    {
    }

    /// <summary>Sessions with sound at once; one for each call of the calls layer, whose slots they are.</summary>
    public int Sessions { get; init; } = 8;

    /// <summary>Pairs of ports that the host may open: two for each session, so that a port rests before its next one.</summary>
    public int Pairs { get; init; } = 16;

    /// <summary>
    /// Samples a second of the sound card's frames, 8,000, 16,000 or 48,000. 16,000 carries all that a door's loudspeaker and a telephone codec have.
    /// </summary>
    public int SampleRate { get; init; } = 16_000;

    /// <summary>The codecs that can be spoken: those of the audio handler's options at least.</summary>
    public IAudioCodec[] Codecs { get; init; } = [new G711Codec(AudioCodec.Pcmu), new G711Codec(AudioCodec.Pcma)];

    public JitterBufferOptions Jitter { get; init; } = new();

    /// <summary>Listens for keys in the sound itself (ITU-T Q.23), for peers that send them no other way. A voice may be taken for one, if seldom.</summary>
    public bool DetectsTones { get; init; }

    /// <summary>A peer that was to send and is silent for so long is told of (<see cref="VoiceEventKind.Silent"/>).</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// What the peer gives back as it came is heard: who calls a number that echoes, as sipp's and some exchanges' do, wants to hear himself. A call of two has nothing
    /// that could go round for ever; otherwise what bears our own identifier is dropped, as a conference would have it (RFC 3550 §8.2).
    /// </summary>
    public bool AcceptsReflection { get; init; } = true;

    /// <summary>
    /// How long behind an agreement a peer may be heard from another address than it signalled; see <see cref="MediaLatch"/>. A phone behind a NAT sends its first
    /// packet within a second or two, also over a slow network.
    /// </summary>
    public TimeSpan LatchWindow { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How far the clock of the instants lies behind 1 January 1900 (<see cref="NtpTime"/>), for the reports of what we send; zero is legal.</summary>
    public TimeSpan WallClock { get; init; }

    /// <summary>What a peer hears while we hold it, again and again, at <see cref="SampleRate"/>; null for silence. Never our microphones.</summary>
    public Prompt? Hold { get; init; }

    /// <summary>A recording of what is sent and heard, both as one session's; null records nothing.</summary>
    public RecorderOptions? Recording { get; init; }

    /// <summary>
    /// What is done about the loudspeaker in the microphone; null gives the microphone to the calls as it is, for a device whose loudspeaker is far from it or that has
    /// none. Not with a rate of 48,000: an echo canceller there would cost three times as much and cancel nothing more that a telephone hears.
    /// </summary>
    public EchoOptions? Echo { get; init; }
}
