// One clock, one order, one seed.
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class WorldTests
{
    [Fact]
    public void One_seed_gives_one_history_and_another_seed_another()
    {
        var fingerprints = Enumerable.Range(0, 20).Select(seed => Run((ulong)seed)).ToList();

        Assert.Equal(fingerprints, Enumerable.Range(0, 20).Select(seed => Run((ulong)seed)));
        Assert.Equal(20, fingerprints.Distinct().Count());

        static ulong Run(ulong seed)
        {
            var pair = new Pair(NetworkFaults.Draw(new Chance(seed)), seed, echoes: true);
            var connection = pair.Connect();
            pair.Write(connection, new byte[500]);
            pair.SendNumbered(200);
            return pair.World.History.Fingerprint;
        }
    }

    [Fact]
    public void A_fingerprint_sees_each_octet_and_each_tick()
    {
        ulong before = Of(0, [1, 2, 3]);

        Assert.Equal(before, Of(0, [1, 2, 3]));
        Assert.NotEqual(before, Of(1, [1, 2, 3]));
        Assert.NotEqual(before, Of(0, [1, 2, 4]));

        static ulong Of(long ticks, byte[] octets)
        {
            var history = new History();
            history.Add(new(OccurrenceKind.DatagramSent, Instant.FromTicks(ticks), null, default, octets, ""));
            return history.Fingerprint;
        }
    }

    // Pinned: a seed in a failure's report must mean the same run in years.
    [Fact]
    public void A_seed_means_the_same_numbers_for_good()
    {
        var chance = new Chance(3261);

        Assert.Equal([0x2320A88AEF7E0D61, 0x5F49A4B73661C914, 0x7F8583C75BCCF501, 0xD46500181B5D1F09], Enumerable.Range(0, 4).Select(_ => chance.Next()));
    }

    [Fact]
    public void Chance_is_even_and_within_its_limits()
    {
        var chance = new Chance(1);
        int[] counts = new int[10];
        for (int i = 0; i < 100_000; i++)
            counts[chance.Below(10)]++;

        Assert.All(counts, count => Assert.InRange(count, 9500, 10_500));
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(chance.Between(-3, 4), -3, 4));
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.False(chance.Happens(0)));
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(chance.Happens(1000)));
    }

    [Fact]
    public void The_clock_jumps_to_an_engines_deadline()
    {
        var pair = new Pair(NetworkFaults.None);
        pair.Left.Deadline = Instant.FromMilliseconds(1234);
        pair.LeftNode.Settle();

        pair.Rest();

        Assert.Equal([Instant.FromMilliseconds(1234)], pair.Left.Timeouts);
        Assert.Equal(Instant.FromMilliseconds(1234), pair.World.Now);
    }

    [Fact]
    public void Of_a_delivery_and_a_deadline_at_one_instant_the_seed_decides_which_is_first()
    {
        Assert.Equal(2, Enumerable.Range(0, 20).Select(seed => DeadlineIsFirst((ulong)seed)).Distinct().Count());

        static bool DeadlineIsFirst(ulong seed)
        {
            var pair = new Pair(NetworkFaults.None with { LatencyUs = 5000 }, seed);
            pair.Right.Deadline = Instant.FromMilliseconds(5);
            pair.RightNode.Settle();
            bool isFirst = false;
            pair.World.Add(new Watcher(seen =>
            {
                if (seen.Kind == OccurrenceKind.DatagramReceived)
                    isFirst = pair.Right.Timeouts.Count == 1;
            }));
            pair.Send([1]);
            pair.Rest();
            return isFirst;
        }
    }

    [Fact]
    public void An_engine_that_wants_to_be_called_for_ever_is_caught()
    {
        var world = new World(1, NetworkFaults.None);
        var node = new Node(world, "busy", 0, Pair.LeftAddress);
        world.Add(node);
        node.Start(new BusyEngine());

        Assert.Equal("Progress", Assert.Throws<SimulationFailure>(() => world.RunToRest(Instant.Never)).Check);
    }

    [Fact]
    public void An_engine_that_takes_nothing_of_a_stream_is_caught()
    {
        var pair = new Pair(NetworkFaults.None, inputOctets: 0);
        pair.Write(pair.Connect(), [1]);

        Assert.Equal("Contract", Assert.Throws<SimulationFailure>(pair.Rest).Check);
    }

    private sealed class Watcher(Action<Occurrence> saw) : Check
    {
        public override void Saw(Occurrence occurrence) => saw(occurrence);
    }

    private sealed class BusyEngine : Transport.ISipEngine
    {
        public void HandleDatagram(Instant now, in Transport.Flow flow, ReadOnlySpan<byte> datagram)
        {
        }

        public bool HandleAccepted(Instant now, in Transport.Flow flow, out Handle<Transport.Connection> connection)
        {
            connection = default;
            return false;
        }

        public void HandleConnected(Instant now, Handle<Transport.Connection> connection, in Transport.IpEndpoint local)
        {
        }

        public int HandleStreamBytes(Instant now, Handle<Transport.Connection> connection, ReadOnlySpan<byte> octets) => octets.Length;

        public void HandleClosed(Instant now, Handle<Transport.Connection> connection, Transport.TransportFault fault)
        {
        }

        public void HandleUndelivered(Instant now, in Transport.Flow flow, Transport.TransportFault fault)
        {
        }

        public void HandleTimeout(Instant now)
        {
        }

        public bool PollTransmit(Span<byte> buffer, out Transport.Transmit transmit)
        {
            transmit = default;
            return false;
        }

        public Instant PollTimeout() => Instant.FromMilliseconds(7);
    }
}
