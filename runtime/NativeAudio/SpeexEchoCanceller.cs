// An echo canceller by libspeexdsp: an adaptive filter in blocks in the frequency domain (J.-S. Valin, "On Adjusting the Learning Rate in Frequency Domain Echo Cancellation With
// Double-Talk", IEEE Trans. ASLP 15, 2007), then suppression of noise and of the echo that is left, and gain.
//
// note [the preprocessor is not forgotten]
// The library can begin anew with a filter, but not with a preprocessor, unless it takes memory again. What that knows is the noise at the door and a level of voices. Both
// are as good as any beginning.
using SipEmbedded.Audio;
using SipEmbedded.Memory;

namespace SipEmbedded.NativeAudio;

/// <summary>Makes cancellers by libspeexdsp.</summary>
public sealed class SpeexEcho : IEchoCancellation
{
    private readonly SpeexLibrary _library;
    private readonly SpeexEchoOptions _options;

    [StartUp(Because = "cancellers are made before start")]
    private SpeexEcho(SpeexLibrary library, SpeexEchoOptions options)
    {
        _library = library;
        _options = options;
    }

    /// <summary>Loads libspeexdsp. False where there is none, or where an option is out of its range: <paramref name="why"/> says which.</summary>
    [StartUp(Because = "cancellers are made before start")]
    public static bool TryLoad(SpeexEchoOptions options, out SpeexEcho? echo, out string why)
    {
        echo = null;
        why = options switch
        {
            { Tail.TotalMilliseconds: not (>= 20 and <= 500) } => $"An echo's tail is 20 to 500 ms long, not {options.Tail.TotalMilliseconds} ms",
            { NoiseSuppressionDb: < 0 or > 60 } => $"Noise is suppressed by 0 to 60 dB, not by {options.NoiseSuppressionDb} dB",
            { ResidualSuppressionDb: < 0 or > 80 } => $"Echo is suppressed by 0 to 80 dB, not by {options.ResidualSuppressionDb} dB",
            { ResidualSuppressionActiveDb: < 0 or > 80 } => $"Echo is suppressed by 0 to 80 dB, not by {options.ResidualSuppressionActiveDb} dB",
            { GainLevel: not (>= 1 and <= 32_768) } => $"Voices are brought to a level of 1 to 32,768, not to {options.GainLevel}",
            { MostGainDb: < 0 or > 60 } => $"Voices are made louder by 0 to 60 dB, not by {options.MostGainDb} dB",
            _ => "",
        };
        if (why.Length > 0 || !SpeexLibrary.TryLoad(out var library, out why))
            return false;
        echo = new(library!, options);
        return true;
    }

    [StartUp(Because = "cancellers are made before start")]
    public IEchoCanceller Create(StartGate gate, int sampleRate, int frameSamples) => new SpeexEchoCanceller(_library, _options, gate, sampleRate, frameSamples);
}

/// <summary>One microphone, one loudspeaker. A voice comes out one frame later.</summary>
public sealed unsafe class SpeexEchoCanceller : IEchoCanceller
{
    private const string Pool = "echo cancellers";

    // What the figures say of somebody's talking lasts over the pauses between words.
    private const double HoldSeconds = 0.2;

    private readonly SpeexLibrary _library;
    private readonly void* _echo;
    private readonly void* _preprocessor;
    private EchoMeter _meter;
    private TalkDetector _far;
    private TalkDetector _near;
    private double _nearDbov = AudioLevel.SilenceDbov;
    private double _farDbov = AudioLevel.SilenceDbov;

