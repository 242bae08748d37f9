using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Tests.Memory;

public sealed class InstantTests
{
    [Fact]
    public void Never_stays_never_and_a_sum_beyond_it_is_it()
    {
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.FromSeconds(1));
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.FromSeconds(-1));
        Assert.Equal(Instant.Never, Instant.FromMilliseconds(1) + TimeSpan.MaxValue);
        Assert.Equal(Instant.Never, Instant.FromTicks(long.MaxValue - 5) + TimeSpan.FromTicks(6));
        Assert.Equal(long.MaxValue - 1, (Instant.FromTicks(long.MaxValue - 6) + TimeSpan.FromTicks(5)).Ticks);
    }

    [Fact]
    public void Milliseconds_beyond_what_ticks_hold_are_never()
    {
        long last = long.MaxValue / TimeSpan.TicksPerMillisecond;
        Assert.Equal(last * TimeSpan.TicksPerMillisecond, Instant.FromMilliseconds(last).Ticks);
        Assert.Equal(Instant.Never, Instant.FromMilliseconds(last + 1));
        Assert.Equal(Instant.Never, Instant.FromMilliseconds(long.MaxValue));
    }

    [Fact]
    public void Instants_are_ordered_as_their_ticks()
    {
        long[] ticks = [0, 1, 9_999, 10_000, long.MaxValue - 1, long.MaxValue];
        foreach (long left in ticks)
        {
            foreach (long right in ticks)
            {
                Instant first = Instant.FromTicks(left), second = Instant.FromTicks(right);
                Assert.Equal(left < right, first < second);
                Assert.Equal(left > right, first > second);
                Assert.Equal(left <= right, first <= second);
                Assert.Equal(left >= right, first >= second);
                Assert.Equal(left == right, first == second);
                Assert.Equal(left != right, first != second);
                Assert.Equal(left == right, first.Equals((object)second));
                Assert.Equal(Math.Sign(left.CompareTo(right)), Math.Sign(first.CompareTo(second)));
                Assert.Equal(Math.Min(left, right), Instant.Earlier(first, second).Ticks);
                Assert.Equal(left - right, (first - second).Ticks);
            }
        }
    }

    [Fact]
    public void A_fraction_of_a_millisecond_is_dropped()
    {
        Assert.Equal(1, Instant.FromTicks(19_999).Milliseconds);
        Assert.Equal(2, Instant.FromTicks(20_000).Milliseconds);
    }
}
