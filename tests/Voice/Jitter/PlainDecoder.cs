// Samples as they are, at any rate, so that what comes out of a buffer can be held against what was sent, sample by sample.
using System.Runtime.InteropServices;
using SipEmbedded.Audio;
using SipEmbedded.Memory;

namespace SipEmbedded.Voice.Tests.Jitter;

/// <summary>Payloads are samples in this machine's order. With <paramref name="carriesPrevious"/> the second half of each is the frame before, for recovery.</summary>
internal sealed class PlainDecoder(int sampleRate, bool carriesPrevious = false) : IAudioDecoder
{
    private readonly PitchRepetition _repetition = new(new(), "plain decoders", sampleRate);

    public int Resets { get; private set; }

    public int Recoveries { get; private set; }

    public void Reset()
    {
        Resets++;
        _repetition.Reset();
    }

    public int SamplesIn(ReadOnlySpan<byte> payload) => payload.Length % sizeof(short) != 0 ? 0 : payload.Length / sizeof(short) / (carriesPrevious ? 2 : 1);

    public int Decode(ReadOnlySpan<byte> payload, Span<short> samples)
    {
        int count = SamplesIn(payload);
        MemoryMarshal.Cast<byte, short>(payload)[..count].CopyTo(samples);
        _repetition.Hear(samples[..count]);
        return count;
    }

    public bool TryRecover(ReadOnlySpan<byte> next, Span<short> samples)
    {
        if (!carriesPrevious)
            return false;
        Recoveries++;
        MemoryMarshal.Cast<byte, short>(next).Slice(SamplesIn(next), samples.Length).CopyTo(samples);
        _repetition.Hear(samples);
        return true;
    }

    public void Conceal(Span<short> samples) => _repetition.Fill(samples);
}
