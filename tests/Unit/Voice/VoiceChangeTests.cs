// Calls that change: hold, another address, packet time, codec or direction, another stream. Nothing of it is heard as a click: the sharpest bend of what is heard stays
// near that of the tone that is said.
using SipEmbedded.Audio;
using SipEmbedded.Calls;
using SipEmbedded.Transport;
using SipEmbedded.Voice;
using SipEmbedded.Voice.Tests;
using Xunit;
using static SipEmbedded.Tests.Voice.VoiceCallTests;

namespace SipEmbedded.Tests.Voice;

public class VoiceChangeTests
{
    private const double AlicesTone = 440;
    private const double BobsTone = 700;

    // A tone that is faded within 10 ms, or drawn over another of its phase, bends a little more than the tone itself. A step would bend by its height: some 8,000.
    private const double Bent = 2.5;

    private static void Talk(VoiceBench bench)
    {
        bench.Alice.Talk(AlicesTone);
        bench.Bob.Talk(BobsTone);
    }

    // Uncompressed, so that all there is to be seen is what the layer does.
    private static VoiceBench Talking(SideOptions? alice = null, SideOptions? bob = null)
    {
        var bench = VoiceBench.Confirmed(alice ?? With(AudioCodec.L16), bob ?? With(AudioCodec.L16), Talk);
        bench.Pass(1.5);
        return bench;
    }

    private static (int Alice, int Bob) Steady(VoiceBench bench) =>
        (bench.Alice.SharpestBend(bench.Seconds - 0.5, bench.Seconds), bench.Bob.SharpestBend(bench.Seconds - 0.5, bench.Seconds));

    private static void AssertNoClick(VoiceBench bench, (int Alice, int Bob) steady, double from)
    {
        Assert.InRange(bench.Alice.SharpestBend(from, bench.Seconds), 0, (int)(steady.Alice * Bent));
        Assert.InRange(bench.Bob.SharpestBend(from, bench.Seconds), 0, (int)(steady.Bob * Bent));
    }

    private static string InSdp(string message, Func<string, string> change) => VoiceBench.WithBody(message, change);

    // ---- Hold ---------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_peer_on_hold_hears_silence_and_no_microphone_and_is_not_heard()
    {
        var bench = Talking();
        var steady = Steady(bench);
        double begun = bench.Seconds;
        bench.Do(now => bench.Alice.Calls.Hold(now, bench.Alice.Call));
        bench.Pass(2);
        double to = bench.Seconds;
        Assert.Equal((0, 0), (bench.Bob.SharpestBend(to - 1, to), bench.Alice.SharpestBend(to - 1, to)));
        // Silence is sent, so that the path stays open and nobody is taken for dead.
        Assert.InRange(bench.Bob.Figures.Reception.Received, 50 * (to - 0.6), 50 * to);
        bench.Do(now => bench.Alice.Calls.Resume(now, bench.Alice.Call));
        bench.Pass(2);
        to = bench.Seconds;
        Assert.InRange(bench.Bob.Level(AlicesTone, to - 1, to), 7800, 8200);
        Assert.InRange(bench.Alice.Level(BobsTone, to - 1, to), 7800, 8200);
        AssertNoClick(bench, steady, begun);
        Assert.Equal(0, bench.Alice.Figures.Reception.Lost + bench.Alice.Figures.Jitter.Lost);
    }

    [Fact]
    public void A_prompt_is_heard_on_hold_all_the_same()
    {
        var bench = Talking();
        bench.Do(now => bench.Alice.Calls.Hold(now, bench.Alice.Call));
        bench.Pass(1);
        Assert.True(bench.Alice.Voice.Play(bench.Alice.Session, bench.Alice.Beep));
        bench.Pass(0.4);
        Assert.InRange(bench.Bob.Level(1000, bench.Seconds - 0.2, bench.Seconds), 5800, 6200);
    }

