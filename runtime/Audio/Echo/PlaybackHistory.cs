// What was given to the loudspeaker, sample by sample with its position, for who wants to know later what was heard.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>The last samples that were played. A position is a number of samples since the device was opened.</summary>
public sealed class PlaybackHistory
{
    private readonly short[] _samples;
    private readonly int _capacity;

    /// <summary>Keeps so many samples, and rounds them up to a power of two.</summary>
    [StartUp(Because = "a pool is made before start")]
    public PlaybackHistory(StartGate gate, int samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        _capacity = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)samples);
        _samples = gate.Take<short>("echo paths", 1, _capacity);
    }

    /// <summary>Samples that are kept.</summary>
    public int Capacity => _capacity;

    /// <summary>Where the next sample will stand.</summary>
    public long Position { get; private set; }

    /// <summary>Keeps a frame behind the last one. Of one that is longer than the history, the end is kept.</summary>
    public void Write(ReadOnlySpan<short> played)
    {
        Position += played.Length;
        played = played[Math.Max(0, played.Length - _capacity)..];
        int at = (int)((Position - played.Length) & (_capacity - 1));
        int first = Math.Min(played.Length, _capacity - at);
        played[..first].CopyTo(_samples.AsSpan(at));
        played[first..].CopyTo(_samples);
    }

    /// <summary>Reads from <paramref name="from"/> on. What is no longer there, or not yet, is silence, and the answer false.</summary>
    public bool TryRead(long from, Span<short> samples)
    {
        long begin = Math.Max(from, Math.Max(0, Position - _capacity));
        long end = Math.Min(from + samples.Length, Position);
        if (begin >= end)
        {
            samples.Clear();
            return samples.IsEmpty;
        }
        int skipped = (int)(begin - from), count = (int)(end - begin);
        samples[..skipped].Clear();
        samples[(skipped + count)..].Clear();
        var there = samples.Slice(skipped, count);
        int at = (int)(begin & (_capacity - 1));
        int first = Math.Min(count, _capacity - at);
        _samples.AsSpan(at, first).CopyTo(there);
        _samples.AsSpan(0, count - first).CopyTo(there[first..]);
        return count == samples.Length;
    }
}
