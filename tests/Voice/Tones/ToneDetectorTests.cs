// Keys heard in sound, by the limits of ITU-T Q.24 table A-1; and speech, noise and tones in which there are none.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;
using Xunit.Abstractions;

namespace SipEmbedded.Voice.Tests.Tones;

public class ToneDetectorTests(ITestOutputHelper output)
{
    private const string Keys = "123A456B789C*0#D";

    private static readonly double[] s_rows = [697, 770, 852, 941];
    private static readonly double[] s_columns = [1_209, 1_336, 1_477, 1_633];

    // A key's tones, with each one's level in dBm0 and how far its frequency is off; made by definition, without ramps, and with noise so many dB below them.
    private sealed record Tone(
        double RowDbm0 = -13, double ColumnDbm0 = -13, double RowOff = 0, double ColumnOff = 0, int OnMs = 50, int OffMs = 50, double SnrDb = 60, int GapMs = 0);

    private static short[] Make(string keys, Tone tone, Random random, int sampleRate = 8_000)
    {
        var samples = new List<short>();
        double rowPeak = AudioLevel.PeakOf(tone.RowDbm0), columnPeak = AudioLevel.PeakOf(tone.ColumnDbm0);
        double noise = Math.Sqrt((rowPeak * rowPeak + columnPeak * columnPeak) / 2) * AudioLevel.GainOf(-tone.SnrDb);
        Add(random.Next(30, 60), null);
        foreach (char key in keys)
        {
            Add(tone.OnMs, key);
            Add(tone.OffMs, null);
        }
        Add(100, null);
        return [.. samples];

        void Add(int milliseconds, char? key)
        {
            int at = key is { } there ? Keys.IndexOf(there) : 0;
            double row = s_rows[at / 4] * (1 + tone.RowOff), column = s_columns[at % 4] * (1 + tone.ColumnOff);
            double rowPhase = random.NextDouble() * 2 * Math.PI, columnPhase = random.NextDouble() * 2 * Math.PI;
            int length = milliseconds * sampleRate / 1_000;
            int gap = tone.GapMs * sampleRate / 1_000;
            for (int i = 0; i < length; i++)
            {
                bool isGap = gap > 0 && i >= (length - gap) / 2 && i < (length + gap) / 2;
                double value = key is null || isGap ? 0
                    : rowPeak * Math.Sin(2 * Math.PI * row * i / sampleRate + rowPhase) + columnPeak * Math.Sin(2 * Math.PI * column * i / sampleRate + columnPhase);
                samples.Add((short)Math.Clamp(Math.Round(value + noise * Gauss(random)), short.MinValue, short.MaxValue));
            }
        }
    }

