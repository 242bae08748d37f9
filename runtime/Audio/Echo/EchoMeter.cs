// What the loudspeaker makes of the microphone's level, by levels alone: how loud an echo is to be expected, and how much of it a canceller takes away.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>Expects echoes. For each frame <see cref="Observe"/>, then <see cref="Account"/>.</summary>
internal struct EchoMeter
{
    /// <summary>By so many dB is a captured frame above the expected echo before it is taken for more than that: a frame's echo varies as it adds up with the last one's.</summary>
    public const double MarginDb = 6;

    // A room whose echo has gone after 0.4 s (RT60), as a street's entrance or a small hall has.
    private const double EchoFallsDbPerSecond = 150;

    // Below it the echo cannot be told from noise.
    private const double LeastFarDbov = -45;

    // Half of all frames are above the estimate. Sounds of some 100 ms move it by a decibel; the first estimate is there after some seconds.
    private const double CouplingMovesDbPerSecond = 10;
    private const double LeastCouplingDb = -60;
    private const double MostCouplingDb = 30;

    // Powers are averaged over about a second of the far side's talking.
    private const double AveragedSeconds = 1;

    // While more seems to be left than an echo, it may be a voice, or the room has changed: that is believed, but slowly.
    private const double DoubtedSeconds = 10;

    private readonly double _frameSeconds;
    private readonly double _share;
    private readonly double _doubtedShare;
    private double _farDbov;
    private double _echoDbov;
    private double _captured;
    private double _left;

    [StartUp(Because = "made with what has it")]
    public EchoMeter(double frameSeconds)
    {
        _frameSeconds = frameSeconds;
        _share = frameSeconds / AveragedSeconds;
        _doubtedShare = frameSeconds / DoubtedSeconds;
        Reset();
    }

    /// <summary>Of the far side's sound at the microphone, above or below what was played, in dB.</summary>
    public double CouplingDb { get; private set; }

    /// <summary>An echo is no louder than this, mostly.</summary>
    public readonly double ExpectedDbov => _echoDbov + MarginDb;

    /// <summary>By how much less than captured is left, in dB; 0 until it is known.</summary>
    public readonly double ErleDb => _left <= 0 || _captured <= 0 ? 0 : 10 * Math.Log10(_captured / _left);

    public void Reset()
    {
        CouplingDb = 0;
        _echoDbov = AudioLevel.SilenceDbov;
        _captured = 0;
        _left = 0;
    }

    /// <summary>The levels of a reference and of what was captured with it. <paramref name="learns"/>: nothing speaks against its being an echo.</summary>
    public void Observe(double farDbov, double capturedDbov, bool learns = true)
    {
        _farDbov = farDbov;
        double echo = farDbov + CouplingDb;
        double lingering = _echoDbov - EchoFallsDbPerSecond * _frameSeconds;
        _echoDbov = Math.Max(AudioLevel.SilenceDbov, Math.Max(echo, lingering));
        // A sound that lingers says nothing of how loud this frame's is.
        if (!learns || farDbov < LeastFarDbov || lingering > echo)
            return;
        double step = CouplingMovesDbPerSecond * _frameSeconds;
        CouplingDb = Math.Clamp(CouplingDb + Math.Clamp(capturedDbov - echo, -step, step), LeastCouplingDb, MostCouplingDb);
    }

    /// <summary>What was left of the frame; counted where the far side alone can have been in it. <paramref name="isNearTalking"/>: by what is left, it was not alone.</summary>
    public void Account(double capturedDbov, double leftDbov, bool isNearTalking)
    {
        if (_farDbov < LeastFarDbov || capturedDbov > ExpectedDbov)
            return;
        double share = isNearTalking ? _doubtedShare : _share;
        _captured += (Math.Pow(10, capturedDbov / 10) - _captured) * share;
        _left += (Math.Pow(10, leftDbov / 10) - _left) * share;
    }
}
