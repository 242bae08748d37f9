// The voice of one call: its stream of packets both ways, and what stands between them and a frame of the sound card. VoiceSession.Sound.cs is the part that the
// sound card's clock drives.
//
// note [ports and streams]
// A session keeps its ports from its first description to its end, whatever becomes of the stream: an offer that one dialog of several has refused may be answered by
// another. A stream is open from the time that it was agreed until it is removed. Only an address of another kind takes another pair; then there are two until it is
// agreed which one is used.
//
// note [where a report goes]
// RTCP goes to where the peer's comes from, if that is the host that we hear; until some has come, to the signalled address. On one port (RFC 5761) it goes with RTP.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.Rtp;
using SipEmbedded.Sdp;
using SipEmbedded.Transport;

namespace SipEmbedded.Voice;

/// <summary>A slot of the layer's: one call's voice at a time.</summary>
internal sealed partial class VoiceSession
{
    private static readonly Instant s_atOnce = Instant.FromTicks(0);

    private readonly VoiceLayer _layer;
    private readonly VoiceOptions _options;
    private readonly JitterBuffer _jitter;
    private readonly IAudioEncoder?[] _encoders;
    private readonly IAudioDecoder?[] _decoders;
    private readonly KeySender _keySender;
    private readonly KeyReceiver _keyReceiver;
    private readonly KeyCollector _keys;
    private readonly byte[] _report;
    private readonly int _slot;

    private RtpSession _rtp;

    // What holds, and what will with the next input; see the layer's note [an agreement takes effect with the next input].
    private AgreedAudio _audio;
    private AgreedAudio _coming;
    private bool _isHoldComing;
    private bool _isChanged;
    private MediaLatch _latch;
    private IpEndpoint _control;
    private IpEndpoint _agreedControl;
    private uint _clockRate;
    private uint _eventRate;
    private int _reportOctets;
    private bool _wasHeard;
    private VoiceCounters.Session _counters;
    private VoiceFigures _last;

    [StartUp(Because = "a session is made before start")]
    public VoiceSession(StartGate gate, VoiceOptions options, VoiceLayer layer, int slot)
    {
        _layer = layer;
        _slot = slot;
        _options = options;
        _jitter = new(gate, options.Jitter);
        _encoders = [.. Enumerable.Repeat<IAudioEncoder?>(null, AudioCodecs.Count)];
        _decoders = [.. Enumerable.Repeat<IAudioDecoder?>(null, AudioCodecs.Count)];
        _toRate = [.. Enumerable.Repeat<RateConverter?>(null, AudioCodecs.Count)];
        foreach (var codec in options.Codecs)
        {
            int index = (int)codec.Codec;
            _encoders[index] = codec.CreateEncoder(gate);
            _decoders[index] = codec.CreateDecoder(gate);
            _toRate[index] = codec.SampleRate == options.SampleRate ? null : new(gate, Pool, options.SampleRate, codec.SampleRate);
        }
        _keySender = new(gate, new());
        _keyReceiver = new(gate, new());
        _keys = new(gate);
        _report = gate.Take<byte>(Pool, 1, RtcpSession.LongestPacketOctets);
        _frameSamples = options.SampleRate / FramesPerSecond;
        _collected = gate.Take<short>(Pool, 1, _frameSamples * (1 + MostPacketMs / FrameMs));
        _near = gate.Take<short>(Pool, 1, _frameSamples);
        _work = gate.Take<short>(Pool, 1, _frameSamples);
        _mixer = new(gate, Sources, options.SampleRate, _frameSamples);
        _holdPlayer = new(options.SampleRate);
        Sounds = new(gate, options.SampleRate);
        _detector = options.DetectsTones ? new(gate, options.SampleRate, new()) : null;
    }

    // What a codec's coders work with; 0 where there is none.
    private int RateOf(AudioCodec codec)
    {
        foreach (var known in _options.Codecs)
        {
            if (known.Codec == codec)
                return known.SampleRate;
        }
        return 0;
    }

    public bool IsTaken { get; private set; }

    /// <summary>The number of the session that has the slot, or had it last; 0 for none.</summary>
    public ulong Number { get; private set; }

