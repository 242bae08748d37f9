// What a frame of the sound card does: every call is heard in it, and every call hears it.
//
// note [one frame]
// First what is to be played is made, from what the calls have received and what is played beside them; then what was captured is cleaned of what was played a
// while ago, and given to the calls. Packets of it go out with the next PollTransmit.
using SipEmbedded.Audio;
using SipEmbedded.Memory;

namespace SipEmbedded.Voice;

public sealed partial class VoiceLayer
{
    private const string Frames = "voice frames";

    private readonly Mixer _mixer;
    private readonly PlayedSounds _sounds;
    private readonly short[] _far;
    private readonly short[] _work;
    private readonly short[] _voice;
    private readonly short[] _converted;
    private readonly EchoPath? _echo;
    private readonly Recorder? _recorder;

    /// <summary>
    /// A frame of <see cref="FrameSamples"/>: <paramref name="captured"/> is what the microphones took, <paramref name="played"/> what the loudspeakers are to play
    /// next. <paramref name="delay"/>: how many samples lie between the two, by the sound card's own count: what waits to be played, and what was captured and not
    /// taken yet.
    /// </summary>
    public void HandleSound(Instant now, ReadOnlySpan<short> captured, Span<short> played, int delay)
    {
        Settle(now);
        _mixer.Begin(FrameSamples);
        for (int i = 0; i < _sessions.Length; i++)
        {
            if (_sessions[i].Listen(now, _far))
                _mixer.Add(i, _far);
        }
        if (_sounds.AddTo(_mixer, _sessions.Length, _work))
            Tell(new() { Kind = VoiceEventKind.Played });
        _mixer.Finish(played);
        _echo?.Play(played);

        if (_echo is null)
            captured.CopyTo(_voice);
        else
            _echo.Clean(captured, delay, _voice);
        foreach (var session in _sessions)
            session.Speak(now, _voice);
        _recorder?.Write(_voice, played);
    }

    // ---- What is played ---------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Plays a prompt to a call's peer, or with session 0 at the loudspeaker, in place of the one that plays. <see cref="VoiceEventKind.Played"/> tells its end. False
    /// where there is no such session, or the prompt has another rate than <see cref="VoiceOptions.SampleRate"/>.
    /// </summary>
    public bool Play(ulong session, Prompt prompt, int times = 1, TimeSpan pause = default) =>
        TryFindSounds(session, out var sounds) && sounds.Play(prompt, times, pause);

    /// <summary>Plays a tone, as <see cref="Play(ulong, Prompt, int, TimeSpan)"/> plays a prompt, until it ends or is stopped.</summary>
    public bool Play(ulong session, in ToneCadence tone, double levelDbm0 = TonePlan.DefaultLevelDbm0)
    {
        if (!TryFindSounds(session, out var sounds))
            return false;
        sounds.Play(tone, levelDbm0);
        return true;
    }

    /// <summary>Ends what is played to a call's peer, or with session 0 at the loudspeaker.</summary>
    public void StopPlaying(ulong session)
    {
        if (TryFindSounds(session, out var sounds))
            sounds.Stop();
    }

    // What a session converts a packet into, on its way to the encoder.
    internal short[] Converted => _converted;

    internal void SetHearLevel(int slot, double decibels, bool isAtOnce) => _mixer.SetLevel(slot, decibels, isAtOnce);

    private bool TryFindSounds(ulong session, out PlayedSounds sounds)
    {
        sounds = _sounds;
        if (session == 0)
            return true;
        if (!TryFind(session, out var found))
            return false;
        sounds = found.Sounds;
        return true;
    }

    // ---- Echo -------------------------------------------------------------------------------------------------------------------

    /// <summary>What keeps the loudspeaker out of the microphone, with its figures; null without <see cref="VoiceOptions.Echo"/>. Reset it for another sound card.</summary>
    public EchoPath? Echo => _echo;

    // ---- Recording --------------------------------------------------------------------------------------------------------------

    /// <summary>What is said here and heard here, as blocks of a WAV file; null without <see cref="VoiceOptions.Recording"/>. Start and stop it at will.</summary>
    public Recorder? Recorder => _recorder;
}
