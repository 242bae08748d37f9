using SipEmbedded.Memory;
using SipEmbedded.Peer;
using Xunit;

namespace SipEmbedded.Device.Tests.Peer;

public class ResponseTimesTests
{
    [Fact]
    public void Percentiles_are_told_to_a_sixteenth()
    {
        var gate = new StartGate();
        var times = new ResponseTimes(gate);
        for (int i = 1; i <= 1000; i++)
            times.Add(TimeSpan.FromMicroseconds(i * 37));

        foreach (double share in (double[])[0.01, 0.5, 0.9, 0.99, 1])
        {
            double exact = Math.Ceiling(share * 1000) * 37;
            Assert.InRange(times.Percentile(share).TotalMicroseconds, exact, exact * 17 / 16);
        }
        Assert.Equal((1000, 37, 37_000), (times.Count, times.Shortest.TotalMicroseconds, times.Longest.TotalMicroseconds));
        Assert.Equal(18_518.5, times.Mean.TotalMicroseconds);
    }

    [Fact]
    public void The_shortest_and_the_longest_have_their_place()
    {
        var times = new ResponseTimes(new StartGate());
        Assert.Equal(TimeSpan.Zero, times.Percentile(0.5));
        times.Add(TimeSpan.FromTicks(-1));
        times.Add(TimeSpan.MaxValue);

        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (times.Shortest, times.Percentile(0.5)));
        Assert.Equal(2, times.Count);
        Assert.Equal(TimeSpan.MaxValue, times.Longest);
    }
}
