// Links that go and come, addresses that change, ports for questions to name servers, machines that hang.
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class ChangingNetworkTests
{
    private static readonly byte[] s_octets = [1, 2, 3];

    private static readonly IpEndpoint s_other = IpEndpoint.V4(0xC0000263, 5060);

    private static readonly Flow s_question = new(Protocol.Dns, IpEndpoint.V4(0, 33_333), Pair.RightAddress);

    private readonly Pair _pair = new(NetworkFaults.None with { LatencyUs = 5000 }, echoes: true);

    private void SendFromAnywhere()
    {
        _pair.Left.Send(new(Protocol.Udp, IpEndpoint.V4(0, 5060), Pair.RightAddress), s_octets);
        _pair.LeftNode.Settle();
    }

    private void Ask(in Flow question)
    {
        _pair.Left.Send(question, s_octets);
        _pair.LeftNode.Settle();
    }

    [Fact]
    public void Without_a_link_nothing_goes_out_or_comes_in_and_the_sender_is_told()
    {
        _pair.LeftNode.LoseLink();
        SendFromAnywhere();
        _pair.Right.Send(new(Protocol.Udp, Pair.RightAddress, Pair.LeftAddress), s_octets);
        _pair.RightNode.Settle();
        _pair.Rest();

        Assert.Empty(_pair.Right.Datagrams);
        Assert.Empty(_pair.Left.Datagrams);
        Assert.Equal(TransportFault.Unreachable, Assert.Single(_pair.Left.Undelivered).Fault);
        Assert.False(_pair.LeftNode.TryLocalFor(Pair.RightAddress, out _));

        _pair.LeftNode.RegainLink();
        SendFromAnywhere();
        _pair.Rest();

        Assert.Single(_pair.Left.Datagrams);
        Assert.True(_pair.LeftNode.TryLocalFor(Pair.RightAddress, out var local));
        Assert.Equal(Pair.LeftAddress.WithPort(0), local);
    }

    [Fact]
    public void An_engine_is_told_of_changes_once_they_have_settled()
    {
        _pair.LeftNode.LoseLink();
        _pair.World.RunUntil(Instant.FromMilliseconds(100));
        _pair.LeftNode.RegainLink();
        _pair.Rest();

        Assert.Equal(300, Assert.Single(_pair.Left.NetworkChanges).Milliseconds);
        Assert.Empty(_pair.Right.NetworkChanges);
    }

    [Fact]
    public void A_changed_address_is_the_one_that_is_sent_from_and_the_former_one_is_nobodys()
    {
        _pair.LeftNode.ChangeAddresses(true, s_other);
        SendFromAnywhere();
        Ask(Pair.ToRight);
        _pair.Right.Send(new(Protocol.Udp, Pair.RightAddress, Pair.LeftAddress), s_octets);
        _pair.RightNode.Settle();
        _pair.Rest();

        Assert.Equal(s_other, Assert.Single(_pair.Right.Flows).Remote);
        Assert.Equal(s_other, Assert.Single(_pair.Left.Flows).Local);
        Assert.Equal(TransportFault.Unreachable, Assert.Single(_pair.Left.Undelivered).Fault);
        Assert.Single(_pair.Left.NetworkChanges);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_connection_from_a_former_address_is_dead_and_its_owner_told_or_not(bool isTold)
    {
        var connection = _pair.Connect();
        _pair.World.RunUntil(Instant.FromMilliseconds(100));
        _pair.LeftNode.ChangeAddresses(isTold, s_other);
        _pair.World.RunUntil(Instant.FromMilliseconds(200));

        Assert.Equal(isTold ? [TransportFault.Reset] : [], _pair.Left.Ends);

        if (!isTold)
        {
            _pair.Write(connection, s_octets);
            _pair.Rest();

            Assert.Empty(_pair.Right.Stream);
            Assert.Equal([TransportFault.TimedOut], _pair.Left.Ends);
        }
    }

    [Fact]
    public void Octets_of_a_stream_wait_for_a_short_time_without_a_link()
    {
        var connection = _pair.Connect();
        _pair.World.RunUntil(Instant.FromMilliseconds(100));
        _pair.LeftNode.LoseLink();
        _pair.Write(connection, s_octets);
        _pair.World.RunUntil(Instant.FromMilliseconds(20_000));

        Assert.Empty(_pair.Right.Stream);

        _pair.LeftNode.RegainLink();
        _pair.Rest();

        Assert.Equal(s_octets, _pair.Left.Stream);
        Assert.Empty(_pair.Left.Ends);
    }

    [Fact]
    public void A_connection_with_octets_on_the_way_ends_when_a_link_is_down_for_long()
    {
        var connection = _pair.Connect();
        _pair.World.RunUntil(Instant.FromMilliseconds(100));
        _pair.LeftNode.LoseLink();
        _pair.Write(connection, s_octets);
        _pair.Rest();

        Assert.Equal([TransportFault.TimedOut], _pair.Left.Ends);
        Assert.Equal(0, _pair.LeftNode.StreamCount);
    }

    [Fact]
    public void Nobody_connects_without_a_link()
    {
        _pair.LeftNode.LoseLink();
        _pair.Connect();
        _pair.Rest();

        Assert.Equal([TransportFault.TimedOut], _pair.Left.Ends);
    }

    [Fact]
    public void A_machine_that_hangs_answers_when_it_hangs_no_more_and_is_not_told()
    {
        _pair.RightNode.Freeze();
        SendFromAnywhere();
        _pair.Connect();
        _pair.World.RunUntil(Instant.FromMilliseconds(3000));

        Assert.Empty(_pair.Right.Datagrams);
        Assert.Empty(_pair.Left.Undelivered);
        Assert.Equal(0, _pair.Left.Connected);

        _pair.RightNode.Thaw();
        _pair.Rest();

        Assert.Equal(1, _pair.Left.Connected);
        Assert.Empty(_pair.Right.NetworkChanges);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_machine_that_is_down_refuses_or_is_silent_as_it_is_set(bool refuses)
    {
        _pair.RightNode.RefusesWhenDown = refuses;
        _pair.RightNode.Crash(silently: true);
        SendFromAnywhere();
        _pair.Connect();
        _pair.Rest();

        Assert.Equal(refuses ? 1 : 0, _pair.Left.Undelivered.Count);
        Assert.Equal([refuses ? TransportFault.Refused : TransportFault.TimedOut], _pair.Left.Ends);
    }

    // ---- Ports for questions to name servers --------------------------------------------------------------------------------------

    [Fact]
    public void A_question_goes_out_from_its_own_port_and_the_answer_comes_on_the_same_flow()
    {
        Ask(s_question);
        _pair.Rest();

        Assert.Equal(Pair.LeftAddress.WithPort(33_333), Assert.Single(_pair.Right.Flows).Remote);
        Assert.Equal(s_question, Assert.Single(_pair.Left.Flows));
        Assert.Equal(1, _pair.LeftNode.PortCount);
    }

    [Fact]
    public void A_port_that_was_given_back_takes_nothing()
    {
        Ask(s_question);
        _pair.Left.Release(s_question);
        _pair.LeftNode.Settle();
        _pair.Rest();

        Assert.Single(_pair.Right.Datagrams);
        Assert.Empty(_pair.Left.Datagrams);
        Assert.Equal(0, _pair.LeftNode.PortCount);
    }

    [Fact]
    public void A_port_for_one_server_takes_nothing_from_another_address_or_port()
    {
        var stranger = new Node(_pair.World, "stranger", 2, s_other);
        _pair.World.Add(stranger);
        var engine = new EchoEngine();
        stranger.Start(engine);
        Ask(s_question);
        engine.Send(new(Protocol.Dns, s_other, Pair.LeftAddress.WithPort(33_333)), s_octets);
        stranger.Settle();
        _pair.Rest();

        Assert.Equal(s_question, Assert.Single(_pair.Left.Flows));
    }

    [Fact]
    public void A_port_that_is_taken_is_told_as_undelivered()
    {
        Ask(s_question);
        Ask(new(Protocol.Dns, s_question.Local, s_other));
        Ask(new(Protocol.Dns, s_question.Local.WithPort(5060), Pair.RightAddress));
        _pair.Rest();

        Assert.Equal([TransportFault.Exhausted, TransportFault.Exhausted], _pair.Left.Undelivered.Select(told => told.Fault));
    }

    [Fact]
    public void A_name_server_that_is_not_there_is_told_on_the_questions_flow()
    {
        _pair.RightNode.RefusesWhenDown = true;
        _pair.RightNode.Crash(silently: true);
        Ask(s_question);
        _pair.Rest();

        Assert.Equal(TransportFault.Refused, Assert.Single(_pair.Left.Undelivered).Fault);
    }
}
