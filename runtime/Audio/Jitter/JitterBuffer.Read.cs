// Sound goes out: decoded, made up, stretched and shortened. See notes [the delay of sound] and [gaps] in JitterBuffer.cs.
using System.Numerics;
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

public sealed partial class JitterBuffer
{
    // What is produced at a time; longer reads are cut.
    private const int PieceMs = 20;

    // What is made up at a time: the least that every codec can conceal.
    private const int StepMs = 10;

    // After so much made-up sound what was heard before has faded, and what comes next may begin when it likes.
    private const int FreeAfterMs = 60;

    // The first of a gap is called concealed, the rest silence.
    private const int ConcealedMs = 100;

    // Decoders are asked for so long. Opus sends a word about its background every 400 ms in a pause, and makes noise of it in between (RFC 7587 §3.1.3).
    private const int ConcealLimitMs = 1000;

    // Comfort noise comes up between these points of a gap.
    private const int NoiseFromMs = 20, NoiseFullMs = 100;

    // A timestamp that is off by less is no pause.
    private const int LeastPauseMs = 2;

    // Above the target by more, and sound is shortened; below by more, and it is drawn out: that comes sooner, since what is too short is heard. The sum is more than
    // one step of 15 ms, or steps would follow each other back and forth.
    private const int ShortenAboveMs = 12, LengthenBelowMs = 4;

    // So far from the target any step will do. A delay that is too short is worse.
    private const int AnyStepAboveMs = 100, AnyStepBelowMs = 40;

    // The likeness that a step needs otherwise.
    private const float NeededLikeness = 0.9f;

    // After a step, and after one that was not found. In a hurry a fifth of the sound is left out or played twice.
    private const int StepPauseMs = 100, HurriedPauseMs = 30, RetryMs = 20, HurryMs = 40;

    // Quiet is what is no louder than so many times the background, or than so much.
    private const int QuietShare = 2, QuietLoudness = 16;

    // A converter's filter spans twice its delay, at 48 kHz when it goes to 8 kHz.
    private const int MostPrimeSamples = 2 * RateConverter.DelaySamples * 6;

    // The least of the last reads follows upwards in so long.
    private const int SmoothingMs = 160;

    private IAudioDecoder? _decoder;
    private int _decoderRate;
    private RateConverter? _converter;

    // Where the decoded sound ends in the medium; it goes on with made-up sound, of which so much counts and so much at the end is to spare.
    private long _place;
    private int _filled;
    private int _tail;

    // The lag as last seen, and the least of late; samples given away in all; samples until the next step may be.
    private long _current;
    private long _lag;
    private long _given;
    private int _pause;

    // The next packet may begin with any lag; begins at once; resets its decoder.
    private bool _isFree;
    private bool _isJump;
    private bool _isNewSource;

    // Something was played: since the last restart, and ever.
    private bool _hasPlayed;
    private bool _hasBegun;

    /// <summary>Fills all of <paramref name="samples"/>, of any length, for the sound card.</summary>
    public void Read(Instant now, Span<short> samples)
    {
        long time = SamplesAt(now);
        int most = SamplesOfMs(PieceMs);
        while (!samples.IsEmpty)
        {
            var piece = samples[..Math.Min(samples.Length, most)];
            Produce(time - samples.Length, piece);
            samples = samples[piece.Length..];
            _given += piece.Length;
        }
        _readDrift.Observe(time, time - _given);
    }

    // The lag of a sample at the piece's beginning is due minus its place; see the end of the read in JitterFigures.
    private void Produce(long due, Span<short> piece)
    {
        if (_hasBegun && _tail == 0 && _filled == 0)
            Follow(due, piece.Length);
        while (_sound.Count - _tail < piece.Length)
            Extend(due, piece.Length);
        _sound.Take(piece);
    }

    // By one frame, or by made-up sound.
    private void Extend(long due, int wanted)
    {
        int ready = _sound.Count - _tail, missing = wanted - ready;
        if (_waiting != 0)
        {
            int ahead = FirstAhead();
            ref var packet = ref _packets[(_next + ahead) % Slots];
            long time = due + ready, hold = HoldOf(packet, ahead, time);
            if (hold <= 0)
            {
                Play(ref packet, ahead, time);
                return;
            }
            if (CanRecover(packet, ahead))
            {
                if (hold <= packet.Duration)
                {
                    Recover(ref packet, ahead, (int)hold);
                    return;
                }
                hold -= packet.Duration;
            }
            missing = (int)Math.Min(missing, hold);
        }
        MakeUp(missing);
    }

