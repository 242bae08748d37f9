// Who is listened to (MediaLatch), by itself and in a call: strangers, NATs, peers that move.
using System.Buffers.Binary;
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using SipEmbedded.Voice;
using Xunit;

namespace SipEmbedded.Tests.Voice;

public class LatchTests
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(5);
    private static readonly IpEndpoint s_signalled = IpEndpoint.V4(0xC0000202, 40_000);
    private static readonly IpEndpoint s_private = IpEndpoint.V4(0x0A000005, 40_000);
    private static readonly IpEndpoint s_translated = IpEndpoint.V4(0xCB007105, 61_000);
    private static readonly IpEndpoint s_stranger = IpEndpoint.V4(0xC6336407, 9_000);

    internal static byte[] Rtp(byte payloadType, ushort sequence, uint source = 0x0BADF00D, byte sample = 0x00, int octets = 160)
    {
        var packet = new byte[12 + octets];
        packet.AsSpan(12).Fill(sample);
        packet[0] = 0x80;
        packet[1] = payloadType;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)(sequence * octets));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), source);
        return packet;
    }

    private static Instant At(double seconds) => Instant.FromMilliseconds((long)(seconds * 1000));

    private static MediaLatch Agreed(IpEndpoint signalled)
    {
        var latch = default(MediaLatch);
        latch.Agree(At(0), signalled, s_window);
        return latch;
    }

    [Fact]
    public void Ours_go_to_the_signalled_address_until_somebody_is_heard()
    {
        var latch = Agreed(s_signalled);
        Assert.Equal(s_signalled, latch.Remote);
        Assert.True(latch.TryHear(At(1), s_signalled, out bool isNew));
        Assert.True(isNew);
        Assert.True(latch.TryHear(At(1.02), s_signalled, out isNew));
        Assert.False(isNew);
        Assert.False(latch.IsElsewhere);
    }

    [Fact]
    public void A_source_behind_a_NAT_is_taken_and_answered()
    {
        var latch = Agreed(s_private);
        Assert.True(latch.TryHear(At(1), s_translated, out bool isNew));
        Assert.True(isNew);
        Assert.Equal(s_translated, latch.Remote);
        Assert.True(latch.IsElsewhere);
    }

    [Fact]
    public void A_stranger_is_not_taken_while_the_peer_is_heard()
    {
        var latch = Agreed(s_signalled);
        latch.TryHear(At(1), s_signalled, out _);
        Assert.False(latch.TryHear(At(1.02), s_stranger, out _));
        Assert.False(latch.TryHear(At(1.5), s_stranger, out _));
        Assert.Equal(s_signalled, latch.Remote);
    }

    [Fact]
    public void A_stranger_is_not_taken_behind_the_window_even_where_nobody_is_heard()
    {
        var latch = Agreed(s_signalled);
        Assert.False(latch.TryHear(At(5), s_stranger, out _));
        Assert.Equal(s_signalled, latch.Remote);
        Assert.True(latch.TryHear(At(60), s_signalled, out _));
        Assert.False(latch.TryHear(At(100), s_stranger, out _));
    }

    [Fact]
    public void The_signalled_source_displaces_another_one()
    {
        var latch = Agreed(s_signalled);
        Assert.True(latch.TryHear(At(1), s_stranger, out _));
        Assert.True(latch.TryHear(At(1.01), s_signalled, out bool isNew));
        Assert.True(isNew);
        Assert.Equal(s_signalled, latch.Remote);
        Assert.False(latch.TryHear(At(1.02), s_stranger, out _));
    }

    [Fact]
    public void A_peer_whose_NAT_moves_it_is_taken_again_once_it_was_quiet()
    {
        var latch = Agreed(s_private);
        latch.TryHear(At(1), s_translated, out _);
        var moved = s_translated.WithPort(61_001);
        Assert.False(latch.TryHear(At(1.4), moved, out _));
        Assert.True(latch.TryHear(At(1.6), moved, out _));
        Assert.Equal(moved, latch.Remote);
        // Behind the window only the very host that was signalled may move.
        Assert.False(latch.TryHear(At(10), s_translated, out _));
    }

    [Fact]
    public void A_peer_that_takes_another_port_of_its_host_is_taken_at_any_time()
    {
        var latch = Agreed(s_signalled);
        latch.TryHear(At(1), s_signalled, out _);
        Assert.False(latch.TryHear(At(100), s_stranger, out _));
        Assert.True(latch.TryHear(At(100), s_signalled.WithPort(40_002), out _));
    }

    [Fact]
    public void Another_address_begins_anew_and_what_is_on_its_way_from_the_old_one_is_heard_but_not_answered()
    {
        var latch = Agreed(s_signalled);
        latch.TryHear(At(1), s_signalled, out _);
        var next = IpEndpoint.V4(0xC0000203, 50_000);
        latch.Agree(At(10), next, s_window);
        Assert.Equal(next, latch.Remote);
        Assert.True(latch.TryHear(At(10.1), s_signalled, out bool isNew));
        Assert.False(isNew);
        Assert.Equal(next, latch.Remote);
        Assert.True(latch.TryHear(At(10.2), next, out isNew));
        Assert.True(isNew);
        Assert.False(latch.TryHear(At(10.6), s_signalled, out _));
    }

    [Fact]
    public void The_same_address_agreed_again_opens_the_window_again()
    {
        var latch = Agreed(s_private);
        latch.TryHear(At(1), s_translated, out _);
        var moved = IpEndpoint.V4(0xCB007109, 33_000);
        Assert.False(latch.TryHear(At(20), moved, out _));
        latch.Agree(At(30), s_private, s_window);
        Assert.Equal(s_translated, latch.Remote);
        Assert.True(latch.TryHear(At(31), moved, out _));
    }

    [Fact]
    public void A_peer_without_an_address_is_answered_where_it_is_heard_from()
    {
        var latch = Agreed(IpEndpoint.V4(0, 40_000));
        Assert.True(latch.Remote.IsAny);
        Assert.True(latch.TryHear(At(1), s_translated, out _));
        Assert.Equal(s_translated, latch.Remote);
    }

    // ---- In a call ----------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_peer_behind_a_NAT_is_heard_and_hears()
    {
        var bench = VoiceBench.Confirmed(prepare: bench =>
        {
            bench.Alice.Talk(440);
            bench.Bob.Talk(700);
            // Bob's network is another one to Alice, and what goes to the address that he names is lost.
            bench.Moves = packet => !packet.IsMedia ? packet
                : packet.From.HasAddressOf(VoiceBench.BobsAddress) ? packet with { From = s_translated }
                : packet.To == s_translated ? packet with { To = VoiceBench.BobsAddress.WithPort(40_000) }
                : packet with { To = s_stranger };
        });
        bench.Pass(2);
        Assert.InRange(bench.Alice.Level(700, 1, 2), 7000, 9000);
        Assert.InRange(bench.Bob.Level(440, 1, 2), 7000, 9000);
        Assert.True(bench.Alice.Figures.IsElsewhere);
        Assert.Equal(s_translated, bench.Alice.Figures.Remote);
        Assert.False(bench.Bob.Figures.IsElsewhere);
    }

    [Fact]
    public void A_strangers_sound_is_not_heard_and_gets_no_answer()
    {
        var bench = VoiceBench.Confirmed(prepare: bench => bench.Bob.Talk(700));
        bench.Pass(1);
        bench.KeepsSent = true;
        for (int i = 0; i < 100; i++)
        {
            // The loudest there is.
            bench.Inject(bench.Alice, s_stranger, VoiceBench.AlicesAddress.WithPort(40_000), Rtp(0, (ushort)i));
            bench.Inject(bench.Alice, s_stranger, VoiceBench.AlicesAddress.WithPort(40_001), Convert.FromHexString("80C900010BADF00D"));
            bench.Pass(0.02);
        }
        Assert.Equal(200, bench.Alice.Figures.Foreign);
        Assert.InRange(bench.Alice.Level(700, 1.5, 3), 7500, 8500);
        Assert.DoesNotContain(bench.Sent, sent => sent.What.To.HasAddressOf(s_stranger));
        Assert.Equal(0, bench.Alice.Figures.Reception.OtherSources);
    }
}
