// A gain that changes without a click.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>Goes to each new gain in a straight line.</summary>
internal struct GainRamp
{
    private readonly float _stepDown;
    private readonly float _stepUp;
    private float _gain;

    /// <summary>How long it takes from 1 to silence, and back, in samples.</summary>
    [StartUp(Because = "made with what has it")]
    public GainRamp(int samplesDown, int samplesUp)
    {
        _stepDown = 1f / samplesDown;
        _stepUp = 1f / samplesUp;
        _gain = 1;
    }

    public readonly float Gain => _gain;

    public void Reset() => _gain = 1;

    /// <summary>Writes <paramref name="samples"/>, louder or quieter by a gain of 0 to 1, to <paramref name="output"/>, which may be the same.</summary>
    public void Apply(float target, ReadOnlySpan<short> samples, Span<short> output)
    {
        int at = 0;
        for (; at < samples.Length && _gain != target; at++)
        {
            _gain = _gain < target ? Math.Min(target, _gain + _stepUp) : Math.Max(target, _gain - _stepDown);
            output[at] = (short)(samples[at] * _gain);
        }
        if (target == 1)
        {
            samples[at..].CopyTo(output[at..]);
            return;
        }
        for (; at < samples.Length; at++)
            output[at] = (short)(samples[at] * target);
    }
}
