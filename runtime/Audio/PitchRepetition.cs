// Concealment of lost frames for codecs that have none of their own: the last pitch periods that were heard go on, and fade.
//
// note [concealment by pitch repetition]
// ITU-T G.711 Appendix I, at any rate that is a multiple of 8 kHz. Where a gap begins, the pitch is the lag at which the last 20 ms are most like what was before them. The last
// period is repeated; after 10 and 20 ms one period more is taken in, so that a long gap does not buzz. From 10 ms on it fades, and at 60 ms there is silence.
// Where sound comes back, the repetition goes on for some milliseconds under it while the one rises and the other falls.
// The appendix smooths the beginning too: it holds all sound back by 3.75 ms, to change the last quarter of a period before the gap once it knows that there is one. Here
// nothing is held back. What the first repeated sample is off from where the sound had got to is added to it, and dies away over the same quarter of a period.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>Hears a stream of frames and fills its gaps; see note [concealment by pitch repetition]. No delay.</summary>
public sealed class PitchRepetition
{
    // The appendix gives all lengths in samples at this rate.
    private const int ReferenceHz = 8000;

    // The pitch lies between 66 and 200 Hz; a higher one is found as a multiple of its period.
    private const int MinimumPitch = 40;
    private const int MaximumPitch = 120;
    private const int MostPeriods = 3;
    private const int CorrelationSamples = 160;

    // The pitch is looked for by every second sample of 8 kHz first, then by every one around the best.
    private const int CoarseStep = 2;

    // A tenth of a bit a sample: what is quieter than this has no pitch, and no quotient by it gets out of hand.
    private const double LeastEnergy = 250;

    private const int BlockSamples = 80;
    private const int BlocksUntilFading = 1;
    private const int BlocksUntilSilent = 6;

    // The way back gets longer by 4 ms with each 10 ms of the gap, up to 10 ms.
    private const int ReturnIncrement = 32;

    private const int HistorySamples = MostPeriods * MaximumPitch + MaximumPitch / 4;

    private readonly int _scale;
    private readonly int _block;

    // What was heard, or filled in, the newest last.
    private readonly short[] _history;

    // During a gap: what was heard until it began; its last periods are repeated.
    private readonly short[] _periods;

    // The end of it as it was heard, before it was made to join with its own beginning.
    private readonly short[] _ending;

    // How the repetition would have gone on, where another one takes over.
    private readonly short[] _continued;

    private int _pitch;
    private int _repeated;
    private int _at;
    private int _overlap;
    private int _jump;
    private int _gap;

