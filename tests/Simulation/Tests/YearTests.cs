// A registered device with a fault a day for a year, and with one every few minutes for a day: over each transport, with a translator and without, with one account
// and with two. More are tests/Simulation/run --year --seed N and --sieges FROM..TO.
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class YearTests
{
    private const int Quarter = Year.Days / 4;

    [Theory]
    [InlineData(1, Year.Days)]
    [InlineData(2, Year.Days)]
    [InlineData(7, Quarter)]
    [InlineData(8, Quarter)]
    public void A_year_ends_registered_with_every_pool_at_its_floor(ulong seed, int days)
    {
        var result = Year.Of(seed, days);

        Assert.True(result.Faults.Count >= 13, result.Report());
        // The longest fault is a link that is down for two hours.
        Assert.True(result.Longest < TimeSpan.FromHours(2) + TimeSpan.FromSeconds(10), result.Report());
    }

    [Fact]
    public void Fifty_sieges_end_registered_with_every_pool_at_its_floor()
    {
        for (ulong seed = 1; seed <= 50; seed++)
            Year.Besiege(seed);
    }

    [Fact]
    public void A_seed_gives_the_same_year_twice() => Assert.Equal(Year.Of(3, days: 10).Report(), Year.Of(3, days: 10).Report());
}
