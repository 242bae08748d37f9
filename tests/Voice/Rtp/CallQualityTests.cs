// The E-model's short form against values worked by hand from ITU-T G.107, and against its own text where that is a formula.
using SipEmbedded.Rtp;
using Xunit;

namespace SipEmbedded.Voice.Tests.Rtp;

public class CallQualityTests
{
    public static TheoryData<double, double, double, double, double> Worked => new()
    {
        // delay ms, loss %, burst ratio, R, MOS of PCMU with concealment
        { 0, 0, 1, 93.2, 4.41 }, // the default of G.107 §7.7
        { 100, 0, 1, 93.2, 4.41 }, // not perceived
        { 200, 0, 1, 90.16, 4.34 }, // X = 1: Idd = 25 (1.12246 - 3.00069 + 2) = 3.04
        { 400, 0, 1, 69.13, 3.56 }, // X = 2: Idd = 25 (2.00517 - 3.04237 + 2) = 24.07
        { 0, 1, 1, 89.56, 4.33 }, // 95 / 26.1 = 3.64
        { 0, 5, 1, 77.42, 3.92 }, // 475 / 30.1 = 15.78
        { 0, 20, 1, 51.07, 2.63 }, // 1900 / 45.1 = 42.13
        { 0, 5, 4, 75.17, 3.83 }, // 475 / 26.35 = 18.03
        { 200, 5, 1, 74.38, 3.80 },
    };

    [Theory]
    [MemberData(nameof(Worked))]
    public void PCM_with_concealment_comes_out_as_worked_by_hand(double delayMs, double lossPercent, double burst, double r, double mos)
    {
        var quality = CallQuality.Estimate(TimeSpan.FromMilliseconds(delayMs), lossPercent / 100, burst, CodecImpairment.G711Concealed);
        Assert.Equal(r, quality.R, 0.006);
        Assert.Equal(mos, quality.Mos, 0.006);
        Assert.False(quality.IsWideband);
    }

    [Theory]
    [InlineData(1, 75.28, 3.83)] // 95 / 5.3 = 17.92
    [InlineData(5, 42.12, 2.17)] // 475 / 9.3 = 51.08
    public void PCM_without_concealment_is_worse(double lossPercent, double r, double mos)
    {
        var quality = CallQuality.Estimate(TimeSpan.Zero, lossPercent / 100, 1, CodecImpairment.G711);
        Assert.Equal(r, quality.R, 0.006);
        Assert.Equal(mos, quality.Mos, 0.006);
    }

    [Theory]
    [InlineData(0, 116, 4.34)] // R / 1.29 = 89.92
    [InlineData(10, 75, 3.0)] // 820 / 20 = 41; R / 1.29 = 58.14
    public void G722_is_rated_on_the_wideband_scale(double lossPercent, double r, double mos)
    {
        var quality = CallQuality.Estimate(TimeSpan.Zero, lossPercent / 100, 1, CodecImpairment.G722Concealed);
        Assert.Equal(r, quality.R, 0.006);
        Assert.Equal(mos, quality.Mos, 0.006);
        Assert.True(quality.IsWideband);
    }

    [Fact]
    public void Nothing_lost_of_wideband_samples_is_the_best_there_is() =>
        Assert.Equal(new CallQuality(129, 4.5, IsWideband: true), CallQuality.Estimate(TimeSpan.Zero, 0, 1, CodecImpairment.L16Concealed));

    [Fact]
    public void More_delay_more_loss_and_longer_runs_are_never_better()
    {
        CodecImpairment[] codecs =
            [CodecImpairment.G711, CodecImpairment.G711Concealed, CodecImpairment.G722Concealed, CodecImpairment.Opus, CodecImpairment.L16Concealed];
        foreach (var codec in codecs)
        {
            for (int delayMs = 0; delayMs <= 2000; delayMs += 50)
            {
                for (int loss = 0; loss < 100; loss += 5)
                {
                    var quality = Of(delayMs, loss, 2);
                    Assert.InRange(quality.Mos, 1, 4.5);
                    Assert.True(Of(delayMs + 50, loss, 2).R <= quality.R);
                    Assert.True(Of(delayMs, loss + 5, 2).R <= quality.R);
                    Assert.True(Of(delayMs, loss, 3).R <= quality.R);
                    Assert.True(Of(delayMs, loss + 5, 2).Mos <= quality.Mos);
                }
            }

            CallQuality Of(double delayMs, double loss, double burst) => CallQuality.Estimate(TimeSpan.FromMilliseconds(delayMs), loss / 100, burst, codec);
        }
    }

    [Fact]
    public void What_cannot_be_is_taken_as_the_nearest_that_can()
    {
        var codec = CodecImpairment.G711Concealed;
        Assert.Equal(CallQuality.Estimate(TimeSpan.Zero, 0, 1, codec), CallQuality.Estimate(TimeSpan.FromSeconds(-1), -0.5, 0, codec));
        Assert.Equal(CallQuality.Estimate(TimeSpan.Zero, 1, 1, codec), CallQuality.Estimate(TimeSpan.Zero, 7, -3, codec));
        Assert.Equal(new CallQuality(0, 1, IsWideband: false), CallQuality.Estimate(TimeSpan.FromHours(1), 1, 1, codec));
    }
}
