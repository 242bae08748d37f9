// Decoded sound on its way to the sound card: what was given away just now, what will be given away next, and the joints that are made in it. What was given
// away is kept for some milliseconds, since sound is stretched and shortened by what it sounded like (TimeScale.cs).
using System.Diagnostics;
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>A queue of samples that remembers what was taken from it last.</summary>
public sealed class SoundQueue
{
    // Between two moves of everything to the front, in samples: a move a read would cost more than the read.
    private const int Slack = 4096;

    private readonly short[] _samples;
    private readonly int _kept;
    private int _start;
    private int _end;

    /// <summary><paramref name="kept"/> samples are remembered behind what was taken, <paramref name="capacity"/> wait at most.</summary>
    [StartUp(Because = "a pool is made before start")]
    public SoundQueue(StartGate gate, string pool, int kept, int capacity)
    {
        _samples = gate.Take<short>(pool, 1, kept + capacity + Slack);
        _kept = kept;
        Capacity = capacity;
        _start = _end = kept;
    }

    public int Capacity { get; }

    /// <summary>Samples that wait.</summary>
    public int Count => _end - _start;

    public ReadOnlySpan<short> Waiting => _samples.AsSpan(_start, Count);

    /// <summary>What was taken last, then what waits; where the one becomes the other is at <paramref name="now"/>.</summary>
    public ReadOnlySpan<short> Around(out int now)
    {
        now = _kept;
        return _samples.AsSpan(_start - _kept, _kept + Count);
    }

    /// <summary>Silence behind, nothing in front.</summary>
    public void Clear()
    {
        _start = _end = _kept;
        _samples.AsSpan(0, _kept).Clear();
    }

    /// <summary>Room for <paramref name="count"/> samples behind those that wait; the caller fills it.</summary>
    public Span<short> Add(int count)
    {
        Debug.Assert(Count + count <= Capacity, "more sound was made than can wait");
        MakeRoom(count);
        _end += count;
        return _samples.AsSpan(_end - count, count);
    }

    /// <summary>Adds a frame whose beginning and the last <paramref name="overlap"/> samples are faded into each other.</summary>
    public void Join(ReadOnlySpan<short> frame, int overlap)
    {
        overlap = Math.Min(Math.Min(overlap, Count), frame.Length);
        var joint = _samples.AsSpan(_end - overlap, overlap);
        Fade(joint, frame[..overlap], joint);
        frame[overlap..].CopyTo(Add(frame.Length - overlap));
    }

    /// <summary>Forgets what waits behind the first <paramref name="count"/> samples.</summary>
    public void Trim(int count) => _end = Math.Min(_end, _start + count);

    /// <summary>Takes as many samples as there is room for in <paramref name="samples"/>; so many must wait.</summary>
    public void Take(Span<short> samples)
    {
        Debug.Assert(samples.Length <= Count, "sound was taken that is not there");
        _samples.AsSpan(_start, samples.Length).CopyTo(samples);
        _start += samples.Length;
    }

    /// <summary>Leaves out <paramref name="lag"/> samples that wait: the first <paramref name="overlap"/> are faded into those that come so much later.</summary>
    public void LeaveOut(int lag, int overlap)
    {
        Debug.Assert(lag + overlap <= Count, "sound was left out that is not there");
        var later = _samples.AsSpan(_start + lag, overlap);
        Fade(_samples.AsSpan(_start, overlap), later, later);
        // What was taken must lie before what comes next, as it was heard.
        _samples.AsSpan(_start - _kept, _kept).CopyTo(_samples.AsSpan(_start - _kept + lag));
        _start += lag;
    }

    /// <summary>Plays the last <paramref name="lag"/> samples again: the first that wait are faded into them, and everything follows so much later.</summary>
    public void Repeat(int lag, int overlap)
    {
        Debug.Assert(lag <= _kept && overlap <= Count && Count + lag <= Capacity, "sound was repeated that is not there");
        MakeRoom(lag);
        Span<short> joint = stackalloc short[overlap];
        Fade(_samples.AsSpan(_start, overlap), _samples.AsSpan(_start - lag, overlap), joint);
        _samples.AsSpan(_start + overlap - lag, Count - overlap + lag).CopyTo(_samples.AsSpan(_start + overlap));
        joint.CopyTo(_samples.AsSpan(_start));
        _end += lag;
    }

    private void MakeRoom(int count)
    {
        if (_end + count <= _samples.Length)
            return;
        int first = _start - _kept;
        _samples.AsSpan(first, _end - first).CopyTo(_samples);
        _start -= first;
        _end -= first;
    }

    // Straight lines: the two are like each other where it matters, and then their sum keeps its loudness.
    private static void Fade(ReadOnlySpan<short> from, ReadOnlySpan<short> to, Span<short> into)
    {
        int step = into.Length == 0 ? 0 : (1 << 15) / into.Length, weight = step / 2;
        for (int i = 0; i < into.Length; i++, weight += step)
            into[i] = (short)((from[i] * ((1 << 15) - weight) + to[i] * weight) >> 15);
    }
}
