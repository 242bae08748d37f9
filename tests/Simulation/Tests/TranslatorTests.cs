// What a translator of addresses does to those behind it (RFC 4787).
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class TranslatorTests
{
    private static readonly IpEndpoint s_inside = IpEndpoint.V4(0x0A000002, 5060);

    private static readonly IpEndpoint s_server = IpEndpoint.V4(0xC0000202, 5060);

    private static readonly IpEndpoint s_stranger = IpEndpoint.V4(0xC0000203, 5060);

    private readonly World _world = new(1, NetworkFaults.None);
    private readonly EchoEngine _device = new() { Echoes = false };
    private readonly EchoEngine _peer = new();
    private readonly EchoEngine _other = new();
    private readonly Translator _translator;
    private readonly Node _inside;
    private readonly Node _outside;
    private readonly Node _third;

    public TranslatorTests()
    {
        _translator = new(_world, IpEndpoint.V4(0xC00002C8, 0));
        _world.Network.Add(_translator);
        _inside = new(_world, "device", 0, s_inside) { Behind = _translator };
        _outside = new(_world, "server", 1, s_server);
        _third = new(_world, "stranger", 2, s_stranger);
        foreach (var (node, engine) in new[] { (_inside, _device), (_outside, _peer), (_third, _other) })
        {
            _world.Add(node);
            node.Start(engine);
        }
    }

    private void Send()
    {
        _device.Send(new(Protocol.Udp, s_inside, s_server), [1]);
        _inside.Settle();
    }

    private void RunFor(TimeSpan span) => _world.RunUntil(_world.Now + span);

    [Fact]
    public void What_goes_out_has_an_outside_address_and_the_answer_comes_back()
    {
        Send();
        RunFor(TimeSpan.FromSeconds(1));

        Assert.True(Assert.Single(_peer.Flows).Remote.HasAddressOf(_translator.Outside));
        Assert.Equal(s_inside, Assert.Single(_device.Flows).Local);
    }

    [Fact]
    public void A_mapping_in_use_keeps_its_port_and_one_that_idles_gets_another()
    {
        for (int i = 0; i < 4; i++)
        {
            Send();
            RunFor(_translator.Timeout - TimeSpan.FromSeconds(1));
        }

        Assert.Single(_peer.Flows.Select(flow => flow.Remote).Distinct());

        RunFor(TimeSpan.FromSeconds(2));
        Send();
        RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(2, _peer.Flows.Select(flow => flow.Remote).Distinct().Count());
        Assert.Equal(2, _translator.Mapped);
    }

    [Fact]
    public void Nobody_gets_in_who_was_not_spoken_to_and_nobody_through_a_mapping_that_is_over()
    {
        Send();
        RunFor(TimeSpan.FromSeconds(1));
        var mapped = _peer.Flows[0].Remote;
        _other.Send(new(Protocol.Udp, s_stranger, mapped), [2]);
        _third.Settle();
        RunFor(_translator.Timeout);
        _peer.Send(new(Protocol.Udp, s_server, mapped), [3]);
        _outside.Settle();
        RunFor(TimeSpan.FromSeconds(1));

        Assert.Single(_device.Datagrams);
    }

    [Fact]
    public void A_translator_that_was_started_again_has_other_ports_and_lets_no_connection_pass()
    {
        Send();
        var connection = _device.Connect(s_inside, s_server);
        _inside.Settle();
        RunFor(TimeSpan.FromSeconds(1));
        _translator.Restart();
        Send();
        _device.Write(connection, [4]);
        _inside.Settle();
        RunFor(TimeSpan.FromMinutes(1));

        Assert.Equal(2, _peer.Flows.Select(flow => flow.Remote).Distinct().Count());
        Assert.Empty(_peer.Stream);
        Assert.Equal([TransportFault.TimedOut], _device.Ends);
    }

    [Fact]
    public void A_connection_passes_while_it_is_known_and_not_when_it_idled_too_long()
    {
        var connection = _device.Connect(s_inside, s_server);
        _device.Write(connection, [5]);
        _inside.Settle();
        RunFor(_translator.StreamTimeout - TimeSpan.FromSeconds(1));
        _device.Write(connection, [6]);
        _inside.Settle();
        RunFor(_translator.StreamTimeout + TimeSpan.FromSeconds(1));

        Assert.Equal([5, 6], _device.Stream);

        _device.Write(connection, [7]);
        _inside.Settle();
        RunFor(TimeSpan.FromMinutes(1));

        Assert.Equal([5, 6], _device.Stream);
    }
}
