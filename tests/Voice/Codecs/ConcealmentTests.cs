// What a listener has of lost frames: the repetition of the last pitch periods (ITU-T G.711 Appendix I) against silence in the gap, and Opus' own means.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.NativeAudio;
using Xunit;

namespace SipEmbedded.Voice.Tests.Codecs;

public class ConcealmentTests
{
    private const double Seconds = 12;

    public static TheoryData<int, int> RatesAndLosses => new() { { 8000, 5 }, { 8000, 20 }, { 16_000, 5 }, { 16_000, 20 } };

    [Theory]
    [InlineData(8000)]
    [InlineData(16_000)]
    public void Without_loss_nothing_is_changed(int sampleRate)
    {
        short[] speech = SpeechLike.Make(sampleRate, 2);
        Assert.Equal(speech, Lossy(speech, sampleRate, 0, isConcealed: true));
    }

    [Theory]
    [MemberData(nameof(RatesAndLosses))]
    public void Repetition_is_more_like_speech_than_silence_is(int sampleRate, int percent)
    {
        short[] speech = SpeechLike.Make(sampleRate, Seconds);
        short[] silent = Lossy(speech, sampleRate, percent, isConcealed: false), concealed = Lossy(speech, sampleRate, percent, isConcealed: true);
        double snr = Likeness.SnrDb(speech, concealed), silentSnr = Likeness.SnrDb(speech, silent);
        double distance = Likeness.SpectralDistanceDb(speech, concealed, sampleRate), silentDistance = Likeness.SpectralDistanceDb(speech, silent, sampleRate);
        string figures = $"SNR {snr:F2} dB, with silence {silentSnr:F2} dB; spectral distance {distance:F2} dB, with silence {silentDistance:F2} dB";
        Assert.True(snr > silentSnr, figures);
        Assert.True(distance < 0.5 * silentDistance, figures);
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(16_000)]
    public void A_steady_vowel_goes_on_through_a_gap(int sampleRate)
    {
        // 125 Hz with overtones: its period is a whole number of samples at both rates.
        short[] vowel = [.. Enumerable.Range(0, sampleRate).Select(i => (short)Enumerable.Range(1, 8)
            .Sum(overtone => 3000.0 / overtone * Math.Cos(2 * Math.PI * 125 * overtone * i / sampleRate + overtone)))];
        int gap = sampleRate / 2, length = sampleRate / 100;
        short[] heard = [.. vowel];
        var repetition = new PitchRepetition(new StartGate(), "test", sampleRate);
        repetition.Hear(heard.AsSpan(0, gap));
        repetition.Fill(heard.AsSpan(gap, length));
        repetition.Hear(heard.AsSpan(gap + length));
        Assert.True(Likeness.SnrDb(vowel.AsSpan(gap - length, 4 * length), heard.AsSpan(gap - length, 4 * length)) > 40);
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(16_000)]
    public void A_gap_fades_from_10_ms_and_is_silent_from_60_ms(int sampleRate)
    {
        int tenMs = sampleRate / 100;
        short[] tone = Sound.Tone(sampleRate, 125, sampleRate / 2), gap = new short[20 * tenMs];
        var repetition = new PitchRepetition(new StartGate(), "test", sampleRate);
        repetition.Hear(tone);
        repetition.Fill(gap);
        // The tone has a power of its own in each block, as a block is longer than its period: each is compared with what it would be.
        double full = Sound.Rms(tone.AsSpan(0, 8 * tenMs));
        for (int block = 0; block < 6; block++)
        {
            double middle = block == 0 ? 1 : 1 - (block - 0.5) / 5;
            Assert.InRange(Sound.Rms(gap.AsSpan(block * tenMs, tenMs)) / full, middle * 0.65, middle * 1.35);
        }
        Assert.Equal(-1, gap.AsSpan(6 * tenMs).IndexOfAnyExcept((short)0));
    }

    [Fact]
    public void A_gap_filled_in_pieces_is_as_one_filled_at_once()
    {
        const int Rate = 8000;
        short[] speech = SpeechLike.Make(Rate, 1), whole = new short[900];
        var random = new Random(90);
        PitchRepetition one = new(new StartGate(), "test", Rate), other = new(new StartGate(), "test", Rate);
        one.Hear([.. speech]);
        one.Fill(whole);
        for (int round = 0; round < 20; round++)
        {
            short[] pieces = new short[whole.Length];
            other.Reset();
            other.Hear([.. speech]);
            for (int at = 0; at < pieces.Length;)
            {
                int length = Math.Min(pieces.Length - at, 1 + random.Next(200));
                other.Fill(pieces.AsSpan(at, length));
                at += length;
            }
            Assert.Equal(whole, pieces);
        }
    }

