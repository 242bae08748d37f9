// Plays recorded sound, once or again and again.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>Plays one recording at a time.</summary>
public sealed class PromptPlayer
{
    /// <summary>As a number of times: until it is stopped.</summary>
    public const int Endless = 0;

    // What is stopped fades within this, so that it does not click.
    private const int FadeMs = 5;

    private readonly int _fade;
    private ReadOnlyMemory<short> _samples;
    private int _at;
    private int _timesLeft;
    private bool _isEndless;
    private int _pause;
    private int _pauseLeft;
    private int _fadeLeft;

    /// <summary><paramref name="sampleRate"/>: samples a second of the frames that are filled.</summary>
    [StartUp(Because = "made with the stream that it plays into")]
    public PromptPlayer(int sampleRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 8_000);
        SampleRate = sampleRate;
        _fade = sampleRate * FadeMs / 1_000;
    }

    public int SampleRate { get; }

    public bool IsPlaying { get; private set; }

    /// <summary>
    /// Begins to play, in place of what plays, <paramref name="times"/> or <see cref="Endless"/>, with a pause between. The memory is read until then. False where
    /// there is nothing to play, or its rate is not the player's: see <see cref="Prompt"/>.
    /// </summary>
    public bool Play(ReadOnlyMemory<short> samples, int sampleRate, int times = 1, TimeSpan pause = default)
    {
        if (samples.IsEmpty || sampleRate != SampleRate || times < 0)
            return false;
        _samples = samples;
        _at = 0;
        _timesLeft = times;
        _isEndless = times == Endless;
        long pauseSamples = Math.Clamp(pause.Ticks, 0, TimeSpan.TicksPerHour) * SampleRate / TimeSpan.TicksPerSecond;
        _pause = (int)Math.Min(pauseSamples, int.MaxValue);
        _pauseLeft = 0;
        _fadeLeft = 0;
        IsPlaying = true;
        return true;
    }

    /// <summary>Ends what plays, within some milliseconds.</summary>
    public void Stop()
    {
        if (_pauseLeft > 0)
            IsPlaying = false;
        else if (_fadeLeft == 0)
            _fadeLeft = _fade;
    }

    /// <summary>Nothing plays from now on, not even what would fade: another stream begins.</summary>
    public void Reset() => IsPlaying = false;

    /// <summary>Fills a frame. False where it is silence and nothing plays.</summary>
    public bool Fill(Span<short> frame)
    {
        bool wasPlaying = IsPlaying;
        int filled = 0;
        while (filled < frame.Length && IsPlaying)
        {
            var rest = frame[filled..];
            if (_pauseLeft > 0)
            {
                int quiet = Math.Min(_pauseLeft, rest.Length);
                rest[..quiet].Clear();
                _pauseLeft -= quiet;
                filled += quiet;
                continue;
            }
            int count = Math.Min(rest.Length, _samples.Length - _at);
            if (_fadeLeft > 0)
                count = Math.Min(count, _fadeLeft);
            _samples.Span.Slice(_at, count).CopyTo(rest);
            if (_fadeLeft > 0)
                Fade(rest[..count]);
            filled += count;
            _at += count;
            if (_at == _samples.Length)
                Repeat();
        }
        frame[filled..].Clear();
        return wasPlaying;
    }

    private void Fade(Span<short> samples)
    {
        foreach (ref short sample in samples)
            sample = (short)(sample * --_fadeLeft / _fade);
        IsPlaying = _fadeLeft > 0;
    }

    private void Repeat()
    {
        _at = 0;
        if (!_isEndless && --_timesLeft <= 0)
            IsPlaying = false;
        _pauseLeft = _pause;
        // What fades and ends by itself within is silent as well.
        if (_pause > 0 && _fadeLeft > 0)
            IsPlaying = false;
    }
}
