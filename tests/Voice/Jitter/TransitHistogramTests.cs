// The histogram against a plain model that multiplies every share down, and counts them all each time.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Jitter;

public sealed class TransitHistogramTests
{
    private const float Quantile = 0.95f;

    private static TransitHistogram Make() => new(new StartGate(), "test", Quantile);

    [Fact]
    public void The_quantile_is_the_model_s_whatever_comes()
    {
        var random = new Random(1);
        var histogram = Make();
        double[] shares = new double[TransitHistogram.Bins];
        histogram.Reset(20, 10);
        shares[20] = 10;
        for (int i = 0; i < 20_000; i++)
        {
            if (random.Next(100) == 0)
            {
                int by = random.Next(-300, 300) / (random.Next(3) + 1);
                histogram.Shift(by);
                double[] moved = new double[shares.Length];
                for (int k = 0; k < shares.Length; k++)
                    moved[Math.Clamp(k + by, 0, shares.Length - 1)] += shares[k];
                shares = moved;
            }
            int bin = random.Next(3) == 0 ? random.Next(-20, 300) : random.Next(10, 40);
            histogram.Add(bin, 1.01f);
            for (int k = 0; k < shares.Length; k++)
                shares[k] /= 1.01;
            shares[Math.Clamp(bin, 0, shares.Length - 1)] += 1;
            // What a float may round: the quantile is the model's for a share a little smaller or a little larger.
            Assert.InRange(histogram.Quantile, QuantileOf(shares, Quantile - 0.0005), QuantileOf(shares, Quantile + 0.0005));
        }
    }

    [Fact]
    public void What_is_old_is_forgotten()
    {
        var histogram = Make();
        histogram.Reset(0, 1);
        for (int i = 0; i < 1000; i++)
            histogram.Add(100, 1.008f);
        Assert.Equal(101, histogram.Quantile);
        for (int i = 0; i < 375; i++)
            histogram.Add(5, 1.008f);
        Assert.Equal(101, histogram.Quantile);
        // e^-3 is the twentieth part.
        for (int i = 0; i < 5; i++)
            histogram.Add(5, 1.008f);
        Assert.Equal(6, histogram.Quantile);
    }

    private static int QuantileOf(double[] shares, double quantile)
    {
        double wanted = shares.Sum() * quantile, sum = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            sum += shares[i];
            if (sum >= wanted)
                return i + 1;
        }
        return shares.Length;
    }
}
