// Brings voices to one level: visitors stand near or far, and speak softly or shout. Unlike a library's, it is told when what is heard may be an echo.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>A gain that follows the voice, and nothing else: noise is not made louder because it lasts.</summary>
public sealed class AutomaticGain
{
    /// <summary>Where voices are brought to, in dBov: as loud as telephones send (ITU-T P.64 has them some 20 dB below the peak).</summary>
    public const double DefaultLevelDbov = -22;

    public const double DefaultMostGainDb = 12;

    // Somebody who shouts.
    private const double LeastGainDb = -12;

    private const double RisesDbPerSecond = 6;
    private const double FallsDbPerSecond = 20;

    // Syllables of half a second are one voice.
    private const double AveragedSeconds = 0.5;

    // Peaks are kept 1 dB below full scale.
    private const double MostPeak = 29_200;

    // A gain that has to fall for a peak does so within a millisecond.
    private const int FallsPerSecond = 1000;

    private readonly double _levelDbov;
    private readonly double _mostGainDb;
    private readonly int _fallSamples;
    private readonly double _frameSeconds;
    private TalkDetector _voice;
    private double _voicePower;
    private double _gainDb;
    private float _gain = 1;

    [StartUp(Because = "made before start")]
    public AutomaticGain(int sampleRate, int frameSamples, double levelDbov = DefaultLevelDbov, double mostGainDb = DefaultMostGainDb)
    {
        _frameSeconds = (double)frameSamples / sampleRate;
        _levelDbov = levelDbov;
        _mostGainDb = mostGainDb;
        _fallSamples = Math.Min(frameSamples, sampleRate / FallsPerSecond);
        _voice = new(_frameSeconds, holdSeconds: _frameSeconds);
    }

    /// <summary>The gain that is, in dB.</summary>
    public double GainDb => _gainDb;

    public void Reset()
    {
        _voice.Reset();
        _voicePower = 0;
        _gainDb = 0;
        _gain = 1;
    }

    /// <summary>Changes a frame in place. <paramref name="learns"/>: false while what is heard may be an echo.</summary>
    public void Process(Span<short> frame, bool learns)
    {
        var level = LevelMeter.Of(frame);
        if (learns)
            Learn(level.LevelDbov);
        // Peaks decide at once, and the level comes back from there.
        if (level.Peak > 0)
            _gainDb = Math.Min(_gainDb, 20 * Math.Log10(MostPeak / level.Peak));
        Apply(frame, (float)AudioLevel.GainOf(_gainDb));
    }

    private void Learn(double levelDbov)
    {
        _voice.Observe(levelDbov);
        if (!_voice.IsTalking)
            return;
        double power = Math.Pow(10, levelDbov / 10);
        _voicePower = _voicePower == 0 ? power : _voicePower + (power - _voicePower) * _frameSeconds / AveragedSeconds;
        double wanted = Math.Clamp(_levelDbov - 10 * Math.Log10(_voicePower), LeastGainDb, _mostGainDb);
        _gainDb += Math.Clamp(wanted - _gainDb, -FallsDbPerSecond * _frameSeconds, RisesDbPerSecond * _frameSeconds);
    }

    private void Apply(Span<short> frame, float gain)
    {
        int ramp = Math.Min(frame.Length, gain < _gain ? _fallSamples : frame.Length);
        float step = ramp == 0 ? 0 : (gain - _gain) / ramp;
        for (int i = 0; i < frame.Length; i++)
        {
            float now = i < ramp ? _gain + step * (i + 1) : gain;
            frame[i] = (short)Math.Clamp(MathF.Round(frame[i] * now), short.MinValue, short.MaxValue);
        }
        _gain = gain;
    }
}
