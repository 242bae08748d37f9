// How much faster one clock runs than another, from how the distance between them grows. A distance is known only with what the network or a busy loop adds to it,
// so the least of some seconds stands for them all. Of those the median slope is taken (Theil 1950, Sen 1968): a change of route is a step, which a third of all pairs
// may span without the median noticing.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>The drift of a distance that is measured again and again, in samples a sample.</summary>
public sealed class DriftEstimate
{
    /// <summary>The least distance of so many seconds is one measurement.</summary>
    public const int BlockSeconds = 5;

    // Two minutes. Pairs of them are compared, so twice as many would cost four times as much.
    private const int MostBlocks = 24;
    private const int MostPairs = MostBlocks * (MostBlocks - 1) / 2;

    /// <summary>Below so many measurements nothing is said.</summary>
    public const int LeastBlocks = 4;

    // No crystal is so bad; what seems to be is a network that changes.
    private const float LargestDrift = 0.002f;

    // Half of all measurements lie within so much of the line, 2 ms, or it is none.
    private const int LargestScatterPerSecond = 500;

    private readonly long[] _distances;
    private readonly float[] _slopes;
    private int _sampleRate;
    private int _count;
    private long _blockEnd;
    private long _least;

    [StartUp(Because = "a pool is made before start")]
    public DriftEstimate(StartGate gate, string pool)
    {
        _distances = gate.Take<long>(pool, 1, MostBlocks);
        _slopes = gate.Take<float>(pool, 1, MostPairs);
    }

    /// <summary>Positive where the distance grows; 0 where nothing can be said.</summary>
    public float Drift { get; private set; }

    public void Reset(int sampleRate)
    {
        _sampleRate = sampleRate;
        _blockEnd = long.MinValue;
        _count = 0;
        Drift = 0;
    }

    /// <summary>The distance at <paramref name="time"/>, both in samples. Times never go back.</summary>
    public void Observe(long time, long distance)
    {
        if (time < _blockEnd)
        {
            _least = Math.Min(_least, distance);
            return;
        }
        long length = BlockSeconds * _sampleRate;
        bool isNext = _blockEnd != long.MinValue && time - _blockEnd < length;
        // A block that nothing came in: the blocks are no longer at even distances.
        if (!isNext)
            _count = 0;
        else
            Take();
        _least = distance;
        _blockEnd = isNext ? _blockEnd + length : time + length;
    }

    private void Take()
    {
        if (_count == MostBlocks)
            _distances.AsSpan(1).CopyTo(_distances);
        _count = Math.Min(_count + 1, MostBlocks);
        _distances[_count - 1] = _least;
        if (_count < LeastBlocks)
            return;
        int pairs = 0;
        for (int i = 0; i < _count; i++)
        {
            for (int j = i + 1; j < _count; j++)
                _slopes[pairs++] = (float)(_distances[j] - _distances[i]) / (j - i);
        }
        float slope = Median(pairs);
        for (int i = 0; i < _count; i++)
            _slopes[i] = _distances[i] - _distances[0] - slope * i;
        float middle = Median(_count);
        for (int i = 0; i < _count; i++)
            _slopes[i] = Math.Abs(_slopes[i] - middle);
        float drift = slope / (BlockSeconds * _sampleRate);
        Drift = Median(_count) * LargestScatterPerSecond > _sampleRate || Math.Abs(drift) > LargestDrift ? 0 : drift;
    }

    private float Median(int count)
    {
        Sort(_slopes.AsSpan(0, count));
        return (_slopes[count / 2] + _slopes[(count - 1) / 2]) / 2;
    }

    // By ever smaller distances (Shell 1959): .NET's own sort makes a delegate at each call in a native build.
    private static void Sort(Span<float> values)
    {
        for (int distance = values.Length / 2; distance > 0; distance /= 2)
        {
            for (int i = distance; i < values.Length; i++)
            {
                float value = values[i];
                int at = i;
                for (; at >= distance && values[at - distance] > value; at -= distance)
                    values[at] = values[at - distance];
                values[at] = value;
            }
        }
    }
}
