// The voice of all calls: between the packets of each and one sound card.
//
//     sound card --> echo canceller --> route, level --> codec --> RTP --> network
//     sound card <-- mixer <-- route, level <-- jitter buffer, codec <-- RTP <-- network
//
// VoiceLayer.Sound.cs is what a frame of the sound card does; VoiceSession.cs what one call does with it. Read first: RFC 3550 §5, §6, RFC 3551 §4, RFC 4733 §2.
//
// note [whose clock]
// The sound card's clock drives everything that is heard: each of its frames takes what a session has to be played, and gives what a session has to send. A session
// that nobody's sound card drives sends nothing. The engine's own time drives only reports, ends of keys, and the silence of a peer.
//
// note [an agreement takes effect with the next input]
// What a handler of streams is told has no time with it, and comes in the middle of an input of the agent's. So an agreement is noted, PollTimeout asks to be called
// at once, and whatever input of the layer's is next lets it hold; the agent sees to that before its user hears of a call. A stream's end says BYE at the time that was
// known last, which is a frame ago at most while anything is open.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.Rtp;
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Voice;

/// <summary>
/// Stands behind an <see cref="AudioStreamHandler"/>: give it to the handler, and to the agent (<c>SipAgentOptions.Voice</c>), which drives it. A session's number is
/// its call's (<c>CallLayer.SessionOf</c>): the low 32 bits are a slot below <see cref="VoiceOptions.Sessions"/>.
/// </summary>
public sealed partial class VoiceLayer : IAudioMedia
{
    // A frame of the sound card: half of the shortest packet time that is usual.
    private const int FramesPerSecond = 100;

    // A session tells a few at once at most; what nobody polls for is dropped and counted.
    private const int EventsEach = 8;

    // Of sessions that ended: one RTCP packet each.
    private const int FarewellOctets = RtcpSession.LongestPacketOctets;

    private struct Farewell
    {
        public Flow Flow;
        public int Length;
    }

    private readonly Entropy _entropy;
    private readonly MediaPairs _pairs;
    private readonly VoiceSession[] _sessions;
    private readonly Ring<VoiceEvent> _events;
    private readonly Farewell[] _farewells;
    private readonly byte[] _farewellOctets;
    private int _farewellCount;
    private Instant _now;
    private int _next;

    public VoiceCounters Counters;

    [StartUp(Because = "a layer is made before start")]
    public VoiceLayer(StartGate gate, VoiceOptions options, IEntropySource entropy)
    {
        if (options.SampleRate is not (8_000 or 16_000 or 48_000))
            throw new ArgumentOutOfRangeException(nameof(options), options.SampleRate, "A sound card's frames have 8,000, 16,000 or 48,000 samples a second.");
        if (options.Hold is { } hold && hold.SampleRate != options.SampleRate)
            throw new ArgumentOutOfRangeException(nameof(options), hold.SampleRate, "What is played on hold has the rate of the sound card's frames.");
        _entropy = new(gate, entropy);
        _pairs = new(gate, options.Pairs);
        _events = new(gate, "voice events", options.Sessions * EventsEach);
        _farewells = gate.Take<Farewell>("voice farewells", options.Sessions);
        _farewellOctets = gate.Take<byte>("voice farewells", options.Sessions, FarewellOctets);
        _sessions = [.. Enumerable.Range(0, options.Sessions).Select(slot => new VoiceSession(gate, options, this, slot))];
        FrameSamples = options.SampleRate / FramesPerSecond;
        int period = FrameSamples;
        _mixer = new(gate, options.Sessions + PlayedSounds.Sources, options.SampleRate, period);
        _sounds = new(gate, options.SampleRate);
        _far = gate.Take<short>(Frames, 1, period);
        _work = gate.Take<short>(Frames, 1, period);
        _voice = gate.Take<short>(Frames, 1, period);
        _converted = gate.Take<short>(Frames, 1, VoiceSession.MostPacketSamples);
        _echo = options.Echo is { } echo ? new(gate, echo, options.SampleRate, period) : null;
        _recorder = options.Recording is { } recording ? new(gate, recording) : null;
    }

    /// <summary>Samples of a frame of <see cref="HandleSound"/>: 10 ms.</summary>
    public int FrameSamples { get; }

