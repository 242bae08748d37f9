// Stalls that come again and again: a radio that looks for other stations twice a minute, say. Too rare to show in a share of all packets, but each would
// swallow a word. After the second one the delay is made long enough for the next, until none has come for a while.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>Remembers delays far above the usual. Times and delays are in samples, delays from a point that <see cref="Shift"/> moves.</summary>
public sealed class DelayPeaks
{
    // Two peaks farther apart have nothing to do with each other.
    private const int LongestPeriodSeconds = 10;

    // Packets that are late so soon after others belong to one peak.
    private const int PeakLengthPerSecond = 2;

    // How much above the usual a delay is a peak: 80 ms.
    private const int HeightsPerSecond = 25, Heights = 2;

    // Of the last peaks the highest counts.
    private const int Remembered = 4;

    private readonly long[] _heights;
    private int _sampleRate;
    private int _count;
    private long _period;
    private long _began;
    private long _last;

    [StartUp(Because = "a pool is made before start")]
    public DelayPeaks(StartGate gate, string pool) => _heights = gate.Take<long>(pool, 1, Remembered);

    public void Reset(int sampleRate)
    {
        _sampleRate = sampleRate;
        _count = 0;
    }

    /// <summary>A packet's delay, and what is usual.</summary>
    public void Observe(long time, long delay, long usual)
    {
        if (delay < usual + _sampleRate * Heights / HeightsPerSecond)
            return;
        bool isSame = _count > 0 && time - _last < _sampleRate / PeakLengthPerSecond;
        if (isSame)
            _heights[0] = Math.Max(_heights[0], delay);
        else
        {
            if (_count > 0 && time - _began > LongestPeriodSeconds * _sampleRate)
                _count = 0;
            _period = _count == 0 ? 0 : time - _began;
            _began = time;
            _heights.AsSpan(0, Remembered - 1).CopyTo(_heights.AsSpan(1));
            _heights[0] = delay;
            _count = Math.Min(_count + 1, Remembered);
        }
        _last = time;
    }

    /// <summary>What to be ready for; 0 where peaks do not come again and again.</summary>
    public long HeightAt(long time)
    {
        if (_count < 2 || time - _began > 2 * _period)
            return 0;
        long height = 0;
        foreach (long each in _heights.AsSpan(0, _count))
            height = Math.Max(height, each);
        return height;
    }

    /// <summary>Delays are counted from a point so much earlier (or later, for a negative number).</summary>
    public void Shift(long by)
    {
        foreach (ref long height in _heights.AsSpan(0, _count))
            height += by;
    }
}
