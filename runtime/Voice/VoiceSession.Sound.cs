// The part of a session that the sound card's clock drives: a frame of ours towards packets, a frame of the peer's out of the jitter buffer.
//
// note [packets of several frames]
// The sound card's frame is 10 ms, a packet's time a multiple of it. What is to be sent is collected at the layer's rate until a packet is full; then it is converted and
// encoded when the layer is asked for packets, straight into the caller's buffer. So an agreement in between, on another packet time or codec, loses nothing of what was
// collected. While nothing may be sent the timestamps go on (RFC 3550 §5.1).
//
// note [what comes and goes fades]
// Nothing begins or ends at a sample. At the loudspeaker a call on hold, a call that has ended and one that is not to be heard are a level that is gone to in the mixer; the
// jitter buffer is read all the while, so that its clock goes on. Towards the peer our voice is a level as well; a codec that follows another hears the frame before its first.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.Rtp;
using SipEmbedded.Sdp;

namespace SipEmbedded.Voice;

internal sealed partial class VoiceSession
{
    private const string Pool = "voice sessions";

    private const int FrameMs = 10;

    private const int FramesPerSecond = 1000 / FrameMs;

    // A packet of more would be a delay that nobody speaks through, and no Opus frame.
    private const int MostPacketMs = 60;

    /// <summary>Samples of a packet at the rate of the fastest coder.</summary>
    public const int MostPacketSamples = 48_000 / 1000 * MostPacketMs;

    // RFC 4733 §2.1: what telephone-event has had since there were telephones in the network.
    private const uint DefaultEventRate = 8_000;

    // L16: more would not fit into an Ethernet frame.
    private const int MostPlainPacketMs = 40;

    // What a peer is sent is a mix of our voice, of what it hears on hold, and of what is played to it.
    private const int VoiceSource = 0;
    private const int HoldSource = 1;
    private const int PlayedSource = 2;
    private const int Sources = PlayedSource + PlayedSounds.Sources;

    private enum Due : byte
    {
        Nothing,
        Sound,
        Key,
    }

    private readonly RateConverter?[] _toRate;

    // The frame before, then those that wait for a packet.
    private readonly short[] _collected;
    private readonly short[] _near;
    private readonly short[] _work;
    private readonly int _frameSamples;
    private readonly Mixer _mixer;
    private readonly PromptPlayer _holdPlayer;
    private readonly ToneDetector? _detector;

    private Due _due;
    private AudioCodec _spoken;
    private bool _hasSpoken;
    private bool _isHolding;
    private bool _fades;
    private int _filled;
    private uint _eventTime;
    private VoiceRoute _route;

    /// <summary>What the session plays to its peer beside our voice, or instead of it.</summary>
    public PlayedSounds Sounds { get; }

    /// <summary>The frame that the peer was sent last, at the layer's rate.</summary>
    public ReadOnlySpan<short> Spoken => _near;

    private bool CanSend => _audio.Direction.CanSend() && CanGoTo(_latch.Remote) && _encoders[(int)_audio.Codec] is not null;

    private TimeSpan PacketTime => TimeSpan.FromMilliseconds(PacketMs);

    // The peer's wish as far as the codec has such frames.
    private int PacketMs
    {
        get
        {
            int wanted = Math.Clamp(_audio.PacketTimeMs / FrameMs * FrameMs, FrameMs, MostPacketMs);
            // RFC 6716 §2.1.4: 10, 20, 40 and 60 ms.
            return _audio.Codec switch
            {
                AudioCodec.Opus when wanted is 30 or 50 => wanted - FrameMs,
                AudioCodec.L16 => Math.Min(wanted, MostPlainPacketMs),
                _ => wanted,
            };
        }
    }

    /// <summary>What of the session is joined to the sound card. <paramref name="isAtOnce"/>: before anything was heard.</summary>
    public void SetRoute(in VoiceRoute route, bool isAtOnce)
    {
        _route = route;
        _mixer.SetLevel(VoiceSource, route.Talks && !_isHolding ? route.TalkLevel : Mixer.Mute, isAtOnce);
        bool isHeard = route.Hears && (!_rtp.IsOpen || _audio.Direction.CanReceive());
        _layer.SetHearLevel(_slot, isHeard ? route.HearLevel : Mixer.Mute, isAtOnce);
    }

    // What goes on is left as it is: a coder begins anew only where it was another's turn.
    private void ApplySound(bool isHolding)
    {
        if (!_hasSpoken)
            _jitter.Reset(_options.SampleRate);
        if (!_hasSpoken || _spoken != _audio.Codec)
        {
            _spoken = _audio.Codec;
            _encoders[(int)_spoken]?.Reset();
            if (_toRate[(int)_spoken] is { } converter)
            {
                converter.Reset();
                converter.Convert(_collected.AsSpan(0, _frameSamples), _layer.Converted);
            }
        }
        bool isFirst = !_hasSpoken;
        _hasSpoken = true;
        if (isHolding != _isHolding)
            SetHolding(isHolding);
        SetRoute(_route, isFirst);
    }

    // The peer hears what is played on hold, or silence; the microphone is not for it.
    private void SetHolding(bool isHolding)
    {
        _isHolding = isHolding;
        if (!isHolding)
            _holdPlayer.Stop();
        else if (_options.Hold is { } prompt)
            _holdPlayer.Play(prompt.Samples, prompt.SampleRate, PromptPlayer.Endless);
    }