    [Fact]
    public void No_step_is_heard_where_a_gap_begins_or_ends()
    {
        const int Rate = 8000;
        // A tone whose period is no whole number of samples; its own steepest step is 2,200.
        short[] tone = Sound.Tone(Rate, 176.3, Rate);
        double steepest = Steepest(tone);
        var random = new Random(17);
        for (int round = 0; round < 50; round++)
        {
            short[] heard = [.. tone];
            var repetition = new PitchRepetition(new StartGate(), "test", Rate);
            int gap = 2000 + random.Next(500), length = 80 * random.Next(1, 8);
            repetition.Hear(heard.AsSpan(0, gap));
            repetition.Fill(heard.AsSpan(gap, length));
            repetition.Hear(heard.AsSpan(gap + length));
            Assert.InRange(Steepest(heard), 0, 1.35 * steepest);
        }
    }

    [Fact]
    public void What_is_as_loud_as_can_be_does_not_wrap_around()
    {
        short[] loud = [.. Enumerable.Range(0, 2000).Select(i => i / 37 % 2 == 0 ? short.MaxValue : short.MinValue)];
        var repetition = new PitchRepetition(new StartGate(), "test", 8000);
        for (int at = 0; at < loud.Length; at += 200)
        {
            short[] heard = loud.AsSpan(at, 200).ToArray();
            repetition.Hear(heard);
            short[] gap = new short[at / 2];
            repetition.Fill(gap);
            Assert.True(Sound.Rms(gap) <= 32_768);
        }
    }

    [Fact]
    public void A_gap_before_anything_was_heard_is_silent()
    {
        short[] gap = [.. Enumerable.Repeat((short)7, 480)];
        new PitchRepetition(new StartGate(), "test", 8000).Fill(gap);
        Assert.Equal(new short[480], gap);
    }

    [Fact]
    public void A_rate_that_is_no_multiple_of_8_kHz_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PitchRepetition(new StartGate(), "test", 44_100));

    [OracleTheory("libopus.so.0")]
    [InlineData(5)]
    [InlineData(20)]
    public void Opus_recovers_more_from_the_next_packet_than_it_can_conceal(int percent)
    {
        const int Rate = 16_000, Frame = Rate / 50;
        short[] speech = SpeechLike.Make(Rate, Seconds);
        short[] whole = Opus(0, isRecovered: true).Sound;
        var (recovered, recoveries) = Opus(percent, isRecovered: true);
        var (concealed, none) = Opus(percent, isRecovered: false);
        Assert.Equal(0, none);
        Assert.True(recoveries > 0);
        double distance = Likeness.SpectralDistanceDb(whole, recovered, Rate), concealedDistance = Likeness.SpectralDistanceDb(whole, concealed, Rate);
        Assert.True(distance < concealedDistance, $"{distance:F2} dB by {recoveries} recoveries, {concealedDistance:F2} dB concealed");

        (short[] Sound, int Recoveries) Opus(int loss, bool isRecovered)
        {
            Assert.True(OpusCodec.TryLoad(new OpusOptions(), out var codec, out _));
            var encoder = codec!.CreateEncoder(new StartGate());
            var decoder = codec.CreateDecoder(new StartGate());
            encoder.ExpectLoss(percent);
            var random = new Random(percent);
            var payloads = new List<byte[]>();
            byte[] payload = new byte[1500];
            for (int at = 0; at + Frame <= speech.Length; at += Frame)
                payloads.Add(payload.AsSpan(0, encoder.Encode(speech.AsSpan(at, Frame), payload)).ToArray());
            bool[] lost = [.. payloads.Select(_ => random.Next(100) < loss)];
            short[] sound = new short[payloads.Count * Frame];
            int count = 0;
            for (int i = 0; i < payloads.Count; i++)
            {
                var frame = sound.AsSpan(i * Frame, Frame);
                if (!lost[i])
                    Assert.Equal(Frame, decoder.Decode(payloads[i], frame));
                else if (isRecovered && i + 1 < payloads.Count && !lost[i + 1] && decoder.TryRecover(payloads[i + 1], frame))
                    count++;
                else
                    decoder.Conceal(frame);
            }
            return (sound, count);
        }
    }

    private static int Steepest(short[] sound) => Enumerable.Range(1, sound.Length - 1).Max(i => Math.Abs(sound[i] - sound[i - 1]));

    private static short[] Lossy(short[] speech, int sampleRate, int percent, bool isConcealed)
    {
        int frame = sampleRate / 50;
        var random = new Random(percent);
        var repetition = new PitchRepetition(new StartGate(), "test", sampleRate);
        short[] heard = [.. speech];
        for (int at = 0; at + frame <= heard.Length; at += frame)
        {
            var part = heard.AsSpan(at, frame);
            bool isLost = random.Next(100) < percent;
            if (!isConcealed)
            {
                if (isLost)
                    part.Clear();
            }
            else if (isLost)
            {
                repetition.Fill(part);
            }
            else
            {
                repetition.Hear(part);
            }
        }
        return heard;
    }
}
