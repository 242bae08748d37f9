// Which piece of what was played stands beside a captured frame.
//
// note [the delay wavers, the room does not]
// A canceller knows the room as a filter, and a reference that is shifted by a sample is another room. But the delay that a sound card tells wavers, by a millisecond where a
// card counts in USB frames. So the place is kept, frame after frame, and the told delay is only compared with it. A mean that is off by more than the wavering explains moves
// the place by as much: cards with clocks of their own drift, by a sample in some seconds. A jump that stays for some frames was a stop of the card (xrun) or samples that got lost: the place jumps with it, and the
// canceller keeps its filter, since the room is the same.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>How the two sides of a sound card lie to each other.</summary>
public readonly record struct AlignmentFigures
{
    /// <summary>Samples between what was captured and what is to be played, as they are reckoned with.</summary>
    public int DelaySamples { get; init; }

    /// <summary>Jumps of the delay that were followed.</summary>
    public long Jumps { get; init; }

    /// <summary>Small moves, where the delay crept away.</summary>
    public long Moves { get; init; }

    /// <summary>By how many millionths the loudspeaker's clock is slower than the microphone's; 0 where they are the same, or not yet known to differ.</summary>
    public double DriftPpm { get; init; }
}

/// <summary>Finds the reference; see note [the delay wavers, the room does not].</summary>
public sealed class EchoAlignment
{
    // What a card's count may waver by; more is a jump. In milliseconds.
    private const double JumpMs = 2;

    // A mean of delays that waver by nothing moves the place when a sample's difference is all but sure; of those that do, it is off by half their wavering seldom or never.
    private const double LeastCreepSamples = 0.75;
    private const double CreepOfWavering = 0.5;

    // A jump is followed once it has been told so often alike: a delay that was told wrong once is no jump.
    private const int AlikeFrames = 3;

    // And in any case after so many frames, whatever is told.
    private const int MostFrames = 25;

    // Frames that the mean reaches over, about.
    private const double MeanFrames = 32;

    private readonly int _sampleRate;
    private readonly int _frameSamples;
    private readonly int _leadSamples;
    private readonly int _mostDelay;
    private readonly double _jump;
    private readonly DriftEstimate _drift;
    private bool _isPlaced;
    private long _next;
    private long _frames;
    private int _alike;
    private int _off;
    private long _lastError;
    private double _mean;
    private double _wavering;
    private int _delay;
    private long _jumps;
    private long _moves;

    /// <param name="gate">Where its memory comes from.</param>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="frameSamples">Samples of a frame.</param>
    /// <param name="leadSamples">By how many samples the reference is later than the delay says, for delays that are told too long.</param>
    /// <param name="mostDelay">No delay is taken for longer.</param>
    [StartUp(Because = "made before start")]
    public EchoAlignment(StartGate gate, int sampleRate, int frameSamples, int leadSamples, int mostDelay)
    {
        _sampleRate = sampleRate;
        _frameSamples = frameSamples;
        _leadSamples = leadSamples;
        _mostDelay = mostDelay;
        _jump = sampleRate * JumpMs / 1000;
        _drift = new(gate, "echo paths");
        Reset();
    }

    public AlignmentFigures Figures => new() { DelaySamples = _delay, Jumps = _jumps, Moves = _moves, DriftPpm = _drift.Drift * 1e6 };

    /// <summary>The card was opened anew.</summary>
    public void Reset()
    {
        _isPlaced = false;
        _frames = 0;
        _alike = 0;
        _off = 0;
        _mean = 0;
        _wavering = 0;
        _drift.Reset(_sampleRate);
    }

    /// <summary>
    /// Where the reference of a captured frame begins. <paramref name="position"/>: behind the frame that is to be played next (<see cref="PlaybackHistory.Position"/>).
    /// <paramref name="delay"/>: samples between the end of what was captured and the begin of that frame; one below 0 is taken for 0.
    /// </summary>
    public long Place(long position, int delay)
    {
        delay = Math.Clamp(delay, 0, _mostDelay);
        _drift.Observe(_frames++ * _frameSamples, delay);
        long newest = position - _frameSamples;
        long told = newest - delay - _frameSamples + _leadSamples;
        if (!_isPlaced)
        {
            _next = told;
            _isPlaced = true;
        }
        Follow(told - _next);
        _delay = (int)(newest - _frameSamples + _leadSamples - _next);
        // What is not yet written cannot have been heard.
        long place = Math.Min(_next, newest);
        _next += _frameSamples;
        return place;
    }

    private void Follow(long error)
    {
        if (Math.Abs(error) < _jump)
        {
            _alike = 0;
            _off = 0;
            _mean += (error - _mean) / MeanFrames;
            _wavering += (Math.Abs(error - _mean) - _wavering) / MeanFrames;
            long move = Math.Abs(_mean) < LeastCreepSamples + CreepOfWavering * _wavering ? 0 : (long)Math.Round(_mean);
            if (move == 0)
                return;
            _next += move;
            _mean -= move;
            _moves++;
            return;
        }
        _alike = _alike > 0 && Math.Abs(error - _lastError) < _jump ? _alike + 1 : 1;
        _off++;
        _lastError = error;
        if (_alike < AlikeFrames && _off < MostFrames)
            return;
        _next += error;
        _mean = 0;
        _alike = 0;
        _off = 0;
        _jumps++;
    }
}
