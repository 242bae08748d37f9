// Streams of the simulated network: whole and in order until they break, and every way to break is told as TCP tells it.
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class StreamNetworkTests
{
    private static readonly byte[] s_text = [.. Enumerable.Range(0, 2000).Select(i => (byte)(i * 7))];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(33)]
    public void Octets_arrive_whole_in_order_and_in_pieces(int pieceOctets)
    {
        var pair = new Pair(NetworkFaults.None with { PieceOctets = pieceOctets, JitterUs = 90_000, LossPerMille = 300 }, echoes: true);

        var connection = pair.Connect();
        pair.Write(connection, s_text);
        pair.Write(connection, s_text);
        pair.Rest();

        Assert.Equal([.. s_text, .. s_text], pair.Right.Stream);
        Assert.Equal([.. s_text, .. s_text], pair.Left.Stream);
        Assert.Equal((1, 1), (pair.Left.Connected, pair.Right.Accepted));
        if (pieceOctets > 0)
        {
            var pieces = pair.World.History.Occurrences.Where(seen => seen.Kind == OccurrenceKind.StreamReceived).ToList();
            Assert.All(pieces, piece => Assert.InRange(piece.Octets.Length, 1, pieceOctets));
        }
    }

    [Fact]
    public void An_engine_that_stops_behind_each_input_gets_the_rest()
    {
        var pair = new Pair(NetworkFaults.None, inputOctets: 7);

        pair.Write(pair.Connect(), s_text);
        pair.Rest();

        Assert.Equal(s_text, pair.Right.Stream);
    }

    [Fact]
    public void What_was_handed_over_before_closing_still_arrives()
    {
        var pair = new Pair(NetworkFaults.None with { PieceOctets = 100 });

        var connection = pair.Connect();
        pair.Write(connection, s_text);
        pair.Close(connection);
        pair.Rest();

        Assert.Equal(s_text, pair.Right.Stream);
        Assert.Equal([TransportFault.Closed], pair.Right.Ends);
        Assert.Equal([], pair.Left.Ends);
        Assert.Equal((0, 0), (pair.LeftNode.StreamCount, pair.RightNode.StreamCount));
    }

    [Fact]
    public void A_connection_is_refused_where_nobody_is_or_by_chance()
    {
        var down = new Pair(NetworkFaults.None);
        down.RightNode.Crash(silently: false);
        down.Connect();
        down.Rest();
        var refused = new Pair(NetworkFaults.None with { ConnectRefusedPerMille = 1000 });
        refused.Connect();
        refused.Rest();

        Assert.Equal([TransportFault.Refused], down.Left.Ends);
        Assert.Equal([TransportFault.Refused], refused.Left.Ends);
        Assert.Equal(0, refused.Right.Accepted);
    }

    [Fact]
    public void A_connection_that_nobody_answers_times_out()
    {
        var pair = new Pair(NetworkFaults.None with { ConnectSilentPerMille = 1000, ConnectTimeoutUs = 5_000_000 });
        pair.Connect();

        pair.World.RunUntil(Instant.FromMilliseconds(4999));
        Assert.Equal([], pair.Left.Ends);
        pair.World.RunUntil(Instant.FromMilliseconds(5000));
        Assert.Equal([TransportFault.TimedOut], pair.Left.Ends);
    }

    [Fact]
    public void A_connection_opens_once_a_cut_is_over()
    {
        var pair = new Pair(NetworkFaults.None with { ConnectTimeoutUs = 5_000_000 });
        pair.World.Network.Cut(pair.LeftNode, pair.RightNode, TimeSpan.FromSeconds(3));

        pair.Write(pair.Connect(), s_text);
        pair.World.RunUntil(Instant.FromMilliseconds(2999));
        Assert.Equal(0, pair.Left.Connected);
        pair.Rest();

        Assert.Equal(1, pair.Left.Connected);
        Assert.Equal(s_text, pair.Right.Stream);
    }

    [Fact]
    public void An_engine_that_has_no_room_refuses_and_the_asker_is_told()
    {
        var pair = new Pair(NetworkFaults.None, accepts: false);

        pair.Write(pair.Connect(), s_text);
        pair.Rest();

        Assert.Equal([TransportFault.Reset], pair.Left.Ends);
        Assert.Equal(0, pair.RightNode.StreamCount);
    }

    [Fact]
    public void A_reset_is_told_to_both()
    {
        var pair = new Pair(NetworkFaults.None);
        var connection = pair.Connect();
        pair.Rest();
        pair.World.Network.Faults = NetworkFaults.None with { ResetPerMille = 1000 };

        pair.Write(connection, s_text);
        pair.Rest();

        Assert.Equal([TransportFault.Reset], pair.Left.Ends);
        Assert.Equal([TransportFault.Reset], pair.Right.Ends);
        Assert.Empty(pair.Right.Stream);
    }

    [Fact]
    public void A_half_dead_connection_says_nothing_until_the_writer_gives_up()
    {
        var pair = new Pair(NetworkFaults.None);
        var connection = pair.Connect();
        pair.Rest();
        pair.World.Network.Faults = NetworkFaults.None with { HalfDeadPerMille = 1000, StreamTimeoutUs = 9_000_000 };
        var start = pair.World.Now;

        pair.Write(connection, s_text);
        pair.Rest();

        Assert.Equal([TransportFault.TimedOut], pair.Left.Ends);
        Assert.Equal(TimeSpan.FromSeconds(9), pair.World.Now - start);
        // Who never writes never learns.
        Assert.Empty(pair.Right.Ends);
        Assert.Equal(1, pair.RightNode.StreamCount);
    }

    [Fact]
    public void The_end_of_a_process_resets_its_connections()
    {
        var pair = new Pair(NetworkFaults.None);
        pair.Connect();
        pair.Rest();

        pair.RightNode.Crash(silently: false);
        pair.Rest();

        Assert.Equal([TransportFault.Reset], pair.Left.Ends);
    }

    [Fact]
    public void Loss_of_power_is_noticed_by_writing_to_who_came_back()
    {
        var pair = new Pair(NetworkFaults.None);
        var connection = pair.Connect();
        pair.Rest();

        pair.RightNode.Crash(silently: true);
        pair.RightNode.Start(new EchoEngine());
        pair.Rest();
        Assert.Empty(pair.Left.Ends);
        pair.Write(connection, s_text);
        pair.Rest();

        Assert.Equal([TransportFault.Reset], pair.Left.Ends);
    }

    [Fact]
    public void A_cut_delays_a_stream_and_loses_nothing()
    {
        var pair = new Pair(NetworkFaults.None with { PieceOctets = 50 });
        var connection = pair.Connect();
        pair.Rest();
        pair.World.Network.Cut(pair.LeftNode, pair.RightNode, TimeSpan.FromSeconds(2));

        pair.Write(connection, s_text);
        pair.World.RunUntil(Instant.FromMilliseconds(2000));
        Assert.Empty(pair.Right.Stream);
        pair.Rest();

        Assert.Equal(s_text, pair.Right.Stream);
    }
}
