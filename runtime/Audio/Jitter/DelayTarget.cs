// How long sound should wait, from when packets come.
//
// note [transit]
// A packet's transit is its arrival minus its place in the medium, in samples. Where the one clock began beside the other nobody knows, so only differences of
// transits mean something; the fastest packet of the last seconds is what others are late against. When another becomes the fastest, because a route changed or the
// clocks drift, what is remembered of the others moves by the same amount, and nothing that is played has to.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>Measures jitter and says what delay it needs. See note [transit]. Times are in samples of what is played out.</summary>
public sealed class DelayTarget
{
    // The fastest packet is one of the last 4 to 8 s: long enough that a fast one is among them, short enough for a drift of 500 ppm to be a few milliseconds.
    private const int WindowSeconds = 4;

    // What is assumed before anything is measured counts as much as a quarter of a second of packets, so three seconds later it is gone.
    private const int AssumedPerSecond = 4;

    private readonly JitterBufferOptions _options;
    private readonly TransitHistogram _histogram;
    private readonly DelayPeaks _peaks;
    private readonly DriftEstimate _drift;
    private int _sampleRate;
    private int _bin;
    private int _least;
    private int _most;
    private int _memory;
    private bool _hasAny;
    private long _windowEnd;
    private long _fastest;
    private long _fastestBefore;
    private long _reference;

    [StartUp(Because = "a pool is made before start")]
    public DelayTarget(StartGate gate, string pool, JitterBufferOptions options)
    {
        _options = options;
        _histogram = new(gate, pool, options.PacketsInTime);
        _peaks = new(gate, pool);
        _drift = new(gate, pool);
    }

    /// <summary>The least transit of the last seconds.</summary>
    public long Base => Math.Min(_fastest, _fastestBefore);

    /// <summary>The transit that sound should have when it is given away.</summary>
    public long Wanted { get; private set; }

    /// <summary>How much slower the sender's clock runs than ours, as a share.</summary>
    public float Drift => _drift.Drift;

    public void Reset(int sampleRate)
    {
        _sampleRate = sampleRate;
        _bin = sampleRate / TransitHistogram.BinsPerSecond;
        _least = SamplesOf(_options.MinimumDelay);
        _most = SamplesOf(_options.MaximumDelay);
        _memory = Math.Max(1, SamplesOf(_options.Memory));
        _hasAny = false;
        _fastest = _fastestBefore = _reference = 0;
        _peaks.Reset(sampleRate);
        _drift.Reset(sampleRate);
        Wanted = SamplesOf(_options.StartDelay);
    }

    /// <summary>A packet of <paramref name="duration"/> came at <paramref name="arrival"/> with this transit, in time or not.</summary>
    public void Observe(long arrival, long transit, int duration)
    {
        if (!_hasAny)
            Begin(arrival, transit, duration);
        if (arrival >= _windowEnd)
        {
            // After a pause longer than the window nothing is known any more.
            _fastestBefore = arrival - _windowEnd > WindowSeconds * _sampleRate ? transit : _fastest;
            _fastest = transit;
            _windowEnd = arrival + WindowSeconds * _sampleRate;
        }
        _fastest = Math.Min(_fastest, transit);
        _drift.Observe(arrival, transit);
        Move();
        long delay = transit - _reference;
        _peaks.Observe(arrival, delay, (long)_histogram.Quantile * _bin);
        _histogram.Add(delay / _bin, 1 + (float)duration / _memory);
        long wanted = Math.Max((long)_histogram.Quantile * _bin, _peaks.HeightAt(arrival));
        // The reference lies up to a bin below the base.
        Wanted = Math.Clamp(_reference + wanted, Base + _least, Base + _most);
    }

    private void Begin(long arrival, long transit, int duration)
    {
        _hasAny = true;
        _windowEnd = arrival + WindowSeconds * _sampleRate;
        _fastest = _fastestBefore = transit;
        _reference = Floor(transit);
        int assumed = Math.Min(SamplesOf(_options.StartDelay) / _bin, TransitHistogram.Bins - 1);
        _histogram.Reset(assumed, Math.Max(1f, (float)_sampleRate / AssumedPerSecond / duration));
    }

    private void Move()
    {
        long reference = Floor(Base), moved = _reference - reference;
        if (moved == 0)
            return;
        _reference = reference;
        _histogram.Shift(moved / _bin);
        _peaks.Shift(moved);
    }

    private long Floor(long transit)
    {
        long bins = transit / _bin;
        return (transit < 0 && bins * _bin != transit ? bins - 1 : bins) * _bin;
    }

    private int SamplesOf(TimeSpan span) => (int)(span.Ticks * _sampleRate / TimeSpan.TicksPerSecond);
}