    // For how many samples the first packet has to wait.
    private long HoldOf(in Packet packet, int ahead, long time)
    {
        if (_isJump)
            return 0;
        long gap = packet.Place - _place;
        bool isPause = gap > SamplesOfMs(LeastPauseMs);
        bool isNext = (_skipped & BitsFrom(_next, ahead)) == BitsFrom(_next, ahead);
        if (_filled == 0 && isNext && !isPause && !_isFree)
            return 0;
        bool isFree = _isFree || _filled >= SamplesOfMs(FreeAfterMs) || isNext && isPause;
        return isFree ? _target.Wanted - (time - packet.Place) : gap - _filled;
    }

    // ---- Decoding ---------------------------------------------------------------------------------------------------------------

    private void Play(ref Packet packet, int ahead, long time)
    {
        int slot = (_next + ahead) % Slots;
        bool isOther = _isNewSource || !IsDecoderOf(packet);
        bool isJoint = isOther || _isJump || _filled > 0 || _tail > 0;
        int overlap = TimeScale.Overlap(_sampleRate);
        // By the decoder that was heard last: afterwards it would go on from the new frame.
        if (isJoint)
            MakeSpare(overlap);
        if (isOther)
            Engage(packet);
        _figures.Lost += ahead - BitOperations.PopCount(_skipped & BitsFrom(_next, ahead));
        int count = packet.Decoder.Decode(_octets.AsSpan(slot * PacketOctets, packet.Octets), _decoded);
        Pass(ahead);
        if (count == 0)
        {
            _figures.Broken++;
            return;
        }
        if (isOther)
            Prime(count);
        var frame = Convert(count);
        Append(frame, isJoint ? overlap : 0);
        _noise.Observe(TimeScale.Loudness(frame));
        _figures.PlayedSamples += frame.Length;
        if (isJoint)
            _lag = time - packet.Place;
        _place = packet.Place + frame.Length;
        _hasBegun = _hasPlayed = true;
        _isFree = _isJump = false;
    }

    private void Engage(in Packet packet)
    {
        packet.Decoder.Reset();
        _decoder = packet.Decoder;
        _decoderRate = packet.DecoderRate;
        _converter = _converters.Find(packet.DecoderRate, _sampleRate);
        _converter?.Reset();
        _isNewSource = false;
    }

    private bool IsDecoderOf(in Packet packet) => packet.Decoder == _decoder && packet.DecoderRate == _decoderRate;

    // A converter comes up from silence, in the middle of a fade perhaps. It hears the frame's beginning backwards first.
    private void Prime(int count)
    {
        if (_converter is null)
            return;
        Span<short> before = stackalloc short[Math.Min(count, MostPrimeSamples)];
        _decoded.AsSpan(0, before.Length).CopyTo(before);
        before.Reverse();
        _converter.Convert(before, _converted);
    }

    private bool CanRecover(in Packet packet, int ahead) =>
        ahead > 0 && !packet.IsRecoveryTried && !_isFree && IsDecoderOf(packet) && (_skipped & BitOf((ushort)(_next + ahead - 1))) == 0;

    // The frame in front of a packet, or its end where some has been made up already.
    private void Recover(ref Packet packet, int ahead, int wanted)
    {
        packet.IsRecoveryTried = true;
        int slot = (_next + ahead) % Slots, overlap = TimeScale.Overlap(_sampleRate);
        bool isJoint = _filled > 0 || _tail > 0;
        if (isJoint)
            MakeSpare(overlap);
        if (!packet.Decoder.TryRecover(_octets.AsSpan(slot * PacketOctets, packet.Octets), _decoded.AsSpan(0, packet.Samples)))
            return;
        var frame = Convert(packet.Samples);
        Append(frame[Math.Max(0, frame.Length - wanted)..], isJoint ? overlap : 0);
        _figures.Recovered++;
        _place = packet.Place;
    }

    // The first samples that were decoded, at the rate that is played out.
    private ReadOnlySpan<short> Convert(int count)
    {
        if (_converter is null)
            return _decoded.AsSpan(0, count);
        return _converted.AsSpan(0, _converter.Convert(_decoded.AsSpan(0, count), _converted));
    }

    // Behind what counts; what is to spare is faded into it.
    private void Append(ReadOnlySpan<short> frame, int overlap)
    {
        _sound.Trim(_sound.Count - _tail + overlap);
        _sound.Join(frame, overlap);
        _tail = _filled = 0;
    }

    // ---- Making up --------------------------------------------------------------------------------------------------------------

