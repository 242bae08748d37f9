// From the microphone to a voice without echo: high-pass, the reference by the sound card's delay, the canceller, the gain.
//
// note [the order of echo calls]
// For each frame of the sound card: Play with what is to be played next, then Clean with what was captured and the delay between the two.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>Settings of an <see cref="EchoPath"/>.</summary>
public sealed class EchoOptions
{
    [StartUp(Because = "options are made before start")]
    public EchoOptions()
    {
    }

    /// <summary>What is done about the echo: <see cref="HalfDuplex"/> works anywhere, a library's canceller lets both sides talk.</summary>
    public IEchoCancellation Cancellation { get; init; } = new HalfDuplex();

    /// <summary>
    /// By how much the reference is handed over later than the card's delay says, so that a delay told too long by as much does no harm. It shortens the tail.
    /// </summary>
    public TimeSpan Lead { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The longest delay between playing and capturing that is followed: more than any card's buffers hold.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Whether sound below <see cref="HighPassFilter.DefaultCornerHz"/> is taken away: wind and hum.</summary>
    public bool HasHighPass { get; init; } = true;

    /// <summary>Whether voices are brought to one level where the canceller does not do it.</summary>
    public bool HasGain { get; init; } = true;
}

/// <summary>Cleans a microphone; see note [the order of echo calls].</summary>
public sealed class EchoPath
{
    private readonly PlaybackHistory _history;
    private readonly EchoAlignment _alignment;
    private readonly HighPassFilter? _highPass;
    private readonly AutomaticGain? _gain;
    private readonly short[] _reference;
    private readonly short[] _captured;

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> as <see cref="IEchoCancellation.Create"/> does, and for a lead that is negative or longer than the longest delay.</summary>
    [StartUp(Because = "made before start")]
    public EchoPath(StartGate gate, EchoOptions options, int sampleRate, int frameSamples)
    {
        CheckFrame(sampleRate, frameSamples);
        int lead = (int)(options.Lead.TotalSeconds * sampleRate), mostDelay = (int)(options.LongestDelay.TotalSeconds * sampleRate);
        if (lead < 0 || lead > mostDelay)
            throw new ArgumentOutOfRangeException(nameof(options), options.Lead, "The lead lies between 0 and the longest delay.");
        Canceller = options.Cancellation.Create(gate, sampleRate, frameSamples);
        _history = new(gate, mostDelay + 2 * frameSamples);
        _alignment = new(gate, sampleRate, frameSamples, lead, mostDelay);
        _reference = gate.Take<short>("echo paths", 1, frameSamples);
        _captured = gate.Take<short>("echo paths", 1, frameSamples);
        _highPass = options.HasHighPass ? new(sampleRate) : null;
        _gain = options.HasGain && !Canceller.HasGain ? new(sampleRate, frameSamples) : null;
    }

    public IEchoCanceller Canceller { get; }

    public EchoFigures Figures => Canceller.Figures;

    public AlignmentFigures Alignment => _alignment.Figures;

    /// <summary>Another sound card, or another room: forgets all.</summary>
    public void Reset()
    {
        Canceller.Reset();
        _alignment.Reset();
        _highPass?.Reset();
        _gain?.Reset();
    }

    /// <summary>A frame that is to be played next; it may be made quieter in place.</summary>
    public void Play(Span<short> frame)
    {
        Canceller.Play(frame);
        _history.Write(frame);
    }

    /// <summary>
    /// Cleans a captured frame. <paramref name="delay"/>: samples between its end and the begin of the frame that <see cref="Play"/> was called with last, in time: what waits
    /// to be played before that one, and what was captured after this one.
    /// </summary>
    public void Clean(ReadOnlySpan<short> captured, int delay, Span<short> cleaned)
    {
        if (captured.Length != _captured.Length || cleaned.Length < captured.Length)
        {
            Pass(captured, cleaned);
            return;
        }
        _history.TryRead(_alignment.Place(_history.Position, delay), _reference);
        if (_highPass is not null)
            _highPass.Process(captured, _captured);
        else
            captured.CopyTo(_captured);
        Canceller.Process(_captured, _reference, cleaned);
        _gain?.Process(cleaned[..captured.Length], learns: (Canceller.Figures.Talkers & Talkers.Far) == 0);
    }

    [StartUp(Because = "refuses before start")]
    internal static void CheckFrame(int sampleRate, int frameSamples)
    {
        if (sampleRate is not (8_000 or 16_000))
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, "Echoes are cancelled at 8,000 or 16,000 samples a second.");
        if (frameSamples < sampleRate / 100 || frameSamples > sampleRate / 50)
            throw new ArgumentOutOfRangeException(nameof(frameSamples), frameSamples, "Echoes are cancelled in frames of 10 to 20 ms.");
    }

    // A frame of a length that was not agreed: a voice with its echo is better than none.
    internal static void Pass(ReadOnlySpan<short> captured, Span<short> cleaned) =>
        captured[..Math.Min(captured.Length, cleaned.Length)].CopyTo(cleaned);
}
