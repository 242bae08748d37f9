// How much faster one clock runs than another, from how the distance between them grows. A distance is known only with what the network or a busy loop adds to it,
// so the least of some seconds stands for them all.
namespace SipEmbedded.Audio;

/// <summary>The drift of a distance that is measured again and again, in samples a sample.</summary>
public struct DriftEstimate
{
    /// <summary>The least distance of so many seconds is one measurement.</summary>
    public const int BlockSeconds = 5;

    // Measurements that count: five minutes of them.
    private const int Most = 60;

    // 5 ms in 5 s: no crystal is so bad, so the network has changed or a clock was set.
    private const int LargestPpm = 1000;

    private int _sampleRate;
    private long _blockEnd;
    private long _least;
    private long _previous;
    private int _blocks;
    private bool _hasPrevious;

    public void Reset(int sampleRate) => this = new() { _sampleRate = sampleRate, _blockEnd = long.MinValue };

    /// <summary>Positive where the distance grows.</summary>
    public float Drift { get; private set; }

    /// <summary>The distance at <paramref name="time"/>, both in samples.</summary>
    public void Observe(long time, long distance)
    {
        int length = BlockSeconds * _sampleRate;
        if (time < _blockEnd)
        {
            _least = Math.Min(_least, distance);
            return;
        }
        // A block that nothing came in, or the beginning: there is nothing to compare with.
        bool isNext = _blockEnd != long.MinValue && time - _blockEnd < length;
        if (isNext)
            Compare(length);
        _hasPrevious = isNext;
        _previous = _least;
        _least = distance;
        _blockEnd = isNext ? _blockEnd + length : time + length;
    }

    private void Compare(int length)
    {
        if (!_hasPrevious)
            return;
        float drift = (float)(_least - _previous) / length;
        if (Math.Abs(drift) * 1_000_000 > LargestPpm)
            return;
        _blocks = Math.Min(_blocks + 1, Most);
        Drift += (drift - Drift) / _blocks;
    }
}
