// Makes tones: sines by rotation, in a cadence that does not drift, without clicks.
//
// note [a sine by rotation]
// A sine is the imaginary part of a point that is turned by one angle a sample. Rounding moves the point off its circle by parts of 10^16 a turn, which is put
// right once a frame, so a dial tone of a day is as long and as loud as at its beginning.
//
// note [no clicks]
// A voice that begins is raised over some milliseconds, and one that ends is lowered over as many, after its time, beside the voice that follows it. What is
// struck rings on below the next note instead. So a step's time is from beginning of the raising to the beginning of the lowering.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>Plays one cadence at a time; see note [no clicks]. Times are counted in samples, whatever the frames are.</summary>
public sealed class ToneGenerator
{
    // Long enough to be no click, short enough for a key of 40 ms.
    private const int RampMs = 4;

    // How far the modulating frequency takes the other one down (E.180 Supplement 2, Japan: 85 ± 15 %).
    private const double ModulationDepth = 0.85;

    // What is struck is silent when it is so far down: below half a sample, whatever it was.
    private const double Silent = 0.3;

    private struct Sine
    {
        public double Real;
        public double Imaginary;
        public double Cosine;
        public double SineOfStep;

        public Sine(double frequency, int sampleRate)
        {
            double step = 2 * Math.PI * frequency / sampleRate;
            Real = 1;
            (SineOfStep, Cosine) = Math.SinCos(step);
        }

        public double Next()
        {
            double value = Imaginary;
            double real = Real * Cosine - Imaginary * SineOfStep;
            Imaginary = Real * SineOfStep + Imaginary * Cosine;
            Real = real;
            return value;
        }

        public void Settle()
        {
            double length = Math.Sqrt(Real * Real + Imaginary * Imaginary);
            Real /= length;
            Imaginary /= length;
        }
    }

    private struct Voice
    {
        public bool IsOn;
        public bool IsModulated;
        public Sine First;
        public Sine Second;

        // Amplitudes in samples; the first one decays with the second.
        public double FirstPeak;
        public double SecondPeak;
        public double Decay;

        // From 0 to 1 and back.
        public double Ramp;
        public double RampStep;

        public double Next()
        {
            double first = First.Next();
            double second = Second.Next();
            double value = IsModulated
                ? FirstPeak * first * (1 + ModulationDepth * second) / (1 + ModulationDepth)
                : FirstPeak * first + SecondPeak * second;
            value *= Ramp;
            if (RampStep != 0)
            {
                Ramp += RampStep;
                if (Ramp >= 1)
                    (Ramp, RampStep) = (1, 0);
                else if (Ramp <= 0)
                    IsOn = false;
            }
            if (Decay != 0)
            {
                FirstPeak *= Decay;
                SecondPeak *= Decay;
                IsOn &= FirstPeak + SecondPeak > Silent;
            }
            return value;
        }
    }

    private readonly int _sampleRate;
    private readonly double _rampStep;

    private ToneCadence _cadence;
    private double _level;

    // The step that sounds, or -1; samples since the cadence began, and when the step ends in milliseconds since then.
    private int _step = -1;
    private long _elapsed;
    private long _endMs;
    private Voice _voice;
    private Voice _tail;

