// Both laws of G.711 against the formulas of ITU-T G.191 (ulaw_compress, alaw_compress and their inverses), written here as they stand there, and against sox and ffmpeg.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Codecs;

public class G711Tests
{
    private static readonly short[] s_allSamples = [.. Enumerable.Range(short.MinValue, 1 << 16).Select(sample => (short)sample)];
    private static readonly byte[] s_allOctets = [.. Enumerable.Range(0, 256).Select(octet => (byte)octet)];

    [Theory]
    [InlineData(AudioCodec.Pcmu)]
    [InlineData(AudioCodec.Pcma)]
    public void Every_sample_is_compressed_as_the_formula_says(AudioCodec law)
    {
        Assert.Equal(s_allSamples.Select(sample => law == AudioCodec.Pcmu ? MuLawOf(sample) : ALawOf(sample)), Encode(law, s_allSamples));
    }

    [Theory]
    [InlineData(AudioCodec.Pcmu)]
    [InlineData(AudioCodec.Pcma)]
    public void Every_octet_is_expanded_as_the_formula_says(AudioCodec law)
    {
        Assert.Equal(s_allOctets.Select(octet => law == AudioCodec.Pcmu ? SampleOfMuLaw(octet) : SampleOfALaw(octet)), Decode(law, s_allOctets));
    }

    // Vectors take sixteen samples, what is left is taken one by one.
    [Theory]
    [InlineData(AudioCodec.Pcmu)]
    [InlineData(AudioCodec.Pcma)]
    public void A_frame_of_any_length_is_compressed_alike(AudioCodec law)
    {
        byte[] whole = Encode(law, s_allSamples);
        var random = new Random(711);
        for (int length = 1; length <= 70; length++)
        {
            int at = random.Next(s_allSamples.Length - length);
            Assert.Equal(whole.AsSpan(at, length).ToArray(), Encode(law, s_allSamples.AsSpan(at, length)));
        }
    }

    [Theory]
    [InlineData(AudioCodec.Pcmu)]
    [InlineData(AudioCodec.Pcma)]
    public void What_was_expanded_is_compressed_to_the_same_octet(AudioCodec law)
    {
        byte[] again = Encode(law, Decode(law, s_allOctets));
        // µ-law has two zeros; what is 0 is positive.
        byte[] expected = [.. s_allOctets.Select(octet => law == AudioCodec.Pcmu && octet == 0x7F ? (byte)0xFF : octet)];
        Assert.Equal(expected, again);
    }

    [OracleTheory("sox")]
    [InlineData(AudioCodec.Pcmu, "mu-law")]
    [InlineData(AudioCodec.Pcma, "a-law")]
    public void Sox_expands_every_octet_alike(AudioCodec law, string encoding)
    {
        byte[] samples = Oracles.Run("sox", $"-t raw -r 8000 -c 1 -e {encoding} -b 8 - -t raw -e signed -b 16 -L -", s_allOctets);
        Assert.Equal(Sound.OfOctets(samples), Decode(law, s_allOctets));
    }

    [OracleTheory("ffmpeg")]
    [InlineData(AudioCodec.Pcmu, "mulaw")]
    [InlineData(AudioCodec.Pcma, "alaw")]
    public void Ffmpeg_expands_every_octet_alike(AudioCodec law, string format)
    {
        byte[] samples = Oracles.Run("ffmpeg", $"-v error -f {format} -ar 8000 -ac 1 -i - -f s16le -", s_allOctets);
        Assert.Equal(Sound.OfOctets(samples), Decode(law, s_allOctets));
    }

    [OracleTheory("sox")]
    [InlineData(AudioCodec.Pcmu, "mu-law")]
    [InlineData(AudioCodec.Pcma, "a-law")]
    public void Sox_compresses_every_sample_alike_but_for_its_rounding(AudioCodec law, string encoding)
    {
        // -D: no noise is added.
        byte[] octets = Oracles.Run("sox", $"-D -t raw -r 8000 -c 1 -e signed -b 16 -L - -t raw -e {encoding} -b 8 -", Sound.ToOctets(s_allSamples));
        // It rounds to 14 or 13 bits first, where the formula cuts off: as if a sample were up to half a step of these off.
        byte[] ours = Encode(law, s_allSamples);
        int rounding = law == AudioCodec.Pcmu ? 2 : 4;
        for (int i = 0; i < octets.Length; i++)
            Assert.Contains(octets[i], ours[Math.Max(0, i - rounding)..Math.Min(ours.Length, i + rounding + 1)]);
    }

