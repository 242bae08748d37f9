using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Jitter;

public sealed class DriftEstimateTests
{
    private const int SampleRate = 16_000;
    private readonly DriftEstimate _drift = new(new StartGate(), "test");
    private readonly Random _random = new(1);

    public DriftEstimateTests() => _drift.Reset(SampleRate);

    // A distance a packet of 20 ms, with a drift, jitter of so many samples, and what else is added.
    private void Run(int seconds, double ppm, int jitter, Func<int, int>? added = null)
    {
        for (int i = 0; i < seconds * 50; i++)
        {
            long time = i * 320L;
            _drift.Observe(time, (long)(time * ppm * 1e-6) + _random.Next(jitter + 1) + (added?.Invoke(i / 50) ?? 0));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(37)]
    [InlineData(-200)]
    [InlineData(500)]
    public void A_drift_is_found_under_jitter(double ppm)
    {
        Run(120, ppm, jitter: 1600);
        Assert.InRange(_drift.Drift * 1e6, ppm - 12, ppm + 12);
    }

    [Fact]
    public void Other_routes_are_no_drift()
    {
        Run(120, 100, jitter: 160, added: second => second is > 40 and < 60 ? 1280 : second > 100 ? 400 : 0);
        Assert.InRange(_drift.Drift * 1e6, 80, 120);
    }

    [Fact]
    public void Of_a_restless_network_nothing_is_said()
    {
        Run(120, 100, jitter: 10, added: second => second / 5 * 7919 % 13 * 160);
        Assert.Equal(0, _drift.Drift);
    }

    [Fact]
    public void A_pause_begins_anew()
    {
        Run(19, 500, jitter: 0);
        Assert.Equal(0, _drift.Drift);
        _drift.Observe(SampleRate * 1000L, 5_000_000);
        Assert.Equal(0, _drift.Drift);
    }
}
