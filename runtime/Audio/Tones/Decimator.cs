// Brings sound of 16, 24, 32 or 48 kHz down to 8 kHz, for those who listen for what lies below 3.4 kHz.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>A low-pass of windowed sinc form, of which each n-th value is computed.</summary>
internal sealed class Decimator
{
    /// <summary>The rate that comes out.</summary>
    public const int OutputRate = 8_000;

    // For each output sample so many times the factor: 50 dB down at 4.6 kHz, which is mirrored to the telephone band's edge.
    private const int TapsEach = 20;

    // The middle of the slope, in Hz.
    private const double CutOff = 3_600;

    private readonly float[] _taps;
    private readonly float[] _line;

    // Where the oldest sample stands in the line, and how many samples are missing to the next output.
    private int _oldest;
    private int _missing;

    /// <summary>Throws where the rate is no multiple of <see cref="OutputRate"/>.</summary>
    [StartUp(Because = "a pool is made before start")]
    public Decimator(StartGate gate, int sampleRate)
    {
        if (sampleRate % OutputRate != 0 || sampleRate <= 0)
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, "Not a multiple of 8,000.");
        Factor = sampleRate / OutputRate;
        _missing = Factor;
        int taps = Factor == 1 ? 0 : TapsEach * Factor;
        _taps = gate.Take<float>("tone detectors", 1, taps);
        _line = gate.Take<float>("tone detectors", 1, taps);
        double sum = 0;
        for (int i = 0; i < _taps.Length; i++)
        {
            double at = i - (taps - 1) / 2.0;
            double phase = 2 * Math.PI * CutOff / sampleRate * at;
            double window = 0.42 + 0.5 * Math.Cos(2 * Math.PI * at / taps) + 0.08 * Math.Cos(4 * Math.PI * at / taps);
            _taps[i] = (float)(window * (phase == 0 ? 1 : Math.Sin(phase) / phase));
            sum += _taps[i];
        }
        for (int i = 0; i < _taps.Length; i++)
            _taps[i] = (float)(_taps[i] / sum);
    }

    public int Factor { get; }

    public void Reset()
    {
        _line.AsSpan().Clear();
        _oldest = 0;
        _missing = Factor;
    }

    /// <summary>True where the sample completes one of the output.</summary>
    public bool TryPut(short sample, out float output)
    {
        output = sample;
        if (Factor == 1)
            return true;
        _line[_oldest] = sample;
        _oldest = _oldest + 1 == _line.Length ? 0 : _oldest + 1;
        if (--_missing > 0)
            return false;
        _missing = Factor;
        output = 0;
        int taps = _line.Length - _oldest;
        for (int i = 0; i < taps; i++)
            output += _taps[i] * _line[_oldest + i];
        for (int i = 0; i < _oldest; i++)
            output += _taps[taps + i] * _line[i];
        return true;
    }
}
