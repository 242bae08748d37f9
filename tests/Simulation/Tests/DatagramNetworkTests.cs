// The network does to datagrams what it is told to, as often as it is told to, and nothing else.
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class DatagramNetworkTests
{
    private const int Many = 20_000;

    [Fact]
    public void A_quiet_network_delivers_everything_once_in_order_and_in_time()
    {
        var pair = new Pair(NetworkFaults.None with { LatencyUs = 20_000 });

        pair.SendNumbered(1000);

        Assert.Equal(Enumerable.Range(0, 1000), pair.NumbersOnTheRight());
        Assert.All(pair.Right.Datagrams, (datagram, number) => Assert.Equal(number + 20, datagram.Time.Milliseconds));
    }

    [Fact]
    public void Loss_is_as_frequent_as_it_is_set()
    {
        var pair = new Pair(NetworkFaults.None with { LossPerMille = 250 });

        pair.SendNumbered(Many);

        Assert.InRange(Many - pair.Right.Datagrams.Count, Many / 4 - 400, Many / 4 + 400);
        Assert.Equal(pair.World.Network.Counters.Lost, Many - pair.Right.Datagrams.Count);
    }

    [Fact]
    public void Bursts_lose_neighbours()
    {
        var pair = new Pair(NetworkFaults.None with { BurstPerMille = 10, BurstEndPerMille = 100, BurstLossPerMille = 1000 });

        pair.SendNumbered(Many);

        // A burst begins every 100 datagrams and takes 10: about a tenth is lost, and a loss is followed by another nine times of ten.
        var arrived = pair.NumbersOnTheRight().ToHashSet();
        var lost = Enumerable.Range(0, Many - 1).Where(number => !arrived.Contains(number)).ToList();
        Assert.InRange(lost.Count, Many / 14, Many / 8);
        Assert.InRange(lost.Count(number => !arrived.Contains(number + 1)), lost.Count * 85 / 100, lost.Count * 95 / 100);
    }

    [Fact]
    public void Duplicates_come_as_often_as_they_are_set()
    {
        var pair = new Pair(NetworkFaults.None with { DuplicatePerMille = 100 });

        pair.SendNumbered(Many);

        Assert.InRange(pair.Right.Datagrams.Count - Many, Many / 10 - 300, Many / 10 + 300);
        Assert.Equal(Many, pair.NumbersOnTheRight().Distinct().Count());
    }

    [Fact]
    public void Jitter_alone_keeps_the_order()
    {
        var pair = new Pair(NetworkFaults.None with { JitterUs = 50_000 });

        pair.SendNumbered(1000);

        Assert.Equal(Enumerable.Range(0, 1000), pair.NumbersOnTheRight());
        Assert.True(pair.Right.Datagrams.Select((datagram, number) => datagram.Time.Milliseconds - number).Distinct().Count() > 10);
    }

    [Fact]
    public void Reordering_changes_the_order_and_loses_nothing()
    {
        var pair = new Pair(NetworkFaults.None with { ReorderPerMille = 100, ReorderUs = 20_000 });

        pair.SendNumbered(1000);

        var numbers = pair.NumbersOnTheRight();
        Assert.Equal(Enumerable.Range(0, 1000), numbers.Order());
        Assert.InRange(numbers.Zip(numbers.Skip(1)).Count(two => two.First > two.Second), 30, 150);
    }

    [Fact]
    public void Corruption_changes_octets_and_not_the_length()
    {
        var pair = new Pair(NetworkFaults.None with { CorruptPerMille = 200 });
        for (int i = 0; i < 1000; i++)
            pair.Send(new byte[100]);
        pair.Rest();

        Assert.InRange(pair.Right.Datagrams.Count(datagram => datagram.Octets.Any(octet => octet != 0)), 150, 250);
        Assert.All(pair.Right.Datagrams, datagram => Assert.Equal(100, datagram.Octets.Length));
    }

    [Fact]
    public void A_limited_link_takes_its_time_and_drops_what_its_queue_cannot_hold()
    {
        // 1000 octets each millisecond onto a link of 500,000 a second: half is too much once the queue of ten is full.
        var pair = new Pair(NetworkFaults.None with { OctetsPerSecond = 500_000, QueueOctets = 10_000 });

        pair.SendNumbered(1000, 1000);

        Assert.InRange(pair.Right.Datagrams.Count, 500, 520);
        Assert.InRange(pair.Right.Datagrams[^1].Time.Milliseconds, 1000, 1025);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_datagram_that_is_too_large_vanishes_or_its_sender_is_told(bool isSilent)
    {
        var pair = new Pair(NetworkFaults.None with { MaxDatagram = 1400, IsMaxDatagramSilent = isSilent });

        pair.Send(new byte[1400]);
        pair.Send(new byte[1401]);
        pair.Rest();

        Assert.Single(pair.Right.Datagrams);
        Assert.Equal(isSilent ? [] : [TransportFault.TooLarge], pair.Left.Undelivered.Select(told => told.Fault));
    }

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(0, 0)]
    public void A_refusal_comes_back_where_nobody_is_there(int toldPerMille, int told)
    {
        var pair = new Pair(NetworkFaults.None with { LatencyUs = 7000, RefusalToldPerMille = toldPerMille });
        pair.RightNode.Crash(silently: false);

        pair.Send([1]);
        pair.Rest();

        Assert.Equal(Enumerable.Repeat((Instant.FromMilliseconds(14), TransportFault.Refused), told), pair.Left.Undelivered);
    }

    [Fact]
    public void A_cut_holds_one_way_and_until_its_time()
    {
        var pair = new Pair(NetworkFaults.None with { UnreachableToldPerMille = 1000 }, echoes: true);
        pair.World.Network.Cut(pair.RightNode, pair.LeftNode, TimeSpan.FromMilliseconds(100));

        pair.Send([1]);
        pair.World.RunUntil(Instant.FromMilliseconds(200));
        pair.Send([2]);
        pair.Rest();

        Assert.Equal(2, pair.Right.Datagrams.Count);
        Assert.Equal([TransportFault.Unreachable], pair.Right.Undelivered.Select(told => told.Fault));
        Assert.Equal([2], Assert.Single(pair.Left.Datagrams).Octets);
    }

    [Fact]
    public void A_healed_network_delivers_at_once()
    {
        var pair = new Pair(NetworkFaults.None with { LossPerMille = 1000 });
        pair.World.Network.Cut(pair.LeftNode, pair.RightNode, TimeSpan.FromHours(1));
        pair.Send([1]);

        pair.World.Network.Heal();
        pair.Send([2]);
        pair.Rest();

        Assert.Equal([2], Assert.Single(pair.Right.Datagrams).Octets);
    }

    [Fact]
    public void Times_are_whole_milliseconds_unless_they_are_to_be_finer()
    {
        var coarse = new Pair(NetworkFaults.None with { LatencyUs = 300, JitterUs = 5000 });
        var fine = new Pair(NetworkFaults.None with { LatencyUs = 300, JitterUs = 5000, IsFineGrained = true });

        coarse.SendNumbered(100);
        fine.SendNumbered(100);

        Assert.All(coarse.Right.Datagrams, datagram => Assert.Equal(0, datagram.Time.Ticks % TimeSpan.TicksPerMillisecond));
        Assert.Contains(fine.Right.Datagrams, datagram => datagram.Time.Ticks % TimeSpan.TicksPerMillisecond != 0);
    }
}