    /// <summary>Where packets come and go.</summary>
    public int Pair { get; private set; }

    /// <summary>What descriptions name that are not agreed yet: another pair where our address is of another kind.</summary>
    public int NextPair { get; set; }

    /// <summary>The place of the stream among those of its session; what is told of any other is not ours.</summary>
    public int Stream { get; private set; }

    /// <summary>There is a stream, if only since a moment ago.</summary>
    public bool IsAgreed { get; private set; }

    public Instant NextDeadline => _isChanged ? s_atOnce : _rtp.IsOpen ? Instant.Earlier(_rtp.PollTimeout, _keyReceiver.NextDeadline) : Instant.Never;

    public void Take(ulong number, int pair)
    {
        IsTaken = true;
        Number = number;
        Pair = NextPair = pair;
        _last = default;
        _fades = false;
    }

    /// <summary>Takes effect with the next time that is handed in; see the layer's note [an agreement takes effect with the next input].</summary>
    public void Agree(int stream, in AgreedAudio audio, bool isHolding)
    {
        Stream = stream;
        _coming = audio;
        _isHoldComing = isHolding;
        _isChanged = true;
        IsAgreed = true;
    }

    /// <summary>The pair that was agreed on; the other one, if there was one, is the caller's.</summary>
    public void Use(int pair) => Pair = NextPair = pair;

    /// <summary>
    /// Ends the stream, and writes the BYE of RTCP that tells the peer so (RFC 3550 §6.6): its octets, or 0 where nothing is to be said or <paramref name="farewell"/> is
    /// too short for it. The session and its ports stay.
    /// </summary>
    public int Close(Instant now, Span<byte> farewell, out Flow flow)
    {
        flow = ControlFlow;
        int octets = 0;
        if (_rtp.IsOpen)
        {
            _last = Current;
            _fades = true;
            _rtp.Close();
            octets = CanGoTo(flow.Remote) ? _rtp.HandleTimeout(now, farewell) : 0;
        }
        IsAgreed = false;
        _isChanged = false;
        _wasHeard = false;
        _rtp = default;
        _audio = default;
        _latch = default;
        _control = default;
        _agreedControl = default;
        _reportOctets = 0;
        _counters = default;
        _eventRate = 0;
        _keys.Reset();
        CloseSound();
        return octets;
    }

    public void Free()
    {
        IsTaken = false;
        Sounds.Reset();
    }

    // ---- An agreement ---------------------------------------------------------------------------------------------------------------

    /// <summary>What was agreed of late holds from now on.</summary>
    public void Settle(Instant now)
    {
        if (_isChanged)
            Apply(now);
    }

    private void Apply(Instant now)
    {
        _isChanged = false;
        _audio = _coming;
        _clockRate = AudioCodecs.ClockRateOf(_audio.Codec);
        if (!_rtp.IsOpen)
        {
            _rtp.Open(now, _layer.Entropy, _clockRate, new()
            {
                WallClock = _options.WallClock, ReceiveTimeout = _options.SilenceLimit, AcceptsReflection = _options.AcceptsReflection,
            });
            _keyReceiver.Reset((int)DefaultEventRate);
        }
        else
        {
            _rtp.ChangeClockRate(now, _clockRate);
            _rtp.ExpectChange(now);
        }
        _rtp.ForgetPayloadTypes();
        for (int type = 0; type <= PayloadType.Largest; type++)
        {
            if (_audio.TryGetCodec((byte)type, out var codec))
                _rtp.Expect((byte)type, AudioCodecs.ClockRateOf(codec));
            else if (_audio.TryGetEvents((byte)type, out _))
                _rtp.Expect((byte)type, _clockRate);
        }
        _rtp.SetReceiving(now, _audio.Direction.CanReceive());
        _latch.Agree(now, _audio.Remote, _options.LatchWindow);
        if (_agreedControl != _audio.RemoteRtcp)
            _control = _agreedControl = _audio.RemoteRtcp;
        if (_eventRate != _audio.EventClockRate)
        {
            _eventRate = _audio.EventClockRate;
            if (_eventRate != 0)
                _keySender.Reset((int)_eventRate);
        }
        ApplySound(_isHoldComing);
    }

