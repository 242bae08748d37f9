// How long packets are under way, as shares of all that came lately. RFC 3550's jitter (§6.4.1, A.8) is one number, a mean: it says nothing of how late the
// latest one in twenty-five is, which is what a delay must be chosen by.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>
/// Delays in bins of 2 ms, old ones counting less and less. Nothing is made smaller for that: new ones count more and more, and all are scaled down at times.
/// </summary>
public sealed class TransitHistogram
{
    /// <summary>The width of a bin, as parts of a second.</summary>
    public const int BinsPerSecond = 500;

    /// <summary>512 ms: more than any maximum delay.</summary>
    public const int Bins = 256;

    // Far within what a float can tell from its neighbour, sums of it too.
    private const float HeaviestWeight = 1e5f;

    private readonly float[] _shares;
    private readonly float _quantile;
    private float _weight;
    private float _total;

    // The bin that the quantile falls in, and what lies below it: both move a little with each packet.
    private int _at;
    private float _below;

    [StartUp(Because = "a pool is made before start")]
    public TransitHistogram(StartGate gate, string pool, float quantile)
    {
        _shares = gate.Take<float>(pool, 1, Bins);
        _quantile = quantile;
    }

    /// <summary>The bins below and with the one that the quantile falls in: what is in time if it may take so many bins.</summary>
    public int Quantile => _at + 1;

    /// <summary>Forgets all, and takes it that <paramref name="packets"/> came in <paramref name="bin"/>.</summary>
    public void Reset(int bin, float packets)
    {
        Array.Clear(_shares);
        _weight = 1;
        _shares[bin] = _total = packets;
        _at = bin;
        _below = 0;
    }

    /// <summary>A packet came; what came before it counts <paramref name="growth"/> times less from now on. A bin outside is the last one on that side.</summary>
    public void Add(long bin, float growth)
    {
        _weight *= growth;
        if (_weight > HeaviestWeight)
            ScaleDown();
        int here = (int)Math.Clamp(bin, 0, Bins - 1);
        _shares[here] += _weight;
        _total += _weight;
        if (here < _at)
            _below += _weight;
        Settle();
    }

    /// <summary>All delays are counted from a point so many bins earlier (or later, for a negative number). What leaves on a side stays in its last bin.</summary>
    public void Shift(long bins)
    {
        int by = (int)Math.Clamp(bins, -Bins, Bins);
        if (by > 0)
        {
            float beyond = Sum(Math.Max(0, Bins - 1 - by), Bins);
            if (by < Bins)
                _shares.AsSpan(0, Bins - by).CopyTo(_shares.AsSpan(by));
            _shares.AsSpan(0, by).Clear();
            _shares[Bins - 1] = beyond;
        }
        else if (by < 0)
        {
            float before = Sum(0, Math.Min(Bins, 1 - by));
            if (by > -Bins)
                _shares.AsSpan(-by).CopyTo(_shares);
            _shares.AsSpan(Bins + by).Clear();
            _shares[0] = before;
        }
        Count();
    }

    private void ScaleDown()
    {
        float factor = 1 / _weight;
        foreach (ref float share in _shares.AsSpan())
            share *= factor;
        _weight = 1;
        Count();
    }

    // From scratch, so that what rounding took away does not add up.
    private void Count()
    {
        _total = Sum(0, Bins);
        _below = Sum(0, _at);
        Settle();
    }

    private float Sum(int from, int to)
    {
        float sum = 0;
        for (int i = from; i < to; i++)
            sum += _shares[i];
        return sum;
    }

    private void Settle()
    {
        float wanted = _quantile * _total;
        while (_at < Bins - 1 && _below + _shares[_at] < wanted)
            _below += _shares[_at++];
        while (_at > 0 && _below >= wanted)
            _below -= _shares[--_at];
    }
}
