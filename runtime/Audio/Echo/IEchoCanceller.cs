// What keeps the loudspeaker out of the microphone: a canceller that subtracts, or a ducker that lets one side speak at a time.
//
// note [what a canceller is given]
// Frames of one length, 10 to 20 ms. Beside each frame of the microphone stands the frame of the loudspeaker that was heard while it was captured, or a little later one:
// an echo comes behind its cause, so a reference that is too early in the history can not be made good, and one that is too late only costs tail. EchoPath.cs finds it.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>Makes cancellers of one kind; an option of <see cref="EchoPath"/>.</summary>
public interface IEchoCancellation
{
    /// <summary>
    /// A canceller for frames of <paramref name="frameSamples"/>. Throws <see cref="ArgumentOutOfRangeException"/> for a rate other than 8,000 and 16,000, and for a frame that is
    /// not 10 to 20 ms long.
    /// </summary>
    [StartUp(Because = "cancellers are made before start")]
    IEchoCanceller Create(StartGate gate, int sampleRate, int frameSamples);
}

/// <summary>Takes the loudspeaker's sound out of the microphone's; see note [what a canceller is given].</summary>
public interface IEchoCanceller
{
    /// <summary>Samples of a frame; one of another length passes as it is.</summary>
    int FrameSamples { get; }

    /// <summary>Samples by which a voice comes out later.</summary>
    int DelaySamples { get; }

    /// <summary>True where it brings voices to one level by itself.</summary>
    bool HasGain { get; }

    EchoFigures Figures { get; }

    /// <summary>Forgets the room: loudspeaker or microphone have changed.</summary>
    void Reset();

    /// <summary>A frame on its way to the loudspeaker, before anything else of it is kept: made quieter, in place, where the near side has its turn.</summary>
    void Play(Span<short> frame)
    {
    }

    /// <summary>Writes to <paramref name="cleaned"/> what was captured without what was <paramref name="played"/>.</summary>
    void Process(ReadOnlySpan<short> captured, ReadOnlySpan<short> played, Span<short> cleaned);
}