    [StartUp(Because = "cancellers are made before start")]
    internal SpeexEchoCanceller(SpeexLibrary library, SpeexEchoOptions options, StartGate gate, int sampleRate, int frameSamples)
    {
        EchoPath.CheckFrame(sampleRate, frameSamples);
        _library = library;
        FrameSamples = frameSamples;
        double frameSeconds = (double)frameSamples / sampleRate;
        _meter = new(frameSeconds);
        _far = new(frameSeconds, HoldSeconds);
        _near = new(frameSeconds, HoldSeconds);
        int tailSamples = (int)(options.Tail.TotalSeconds * sampleRate);
        // A build of the library for processors without floating point has no gain, and says so only when it is asked.
        HasGain = options.HasGain;
        if (!gate.CountNative(Pool, 1, SpeexLibrary.EchoOctets(frameSamples, tailSamples) + SpeexLibrary.PreprocessorOctets(frameSamples)))
            return;
        _echo = library.CreateEcho(frameSamples, tailSamples);
        _preprocessor = library.CreatePreprocessor(frameSamples, sampleRate);
        library.ControlEcho(_echo, SpeexLibrary.EchoSetSamplingRate, &sampleRate);
        // Without it the library suppresses no echo either; no noise suppression is one of 0 dB.
        Set(SpeexLibrary.SetDenoise, 1);
        Set(SpeexLibrary.SetNoiseSuppress, -options.NoiseSuppressionDb);
        if (options.HasResidualSuppression)
        {
            library.ControlPreprocessor(_preprocessor, SpeexLibrary.SetEchoState, _echo);
            Set(SpeexLibrary.SetEchoSuppress, -options.ResidualSuppressionDb);
            Set(SpeexLibrary.SetEchoSuppressActive, -options.ResidualSuppressionActiveDb);
        }
        HasGain = options.HasGain && Set(SpeexLibrary.SetAutomaticGain, 1);
        if (!HasGain)
            return;
        float level = options.GainLevel;
        library.ControlPreprocessor(_preprocessor, SpeexLibrary.SetGainLevel, &level);
        Set(SpeexLibrary.SetMostGain, options.MostGainDb);
    }

    public int FrameSamples { get; }

    // The preprocessor adds up windows of two frames that overlap by one.
    public int DelaySamples => FrameSamples;

    public bool HasGain { get; }

    public EchoFigures Figures => new()
    {
        Talkers = (_far.IsTalking ? Talkers.Far : Talkers.None) | (_near.IsTalking ? Talkers.Near : Talkers.None),
        ErleDb = _meter.ErleDb,
        CouplingDb = _meter.CouplingDb,
        NearLevelDbov = _nearDbov,
        FarLevelDbov = _farDbov,
    };

    public void Reset()
    {
        _library.ResetEcho(_echo);
        _meter.Reset();
        _far.Reset();
        _near.Reset();
    }

    public void Process(ReadOnlySpan<short> captured, ReadOnlySpan<short> played, Span<short> cleaned)
    {
        if (captured.Length != FrameSamples || played.Length != FrameSamples || cleaned.Length < FrameSamples)
        {
            EchoPath.Pass(captured, cleaned);
            return;
        }
        fixed (short* microphone = captured, loudspeaker = played, output = cleaned)
        {
            _library.Cancel(_echo, microphone, loudspeaker, output);
            _library.Preprocess(_preprocessor, output);
        }
        _farDbov = LevelMeter.Of(played).LevelDbov;
        double level = LevelMeter.Of(captured).LevelDbov;
        _nearDbov = LevelMeter.Of(cleaned[..FrameSamples]).LevelDbov - GainDb();
        _meter.Observe(_farDbov, level);
        _far.Observe(_farDbov);
        // What is left of an echo is no voice; it varies by as much again as the echo does.
        _near.Observe(_nearDbov, _meter.ExpectedDbov - _meter.ErleDb + EchoMeter.MarginDb, learns: !_far.IsTalking);
        _meter.Account(level, _nearDbov, _near.IsTalking);
    }

    private int GainDb()
    {
        int decibels = 0;
        if (HasGain)
            _library.ControlPreprocessor(_preprocessor, SpeexLibrary.GetGain, &decibels);
        return decibels;
    }

    private bool Set(int request, int value) => _library.ControlPreprocessor(_preprocessor, request, &value) == SpeexLibrary.Ok;
}
