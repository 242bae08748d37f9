// What is heard in pauses: noise as loud as the quietest that was heard of the caller lately, so that the line does not seem dead (RFC 3389 §1).
namespace SipEmbedded.Audio;

/// <summary>Measures the background and makes noise like it.</summary>
public struct ComfortNoise
{
    /// <summary>No louder, as a mean distance from zero: -50 dB below full scale. A background above that is not made up, it would be a hiss.</summary>
    public const int Loudest = 100;

    // How fast the measured background follows sound that stays louder: 1 dB a second, at 50 frames a second.
    private const float Rise = 1.0023f;

    // A step that lets a background of nothing rise at all.
    private const float LeastRise = 0.01f;

    // Of a difference to a quieter frame this part is taken over at once.
    private const float Fall = 0.25f;

    private float _background;
    private bool _hasAny;
    private uint _state;
    private int _smooth;

    /// <summary>The measured background, as a mean distance from zero.</summary>
    public readonly float Background => _background;

    public void Reset() => this = new() { _state = 1 };

    /// <summary>A frame of <paramref name="loudness"/> was heard.</summary>
    public void Observe(int loudness)
    {
        if (!_hasAny)
            _background = loudness;
        else if (loudness < _background)
            _background += (loudness - _background) * Fall;
        else
            _background = Math.Min(loudness, _background * Rise + LeastRise);
        _hasAny = true;
    }

    /// <summary>Adds noise, at a share of its loudness that goes from <paramref name="from"/> to <paramref name="to"/>, both of 256.</summary>
    public void AddTo(Span<short> samples, int from, int to)
    {
        // Evenly spread numbers up to a are a/2 from zero on average; smoothing as below makes them 1/sqrt 3 of that.
        int range = (int)(Math.Min(_background, Loudest) * 2 * 1.73f);
        if (range == 0)
            return;
        for (int i = 0; i < samples.Length; i++)
        {
            // Numerical Recipes' quick generator; its upper half is even enough for noise.
            _state = _state * 1664525 + 1013904223;
            int white = ((int)(_state >> 16) - 32768) * range >> 15;
            _smooth += (white - _smooth) / 2;
            int share = from + (to - from) * i / samples.Length;
            samples[i] = (short)Math.Clamp(samples[i] + (_smooth * share >> 8), short.MinValue, short.MaxValue);
        }
    }
}