    private void CloseSound()
    {
        _layer.SetHearLevel(_slot, Mixer.Mute, isAtOnce: false);
        _hasSpoken = false;
        _isHolding = false;
        _due = Due.Nothing;
        _filled = 0;
        _eventTime = 0;
        _holdPlayer.Reset();
        _detector?.Reset();
        _near.AsSpan().Clear();
        _collected.AsSpan().Clear();
    }

    // ---- Ours -----------------------------------------------------------------------------------------------------------------------

    /// <summary>Takes a frame of our voice, at the layer's rate, and leaves what the peer is sent in <see cref="_near"/>.</summary>
    public void Speak(Instant now, ReadOnlySpan<short> voice)
    {
        if (!_rtp.IsOpen)
            return;
        if (!CanSend)
        {
            // Frames that were collected are not sent either.
            _rtp.Skip(_clockRate / FramesPerSecond * (uint)(1 + _filled / _frameSamples));
            _filled = 0;
            return;
        }
        var near = _near.AsSpan();
        var work = _work.AsSpan();
        _mixer.Begin(near.Length);
        _mixer.Add(VoiceSource, voice);
        if (_holdPlayer.Fill(work))
            _mixer.Add(HoldSource, work);
        if (Sounds.AddTo(_mixer, PlayedSource, work))
            Tell(new() { Kind = VoiceEventKind.Played });
        _mixer.Finish(near);
        // A packet that nobody has asked for is lost when there is no room for more.
        if (_frameSamples + _filled == _collected.Length)
        {
            PassPacket();
            _rtp.Skip(PacketUnits);
        }
        near.CopyTo(_collected.AsSpan(_frameSamples + _filled));
        _filled += near.Length;
        if (_filled < PacketSamples)
            return;
        _eventTime += EventUnits;
        bool isKey = _eventRate != 0 && _keySender.Advance(_eventTime, EventUnits);
        _due = isKey ? Due.Key : Due.Sound;
    }

    // At the layer's rate.
    private int PacketSamples => _frameSamples * PacketMs / FrameMs;

    // What a packet has taken is gone; its last frame stays in front of what waits.
    private void PassPacket()
    {
        int passed = PacketSamples;
        _collected.AsSpan(passed, _frameSamples + _filled - passed).CopyTo(_collected);
        _filled -= passed;
    }

    private uint PacketUnits => _clockRate / 1000 * (uint)PacketMs;

    // Events may have another rate than the codec (see the handler's note [clock rates of events]). They have a clock of their own, which moves with each packet that
    // could be sent; their durations are told in its units, their packets bear the stream's timestamps.
    private uint EventUnits => _eventRate / 1000 * (uint)PacketMs;

    private int WriteSound(Instant now, Span<byte> buffer)
    {
        // An agreement may have come in between.
        if (_filled < PacketSamples || !CanSend)
            _due = Due.Nothing;
        switch (_due)
        {
            case Due.Sound:
                int length = Encode(buffer[RtpPacket.HeaderOctets..]);
                // A packet time that was agreed in between may leave more than one packet.
                _due = _filled < PacketSamples ? Due.Nothing : Due.Sound;
                if (length > 0 && _rtp.TryBeginPacket(now, _audio.PayloadType, PacketUnits, length, buffer))
                    return RtpPacket.HeaderOctets + length;
                _rtp.Skip(PacketUnits);
                return 0;
            case Due.Key when _keySender.TryTake(buffer[RtpPacket.HeaderOctets..], out var key):
                // How long ago the key began is how far back its packets' timestamp lies.
                uint began = _rtp.Timestamp - (uint)((ulong)(_eventTime - key.Timestamp) * _clockRate / _eventRate);
                return _rtp.TryBeginEvent(_audio.EventPayloadType!.Value, began, key.IsMarked, key.Length, buffer) ? RtpPacket.HeaderOctets + key.Length : 0;
            case Due.Key:
                _due = Due.Nothing;
                PassPacket();
                _rtp.Skip(PacketUnits);
                return 0;
            default:
                return 0;
        }
    }

    private int Encode(Span<byte> payload)
    {
        ReadOnlySpan<short> sound = _collected.AsSpan(_frameSamples, PacketSamples);
        if (_toRate[(int)_spoken] is { } converter)
            sound = _layer.Converted.AsSpan(0, converter.Convert(sound, _layer.Converted));
        int length = _encoders[(int)_spoken]!.Encode(sound, payload);
        PassPacket();
        return length;
    }

    // ---- The peer's -----------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Gives the next frame of the peer's voice, at the layer's rate; see note [what comes and goes fades]. False, and nothing written, where there is no stream.
    /// </summary>
    public bool Listen(Instant now, Span<short> frame)
    {
        if (!_rtp.IsOpen)
        {
            bool fades = _fades;
            _fades = false;
            if (fades)
                _jitter.Read(now, frame);
            return fades;
        }
        _jitter.Read(now, frame);
        if (_detector is null || !_audio.Direction.CanReceive())
            return true;
        _detector.Listen(frame);
        while (_detector.TryTake(out var key))
            _keys.Take(now, key);
        TellKeys();
        return true;
    }
}
