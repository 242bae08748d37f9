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
        var call = new VoiceCall(codec) { Seconds = 4 };
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
}
