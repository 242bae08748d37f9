// The name server's node: answers come to the port that asked, from zones that move; forged ones come as set.
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class NameServerTests
{
    private const string Zone = """
        $ORIGIN example.net.
        @ 60 SOA ns admin 1 3600 600 86400 60
        sip 60 A 192.0.2.10
        """;

    private static readonly Flow s_flow = new(Protocol.Dns, IpEndpoint.V4(0, 40_001), IpEndpoint.V4(0xC0000235, NameServer.Port));

    private readonly World _world = new(1, NetworkFaults.None);
    private readonly EchoEngine _engine = new() { Echoes = false };
    private readonly Node _node;
    private readonly NameServer _server;

    public NameServerTests()
    {
        _server = new(_world, "names", 0, s_flow.Remote, Zone);
        _node = new(_world, "phone", 1, IpEndpoint.V4(0xC0000201, 5060));
        _world.Add(_node);
        _node.Start(_engine);
    }

    private static byte[] Question(ushort id) =>
        [(byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, .. "sip"u8, 7, .. "example"u8, 3, .. "net"u8, 0, 0, 1, 0, 1];

    private void Ask()
    {
        _engine.Send(s_flow, Question(0x1234));
        _node.Settle();
        _world.RunToRest(Instant.Never);
    }

    [Fact]
    public void A_question_is_answered_from_the_zone_and_after_a_move_from_the_new_one()
    {
        Ask();
        _server.Zones.Load(Zone.Replace("192.0.2.10", "192.0.2.11", StringComparison.Ordinal));
        Ask();

        Assert.Equal([10, 11], _engine.Datagrams.Select(answer => answer.Octets[^1]));
        Assert.Equal([s_flow, s_flow], _engine.Flows);
    }

    [Fact]
    public void A_forged_answer_comes_first_and_has_another_id()
    {
        _server.Forger = IpEndpoint.V4(0xCB007107, 0);
        Ask();

        Assert.Equal([7, 10], _engine.Datagrams.Select(answer => answer.Octets[^1]));
        Assert.NotEqual(_engine.Datagrams[0].Octets[0], _engine.Datagrams[1].Octets[0]);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void A_server_that_is_down_is_silent_or_refuses_and_comes_back(bool isSilent, int told)
    {
        _server.GoDown(TimeSpan.FromSeconds(10), isSilent);
        _engine.Send(s_flow, Question(1));
        _node.Settle();
        _world.RunUntil(Instant.FromMilliseconds(5000));

        Assert.Empty(_engine.Datagrams);
        Assert.Equal(told, _engine.Undelivered.Count);

        _world.RunUntil(Instant.FromMilliseconds(20_000));
        Ask();

        Assert.Single(_engine.Datagrams);
    }

    [Fact]
    public void A_stream_takes_questions_in_pieces()
    {
        byte[] question = Question(7);
        byte[] framed = [0, (byte)question.Length, .. question];
        var connection = _engine.Connect(default, s_flow.Remote);
        foreach (byte octet in framed.Concat(framed))
            _engine.Write(connection, [octet]);
        _node.Settle();
        _world.RunToRest(Instant.Never);

        Assert.Equal(2, _server.StreamQuestions);
        Assert.Equal(2, Encoding.Latin1.GetString([.. _engine.Stream]).Split("\x03sip").Length - 1);
    }
}
