// G.722 by libspandsp, held against ffmpeg's own, which shares no code with it.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.NativeAudio;
using Xunit;

namespace SipEmbedded.Voice.Tests.Codecs;

public class G722Tests
{
    private const int Rate = 16_000;

    // Both filter banks together: what is heard comes 22 samples of 16 kHz later.
    private const int DelaySamples = 22;

    [OracleFact("libspandsp.so.2", "ffmpeg")]
    public void Ffmpeg_decodes_what_we_encode()
    {
        short[] speech = SpeechLike.Make(Rate, 4);
        byte[] payload = Encode(speech);
        short[] theirs = Sound.OfOctets(Oracles.Run("ffmpeg", "-v error -f g722 -i - -f s16le -", payload));
        Assert.Equal(speech.Length, theirs.Length);
        // The same octets give the same sound in both, but for rounding.
        Assert.True(Likeness.SnrDb(Decode(payload), theirs) > 60, $"{Likeness.SnrDb(Decode(payload), theirs):F1} dB");
        AssertLikeSpeech(speech, theirs);
    }

    [OracleFact("libspandsp.so.2", "ffmpeg")]
    public void We_decode_what_ffmpeg_encodes()
    {
        short[] speech = SpeechLike.Make(Rate, 4);
        byte[] payload = Oracles.Run("ffmpeg", "-v error -f s16le -ar 16000 -ac 1 -i - -c:a g722 -f g722 -", Sound.ToOctets(speech));
        Assert.InRange(payload.Length, speech.Length / 2 - 160, speech.Length / 2 + 160);
        AssertLikeSpeech(speech, Decode(payload));
    }

    [OracleFact("libspandsp.so.2")]
    public void An_odd_number_of_samples_is_no_frame()
    {
        Assert.True(G722Codec.TryLoad(out var codec, out string why), why);
        var encoder = codec!.CreateEncoder(new StartGate());
        Assert.Equal(-1, encoder.Encode(new short[159], new byte[80]));
        Assert.Equal(-1, encoder.Encode(new short[160], new byte[79]));
        Assert.Equal(80, encoder.Encode(new short[160], new byte[80]));
        Assert.Equal(0, codec.CreateDecoder(new StartGate()).Decode(new byte[80], new short[159]));
    }

    private static void AssertLikeSpeech(short[] speech, short[] heard)
    {
        int length = Math.Min(speech.Length, heard.Length) - DelaySamples;
        double snr = Likeness.SnrDb(speech.AsSpan(0, length), heard.AsSpan(DelaySamples, length));
        Assert.True(snr > 15, $"{snr:F1} dB");
    }

    private static byte[] Encode(short[] speech)
    {
        Assert.True(G722Codec.TryLoad(out var codec, out string why), why);
        var encoder = codec!.CreateEncoder(new StartGate());
        byte[] payload = new byte[speech.Length / 2];
        for (int at = 0; at < speech.Length; at += 320)
            Assert.Equal(160, encoder.Encode(speech.AsSpan(at, 320), payload.AsSpan(at / 2)));
        return payload;
    }

    private static short[] Decode(byte[] payload)
    {
        Assert.True(G722Codec.TryLoad(out var codec, out string why), why);
        short[] samples = new short[payload.Length * 2];
        Assert.Equal(samples.Length, codec!.CreateDecoder(new StartGate()).Decode(payload, samples));
        return samples;
    }
}