    [Fact]
    public void A_peer_that_holds_is_sent_nothing_and_is_no_silent_one()
    {
        var bench = Talking();
        bench.Do(now => bench.Bob.Calls.Hold(now, bench.Bob.Call));
        bench.Pass(1);
        long sent = bench.Alice.Figures.PacketsSent;
        bench.Pass(30);
        Assert.Equal(sent, bench.Alice.Figures.PacketsSent);
        Assert.DoesNotContain(VoiceEventKind.Silent, bench.Bob.ToldKinds);
        bench.Do(now => bench.Bob.Calls.Resume(now, bench.Bob.Call));
        bench.Pass(1);
        Assert.InRange(bench.Bob.Level(AlicesTone, bench.Seconds - 0.5, bench.Seconds), 7800, 8200);
        Assert.Equal(0, bench.Bob.Figures.Reception.Lost + bench.Bob.Figures.Reception.SequenceJumps);
    }

    [Fact]
    public void A_device_that_only_sends_is_heard_though_nobody_holds()
    {
        // The peer only listens: the same direction as a hold of ours.
        var bench = new VoiceBench(With(AudioCodec.L16), With(AudioCodec.L16));
        Talk(bench);
        bench.Alters = (_, message) => InSdp(message, sdp => sdp.Replace("a=sendrecv", "a=recvonly", StringComparison.Ordinal));
        bench.Alters = (side, message) => side == bench.Bob ? InSdp(message, sdp => sdp.Replace("a=sendrecv", "a=recvonly", StringComparison.Ordinal)) : message;
        bench.Place();
        bench.Answer(200);
        bench.Pass(1);
        Assert.InRange(bench.Bob.Level(AlicesTone, bench.Seconds - 0.5, bench.Seconds), 7800, 8200);
        Assert.Equal(0, bench.Alice.SharpestBend(0.5, bench.Seconds));
    }

    // ---- What else a re-INVITE changes --------------------------------------------------------------------------------------------

    [Theory]
    [InlineData(40)]
    [InlineData(30)]
    [InlineData(10)]
    public void Another_packet_time_loses_nothing(int milliseconds)
    {
        var bench = Talking();
        var steady = Steady(bench);
        double begun = bench.Seconds;
        // At different places within a packet.
        foreach (int to in (int[])[milliseconds, 20, milliseconds, 20])
        {
            bench.Alters = (_, message) => InSdp(message, sdp => sdp.Replace("a=ptime:20", $"a=ptime:{to}", StringComparison.Ordinal));
            bench.Do(now => bench.Alice.Calls.Reinvite(now, bench.Alice.Call));
            bench.Pass(0.51);
            bench.KeepsSent = true;
            bench.Sent.Clear();
            bench.Pass(0.3);
            bench.KeepsSent = false;
            Assert.All(bench.Sent, sent => Assert.Equal(12 + to * VoiceSide.Rate / 1000 * 2, sent.What.Octets.Length));
        }
        AssertNoClick(bench, steady, begun);
        foreach (var side in (VoiceSide[])[bench.Alice, bench.Bob])
            Assert.Equal((0, 0, 0), (side.Figures.Reception.Lost, side.Figures.Jitter.ConcealedSamples - side.Figures.Jitter.ConcealedSamples, side.Figures.Jitter.TimestampFaults));
    }

    [Fact]
    public void Another_address_is_sent_to_and_heard_from_without_a_gap()
    {
        var moved = VoiceBench.AlicesAddress.WithPort(51_000);
        bool hasMoved = false;
        var bench = Talking();
        var steady = Steady(bench);
        double begun = bench.Seconds;
        bench.Alters = (side, message) => side == bench.Alice ? InSdp(message, sdp => sdp.Replace("m=audio 40000", "m=audio 51000", StringComparison.Ordinal)) : message;
        // The peer's other port stands for another device, which begins once it has the answer.
        bench.Moves = packet => hasMoved && packet.IsMedia && packet.From.HasAddressOf(VoiceBench.AlicesAddress) ? packet with { From = moved }
            : packet.To == moved ? packet with { To = VoiceBench.AlicesAddress.WithPort(40_000) } : packet;
        bench.Do(now => bench.Alice.Calls.Reinvite(now, bench.Alice.Call));
        bench.Pass(0.06);
        hasMoved = true;
        bench.Pass(1);
        Assert.Equal(moved, bench.Bob.Figures.Remote);
        Assert.Equal((0, 0), (bench.Bob.Figures.Foreign, bench.Bob.Figures.Reception.Lost));
        Assert.InRange(bench.Alice.Level(BobsTone, bench.Seconds - 0.5, bench.Seconds), 7800, 8200);
        AssertNoClick(bench, steady, begun);
        Assert.Equal([VoiceEventKind.Heard], bench.Bob.ToldKinds);
    }