    // ---- What comes -----------------------------------------------------------------------------------------------------------------

    public void Receive(Instant now, in IpEndpoint source, bool isControlPort, ReadOnlySpan<byte> datagram)
    {
        // The peer may speak before its answer has come to us; nobody knows yet who it is.
        if (!_rtp.IsOpen)
        {
            _counters.Early++;
            return;
        }
        switch (RtpDemultiplexer.KindOf(datagram))
        {
            case MediaDatagramKind.Rtcp:
                ReceiveControl(now, source, datagram);
                break;
            case MediaDatagramKind.Rtp when !isControlPort:
                ReceiveSound(now, source, datagram);
                break;
            default:
                _counters.Unknown++;
                break;
        }
    }

    private void ReceiveControl(Instant now, in IpEndpoint source, ReadOnlySpan<byte> datagram)
    {
        if (!source.HasAddressOf(_latch.Remote) && !source.HasAddressOf(_agreedControl))
        {
            _counters.Foreign++;
            return;
        }
        _ = _rtp.ReceiveRtcp(now, datagram);
        _control = source;
        var peer = _rtp.Peer;
        if (peer.Reports > 0)
            _encoders[(int)_audio.Codec]?.ExpectLoss(peer.LossPercent);
    }

    private void ReceiveSound(Instant now, in IpEndpoint source, ReadOnlySpan<byte> datagram)
    {
        // Whom we hear is decided before the packet may change anything; what could not be the peer's does not decide it.
        if (RtpPacket.TryRead(datagram, out var packet) != RtpFault.None || !IsAgreedType(packet.Header.PayloadType))
        {
            _counters.Unknown++;
            return;
        }
        if (!_latch.TryHear(now, source, out bool isNew))
        {
            _counters.Foreign++;
            return;
        }
        if (isNew)
            _rtp.ExpectChange(now);
        var verdict = _rtp.ReceiveRtp(now, datagram, out packet);
        TellOf(now, _rtp.TakeEvents());
        if (!verdict.IsHeard())
            return;
        // The buffer takes a jump within a source for a stray packet, until the next one follows it.
        if (verdict == RtpVerdict.Started)
            _jitter.Restart();
        if (!_wasHeard)
            Tell(new() { Kind = VoiceEventKind.Heard });
        _wasHeard = true;
        if (_audio.TryGetEvents(packet.Header.PayloadType, out uint eventRate))
        {
            // Each event type has its own, and a key that is down may outlast an agreement.
            _keyReceiver.SetClockRate((int)eventRate);
            _keyReceiver.Receive(now, packet.Header, packet.Payload);
            CollectKeys(now);
        }
        // Whoever sends on while we hold it has lost nothing by that.
        if (eventRate != 0 || !_audio.Direction.CanReceive())
            _jitter.Skip(packet.Header);
        else if (_audio.TryGetCodec(packet.Header.PayloadType, out var codec) && _decoders[(int)codec] is { } decoder)
        {
            var put = _jitter.Put(now, packet.Header, packet.Payload, decoder, AudioCodecs.ClockRateOf(codec), RateOf(codec));
            if (put == JitterVerdict.Late)
                _rtp.NoteLate();
        }
    }

    private bool IsAgreedType(byte payloadType) => _audio.TryGetCodec(payloadType, out _) || _audio.TryGetEvents(payloadType, out _);

    // ---- Keys -----------------------------------------------------------------------------------------------------------------------

    public bool SendKey(byte key, TimeSpan duration)
    {
        if (!_rtp.IsOpen || !CanSend)
            return false;
        return _eventRate != 0 ? _keySender.TryBegin(key, duration) : Sounds.TryPlayKey(key, duration);
    }

    public void HearInfoKey(Instant now, byte key, TimeSpan duration)
    {
        _keys.TakeWhole(now, Audio.KeyMethod.Info, key, (uint)Math.Clamp(duration.TotalMilliseconds, 0, uint.MaxValue));
        TellKeys();
    }

