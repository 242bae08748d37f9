// The part of a session that the sound card's clock drives: a frame of ours towards packets, a frame of the peer's out of the jitter buffer.
//
// note [packets of several frames]
// The sound card's frame is 10 ms, a packet's time a multiple of it. What is to be sent is collected at the codec's rate until a packet is full; then it is
// written when the layer is asked for packets, straight into the caller's buffer. While nothing may be sent the timestamps go on (RFC 3550 §5.1).
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

    // The rate of the fastest coder.
    private const int MostSampleRate = 48_000;

    // RFC 4733 §2.1: what telephone-event has had since there were telephones in the network.
    private const uint DefaultEventRate = 8_000;

    // L16: more would not fit into an Ethernet frame.
    private const int MostPlainPacketMs = 40;

    // What a peer is sent is a mix of our voice and of what is played to it.
    private const int VoiceSource = 0;
    private const int Sources = VoiceSource + 1 + PlayedSounds.Sources;

    private enum Due : byte
    {
        Nothing,
        Sound,
        Key,
    }

    private readonly RateConverter?[] _toRate;
    private readonly short[] _outgoing;
    private readonly short[] _near;
    private readonly short[] _work;
    private readonly Mixer _mixer;
    private readonly ToneDetector? _detector;

    private Due _due;
    private AudioCodec _spoken;
    private bool _hasSpoken;
    private int _filled;
    private int _packetSamples;
    private uint _eventTime;

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

    /// <summary>How loud our voice is at the other end.</summary>
    public void SetTalkLevel(double decibels, bool isAtOnce) => _mixer.SetLevel(VoiceSource, decibels, isAtOnce);

    // Late re-negotiation leaves what goes on as it is: a coder begins anew only where it was another's turn.
    private void ApplySound()
    {
        if (!_hasSpoken)
            _jitter.Reset(_options.SampleRate);
        if (!_hasSpoken || _spoken != _audio.Codec)
        {
            _spoken = _audio.Codec;
            _encoders[(int)_spoken]?.Reset();
            _toRate[(int)_spoken]?.Reset();
            _filled = 0;
        }
        _hasSpoken = true;
        int samples = RateOf(_spoken) / 1000 * PacketMs;
        if (samples == _packetSamples)
            return;
        _packetSamples = samples;
        _filled = 0;
    }

    private void StopSound()
    {
        _hasSpoken = false;
        _due = Due.Nothing;
        _filled = _packetSamples = 0;
        _eventTime = 0;
        Sounds.Stop();
        _detector?.Reset();
        _near.AsSpan().Clear();
        foreach (var decoder in _decoders)
            decoder?.Reset();
    }

    // ---- Ours -----------------------------------------------------------------------------------------------------------------------

    /// <summary>Takes a frame of our voice, at the layer's rate, and leaves what the peer is sent in <see cref="_near"/>.</summary>
    public void Speak(Instant now, ReadOnlySpan<short> voice)
    {
        if (!_rtp.IsOpen)
            return;
        uint frameUnits = _clockRate / FramesPerSecond;
        if (!CanSend)
        {
            // Frames that were collected are not sent either.
            _rtp.Skip(frameUnits * (uint)(1 + (_packetSamples == 0 ? 0 : _filled * FramesPerSecond / RateOf(_spoken))));
            _filled = 0;
            return;
        }
        var near = _near.AsSpan();
        _mixer.Begin(near.Length);
        _mixer.Add(VoiceSource, voice);
        if (Sounds.AddTo(_mixer, VoiceSource + 1, _work.AsSpan()))
            Tell(new() { Kind = VoiceEventKind.Played });
        _mixer.Finish(near);
        var free = _outgoing.AsSpan(_filled);
        if (_toRate[(int)_spoken] is { } converter)
            _filled += converter.Convert(near, free);
        else
        {
            near.CopyTo(free);
            _filled += near.Length;
        }
        if (_filled < _packetSamples)
            return;
        _filled = 0;
        _eventTime += EventUnits;
        bool isKey = _eventRate != 0 && _keySender.Advance(_eventTime, EventUnits);
        _due = isKey ? Due.Key : Due.Sound;
    }

    private uint PacketUnits => _clockRate / 1000 * (uint)PacketMs;

    // Events may have another rate than the codec (see the handler's note [clock rates of events]). They have a clock of their own, which moves with each packet that
    // could be sent; their durations are told in its units, their packets bear the stream's timestamps.
    private uint EventUnits => _eventRate / 1000 * (uint)PacketMs;

    private int WriteSound(Instant now, Span<byte> buffer)
    {
        switch (_due)
        {
            case Due.Sound:
                _due = Due.Nothing;
                int length = _encoders[(int)_spoken]!.Encode(_outgoing.AsSpan(0, _packetSamples), buffer[RtpPacket.HeaderOctets..]);
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
                _rtp.Skip(PacketUnits);
                return 0;
            default:
                return 0;
        }
    }

    // ---- The peer's -----------------------------------------------------------------------------------------------------------------

    /// <summary>Gives the next frame of the peer's voice, at the layer's rate. False, and nothing written, where there is none to be heard.</summary>
    public bool Listen(Instant now, Span<short> frame)
    {
        if (!_rtp.IsOpen || !_audio.Direction.CanReceive())
            return false;
        _jitter.Read(now, frame);
        if (_detector is null)
            return true;
        _detector.Listen(frame);
        while (_detector.TryTake(out var key))
            _keys.Take(now, key);
        TellKeys();
        return true;
    }
}
