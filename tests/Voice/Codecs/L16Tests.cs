// L16: samples in network order (RFC 3551 §4.5.11).
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Codecs;

public class L16Tests
{
    [Fact]
    public void A_sample_goes_high_octet_first()
    {
        byte[] payload = new byte[6];
        Assert.Equal(6, new L16Codec().CreateEncoder(new StartGate()).Encode([0x1234, -2, 0], payload));
        Assert.Equal([0x12, 0x34, 0xFF, 0xFE, 0x00, 0x00], payload);
    }

    [Fact]
    public void Every_sample_comes_back()
    {
        short[] all = [.. Enumerable.Range(short.MinValue, 1 << 16).Select(sample => (short)sample)], back = new short[all.Length];
        byte[] payload = new byte[2 * all.Length];
        Assert.Equal(payload.Length, new L16Codec().CreateEncoder(new StartGate()).Encode(all, payload));
        Assert.Equal(all.Length, new L16Codec().CreateDecoder(new StartGate()).Decode(payload, back));
        Assert.Equal(all, back);
    }

    [OracleFact("sox")]
    public void Sox_reads_what_we_write()
    {
        short[] speech = SpeechLike.Make(16_000, 1);
        byte[] payload = new byte[2 * speech.Length];
        new L16Codec().CreateEncoder(new StartGate()).Encode(speech, payload);
        Assert.Equal(speech, Sound.OfOctets(Oracles.Run("sox", "-t raw -r 16000 -c 1 -e signed -b 16 -B - -t raw -L -", payload)));
    }

    [Fact]
    public void Half_a_sample_is_broken_and_what_has_no_room_is_refused()
    {
        var decoder = new L16Codec().CreateDecoder(new StartGate());
        Assert.Equal(0, decoder.SamplesIn(new byte[5]));
        Assert.Equal(0, decoder.Decode(new byte[5], new short[5]));
        Assert.Equal(0, decoder.Decode(new byte[6], new short[2]));
        Assert.Equal(-1, new L16Codec().CreateEncoder(new StartGate()).Encode(new short[3], new byte[5]));
    }
}