    /// <param name="gate">Where its memory comes from.</param>
    /// <param name="pool">Whose memory it is, in the plan.</param>
    /// <param name="sampleRate">Samples a second, a multiple of 8,000. Anything else throws <see cref="ArgumentOutOfRangeException"/>.</param>
    [StartUp(Because = "coders are made before start")]
    public PitchRepetition(StartGate gate, string pool, int sampleRate)
    {
        if (sampleRate <= 0 || sampleRate % ReferenceHz != 0)
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, "The rate is a multiple of 8 kHz.");
        _scale = sampleRate / ReferenceHz;
        _block = BlockSamples * _scale;
        _history = gate.Take<short>(pool, 1, HistorySamples * _scale);
        _periods = gate.Take<short>(pool, 1, HistorySamples * _scale);
        _ending = gate.Take<short>(pool, 1, MaximumPitch / 4 * _scale);
        _continued = gate.Take<short>(pool, 1, _block);
    }

    /// <summary>Forgets what it has heard.</summary>
    public void Reset()
    {
        Array.Clear(_history);
        _gap = 0;
    }

    /// <summary>Notes what was received. After a gap the beginning of <paramref name="samples"/> is blended with what filled it.</summary>
    public void Hear(Span<short> samples)
    {
        if (_gap > 0)
        {
            Return(samples);
            _gap = 0;
        }
        Remember(samples);
    }

    /// <summary>Fills the whole of <paramref name="samples"/>, the next piece of a gap.</summary>
    public void Fill(Span<short> samples)
    {
        while (!samples.IsEmpty)
        {
            int into = _gap % _block;
            if (into == 0)
                BeginBlock(_gap / _block);
            var part = samples[..Math.Min(samples.Length, _block - into)];
            if (_gap >= BlocksUntilSilent * _block)
                part.Clear();
            else
                Go(part, into);
            Remember(part);
            _gap += part.Length;
            // Silence lasts as long as it likes: the count stays in its first block.
            if (_gap > (BlocksUntilSilent + 1) * _block)
                _gap -= _block;
            samples = samples[part.Length..];
        }
    }

    private void Remember(ReadOnlySpan<short> samples)
    {
        int kept = _history.Length - samples.Length;
        if (kept <= 0)
        {
            samples[^_history.Length..].CopyTo(_history);
            return;
        }
        _history.AsSpan(samples.Length).CopyTo(_history);
        samples.CopyTo(_history.AsSpan(kept));
    }

    private void BeginBlock(int block)
    {
        if (block == 0)
        {
            _history.CopyTo(_periods.AsSpan());
            _pitch = FindPitch();
            _overlap = _pitch / 4;
            _periods.AsSpan(_periods.Length - _overlap).CopyTo(_ending);
            _jump = _periods[^1] - _periods[_periods.Length - _pitch - 1];
            _repeated = _pitch;
            _at = 0;
            Join();
        }
        else if (block < MostPeriods)
        {
            int at = _at;
            Repeat(_continued.AsSpan(0, _overlap));
            _at = at % _pitch;
            _repeated += _pitch;
            Join();
        }
    }

    // Makes the end of the repeated periods run into their beginning.
    private void Join()
    {
        int end = _periods.Length - _overlap;
        int before = end - _repeated;
        for (int i = 0; i < _overlap; i++)
            _periods[end + i] = Blend(_ending[i], _periods[before + i], i + 1, _overlap + 1);
    }

    // A piece of a block that begins at a sample of it.
    private void Go(Span<short> part, int into)
    {
        Repeat(part);
        bool isFirst = _gap < _block, isJoined = _gap < MostPeriods * _block;
        for (int i = 0; i < part.Length && isJoined && into + i < _overlap; i++)
        {
            int place = into + i + 1;
            part[i] = isFirst
                ? Saturate(part[i] + _jump * (_overlap + 1 - place) / (_overlap + 1))
                : Blend(_continued[into + i], part[i], place, _overlap + 1);
        }
        Fade(part, _gap);
    }

    private void Repeat(Span<short> samples)
    {
        var periods = _periods.AsSpan(_periods.Length - _repeated);
        while (!samples.IsEmpty)
        {
            int count = Math.Min(samples.Length, periods.Length - _at);
            periods.Slice(_at, count).CopyTo(samples);
            samples = samples[count..];
            _at += count;
            if (_at == periods.Length)
                _at = 0;
        }
    }

    // What is received rises, what was repeated goes on and falls.
    private void Return(Span<short> samples)
    {
        if (_gap >= BlocksUntilSilent * _block)
            _overlap = 0;
        int blocks = (_gap + _block - 1) / _block;
        int length = Math.Min(Math.Min(_overlap + (blocks - 1) * ReturnIncrement * _scale, _block), samples.Length);
        var continued = _continued.AsSpan(0, length);
        if (_gap >= BlocksUntilSilent * _block)
        {
            continued.Clear();
        }
        else
        {
            Repeat(continued);
            Fade(continued, _gap);
        }
        for (int i = 0; i < length; i++)
            samples[i] = Blend(continued[i], samples[i], i + 1, length + 1);
    }

    // The gain falls in a straight line from 1 to 0, in parts of 32,768.
    private void Fade(Span<short> samples, int gap)
    {
        int begin = BlocksUntilFading * _block, end = BlocksUntilSilent * _block;
        if (gap + samples.Length <= begin)
            return;
        int perSample = (1 << 15) / (end - begin);
        for (int i = 0; i < samples.Length; i++)
        {
            int gain = Math.Clamp((end - gap - i) * perSample, 0, 1 << 15);
            samples[i] = (short)((samples[i] * gain) >> 15);
        }
    }

    // The lag at which the newest samples are most like older ones: the sum of products over the root of the older ones' energy.
    private int FindPitch()
    {
        int step = CoarseStep * _scale, lowest = MinimumPitch * _scale, highest = MaximumPitch * _scale;
        int best = Best(highest, lowest, step, step);
        return Best(Math.Min(highest, best + step - 1), Math.Max(lowest, best - step + 1), 1, _scale);
    }

    // Longest lags first, as the appendix has it: of two that are equally good the longer one wins.
    private int Best(int longest, int shortest, int lagStep, int sampleStep)
    {
        int window = CorrelationSamples * _scale, newest = _history.Length - window, best = longest;
        double bestLikeness = double.MinValue;
        for (int lag = longest; lag >= shortest; lag -= lagStep)
        {
            var recent = _history.AsSpan(newest, window);
            var older = _history.AsSpan(newest - lag, window);
            long product = 0, energy = 0;
            for (int i = 0; i < recent.Length && i < older.Length; i += sampleStep)
            {
                product += recent[i] * older[i];
                energy += older[i] * older[i];
            }
            double likeness = product / Math.Sqrt(Math.Max(energy, LeastEnergy));
            if (likeness > bestLikeness)
                (bestLikeness, best) = (likeness, lag);
        }
        return best;
    }

    // From the one to the other: place of places on the way.
    private static short Blend(int from, int to, int place, int places) => (short)((from * (places - place) + to * place) / places);

    private static short Saturate(int sample) => (short)Math.Clamp(sample, short.MinValue, short.MaxValue);
}