    [Fact]
    public void A_session_refresh_changes_nothing_that_is_heard()
    {
        var bench = Talking();
        var steady = Steady(bench);
        double begun = bench.Seconds;
        for (int i = 0; i < 3; i++)
        {
            bench.Do(now => bench.Alice.Calls.Reinvite(now, bench.Alice.Call));
            bench.Pass(0.53);
        }
        // Not even faded.
        Assert.InRange(bench.Alice.SharpestBend(begun, bench.Seconds), 0, steady.Alice + 2);
        Assert.InRange(bench.Bob.SharpestBend(begun, bench.Seconds), 0, steady.Bob + 2);
    }

    [Fact]
    public void A_source_that_begins_anew_within_a_call_is_heard_from_its_first_packet_on()
    {
        var bench = Talking();
        long before = bench.Alice.Figures.Jitter.Packets;
        bench.Do(now => bench.Alice.Calls.Reinvite(now, bench.Alice.Call));
        bench.Pass(0.2);
        // Bob's packets have other numbers from here on, as those of a device that took the call over.
        bench.Moves = packet => packet.IsRtp && packet.From.HasAddressOf(VoiceBench.BobsAddress) ? Renumbered(packet, 20_000) : packet;
        bench.Pass(1);
        Assert.Equal((0, 0), (bench.Alice.Figures.Jitter.Strays, bench.Alice.Figures.Reception.SequenceJumps));
        Assert.Equal(1, bench.Alice.Figures.Jitter.Restarts);
        Assert.InRange(bench.Alice.Level(BobsTone, bench.Seconds - 0.5, bench.Seconds), 7800, 8200);
        Assert.True(bench.Alice.Figures.Jitter.Packets > before);
    }

    private static Packet Renumbered(Packet packet, int by)
    {
        byte[] octets = [.. packet.Octets];
        int sequence = (octets[2] << 8 | octets[3]) + by;
        (octets[2], octets[3]) = ((byte)(sequence >> 8), (byte)sequence);
        return packet with { Octets = octets };
    }

    // ---- Streams ------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_stream_that_is_refused_and_offered_again_is_another_stream_of_the_same_session()
    {
        var bench = Talking();
        ulong session = bench.Alice.Session;
        // What the peer offers has no audio any more.
        bench.Alters = (side, message) => side == bench.Bob && message.StartsWith("INVITE", StringComparison.Ordinal)
            ? InSdp(message, sdp => sdp.Replace("m=audio 40000", "m=audio 0", StringComparison.Ordinal)) : message;
        bench.Do(now => bench.Bob.Calls.Reinvite(now, bench.Bob.Call));
        bench.Pass(0.5);
        long sent = bench.Alice.Figures.PacketsSent;
        Assert.Equal(1, bench.Alice.Voice.Count);
        bench.Pass(0.5);
        Assert.Equal(sent, bench.Alice.Figures.PacketsSent);
        Assert.False(bench.Alice.Voice.SendKey(session, (byte)'1', default));
        bench.Alters = null;
        bench.Do(now => bench.Bob.Calls.Reinvite(now, bench.Bob.Call));
        bench.Pass(1);
        Assert.InRange(bench.Alice.Level(BobsTone, bench.Seconds - 0.5, bench.Seconds), 7800, 8200);
        Assert.InRange(bench.Bob.Level(AlicesTone, bench.Seconds - 0.5, bench.Seconds), 7800, 8200);
        // Figures are those of the stream that there is.
        Assert.InRange(bench.Alice.Figures.PacketsSent, 40, 60);
        bench.HangUp(bench.Alice);
        bench.AssertEmpty();
    }
}
