// Keys heard in the sound itself (ITU-T Q.23, Q.24). For peers without telephone events; off where nobody turns it on, since speech is never quite without keys.
//
// note [hearing a key]
// The sound is cut into blocks of 12.75 ms. A block is a candidate where Goertzel's filters, of which each is one term of a Fourier transform, find half of its energy
// at one row and one column; that is cheap and true of much speech. Two candidates of one key in a row are examined:
//   - Frequency: by how much the phase of a filter moved from one block to the next says how far the tone lies from the nominal, within a Hertz or two. What is
//     beyond ± 2.5 % is no key (Q.24: 1.5 % must be heard, 3.5 % must not).
//   - Purity: two sines of these frequencies are fitted to each block by least squares, and what they leave must be small, and the sines alike in both. Speech that has the two frequencies has others
//     beside them; this is what guards against it. A tone that is farther off than phases can say, beyond 39 Hz, is found out by the same.
//   - Harmonics: what they leave must hold little at twice the frequencies, where a voice has more.
//   - Level and twist, of the fitted sines.
// So a key of 40 ms, which holds two whole blocks wherever it begins, is told within 40 ms. It is down while blocks are candidates of it; two that are none end it, so
// that a gap of 10 ms does not divide it (Q.24) and a pause of 40 ms does.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

public struct ToneDetectorCounters
{
    /// <summary>Keys told.</summary>
    public long Pressed;

    /// <summary>Pairs of candidates that were examined and were none.</summary>
    public long Refused;

    /// <summary>Presses and releases that nobody fetched in time.</summary>
    public long NotTold;
}

/// <summary>Listens to one stream; see note [hearing a key]. After each frame, <see cref="TryTake"/> until it says no.</summary>
public sealed class ToneDetector
{
    /// <summary>Samples of a block at 8 kHz: the filters of a row are just kept apart, and a key of 40 ms holds two.</summary>
    public const int Block = 102;

    private const double BlockMs = Block * 1_000.0 / Decimator.OutputRate;

    // Half way between what must be heard and what must not.
    private const double FrequencyTolerance = 0.025;

    // Of a block's energy, what two filters hold at least: tones 1.5 % off lose 30 % of theirs to a filter.
    private const float LeastShare = 0.5f;

    // Of a block's energy, what two sines leave at most: noise 12 dB down. Q.24 asks for 15 dB of it.
    private const double MostResidual = 0.06;

    // Of a block's energy, what is at the harmonics at most.
    private const double MostHarmonic = 0.02;

    // Of a tone's peak in one block, what it has in the other at least: keys are steady, voices are not. And of the block's energy.
    private const float LeastSteady = 0.75f;

    // Twist is measured within this.
    private const double TwistMarginDb = 1;

    // Blocks without a key that end it.
    private const int MissesToEnd = 2;

    // What half a second of frames can tell, and more than any real frame does.
    private const int Events = 32;

    private const int None = -1;

    private readonly ToneDetectorOptions _options;
    private readonly Decimator _decimator;
    private readonly float[] _blocks;
    private readonly Ring<KeyEvent> _events;
    private readonly Vector128<float> _rowTurns;
    private readonly Vector128<float> _columnTurns;
    private readonly float _leastEnergy;

    // Two blocks, which take turns: where the one that is being filled begins, and how far it is.
    private int _begin;
    private int _filled;

    // The block before: its candidate, its energy, and what the candidate's filters held, as complex numbers.
    private int _before = None;
    private float _energyBefore;
    private Phasor _rowBefore;
    private Phasor _columnBefore;

    // The key that is down, its blocks up to the last one that had it, and those since.
    private int _down = None;
    private int _lasted;
    private int _misses;
    private byte _volume;

    public ToneDetectorCounters Counters;

    /// <summary><paramref name="sampleRate"/>: a multiple of 8,000.</summary>
    [StartUp(Because = "a pool is made before start")]
    public ToneDetector(StartGate gate, int sampleRate, ToneDetectorOptions options)
    {
        _options = options;
        _decimator = new(gate, sampleRate);
        _blocks = gate.Take<float>("tone detectors", 1, 2 * Block);
        _events = new(gate, "heard keys", Events);
        _rowTurns = Vector128.Create(TurnOf(TouchTone.Row(0)), TurnOf(TouchTone.Row(1)), TurnOf(TouchTone.Row(2)), TurnOf(TouchTone.Row(3)));
        _columnTurns = Vector128.Create(
            TurnOf(TouchTone.Column(0)), TurnOf(TouchTone.Column(1)), TurnOf(TouchTone.Column(2)), TurnOf(TouchTone.Column(3)));
        double peak = AudioLevel.PeakOf(options.QuietestDbm0);
        // Two tones of the least level, and 3 dB for blocks that are examined more closely.
        _leastEnergy = (float)(Block * peak * peak / 2);
    }