    /// <summary><paramref name="sampleRate"/>: samples a second of the frames that are filled.</summary>
    [StartUp(Because = "made with the stream that it plays into")]
    public ToneGenerator(int sampleRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 8_000);
        _sampleRate = sampleRate;
        _rampStep = 1_000.0 / RampMs / sampleRate;
    }

    public int SampleRate => _sampleRate;

    /// <summary>Something sounds, or will without being asked.</summary>
    public bool IsPlaying => _step >= 0 || _voice.IsOn || _tail.IsOn;

    /// <summary>Begins a cadence, in place of what plays. <paramref name="levelDbm0"/>: of each of its frequencies.</summary>
    public void Play(in ToneCadence cadence, double levelDbm0 = TonePlan.DefaultLevelDbm0)
    {
        Stop();
        if (cadence.Count == 0)
            return;
        _cadence = cadence;
        _level = levelDbm0;
        _elapsed = 0;
        _endMs = 0;
        Enter(0);
    }

    /// <summary>Sends a key as its tones; false for one that has none.</summary>
    public bool PlayKey(byte key, int durationMs, int pauseMs, double levelDbm0)
    {
        if (!TonePlan.TryGetKey(key, durationMs, pauseMs, out var cadence))
            return false;
        Play(cadence, levelDbm0);
        return true;
    }

    /// <summary>Ends what plays, within some milliseconds.</summary>
    public void Stop()
    {
        _step = -1;
        EndVoice(isStopped: true);
    }

    /// <summary>Nothing sounds from now on, not even what would fade: another stream begins.</summary>
    public void Reset()
    {
        _step = -1;
        _voice = _tail = default;
    }

    /// <summary>Fills a frame. False where it is silence and nothing plays.</summary>
    public bool Fill(Span<short> frame)
    {
        if (!IsPlaying)
        {
            frame.Clear();
            return false;
        }
        int at = 0;
        while (at < frame.Length)
        {
            int count = frame.Length - at;
            if (_step >= 0 && _cadence[_step].DurationMs > 0)
            {
                long left = _endMs * _sampleRate / 1_000 - _elapsed;
                if (left <= 0)
                {
                    Leave();
                    continue;
                }
                count = (int)Math.Min(count, left);
            }
            Render(frame.Slice(at, count));
            at += count;
            _elapsed += count;
        }
        Settle(ref _voice);
        Settle(ref _tail);
        return true;
    }

    private static void Settle(ref Voice voice)
    {
        if (!voice.IsOn)
            return;
        voice.First.Settle();
        voice.Second.Settle();
    }

    private void Render(Span<short> samples)
    {
        if (!_voice.IsOn && !_tail.IsOn)
        {
            samples.Clear();
            return;
        }
        for (int i = 0; i < samples.Length; i++)
        {
            double value = 0;
            if (_voice.IsOn)
                value = _voice.Next();
            if (_tail.IsOn)
                value += _tail.Next();
            samples[i] = (short)Math.Clamp(Math.Round(value), short.MinValue, short.MaxValue);
        }
    }

    // A step without a time lasts for ever, so each pass through a cadence takes time.
    private void Leave()
    {
        int next = _step + 1;
        if (next == _cadence.Count && !_cadence.Repeats)
        {
            _step = -1;
            EndVoice(isStopped: false);
            return;
        }
        Enter(next == _cadence.Count ? 0 : next);
    }

    private void Enter(int step)
    {
        EndVoice(isStopped: false);
        _step = step;
        var tone = _cadence[step];
        _endMs += Math.Max(tone.DurationMs, 0);
        if (tone.IsSilent)
            return;
        double peak = AudioLevel.PeakOf(_level + tone.LevelDb);
        _voice = new()
        {
            IsOn = true,
            IsModulated = tone.IsModulated,
            First = new(tone.First, _sampleRate),
            Second = new(tone.Second, _sampleRate),
            FirstPeak = tone.First == 0 ? 0 : peak,
            SecondPeak = tone.Second == 0 ? 0 : peak * AudioLevel.GainOf(tone.SecondDb),
            Decay = tone.DecayMs == 0 ? 0 : Math.Exp(-1_000.0 / tone.DecayMs / _sampleRate),
            RampStep = _rampStep,
        };
    }

    private void EndVoice(bool isStopped)
    {
        if (isStopped && _tail.IsOn)
            _tail.RampStep = -_rampStep;
        if (!_voice.IsOn)
            return;
        _tail = _voice;
        if (isStopped || _voice.Decay == 0)
            _tail.RampStep = -_rampStep;
        _voice = default;
    }
}
