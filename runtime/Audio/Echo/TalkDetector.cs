// Whether somebody talks, by level: above the noise that is there anyway, and above an echo that is expected.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>One side. Its noise floor falls with the quietest frames at once and rises slowly, so that it is a street's noise and not a voice's.</summary>
internal struct TalkDetector
{
    // A voice that is 9 dB above the floor has begun; until it is less than 5 dB above, it goes on.
    private const double BeginsAboveFloorDb = 9;
    private const double GoesOnAboveFloorDb = 5;

    // Nobody who wants to be heard is quieter than this.
    private const double LeastVoiceDbov = -50;

    // What a card of 16 bits and its amplifier hiss at least; silence is no floor that a street could be above.
    private const double LeastFloorDbov = -70;
    private const double MostFloorDbov = -25;

    // A lorry that stops at the door is noise after some seconds; a voice pauses more often than that.
    private const double FloorRisesDbPerSecond = 5;

    // Of the way down that is left, a frame of 10 ms goes so much.
    private const double FloorFalls = 0.3;

    private readonly double _frameSeconds;
    private readonly double _holdSeconds;
    private double _rest;
    private bool _isLoud;

    [StartUp(Because = "made with what has it")]
    public TalkDetector(double frameSeconds, double holdSeconds)
    {
        _frameSeconds = frameSeconds;
        _holdSeconds = holdSeconds;
        FloorDbov = LeastFloorDbov;
    }

    public double FloorDbov { get; private set; }

    /// <summary>Loud now, or less than the hold time ago.</summary>
    public readonly bool IsTalking => _rest > 0;

    /// <summary>A frame's level. <paramref name="maskedDbov"/>: what is not above it is something else. <paramref name="learns"/>: it may be noise.</summary>
    public void Observe(double levelDbov, double maskedDbov = AudioLevel.SilenceDbov, bool learns = true)
    {
        if (learns)
        {
            double floor = levelDbov < FloorDbov
                ? FloorDbov + (levelDbov - FloorDbov) * FloorFalls
                : Math.Min(levelDbov, FloorDbov + FloorRisesDbPerSecond * _frameSeconds);
            FloorDbov = Math.Clamp(floor, LeastFloorDbov, MostFloorDbov);
        }
        double least = Math.Max(LeastVoiceDbov, FloorDbov + (_isLoud ? GoesOnAboveFloorDb : BeginsAboveFloorDb));
        _isLoud = levelDbov > Math.Max(least, maskedDbov);
        _rest = _isLoud ? _holdSeconds : _rest - _frameSeconds;
    }

    public void Reset()
    {
        FloorDbov = LeastFloorDbov;
        _rest = 0;
        _isLoud = false;
    }
}