    [OracleTheory("ffmpeg")]
    [InlineData(AudioCodec.Pcmu, "mulaw")]
    [InlineData(AudioCodec.Pcma, "alaw")]
    public void Ffmpeg_compresses_every_sample_alike_or_nearer(AudioCodec law, string format)
    {
        byte[] octets = Oracles.Run("ffmpeg", $"-v error -f s16le -ar 8000 -ac 1 -i - -f {format} -", Sound.ToOctets(s_allSamples));
        // Where segments meet, the ITU-T's limit does not lie in the middle between two values: there ffmpeg takes the nearer one. Elsewhere it rounds to 14 bits.
        byte[] ours = Encode(law, s_allSamples);
        short[] theirSamples = Decode(law, octets), ourSamples = Decode(law, ours);
        for (int i = 0; i < s_allSamples.Length; i++)
            Assert.InRange(Math.Abs(theirSamples[i] - s_allSamples[i]) - Math.Abs(ourSamples[i] - s_allSamples[i]), short.MinValue, 8);
        Assert.InRange(octets.Where((octet, i) => octet != ours[i]).Count(), 0, 1000);
    }

    [Theory]
    [InlineData(AudioCodec.Pcmu)]
    [InlineData(AudioCodec.Pcma)]
    public void A_payload_or_frame_that_has_no_room_is_refused(AudioCodec law)
    {
        var codec = new G711Codec(law);
        Assert.Equal(-1, codec.CreateEncoder(new StartGate()).Encode(new short[160], new byte[159]));
        Assert.Equal(-1, codec.CreateEncoder(new StartGate()).Encode(default, new byte[159]));
        Assert.Equal(0, codec.CreateDecoder(new StartGate()).Decode(new byte[160], new short[159]));
        Assert.Equal(0, codec.CreateDecoder(new StartGate()).Decode(default, new short[159]));
    }

    [Fact]
    public void Another_codec_is_not_of_G711() => Assert.Throws<ArgumentOutOfRangeException>(() => new G711Codec(AudioCodec.G722));

    private static byte[] Encode(AudioCodec law, ReadOnlySpan<short> samples)
    {
        byte[] payload = new byte[samples.Length];
        Assert.Equal(samples.Length, new G711Codec(law).CreateEncoder(new StartGate()).Encode(samples, payload));
        return payload;
    }

    private static short[] Decode(AudioCodec law, byte[] payload)
    {
        short[] samples = new short[payload.Length];
        var decoder = new G711Codec(law).CreateDecoder(new StartGate());
        Assert.Equal(payload.Length, decoder.SamplesIn(payload));
        Assert.Equal(payload.Length, decoder.Decode(payload, samples));
        return samples;
    }

    private static byte MuLawOf(short sample)
    {
        int absolute = sample < 0 ? (~sample >> 2) + 33 : (sample >> 2) + 33;
        absolute = Math.Min(absolute, 0x1FFF);
        int i = absolute >> 6, segment = 1;
        while (i != 0)
        {
            segment++;
            i >>= 1;
        }
        int high = 0x0008 - segment, low = 0x000F - ((absolute >> segment) & 0x000F);
        return (byte)((high << 4) | low | (sample >= 0 ? 0x80 : 0));
    }

    private static short SampleOfMuLaw(byte octet)
    {
        int sign = octet < 0x80 ? -1 : 1, mantissa = ~octet, exponent = (mantissa >> 4) & 7, segment = exponent + 1;
        mantissa &= 0xF;
        int step = 4 << segment;
        return (short)(sign * ((0x80 << exponent) + step * mantissa + step / 2 - 4 * 33));
    }

    private static byte ALawOf(short sample)
    {
        int ix = sample < 0 ? ~sample >> 4 : sample >> 4;
        if (ix > 15)
        {
            int exponent = 1;
            while (ix > 16 + 15)
            {
                ix >>= 1;
                exponent++;
            }
            ix -= 16;
            ix += exponent << 4;
        }
        if (sample >= 0)
            ix |= 0x80;
        return (byte)(ix ^ 0x55);
    }

    private static short SampleOfALaw(byte octet)
    {
        int ix = (octet ^ 0x55) & 0x7F, exponent = ix >> 4, mantissa = ix & 0xF;
        if (exponent > 0)
            mantissa += 16;
        mantissa = (mantissa << 4) + 8;
        if (exponent > 1)
            mantissa <<= exponent - 1;
        return (short)(octet > 127 ? mantissa : -mantissa);
    }
}
