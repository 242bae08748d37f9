// What a codec is to the voice path: a maker of coders before start, and then samples in and octets out, and back.
//
// note [sound]
// A sample is a signed 16-bit integer, one channel. A frame is the samples of some 10 to 60 ms. Everything works on spans that its caller owns; a coder keeps
// its state in memory that it took before start, native state too, so that the plan knows it.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>Makes the coders of one codec; see note [sound].</summary>
public interface IAudioCodec
{
    AudioCodec Codec { get; }

    /// <summary>Samples a second that its coders take and give.</summary>
    int SampleRate { get; }

    [StartUp(Because = "coders are made before start")]
    IAudioEncoder CreateEncoder(StartGate gate);

    [StartUp(Because = "coders are made before start")]
    IAudioDecoder CreateDecoder(StartGate gate);
}

/// <summary>Turns frames into payloads.</summary>
public interface IAudioEncoder
{
    /// <summary>Forgets what it has heard: another stream begins.</summary>
    void Reset();

    /// <summary>
    /// Encodes a frame of 10 to 60 ms, a multiple of 10. The octets written; 0 where there is nothing worth sending (discontinuous transmission), -1 where the frame
    /// has no length that the codec knows, or <paramref name="payload"/> is too small.
    /// </summary>
    int Encode(ReadOnlySpan<short> frame, Span<byte> payload);

    /// <summary>How much of what we send gets lost, by the peer's reports, 0 to 100: a codec that can protects its packets accordingly.</summary>
    void ExpectLoss(int percent)
    {
    }
}

/// <summary>Turns payloads into frames, and fills the gaps where there are none.</summary>
public interface IAudioDecoder
{
    /// <summary>Forgets what it has heard: another stream begins.</summary>
    void Reset();

    /// <summary>How many samples a payload holds; 0 where it is broken.</summary>
    int SamplesIn(ReadOnlySpan<byte> payload);

    /// <summary>The samples written; 0 where the payload is broken or <paramref name="samples"/> too small for it: then nothing has changed.</summary>
    int Decode(ReadOnlySpan<byte> payload, Span<short> samples);

    /// <summary>
    /// The frame in front of <paramref name="next"/>, which was lost, from what <paramref name="next"/> holds of it. False where it holds nothing, and nothing has changed.
    /// </summary>
    bool TryRecover(ReadOnlySpan<byte> next, Span<short> samples) => false;

    /// <summary>Fills a gap of any length, again and again while it lasts: what was heard goes on and fades.</summary>
    void Conceal(Span<short> samples);
}