    private static double Gauss(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static string Hear(ReadOnlySpan<short> samples, int sampleRate = 8_000, ToneDetectorOptions? options = null)
    {
        var detector = new ToneDetector(new StartGate(), sampleRate, options ?? new());
        string heard = "";
        int down = 0;
        for (int at = 0; at < samples.Length; at += 160)
        {
            detector.Listen(samples.Slice(at, Math.Min(160, samples.Length - at)));
            while (detector.TryTake(out var happened))
            {
                Assert.Equal(KeyMethod.InBand, happened.Method);
                down += happened.Kind == KeyEventKind.Pressed ? 1 : -1;
                Assert.InRange(down, 0, 1);
                if (happened.Kind == KeyEventKind.Pressed)
                    heard += (char)happened.Key;
            }
        }
        Assert.Equal(0, down);
        return heard;
    }

    public static TheoryData<string, int, double, double, double, double, int, int, double> Heard => new()
    {
        // Row and column in dBm0, how far each is off in %, on and off in ms, noise below in dB.
        { "nominal", 8_000, -13, -13, 0, 0, 50, 50, 60 },
        { "as loud as a line can", 8_000, -3, -3, 0, 0, 50, 50, 60 },
        { "0 dBm0, the most of Q.24", 8_000, 0, -1, 0, 0, 50, 50, 60 },
        { "-25 dBm0, the least of Q.24 (AT&T)", 8_000, -25, -25, 0, 0, 50, 50, 60 },
        { "-31 dBm0, a long line", 8_000, -31, -31, 0, 0, 50, 50, 60 },
        { "row 8 dB louder", 8_000, -10, -18, 0, 0, 50, 50, 60 },
        { "column 4 dB louder", 8_000, -14, -10, 0, 0, 50, 50, 60 },
        { "both 1.5 % high", 8_000, -13, -13, 1.5, 1.5, 50, 50, 60 },
        { "both 1.5 % low", 8_000, -13, -13, -1.5, -1.5, 50, 50, 60 },
        { "apart by 1.5 % each", 8_000, -13, -13, -1.5, 1.5, 50, 50, 60 },
        { "towards each other by 1.5 %", 8_000, -13, -13, 1.5, -1.5, 50, 50, 60 },
        { "1.5 % off with twist", 8_000, -10, -18, 1.5, -1.5, 50, 50, 60 },
        { "1.5 % off with the other twist", 8_000, -14, -10, -1.5, 1.5, 50, 50, 60 },
        { "40 ms and 40 ms", 8_000, -13, -13, 0, 0, 40, 40, 60 },
        { "40 ms and 40 ms, 1.5 % off", 8_000, -13, -13, 1.5, 1.5, 40, 40, 60 },
        { "noise 15 dB below", 8_000, -13, -13, 0, 0, 50, 50, 15 },
        { "noise 15 dB below, quiet", 8_000, -25, -27, 0, 0, 50, 50, 15 },
        { "noise 20 dB below, 1.5 % off", 8_000, -13, -13, 1.5, -1.5, 50, 50, 20 },
        { "16 kHz", 16_000, -13, -13, 0, 0, 50, 50, 30 },
        { "16 kHz, 40 ms, twist", 16_000, -10, -18, 0, 0, 40, 40, 30 },
        { "48 kHz", 48_000, -13, -13, 1.5, -1.5, 50, 50, 30 },
    };

    [Theory]
    [MemberData(nameof(Heard))]
    public void A_key_within_the_limits_is_heard_once(
        string name, int sampleRate, double row, double column, double rowOff, double columnOff, int onMs, int offMs, double snr)
    {
        // Each key and each double, from any place within a block.
        var random = new Random(24);
        string keys = string.Concat(Enumerable.Repeat(Keys + "1122##DD", 8));
        var samples = Make(keys, new(row, column, rowOff / 100, columnOff / 100, onMs, offMs, snr), random, sampleRate);
        string heard = Hear(samples, sampleRate);
        output.WriteLine($"{name,-44} sent {keys.Length,4}  heard {heard.Length,4}");
        Assert.Equal(keys, heard);
    }

    public static TheoryData<string, double, double, double, double, int> NotHeard => new()
    {
        { "row 3.5 % high", -13, -13, 3.5, 0, 50 },
        { "row 3.5 % low", -13, -13, -3.5, 0, 50 },
        { "column 3.5 % high", -13, -13, 0, 3.5, 50 },
        { "column 3.5 % low", -13, -13, 0, -3.5, 50 },
        { "column 3.5 % high, row 8 dB louder", -10, -18, 0, 3.5, 50 },
        { "column 3.5 % low, row 8 dB louder", -10, -18, 0, -3.5, 50 },
        { "row 3.5 % high, column 4 dB louder", -14, -10, 3.5, 0, 50 },
        { "both 3.5 % high", -13, -13, 3.5, 3.5, 50 },
        { "both 5 % low", -13, -13, -5, -5, 50 },
        { "-55 dBm0", -55, -55, 0, 0, 50 },
        { "-40 dBm0", -40, -40, 0, 0, 50 },
        { "row 12 dB louder", -8, -20, 0, 0, 50 },
        { "column 8 dB louder", -18, -10, 0, 0, 50 },
        { "10 ms", -13, -13, 0, 0, 10 },
        { "20 ms", -13, -13, 0, 0, 20 },
    };

    [Theory]
    [MemberData(nameof(NotHeard))]
    public void What_is_beyond_the_limits_is_no_key(string name, double row, double column, double rowOff, double columnOff, int onMs)
    {
        string keys = string.Concat(Enumerable.Repeat(Keys, 8));
        string heard = Hear(Make(keys, new(row, column, rowOff / 100, columnOff / 100, onMs), new Random(35)));
        output.WriteLine($"{name,-44} sent {keys.Length,4}  heard {heard.Length,4}");
        Assert.Equal("", heard);
    }

    [Fact]
    public void A_gap_of_10_ms_does_not_divide_a_key()
    {
        string heard = Hear(Make(string.Concat(Enumerable.Repeat(Keys, 8)), new(OnMs: 120, GapMs: 10), new Random(1)));
        Assert.Equal(string.Concat(Enumerable.Repeat(Keys, 8)), heard);
    }

    [Fact]
    public void A_key_is_told_with_its_level_and_its_duration()
    {
        var detector = new ToneDetector(new StartGate(), 8_000, new());
        detector.Listen(Make("5", new(-20, -18, OnMs: 200), new Random(3)));
        Assert.True(detector.TryTake(out var pressed));
        Assert.Equal(new KeyEvent { Kind = KeyEventKind.Pressed, Key = (byte)'5', Method = KeyMethod.InBand, Volume = 18 }, pressed);
        Assert.True(detector.TryTake(out var released));
        Assert.InRange(released.DurationMs, 170u, 225u);
    }

    [Fact]
    public void A_key_of_our_own_generator_is_heard()
    {
        var generator = new ToneGenerator(8_000);
        var samples = new List<short>();
        var frame = new short[160];
        foreach (char key in Keys)
        {
            generator.PlayKey((byte)key, 60, 60, -10);
            for (int i = 0; i < 6; i++)
            {
                generator.Fill(frame);
                samples.AddRange(frame);
            }
        }
        samples.AddRange(new short[800]);
        Assert.Equal(Keys, Hear(samples.ToArray()));
    }

    [Fact]
    public void Tones_of_other_telephones_are_no_keys()
    {
        var frame = new short[160];
        for (int country = 0; country < TonePlan.Countries; country++)
        {
            foreach (var tone in Enum.GetValues<ProgressTone>())
            {
                var detector = new ToneDetector(new StartGate(), 8_000, new());
                var generator = new ToneGenerator(8_000);
                generator.Play(TonePlan.Of((ToneCountry)country, tone), -3);
                for (int i = 0; i < 500; i++)
                {
                    generator.Fill(frame);
                    detector.Listen(frame);
                }
                Assert.Equal(0, detector.Counters.Pressed);
            }
        }
    }

    // Something like a voice: pulses of a pitch that glides, through three resonances that glide too, with pauses and breath; louder and softer. It has what a detector
    // stumbles over, strong partials between 600 and 1,700 Hz that come and go.
    private sealed class Speech(Random random)
    {
        private readonly double[] _y1 = new double[3];
        private readonly double[] _y2 = new double[3];
        private readonly double[] _formant = [500, 1_400, 2_500];
        private readonly double[] _goal = [500, 1_400, 2_500];
        private readonly double[] _gain = new double[3];
        private double _pitch = 120, _pitchGoal = 120, _phase, _level, _levelGoal;
        private int _left;
        private bool _isVoiced;

        public void Fill(Span<short> frame)
        {
            Span<double> a1 = stackalloc double[3], a2 = stackalloc double[3];
            for (int i = 0; i < frame.Length; i += 40)
            {
                Glide();
                for (int k = 0; k < 3; k++)
                {
                    double radius = Math.Exp(-Math.PI * (60 + 40 * k) / 8_000);
                    a1[k] = 2 * radius * Math.Cos(2 * Math.PI * _formant[k] / 8_000);
                    a2[k] = -radius * radius;
                    _gain[k] = (1 - radius) * (k == 2 ? 0.5 : 1);
                }
                for (int j = i; j < i + 40; j++)
                {
                    double input = 0.02 * (random.NextDouble() - 0.5);
                    if (_isVoiced && (_phase += _pitch / 8_000) >= 1)
                    {
                        _phase -= 1;
                        input += 1;
                    }
                    else if (!_isVoiced)
                    {
                        input += 0.3 * (random.NextDouble() - 0.5);
                    }
                    double output = 0;
                    for (int k = 0; k < 3; k++)
                    {
                        double value = input + a1[k] * _y1[k] + a2[k] * _y2[k];
                        _y2[k] = _y1[k];
                        _y1[k] = value;
                        output += value * _gain[k];
                    }
                    _level += (_levelGoal - _level) * 0.001;
                    frame[j] = (short)Math.Clamp(output * _level, short.MinValue, short.MaxValue);
                }
            }
        }

        // Another sound each 60 to 250 ms.
        private void Glide()
        {
            if ((_left -= 40) <= 0)
            {
                _left = random.Next(480, 2_000);
                _isVoiced = random.Next(5) != 0;
                _levelGoal = random.Next(6) == 0 ? 0 : Math.Pow(10, random.NextDouble() * 1.5) * 4_000;
                _goal[0] = random.Next(250, 950);
                _goal[1] = random.Next(800, 2_300);
                _goal[2] = random.Next(2_200, 3_000);
                _pitchGoal = random.Next(80, 420);
            }
            _pitch += (_pitchGoal - _pitch) * 0.02;
            for (int k = 0; k < 3; k++)
                _formant[k] += (_goal[k] - _formant[k]) * 0.1;
        }
    }

    [Fact]
    public void An_hour_of_a_voice_has_no_key_in_it()
    {
        var detector = new ToneDetector(new StartGate(), 8_000, new());
        var speech = new Speech(new Random(20));
        var frame = new short[160];
        for (int i = 0; i < 3_600 * 50; i++)
        {
            speech.Fill(frame);
            detector.Listen(frame);
        }
        output.WriteLine($"an hour of a voice: {detector.Counters.Refused} pairs of blocks examined and refused, {detector.Counters.Pressed} keys");
        Assert.Equal(0, detector.Counters.Pressed);
        // It was a temptation.
        Assert.True(detector.Counters.Refused > 500);
    }

    [Theory]
    [InlineData(-30)]
    [InlineData(-10)]
    public void An_hour_of_noise_has_no_key_in_it(double dbm0)
    {
        var detector = new ToneDetector(new StartGate(), 8_000, new());
        // A minute of normal noise, from another place each time: an hour of it is too slow to make.
        var random = new Random(21);
        var minute = new short[60 * 8_000];
        double peak = AudioLevel.PeakOf(dbm0) / Math.Sqrt(2);
        for (int i = 0; i < minute.Length; i++)
            minute[i] = (short)Math.Clamp(peak * Gauss(random), short.MinValue, short.MaxValue);
        for (int i = 0; i < 60; i++)
        {
            int from = random.Next(minute.Length);
            detector.Listen(minute.AsSpan(from));
            detector.Listen(minute.AsSpan(0, from));
        }
        Assert.Equal(0, detector.Counters.Pressed);
    }

    [Fact]
    public void A_sweep_of_one_or_two_sines_is_no_key()
    {
        var detector = new ToneDetector(new StartGate(), 8_000, new());
        var samples = new short[30 * 8_000];
        double phase = 0, other = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            double at = (double)i / samples.Length;
            phase += 2 * Math.PI * (300 + 1_800 * at) / 8_000;
            other += 2 * Math.PI * (2_100 - 1_500 * at) / 8_000;
            samples[i] = (short)(6_000 * Math.Sin(phase) + (i > samples.Length / 2 ? 0 : 300 * Math.Sin(other)));
        }
        detector.Listen(samples);
        Assert.Equal(0, detector.Counters.Pressed);
    }

    [Fact]
    public void A_rate_that_is_no_multiple_is_refused_at_the_start() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ToneDetector(new StartGate(), 44_100, new()));
}
