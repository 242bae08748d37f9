// One side at a time: what a device does about its echo that has no canceller. The side that talks has its turn, the other is made quieter.
//
// note [whose turn it is]
// The far side's turn begins with its first loud frame, before its echo can be back, and lasts until it has paused. Then the microphone is nearly closed. The near side's
// turn begins where the far side is silent, or where what is captured stays above any echo that the loudspeaker can have made: whoever wants to interrupt speaks
// up for a moment. Then the loudspeaker is nearly closed, and the echo with it. In nobody's turn both are open, so that the street is heard.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>Makes a <see cref="HalfDuplexDucker"/>.</summary>
public sealed class HalfDuplex : IEchoCancellation
{
    [StartUp(Because = "options are made before start")]
    public HalfDuplex()
    {
    }

    [StartUp(Because = "cancellers are made before start")]
    public IEchoCanceller Create(StartGate gate, int sampleRate, int frameSamples) => new HalfDuplexDucker(sampleRate, frameSamples);
}

/// <summary>Closes the loudspeaker or the microphone; see note [whose turn it is].</summary>
public sealed class HalfDuplexDucker : IEchoCanceller
{
    /// <summary>The microphone in the far side's turn. The far side hears itself as a whisper at most.</summary>
    public const double MicrophoneDb = -36;

    /// <summary>The loudspeaker in the near side's turn: enough to notice that the far side talks as well.</summary>
    public const double LoudspeakerDb = -24;

    // Longer than the pauses within a sentence, and than what waits in the sound card and rings in the room.
    private const double FarHoldSeconds = 0.3;
    private const double NearHoldSeconds = 0.3;

    // To interrupt takes a syllable or two.
    private const double InterruptSeconds = 0.12;

    // Quick where something is to be kept from being heard, slower where nothing is lost.
    private const int CloseMs = 4;
    private const int OpenMs = 20;

    private enum Turn : byte
    {
        Nobody,
        Far,
        Near,
    }

    private static readonly float s_microphone = (float)AudioLevel.GainOf(MicrophoneDb);
    private static readonly float s_loudspeaker = (float)AudioLevel.GainOf(LoudspeakerDb);

    private readonly double _frameSeconds;
    private EchoMeter _echo;
    private TalkDetector _far;
    private TalkDetector _near;
    private GainRamp _microphone;
    private GainRamp _loudspeaker;
    private Turn _turn;
    private double _interrupting;
    private double _farDbov = AudioLevel.SilenceDbov;
    private double _nearDbov = AudioLevel.SilenceDbov;

    [StartUp(Because = "cancellers are made before start")]
    public HalfDuplexDucker(int sampleRate, int frameSamples)
    {
        EchoPath.CheckFrame(sampleRate, frameSamples);
        FrameSamples = frameSamples;
        _frameSeconds = (double)frameSamples / sampleRate;
        _echo = new(_frameSeconds);
        _far = new(_frameSeconds, FarHoldSeconds);
        _near = new(_frameSeconds, NearHoldSeconds);
        _microphone = new(sampleRate * CloseMs / 1000, sampleRate * OpenMs / 1000);
        _loudspeaker = new(sampleRate * CloseMs / 1000, sampleRate * OpenMs / 1000);
    }

    public int FrameSamples { get; }

    public int DelaySamples => 0;

    public bool HasGain => false;

    public EchoFigures Figures => new()
    {
        Talkers = _turn switch { Turn.Far => Talkers.Far, Turn.Near => Talkers.Near, _ => Talkers.None },
        ErleDb = _echo.ErleDb,
        CouplingDb = _echo.CouplingDb,
        NearLevelDbov = _nearDbov,
        FarLevelDbov = _farDbov,
    };

    public void Reset()
    {
        _echo.Reset();
        _far.Reset();
        _near.Reset();
        _microphone.Reset();
        _loudspeaker.Reset();
        _turn = Turn.Nobody;
        _interrupting = 0;
    }

    public void Play(Span<short> frame)
    {
        // By what it says, not by what is left of it: otherwise it would have paused as soon as it is closed.
        _far.Observe(LevelMeter.Of(frame).LevelDbov);
        _loudspeaker.Apply(_turn == Turn.Near ? s_loudspeaker : 1, frame, frame);
    }

    public void Process(ReadOnlySpan<short> captured, ReadOnlySpan<short> played, Span<short> cleaned)
    {
        if (captured.Length != FrameSamples || played.Length != FrameSamples || cleaned.Length < FrameSamples)
        {
            EchoPath.Pass(captured, cleaned);
            return;
        }
        double level = LevelMeter.Of(captured).LevelDbov;
        _farDbov = LevelMeter.Of(played).LevelDbov;
        _echo.Observe(_farDbov, level, learns: _turn == Turn.Far);
        _near.Observe(level, _echo.ExpectedDbov, learns: _turn != Turn.Far);
        _interrupting = _near.IsTalking && level > _echo.ExpectedDbov ? _interrupting + _frameSeconds : Math.Max(0, _interrupting - _frameSeconds);
        _turn = Next();
        _microphone.Apply(_turn == Turn.Far ? s_microphone : 1, captured, cleaned);
        _nearDbov = LevelMeter.Of(cleaned[..FrameSamples]).LevelDbov;
        _echo.Account(level, _nearDbov, isNearTalking: _turn == Turn.Near);
    }

    private Turn Next()
    {
        bool interrupts = _near.IsTalking && _interrupting >= InterruptSeconds;
        switch (_turn)
        {
            case Turn.Near when _near.IsTalking:
            case Turn.Far when _far.IsTalking && !interrupts:
                return _turn;
            case Turn.Far when _far.IsTalking:
                _interrupting = 0;
                return Turn.Near;
            default:
                _interrupting = 0;
                return _far.IsTalking ? Turn.Far : _near.IsTalking ? Turn.Near : Turn.Nobody;
        }
    }
}