    private void MakeUp(int count)
    {
        MakeSpare(count);
        int concealed = _hasBegun ? Math.Clamp(SamplesOfMs(ConcealedMs) - _filled, 0, count) : 0;
        _figures.ConcealedSamples += concealed;
        _figures.SilentSamples += count - concealed;
        _tail -= count;
        // A silence may last for days.
        _filled = Math.Min(_filled + count, SamplesOfMs(ConcealLimitMs));
    }

    private void MakeSpare(int count)
    {
        while (_tail < count)
            MakeStep();
    }

    private void MakeStep()
    {
        int made = _filled + _tail, from = NoiseShareAt(made);
        Span<short> step;
        if (_decoder is null || made >= SamplesOfMs(ConcealLimitMs))
        {
            step = _sound.Add(SamplesOfMs(StepMs));
            step.Clear();
        }
        else
        {
            int count = _decoderRate / 1000 * StepMs;
            _decoder.Conceal(_decoded.AsSpan(0, count));
            var sound = Convert(count);
            step = _sound.Add(sound.Length);
            sound.CopyTo(step);
        }
        _tail += step.Length;
        if (_options.HasComfortNoise && _hasBegun)
            _noise.AddTo(step, from, NoiseShareAt(made + step.Length));
    }

    private int NoiseShareAt(int made) => Math.Clamp((made - SamplesOfMs(NoiseFromMs)) * 256 / SamplesOfMs(NoiseFullMs - NoiseFromMs), 0, 256);

    // ---- Following the target ---------------------------------------------------------------------------------------------------

    private void Follow(long due, int length)
    {
        _current = due - (_place - _sound.Count);
        _lag = _current < _lag ? _current : _lag + (_current - _lag) * length / SamplesOfMs(SmoothingMs);
        _pause -= length;
        if (_pause > 0)
            return;
        _pause = 0;
        long off = _lag - _target.Wanted;
        if (off > SamplesOfMs(ShortenAboveMs))
            Shorten(due, off);
        else if (off < -SamplesOfMs(LengthenBelowMs))
            Lengthen(due, -off);
    }

    private void Shorten(long due, long off)
    {
        int overlap = TimeScale.Overlap(_sampleRate);
        DecodeUntil(TimeScale.MostLag(_sampleRate) + overlap, due);
        int lag = FindStep(isForward: true, NeededFor(off, ShortenAboveMs, AnyStepAboveMs));
        _pause = PauseAfter(lag, off);
        if (lag == 0)
            return;
        _sound.LeaveOut(lag, overlap);
        _lag -= lag;
        _figures.Accelerations++;
        _figures.AcceleratedSamples += lag;
    }

    private void Lengthen(long due, long off)
    {
        int overlap = TimeScale.Overlap(_sampleRate);
        DecodeUntil(overlap, due);
        int lag = FindStep(isForward: false, NeededFor(off, LengthenBelowMs, AnyStepBelowMs));
        _pause = PauseAfter(lag, off);
        if (lag == 0)
            return;
        _sound.Repeat(lag, overlap);
        _lag += lag;
        _figures.Expansions++;
        _figures.ExpandedSamples += lag;
    }

    // 0 where there is none.
    private int FindStep(bool isForward, float needed)
    {
        var sound = _sound.Around(out int now);
        if (sound.Length - now < TimeScale.Overlap(_sampleRate))
            return 0;
        int lag = TimeScale.FindLag(sound, now, _sampleRate, isForward, sound.Length, out float likeness);
        if (lag == 0 || likeness >= needed)
            return lag;
        var touched = isForward ? sound[now..] : sound[(now - lag)..];
        return TimeScale.Loudness(touched) <= Math.Max(QuietShare * _noise.Background, QuietLoudness) ? lag : 0;
    }

    private float NeededFor(long off, int fromMs, int untilMs) =>
        NeededLikeness * Math.Clamp(1 - (float)(off - SamplesOfMs(fromMs)) / SamplesOfMs(untilMs - fromMs), 0, 1);

    private int PauseAfter(int lag, long off) => SamplesOfMs(lag == 0 ? RetryMs : off > SamplesOfMs(HurryMs) ? HurriedPauseMs : StepPauseMs);

    // Only what follows without a gap.
    private void DecodeUntil(int count, long due)
    {
        while (_sound.Count < count && _waiting != 0 && FirstAhead() == 0)
        {
            ref var packet = ref _packets[_next % Slots];
            if (!IsDecoderOf(packet) || _isNewSource || _isJump || HoldOf(packet, 0, due + _sound.Count) > 0)
                return;
            Play(ref packet, 0, due + _sound.Count);
        }
    }
}
