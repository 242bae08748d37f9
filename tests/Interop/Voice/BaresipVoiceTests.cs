// Calls with sound with Debian's baresip: each codec that both have, both ways of calling, and a network that loses and delays.
using SipEmbedded.Audio;
using Xunit;

namespace SipEmbedded.Interop.Tests.Voice;

public class BaresipVoiceTests
{
    // What each codec leaves of speech in segment SNR (at most 35 dB), less what a busy machine's late frames cost. G.711's own is 36 to 38 dB, L16 is exact.
    [PeerTheory("baresip")]
    [InlineData(AudioCodec.Pcmu, 30)]
    [InlineData(AudioCodec.Pcma, 30)]
    [InlineData(AudioCodec.G722, 12)]
    [InlineData(AudioCodec.Opus, 4)]
    [InlineData(AudioCodec.L16, 34)]
    public async Task Both_hear_each_other_whoever_calls(AudioCodec codec, double leastDb)
    {
        var call = new VoiceCall(codec) { Seconds = 3 };
        var placed = Task.Run(call.Make);
        var taken = Task.Run((call with { PeerCalls = true }).Make);
        foreach (var outcome in await Task.WhenAll(placed, taken))
        {
            string what = $"{outcome}\n{outcome.Told}";
            Assert.True(outcome.Lost == 0 && outcome.Here.Pieces > 50 && outcome.There.Pieces > 50, what);
            Assert.True(outcome.Here.MedianDb >= leastDb && outcome.There.MedianDb >= leastDb, what);
            Assert.True(outcome.Here.KeptPercent > 90 && outcome.There.KeptPercent > 90, what);
        }
    }

    [PeerFact("baresip")]
    public async Task A_voice_comes_over_a_network_that_loses_and_delays()
    {
        var bad = new Impairment("bad") { LossPercent = 20, JitterMs = 50 };
        var worse = new Impairment("worse") { LossPercent = 5, JitterMs = 200, IsInOrder = true };
        var opus = Task.Run(new VoiceCall(AudioCodec.Opus) { Network = bad, Seconds = 5 }.Make);
        var g711 = Task.Run(new VoiceCall(AudioCodec.Pcma) { Network = worse, PeerCalls = true, Seconds = 5 }.Make);
        foreach (var outcome in await Task.WhenAll(opus, g711))
        {
            string what = $"{outcome}\n{outcome.Told}";
            Assert.True(outcome.LostOnTheWayHere > 0 && outcome.Lost > 0, what);
            Assert.True(outcome.Here.Pieces > 50 && outcome.Here.KeptPercent > 80 && outcome.There.Pieces > 50, what);
            // What the next packet holds of a lost one need not be made up.
            if (outcome.Call.Codec == AudioCodec.Opus)
                Assert.True(outcome.ConcealedPercent < 0.75 * bad.LossPercent, what);
        }
    }
}
