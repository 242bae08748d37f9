// Whole calls with voice: what one side says the other hears, whoever offered and when; reports, figures and the end.
using System.Text;
using SipEmbedded.Audio;
using SipEmbedded.Calls;
using SipEmbedded.NativeAudio;
using SipEmbedded.Voice;
using SipEmbedded.Voice.Tests;
using Xunit;

namespace SipEmbedded.Tests.Voice;

public class VoiceCallTests
{
    private const double Amplitude = 8000;
    private const double AlicesTone = 440;
    private const double BobsTone = 700;

    private static readonly byte[] s_indent = "  "u8.ToArray();

    internal static IAudioCodec CodecOf(AudioCodec codec)
    {
        string why = "";
        IAudioCodec? made = codec switch
        {
            AudioCodec.G722 => G722Codec.TryLoad(out var g722, out why) ? g722 : null,
            AudioCodec.Opus => OpusCodec.TryLoad(new() { SampleRate = VoiceSide.Rate }, out var opus, out why) ? opus : null,
            AudioCodec.L16 => new L16Codec(),
            _ => new G711Codec(codec),
        };
        Assert.True(made is not null, why);
        return made;
    }

    internal static SideOptions With(params AudioCodec[] codecs) => new() { Codecs = [.. codecs.Select(CodecOf)] };

    private static void Talk(VoiceBench bench)
    {
        bench.Alice.Talk(AlicesTone, Amplitude);
        bench.Bob.Talk(BobsTone, Amplitude);
    }

    // Each hears the other, as loud as it was said, and nothing of itself; what else there is lies so far below.
    private static void AssertTalk(VoiceBench bench, double from, double to, double cleanDb)
    {
        foreach (var (side, said, heard) in ((VoiceSide, double, double)[])[(bench.Alice, AlicesTone, BobsTone), (bench.Bob, BobsTone, AlicesTone)])
        {
            double level = side.Level(heard, from, to);
            Assert.InRange(level, Amplitude * 0.85, Amplitude * 1.15);
            Assert.InRange(side.Level(said, from, to), 0, Amplitude * 0.02);
            double rest = Math.Sqrt(Math.Max(0, Math.Pow(Sound.Rms(side.HeardFrom(from, to)), 2) - level * level / 2));
            Assert.InRange(20 * Math.Log10(Amplitude / Math.Sqrt(2) / Math.Max(rest, 1e-3)), cleanDb, 200);
        }
    }

    private static void TalkBothWays(AudioCodec codec, double cleanDb)
    {
        var bench = VoiceBench.Confirmed(With(codec), With(codec), Talk);
        bench.Pass(3);
        AssertTalk(bench, 1.5, 3, cleanDb);
        Assert.Equal((codec, codec), (bench.Alice.Figures.Codec, bench.Bob.Figures.Codec));
        Assert.Equal([VoiceEventKind.Heard], bench.Alice.ToldKinds);
        Assert.Equal([VoiceEventKind.Heard], bench.Bob.ToldKinds);
        bench.HangUp(bench.Alice);
        bench.AssertEmpty();
    }

    [Theory]
    [InlineData(AudioCodec.Pcmu, 25)]
    [InlineData(AudioCodec.Pcma, 25)]
    [InlineData(AudioCodec.L16, 60)]
    public void A_call_carries_what_is_said_both_ways(AudioCodec codec, double cleanDb) => TalkBothWays(codec, cleanDb);

    [OracleFact("libspandsp.so.2")]
    public void A_call_in_G722_carries_what_is_said_both_ways() => TalkBothWays(AudioCodec.G722, 25);

    [OracleFact("libopus.so.0")]
    public void A_call_in_Opus_carries_what_is_said_both_ways() => TalkBothWays(AudioCodec.Opus, 12);

    [Fact]
    public void A_caller_without_an_offer_is_heard_as_well()
    {
        var bench = new VoiceBench();
        Talk(bench);
        bench.Place(isOfferless: true);
        bench.Answer(200);
        bench.AssertConfirmed();
        bench.Pass(2);
        AssertTalk(bench, 1.2, 2, 25);
    }

    [Fact]
    public void Early_media_is_heard_before_the_call_is_answered()
    {
        var bench = new VoiceBench(With(AudioCodec.L16), With(AudioCodec.L16));
        Talk(bench);
        bench.Place();
        bench.Answer(183, withMedia: true);
        bench.Pass(1);
        Assert.InRange(bench.Alice.Level(BobsTone, 0.6, 1.1), Amplitude * 0.85, Amplitude * 1.15);
        double before = bench.Alice.SharpestBend(0.6, 1.1);
        bench.Answer(200);
        bench.AssertConfirmed();
        bench.Pass(1);
        AssertTalk(bench, 1.4, 2.2, 60);
        Assert.InRange(bench.Alice.SharpestBend(1.1, 2.2), 0, before * 1.5);
        Assert.Equal([VoiceEventKind.Heard], bench.Alice.ToldKinds);
    }

