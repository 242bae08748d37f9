// What is played beside voices: a prompt and a tone, to one call's peer or at the loudspeaker.
using SipEmbedded.Audio;
using SipEmbedded.Memory;

namespace SipEmbedded.Voice;

/// <summary>A prompt, a tone and keys as tones, mixed into a frame.</summary>
internal sealed class PlayedSounds
{
    /// <summary>The sources of a mixer that it adds.</summary>
    public const int Sources = 3;

    // As many as the sender of events keeps.
    private const int MostKeys = 16;

    // What people's fingers leave between two keys, and all that a listener in the sound needs.
    private const int KeyPauseMs = 100;

    private const int DefaultKeyMs = 100;

    // A key that nobody releases ends by itself.
    private const int MostKeyMs = 5_000;

    private readonly record struct Key(byte Name, int DurationMs);

    private readonly PromptPlayer _prompt;
    private readonly ToneGenerator _tone;
    private readonly ToneGenerator _keyTone;
    private readonly Ring<Key> _keys;

    // What fades since it was stopped does not come to its end.
    private bool _isStopped;

    [StartUp(Because = "a pool is made before start")]
    public PlayedSounds(StartGate gate, int sampleRate)
    {
        _prompt = new(sampleRate);
        _tone = new(sampleRate);
        _keyTone = new(sampleRate);
        _keys = new(gate, "keys as tones", MostKeys);
    }

    public bool Play(Prompt prompt, int times, TimeSpan pause)
    {
        if (!_prompt.Play(prompt.Samples, prompt.SampleRate, times, pause))
            return false;
        _isStopped = false;
        return true;
    }

    public void Play(in ToneCadence tone, double levelDbm0) => _tone.Play(tone, levelDbm0);

    /// <summary>A key behind those that wait; false where it is none, or too many do.</summary>
    public bool TryPlayKey(byte key, TimeSpan duration)
    {
        if (!TonePlan.TryGetKey(key, DefaultKeyMs, KeyPauseMs, out _))
            return false;
        int milliseconds = duration <= TimeSpan.Zero ? DefaultKeyMs : (int)Math.Min(duration.TotalMilliseconds, MostKeyMs);
        return _keys.TryAdd(new(key, milliseconds));
    }

    public void Stop()
    {
        _isStopped = true;
        _prompt.Stop();
        _tone.Stop();
        _keyTone.Stop();
        ForgetKeys();
    }

    /// <summary>Another session begins: nothing of what is played is heard there.</summary>
    public void Reset()
    {
        _prompt.Reset();
        _tone.Reset();
        _keyTone.Reset();
        ForgetKeys();
    }

    private void ForgetKeys()
    {
        while (_keys.TryTake(out _))
        {
        }
    }

    /// <summary>Adds a frame of what is played, from the mixer's <paramref name="source"/> on. True where the prompt has just come to its end.</summary>
    public bool AddTo(Mixer mixer, int source, Span<short> work)
    {
        bool wasPlaying = _prompt.IsPlaying;
        if (wasPlaying && _prompt.Fill(work))
            mixer.Add(source, work);
        if (_tone.Fill(work))
            mixer.Add(source + 1, work);
        if (!_keyTone.IsPlaying && _keys.TryTake(out var key))
            _keyTone.PlayKey(key.Name, key.DurationMs, KeyPauseMs, TonePlan.DefaultLevelDbm0);
        if (_keyTone.Fill(work))
            mixer.Add(source + 2, work);
        return wasPlaying && !_prompt.IsPlaying && !_isStopped;
    }
}