    /// <summary>Forgets what it has heard: another stream begins. What is down is up, untold.</summary>
    public void Reset()
    {
        _decimator.Reset();
        _filled = 0;
        _before = _down = None;
        while (_events.TryTake(out _))
        {
        }
    }

    /// <summary>Listens to a frame of any length.</summary>
    public void Listen(ReadOnlySpan<short> frame)
    {
        foreach (short sample in frame)
        {
            if (!_decimator.TryPut(sample, out float output))
                continue;
            _blocks[_begin + _filled++] = output;
            if (_filled < Block)
                continue;
            _filled = 0;
            Examine();
            _begin = Block - _begin;
        }
    }

    /// <summary>What was heard, the oldest first; false where nothing was.</summary>
    public bool TryTake(out KeyEvent happened) => _events.TryTake(out happened);

    private static float TurnOf(double frequency) => (float)(2 * Math.Cos(AngleOf(frequency)));

    // The angle of one sample.
    private static double AngleOf(double frequency) => 2 * Math.PI * frequency / Decimator.OutputRate;

    // ---- Blocks -----------------------------------------------------------------------------------------------------------------------------

    private void Examine()
    {
        int candidate = FindCandidate(out float energy, out var row, out var column);
        int heard = None;
        double level = 0;
        if (candidate != None && candidate == _before && candidate != _down && Math.Min(energy, _energyBefore) >= LeastSteady * Math.Max(energy, _energyBefore))
        {
            if (IsKey(candidate, energy, row, column, out level))
                heard = candidate;
            else
                Counters.Refused++;
        }
        _before = candidate;
        _energyBefore = energy;
        _rowBefore = row;
        _columnBefore = column;
        Follow(candidate, heard, level);
    }

    private void Follow(int candidate, int heard, double level)
    {
        if (_down != None)
        {
            if (candidate == _down)
            {
                _lasted += 1 + _misses;
                _misses = 0;
            }
            else if (++_misses == MissesToEnd || heard != None)
            {
                Tell(KeyEventKind.Released, _down);
                _down = None;
            }
        }
        if (heard == None)
            return;
        _down = heard;
        _lasted = 2;
        _misses = 0;
        _volume = (byte)Math.Clamp(Math.Round(-level), 0, TelephoneEvent.QuietestVolume);
        Counters.Pressed++;
        Tell(KeyEventKind.Pressed, _down);
    }

    private void Tell(KeyEventKind kind, int code)
    {
        TelephoneKeys.TryGetKey((byte)code, out byte key);
        var told = new KeyEvent
        {
            Kind = kind,
            Key = key,
            Method = KeyMethod.InBand,
            Volume = _volume,
            DurationMs = kind == KeyEventKind.Released ? (uint)(_lasted * BlockMs) : 0,
        };
        if (!_events.TryAdd(told))
            Counters.NotTold++;
    }

    // The key that a block may hold, or None; its filters.
    private int FindCandidate(out float energy, out Phasor row, out Phasor column)
    {
        row = column = default;
        energy = 0;
        var sum = Vector128<float>.Zero;
        var block = _blocks.AsSpan(_begin, Block);
        int tail = Block % Vector128<float>.Count;
        foreach (var four in MemoryMarshal.Cast<float, Vector128<float>>(block[..^tail]))
            sum += four * four;
        energy = Vector128.Sum(sum);
        foreach (float sample in block[^tail..])
            energy += sample * sample;
        if (energy < _leastEnergy)
            return None;
        Vector128<float> rows = default, rowsBefore = default, columns = default, columnsBefore = default;
        foreach (float sample in block)
        {
            var input = Vector128.Create(sample);
            var next = input + _rowTurns * rows - rowsBefore;
            rowsBefore = rows;
            rows = next;
            next = input + _columnTurns * columns - columnsBefore;
            columnsBefore = columns;
            columns = next;
        }
        int r = Loudest(rows * rows + rowsBefore * rowsBefore - _rowTurns * rows * rowsBefore, out float rowPower);
        int c = Loudest(columns * columns + columnsBefore * columnsBefore - _columnTurns * columns * columnsBefore, out float columnPower);
        // A sine of amplitude a has a²n/2 of energy, and its filter holds (an/2)².
        if ((rowPower + columnPower) * 2 / Block < LeastShare * energy)
            return None;
        row = FilterOf(TouchTone.Row(r), rows.GetElement(r), rowsBefore.GetElement(r));
        column = FilterOf(TouchTone.Column(c), columns.GetElement(c), columnsBefore.GetElement(c));
        return TouchTone.EventAt(r, c);
    }

    private static int Loudest(Vector128<float> powers, out float power)
    {
        int at = 0;
        power = powers.GetElement(0);
        for (int i = 1; i < Vector128<float>.Count; i++)
        {
            if (powers.GetElement(i) <= power)
                continue;
            power = powers.GetElement(i);
            at = i;
        }
        return at;
    }