    /// <summary>Sessions that have ports, whether a stream is agreed or not.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (var session in _sessions)
                count += session.IsTaken ? 1 : 0;
            return count;
        }
    }

    // ---- Inputs -----------------------------------------------------------------------------------------------------------------

    /// <summary>A pair of ports is open; see <see cref="ISipEngine.HandleMediaPort"/>.</summary>
    public void HandleMediaPort(Instant now, in IpEndpoint rtp)
    {
        _now = now;
        if (!_pairs.TryAdd(rtp))
            Counters.PairsRefused++;
    }

    /// <summary>A packet came to a port of ours.</summary>
    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        _now = now;
        int slot = _pairs.SlotAt(flow.Local, out bool isControl);
        if (slot == MediaPairs.None)
        {
            Counters.Unexpected++;
            return;
        }
        _sessions[slot].Settle(now);
        _sessions[slot].Receive(now, flow.Remote, isControl, datagram);
    }

    /// <summary>What handlers were told of late holds from now on; see note [an agreement takes effect with the next input].</summary>
    public void Settle(Instant now)
    {
        _now = now;
        foreach (var session in _sessions)
            session.Settle(now);
    }

    /// <summary>The time of <see cref="PollTimeout"/> has come.</summary>
    public void HandleTimeout(Instant now)
    {
        _now = now;
        foreach (var session in _sessions)
        {
            if (session.NextDeadline <= now)
                session.HandleTimeout(now);
        }
    }

    public Instant PollTimeout()
    {
        var next = Instant.Never;
        foreach (var session in _sessions)
            next = Instant.Earlier(next, session.NextDeadline);
        return next;
    }

    // ---- Commands ---------------------------------------------------------------------------------------------------------------

    /// <summary>Joins a session to the sound card, or parts them. False where there is no such session.</summary>
    public bool SetRoute(ulong session, in VoiceRoute route)
    {
        if (!TryFind(session, out var found))
            return false;
        found.SetRoute(route, isAtOnce: false);
        return true;
    }

    /// <summary>
    /// Presses a key for the other end, as an event (RFC 4733) or, where the peer takes none, as a tone in the sound. False where the session sends nothing, or too
    /// many keys wait.
    /// </summary>
    public bool SendKey(ulong session, byte key, TimeSpan duration) => TryFind(session, out var found) && found.SendKey(key, duration);

    /// <summary>A key came by SIP INFO. It is told as any other, once, whatever other ways it comes by. False where there is no such session.</summary>
    public bool HearKey(Instant now, ulong session, byte key, TimeSpan duration)
    {
        if (!TryFind(session, out var found))
            return false;
        found.HearInfoKey(now, key, duration);
        return true;
    }

    /// <summary>What is known of a session's sound, also of one that has ended until its slot is another's; false where there is none.</summary>
    public bool TryGetFigures(ulong session, out VoiceFigures figures)
    {
        uint slot = (uint)session;
        figures = default;
        if (slot >= (uint)_sessions.Length || _sessions[slot].Number != session)
            return false;
        figures = _sessions[slot].Figures;
        return true;
    }

    // ---- Outputs ----------------------------------------------------------------------------------------------------------------

    /// <summary>The next packet to send; false where there is none.</summary>
    public bool PollTransmit(Span<byte> buffer, out Transmit transmit)
    {
        if (_farewellCount > 0)
        {
            ref readonly var last = ref _farewells[--_farewellCount];
            _farewellOctets.AsSpan(_farewellCount * FarewellOctets, last.Length).CopyTo(buffer);
            transmit = new(TransmitKind.Datagram, last.Flow, last.Length);
            return true;
        }
        // Round and round, so that none waits for the others' reports.
        for (int i = 0; i < _sessions.Length; i++)
        {
            var session = _sessions[_next];
            if (session.TryWrite(_now, buffer, out transmit))
                return true;
            _next = _next + 1 == _sessions.Length ? 0 : _next + 1;
        }
        transmit = default;
        return false;
    }

    /// <summary>What was heard; false where there is nothing more.</summary>
    public bool PollEvent(out VoiceEvent happened) => _events.TryTake(out happened);

    internal void Tell(in VoiceEvent happened)
    {
        if (!_events.TryAdd(happened))
            Counters.EventsDropped++;
    }

    // ---- What a handler of streams asks for ---------------------------------------------------------------------------------------

    public bool TryGetLocal(in StreamContext session, int stream, out IpEndpoint local)
    {
        local = default;
        uint slot = (uint)session.Session;
        if (slot >= (uint)_sessions.Length)
        {
            Counters.SessionsRefused++;
            return false;
        }
        var entry = _sessions[slot];
        if (entry.IsTaken && entry.Number != session.Session)
            Free(entry);
        if (!TryGetPair(entry, session, out int pair))
        {
            Counters.SessionsRefused++;
            return false;
        }
        local = session.Local.WithPort(_pairs.RtpOf(pair).Port);
        return true;
    }

    // See the session's note [ports and streams].
    private bool TryGetPair(VoiceSession entry, in StreamContext session, out int pair)
    {
        if (!entry.IsTaken)
        {
            if (!_pairs.TryTake(session.Local, (int)(uint)session.Session, out pair))
                return false;
            entry.Take(session.Session, pair);
            entry.SetRoute(new(), isAtOnce: true);
            return true;
        }
        pair = entry.Pair;
        if (_pairs.Serves(pair, session.Local))
            return true;
        if (entry.NextPair != entry.Pair)
        {
            pair = entry.NextPair;
            if (_pairs.Serves(pair, session.Local))
                return true;
            _pairs.Release(pair);
            entry.NextPair = entry.Pair;
        }
        if (!_pairs.TryTake(session.Local, (int)(uint)session.Session, out pair))
            return false;
        entry.NextPair = pair;
        return true;
    }

    public void Agreed(in StreamContext session, int stream, in AgreedAudio audio)
    {
        if (!TryFind(session.Session, out var entry))
            return;
        if (entry.NextPair != entry.Pair)
        {
            bool isMoved = !_pairs.Serves(entry.Pair, audio.Local);
            _pairs.Release(isMoved ? entry.Pair : entry.NextPair);
            entry.Use(isMoved ? entry.NextPair : entry.Pair);
        }
        // What we want says whether it is us who hold; what was agreed says as much of a peer that only listens.
        entry.Agree(stream, audio, isHolding: !session.Wanted.CanReceive());
    }

    public void Removed(in StreamContext session, int stream)
    {
        if (TryFind(session.Session, out var entry) && entry.IsAgreed && entry.Stream == stream)
            Close(entry);
    }

    /// <summary>Nothing: a session keeps its ports, since another dialog of its call may still answer.</summary>
    public void RolledBack(in StreamContext session)
    {
    }

    public void Ended(in StreamContext session)
    {
        if (TryFind(session.Session, out var entry))
            Free(entry);
    }

    public void WriteFigures(in StreamContext session, int stream, ref ByteWriter writer, scoped ReadOnlySpan<byte> indent)
    {
        if (TryGetFigures(session.Session, out var figures))
            figures.Write(ref writer, indent);
    }

    private void Close(VoiceSession entry)
    {
        bool hasRoom = _farewellCount < _farewells.Length;
        var octets = hasRoom ? _farewellOctets.AsSpan(_farewellCount * FarewellOctets, FarewellOctets) : default;
        int length = entry.Close(_now, octets, out var flow);
        if (length > 0)
            _farewells[_farewellCount++] = new() { Flow = flow, Length = length };
        else if (!hasRoom)
            Counters.FarewellsDropped++;
    }

    private void Free(VoiceSession entry)
    {
        Close(entry);
        _pairs.Release(entry.Pair);
        if (entry.NextPair != entry.Pair)
            _pairs.Release(entry.NextPair);
        entry.Free();
    }

    internal IpEndpoint RtpOf(int pair) => _pairs.RtpOf(pair);

    internal Entropy Entropy => _entropy;

    private bool TryFind(ulong number, out VoiceSession session)
    {
        uint slot = (uint)number;
        session = slot < (uint)_sessions.Length ? _sessions[slot] : _sessions[0];
        return slot < (uint)_sessions.Length && session.IsTaken && session.Number == number;
    }
}