    [Fact]
    public void Packets_before_the_answer_are_counted_and_not_heard()
    {
        var bench = new VoiceBench();
        bench.Place();
        bench.Inject(bench.Alice, VoiceBench.BobsAddress.WithPort(40_000), VoiceBench.AlicesAddress.WithPort(40_000), LatchTests.Rtp(0, sequence: 1));
        Assert.Equal(1, bench.Alice.Figures.Early);
        Assert.Empty(bench.Alice.Told);
        bench.Answer(200);
        Assert.Equal(1, bench.Alice.Figures.Early);
        Assert.Equal(0, bench.Alice.Figures.Reception.SourceChanges);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void Reports_go_both_ways_and_measure_the_round_trip(bool isAliceMultiplexed, bool isBobMultiplexed)
    {
        var bench = VoiceBench.Confirmed(
            new() { MultiplexesRtcp = isAliceMultiplexed }, new() { MultiplexesRtcp = isBobMultiplexed }, bench =>
            {
                bench.Latency = TimeSpan.FromMilliseconds(30);
                bench.KeepsSent = true;
                int count = 0;
                // A tenth of Alice's packets.
                bench.Loses = packet => packet.IsRtp && packet.From.HasAddressOf(VoiceBench.AlicesAddress) && ++count % 10 == 0;
            });
        bench.Pass(25);
        var reports = bench.Sent.Where(sent => sent.What.IsRtcp).Select(sent => sent.What.To.Port % 2 == 0).ToList();
        Assert.InRange(reports.Count, 6, 20);
        Assert.All(reports, isOnRtpPort => Assert.Equal(isAliceMultiplexed && isBobMultiplexed, isOnRtpPort));
        foreach (var side in (VoiceSide[])[bench.Alice, bench.Bob])
        {
            Assert.InRange(side.Figures.Peer.RoundTrip!.Value.TotalMilliseconds, 59, 62);
            Assert.InRange(side.Figures.Peer.Reports, 2, 10);
        }
        Assert.InRange(bench.Alice.Figures.Peer.FractionLost, 256 / 10 - 6, 256 / 10 + 6);
        Assert.Equal(0, bench.Bob.Figures.Peer.FractionLost);
        Assert.InRange(bench.Bob.Figures.Reception.LossRatio, 0.08, 0.12);
        Assert.True(bench.Bob.Figures.Quality.Mos < bench.Alice.Figures.Quality.Mos);
    }

    [Fact]
    public void What_is_heard_fades_when_the_call_ends()
    {
        var bench = VoiceBench.Confirmed(With(AudioCodec.L16), With(AudioCodec.L16), Talk);
        bench.Pass(2);
        int steady = bench.Bob.SharpestBend(1.5, 2.2);
        bench.HangUp(bench.Bob);
        bench.Pass(0.5);
        Assert.InRange(bench.Bob.SharpestBend(1.5, bench.Seconds), 1, steady * 2);
        Assert.Equal(0, bench.Bob.SharpestBend(bench.Seconds - 0.4, bench.Seconds));
    }

    [Fact]
    public void A_silent_peer_is_told_of_and_so_is_its_return()
    {
        bool isCut = false;
        var bench = VoiceBench.Confirmed(prepare: bench => bench.Loses = packet => isCut && packet.IsMedia);
        bench.Pass(1);
        isCut = true;
        bench.Pass(14.8);
        Assert.Equal([VoiceEventKind.Heard], bench.Alice.ToldKinds);
        bench.Pass(0.4);
        Assert.Equal([VoiceEventKind.Heard, VoiceEventKind.Silent], bench.Alice.ToldKinds);
        Assert.InRange(bench.Alice.Told[^1].What.Duration.TotalSeconds, 15, 15.1);
        bench.Pass(30);
        Assert.Equal(2, bench.Alice.Told.Count);
        isCut = false;
        bench.Pass(1);
        Assert.Equal([VoiceEventKind.Heard, VoiceEventKind.Silent, VoiceEventKind.Heard], bench.Alice.ToldKinds);
        Assert.Equal(bench.Alice.Session, bench.Alice.Told[^1].What.Session);
    }

    [Fact]
    public void A_calls_dump_has_the_figures_of_its_voice()
    {
        var bench = VoiceBench.Confirmed(prepare: Talk);
        bench.Pass(12);
        var room = new byte[4096];
        string text = Encoding.UTF8.GetString(room, 0, bench.Alice.Calls.Dump(bench.Now, bench.Alice.Call, room, withMedia: true, s_indent));
        string[] lines = text.Split("\r\n");
        Assert.Contains("  voice    PCMU to 192.0.2.2:40000, both ways", lines);
        Assert.Contains(lines, line => line.StartsWith("  sent     60", StringComparison.Ordinal) && line.EndsWith("round trip 40 ms", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  received 60", StringComparison.Ordinal) && line.Contains("packets, lost 0, late 0", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  buffer   ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  quality  R ", StringComparison.Ordinal));
        int shorter = bench.Alice.Calls.Dump(bench.Now, bench.Alice.Call, room, withMedia: false);
        Assert.DoesNotContain("quality", Encoding.UTF8.GetString(room, 0, shorter));
    }

    [Fact]
    public void A_key_may_be_sent_as_soon_as_the_call_is_known_to_be_answered()
    {
        bool isSent = false;
        var bench = VoiceBench.Confirmed(prepare: bench =>
            bench.Alice.User = happened => isSent |= happened.Kind == CallEventKind.Confirmed && bench.Alice.Voice.SendKey(bench.Alice.Session, (byte)'5', default));
        bench.Pass(1);
        Assert.True(isSent);
        Assert.Equal("5", bench.Bob.Keys);
    }
}