    private static Phasor FilterOf(double frequency, float last, float before)
    {
        var (sine, cosine) = Math.SinCos(AngleOf(frequency));
        return new(last - before * cosine, before * sine);
    }

    // ---- A closer look ----------------------------------------------------------------------------------------------------------------------

    private bool IsKey(int code, float energy, Phasor row, Phasor column, out double level)
    {
        level = 0;
        double rowNominal = TouchTone.RowOf((byte)code);
        double columnNominal = TouchTone.ColumnOf((byte)code);
        double rowOffset = OffsetOf(rowNominal, row, _rowBefore);
        double columnOffset = OffsetOf(columnNominal, column, _columnBefore);
        if (Math.Abs(rowOffset) > FrequencyTolerance * rowNominal || Math.Abs(columnOffset) > FrequencyTolerance * columnNominal)
            return false;
        var fit = new Fit(_blocks.AsSpan(_begin, Block), rowNominal + rowOffset, columnNominal + columnOffset);
        var before = new Fit(_blocks.AsSpan(Block - _begin, Block), rowNominal + rowOffset, columnNominal + columnOffset);
        if (!fit.IsPure(energy) || !before.IsPure(_energyBefore) || !IsSteady(fit.RowPeak, before.RowPeak) || !IsSteady(fit.ColumnPeak, before.ColumnPeak))
            return false;
        double rowLevel = AudioLevel.Dbm0Of(fit.RowPeak);
        double columnLevel = AudioLevel.Dbm0Of(fit.ColumnPeak);
        double twist = columnLevel - rowLevel;
        level = Math.Max(rowLevel, columnLevel);
        return Math.Min(rowLevel, columnLevel) >= _options.QuietestDbm0
            && twist <= _options.HighTwistDb + TwistMarginDb && twist >= -_options.LowTwistDb - TwistMarginDb;
    }

    private static bool IsSteady(double peak, double before) => Math.Min(peak, before) >= LeastSteady * Math.Max(peak, before);

    // How far a tone lies from the nominal, in Hz, by the turn from one block to the next: the nominal's own is known.
    private static double OffsetOf(double nominal, Phasor now, Phasor before)
    {
        double turn = (now * before.Conjugate).Phase - AngleOf(nominal) * Block;
        turn -= 2 * Math.PI * Math.Round(turn / (2 * Math.PI));
        return turn / (2 * Math.PI * Block) * Decimator.OutputRate;
    }

    // Two sines fitted to a block by least squares. Counted from the block's middle, cosines and sines have nothing to do with each other, so that two equations of two
    // unknowns each are to be solved.
    private readonly struct Fit
    {
        public Fit(ReadOnlySpan<float> block, double rowFrequency, double columnFrequency)
        {
            const double middle = (Block - 1) / 2.0;
            var rowTurn = Phasor.At(AngleOf(rowFrequency));
            var columnTurn = Phasor.At(AngleOf(columnFrequency));
            var rowAt = Phasor.At(-middle * AngleOf(rowFrequency));
            var columnAt = Phasor.At(-middle * AngleOf(columnFrequency));
            var row = rowAt;
            var column = columnAt;
            double rr = 0, rc = 0, cc = 0, ss = 0, st = 0, tt = 0, xr = 0, xc = 0, xs = 0, xt = 0;
            foreach (float sample in block)
            {
                rr += row.Real * row.Real;
                rc += row.Real * column.Real;
                cc += column.Real * column.Real;
                ss += row.Imaginary * row.Imaginary;
                st += row.Imaginary * column.Imaginary;
                tt += column.Imaginary * column.Imaginary;
                xr += sample * row.Real;
                xc += sample * column.Real;
                xs += sample * row.Imaginary;
                xt += sample * column.Imaginary;
                row *= rowTurn;
                column *= columnTurn;
            }
            double even = rr * cc - rc * rc;
            double odd = ss * tt - st * st;
            double a = (xr * cc - xc * rc) / even;
            double b = (xc * rr - xr * rc) / even;
            double c = (xs * tt - xt * st) / odd;
            double d = (xt * ss - xs * st) / odd;
            RowPeak = Math.Sqrt(a * a + c * c);
            ColumnPeak = Math.Sqrt(b * b + d * d);

            row = rowAt;
            column = columnAt;
            Phasor rowHarmonic = default, columnHarmonic = default;
            foreach (float sample in block)
            {
                double left = sample - a * row.Real - b * column.Real - c * row.Imaginary - d * column.Imaginary;
                Residual += left * left;
                rowHarmonic += left * (row * row);
                columnHarmonic += left * (column * column);
                row *= rowTurn;
                column *= columnTurn;
            }
            Harmonic = (rowHarmonic.Square + columnHarmonic.Square) * 2 / Block;
        }

        public bool IsPure(double energy) => Residual <= MostResidual * energy && Harmonic <= MostHarmonic * energy;

        public double RowPeak { get; }

        public double ColumnPeak { get; }

        public double Residual { get; }

        public double Harmonic { get; }
    }
}