    private void CollectKeys(Instant now)
    {
        while (_keyReceiver.TryTake(out var key))
            _keys.Take(now, key);
        TellKeys();
    }

    private void TellKeys()
    {
        while (_keys.TryTake(out var key))
        {
            Tell(new()
            {
                Kind = key.Kind == KeyEventKind.Pressed ? VoiceEventKind.KeyPressed : VoiceEventKind.KeyReleased,
                Key = key.Key, Method = key.Method, Duration = TimeSpan.FromMilliseconds(key.DurationMs),
            });
        }
    }

    // ---- Time, and what goes out ----------------------------------------------------------------------------------------------------

    public void HandleTimeout(Instant now)
    {
        Settle(now);
        if (!_rtp.IsOpen)
            return;
        if (_keyReceiver.NextDeadline <= now)
        {
            _keyReceiver.Tick(now);
            CollectKeys(now);
        }
        if (_rtp.PollTimeout <= now)
            _reportOctets = _rtp.HandleTimeout(now, _report);
        TellOf(now, _rtp.TakeEvents());
    }

    private void TellOf(Instant now, RtpEvents events)
    {
        if ((events & RtpEvents.ReceiveTimedOut) != 0)
        {
            _wasHeard = false;
            Tell(new() { Kind = VoiceEventKind.Silent, Duration = now - _rtp.LastReceived });
        }
    }

    private void Tell(VoiceEvent happened)
    {
        happened.Session = Number;
        _layer.Tell(happened);
    }

    /// <summary>The next packet of this session; false where there is none.</summary>
    public bool TryWrite(Instant now, Span<byte> buffer, out Transmit transmit)
    {
        transmit = default;
        if (_reportOctets > 0)
        {
            int octets = _reportOctets;
            _reportOctets = 0;
            _report.AsSpan(0, octets).CopyTo(buffer);
            var flow = ControlFlow;
            if (CanGoTo(flow.Remote))
            {
                transmit = new(TransmitKind.Datagram, flow, octets);
                return true;
            }
        }
        int length = WriteSound(now, buffer);
        if (length == 0)
            return false;
        transmit = new(TransmitKind.Datagram, SoundFlow, length);
        return true;
    }

    private Flow SoundFlow => new(Protocol.Rtp, _layer.RtpOf(Pair), _latch.Remote);

    private Flow ControlFlow
    {
        get
        {
            var rtp = _layer.RtpOf(Pair);
            return _audio.IsMultiplexed ? new(Protocol.Rtp, rtp, _latch.Remote) : new(Protocol.Rtp, rtp.WithPort((ushort)(rtp.Port + 1)), _control);
        }
    }

    private static bool CanGoTo(in IpEndpoint remote) => !remote.IsAny && remote.Port != 0;

    // ---- Figures --------------------------------------------------------------------------------------------------------------------

    /// <summary>Of the stream that there is, or that was last; before one was agreed, of what came too early.</summary>
    public VoiceFigures Figures => _rtp.IsOpen ? Current : _counters.Early > 0 ? new() { Early = _counters.Early } : _last;

    private VoiceFigures Current => new()
    {
        Codec = _audio.Codec,
        Direction = _audio.Direction,
        Remote = _latch.Remote,
        IsElsewhere = _latch.IsElsewhere,
        PacketsSent = _rtp.PacketsSent,
        Reception = _rtp.Reception,
        Peer = _rtp.Peer,
        Jitter = _jitter.Figures,
        Quality = _rtp.Quality(_jitter.Figures.CurrentDelay + PacketTime, ImpairmentOf(_audio.Codec)),
        Foreign = _counters.Foreign,
        Unknown = _counters.Unknown + _rtp.Malformed,
        Early = _counters.Early,
    };

    private static CodecImpairment ImpairmentOf(AudioCodec codec) => codec switch
    {
        AudioCodec.G722 => CodecImpairment.G722Concealed,
        AudioCodec.Opus => CodecImpairment.Opus,
        AudioCodec.L16 => CodecImpairment.L16Concealed,
        _ => CodecImpairment.G711Concealed,
    };
}
