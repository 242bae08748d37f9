// One stream of a call: what is sent, what is heard, and the reports about both (RFC 3550). Octets and time in, octets and verdicts out; the sockets, the
// addresses that may send to us (symmetric RTP, RFC 4961) and the protection (RFC 3711) are others' affair.
//
// note [our own identifier comes back]
// RFC 3550 §8.2 tells a collision from a loop by addresses, which this floor does not know. So the first packet that bears our identifier makes us take
// another, with a BYE for the old; what bears the old or the new one after that is our own, looped, and dropped. More than one collision in a call of two
// is too unlikely to care for, and no number of forged packets makes us change again.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SipEmbedded.Memory;

namespace SipEmbedded.Rtp;

/// <summary>What a session is opened with.</summary>
public readonly record struct RtpSessionOptions
{
    /// <summary>How far the clock of the instants lies behind 1 January 1900 (<see cref="NtpTime.At"/>); zero is legal.</summary>
    public TimeSpan WallClock { get; init; }

    /// <summary>How long nothing may be heard while receiving is agreed; zero: for ever.</summary>
    public TimeSpan ReceiveTimeout { get; init; }

    /// <summary>
    /// A leniency for peers that send our own packets back to be heard (echo tests that reflect datagrams): what bears our identifier is taken as the
    /// peer's, instead of RFC 3550 §8.2.
    /// </summary>
    public bool AcceptsReflection { get; init; }
}

/// <summary>What happened in a session beside verdicts.</summary>
[Flags]
public enum RtpEvents : byte
{
    None = 0,

    /// <summary>Nothing was heard for <see cref="RtpSessionOptions.ReceiveTimeout"/> while receiving is agreed. Told once until something is heard.</summary>
    ReceiveTimedOut = 1,

    /// <summary>Something was heard after all.</summary>
    ReceiveResumed = 2,

    /// <summary>The peer's source said that it leaves (RFC 3550 §6.6). The call is ended by signalling, not by this.</summary>
    PeerLeft = 4,

    /// <summary>Our source has changed; see note [our own identifier comes back]. Who protects packets needs to know.</summary>
    OwnSourceChanged = 8,
}

/// <summary>
/// A stream, a value: <see cref="Open"/>, <see cref="Expect"/> for each payload type that was agreed, then packets both ways, <see cref="HandleTimeout"/> when
/// <see cref="PollTimeout"/> has come, and <see cref="Close"/>. After a new offer and answer: <see cref="ForgetPayloadTypes"/>, <see cref="Expect"/> and
/// <see cref="ExpectChange"/>. Time never goes back.
/// </summary>
public struct RtpSession
{
    private RtpSender _sender;
    private RtpReceiver _receiver;
    private RtcpSession _rtcp;
    private PayloadTypes _payloadTypes;
    private Entropy? _entropy;
    private TimeSpan _receiveTimeout;
    private Instant _quietSince;
    private bool _isReceiving;
    private bool _hasTimedOut;
    private bool _acceptsReflection;
    private bool _hasCollided;
    private uint _oldSource;
    private RtpEvents _events;

    // Clock rates by payload type; 0 for what is not agreed.
    [InlineArray(PayloadTypeCount)]
    private struct PayloadTypes
    {
        private uint _first;
    }

    private const int PayloadTypeCount = 128;

    public readonly bool IsOpen => _entropy is not null;

    /// <summary>Our source (SSRC).</summary>
    public readonly uint Source => _sender.Source;

    /// <summary>The peer's source; 0 while none is heard.</summary>
    public readonly uint PeerSource => _receiver.Source;

    /// <summary>The timestamp of the next packet of sound, and that of an event that begins now.</summary>
    public readonly uint Timestamp => _sender.Timestamp;

    /// <summary>When something was last heard; the opening before that.</summary>
    public Instant LastReceived { get; private set; }

    public readonly long PacketsSent => _sender.TotalPackets;

    /// <summary>Datagrams that were no RTP.</summary>
    public long Malformed { get; private set; }

    /// <summary>Packets that bore our own identifier.</summary>
    public long OwnSources { get; private set; }

    public readonly ReceptionFigures Reception => _receiver.Figures;

    /// <summary>Jitter now, without what <see cref="Reception"/> costs to add up.</summary>
    public readonly TimeSpan Jitter => _receiver.Jitter;

    /// <summary>What the peer's reports say.</summary>
    public readonly RtcpPeerFigures Peer => _rtcp.Peer;

    public readonly long ReportsSent => _rtcp.Sent;

    public readonly long ReportsReceived => _rtcp.Received;

    public readonly long MalformedReports => _rtcp.Malformed;

    /// <summary>Our canonical name (RFC 7022).</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> CanonicalName => _rtcp.CanonicalName;

    /// <summary>Begins, with what is sent at <paramref name="clockRate"/> units a second. Everything that was before is forgotten.</summary>
    public void Open(Instant now, Entropy entropy, uint clockRate, in RtpSessionOptions options)
    {
        this = default;
        _entropy = entropy;
        _receiveTimeout = options.ReceiveTimeout;
        _acceptsReflection = options.AcceptsReflection;
        LastReceived = now;
        _quietSince = now;
        _sender.Open(now, entropy, clockRate);
        _rtcp.Open(now, entropy, options.WallClock);
    }

    /// <summary>Nothing more is sent or heard, but for a BYE that is due at once where anything was sent.</summary>
    public void Close()
    {
        _entropy = null;
        _isReceiving = false;
        _rtcp.Leave(_sender);
    }

    /// <summary>A payload type that we said we receive, and its clock rate. Of a type above 127 nothing is kept.</summary>
    public void Expect(byte payloadType, uint clockRate)
    {
        if (payloadType < PayloadTypeCount)
            _payloadTypes[payloadType] = clockRate;
    }

    /// <summary>Nothing is agreed any more, until it is expected anew.</summary>
    public void ForgetPayloadTypes() => _payloadTypes = default;

    /// <summary>Signalling has said that the peer may begin anew: its next source, or a sequence from anywhere, is heard from the first packet on.</summary>
    public void ExpectChange(Instant now) => _receiver.ExpectChange(now);

    /// <summary>Whether receiving is agreed: the timeout runs from now on, or no more.</summary>
    public void SetReceiving(Instant now, bool isReceiving)
    {
        if (isReceiving && !_isReceiving)
            _quietSince = now;
        _isReceiving = isReceiving && IsOpen;
        _hasTimedOut &= _isReceiving;
    }

    /// <summary>Another rate of what we send; see note [a change of clock rate is a new source].</summary>
    public void ChangeClockRate(Instant now, uint clockRate)
    {
        if (_entropy is { } entropy)
            _sender.ChangeClockRate(now, entropy, clockRate);
    }

    /// <summary>
    /// Writes the header of the next packet of sound, <paramref name="units"/> clock units that begin now; <paramref name="payloadOctets"/> of payload
    /// stand or will stand behind it. The packet counts as sent. False where the session is closed or <paramref name="buffer"/> is too small for both: then
    /// nothing has changed.
    /// </summary>
    public bool TryBeginPacket(Instant now, byte payloadType, uint units, int payloadOctets, Span<byte> buffer)
    {
        if (!HasRoom(payloadOctets, buffer))
            return false;
        RtpPacket.Write(buffer, _sender.Next(now, payloadType, units, payloadOctets));
        return true;
    }

    /// <summary>
    /// Writes the header of a packet of an event that began at <paramref name="timestamp"/> (RFC 4733 §2.2); marked is the first. The timestamp of sound
    /// does not move: <see cref="Skip"/> the frames that it takes the place of. False as for <see cref="TryBeginPacket"/>.
    /// </summary>
    public bool TryBeginEvent(byte payloadType, uint timestamp, bool isMarked, int payloadOctets, Span<byte> buffer)
    {
        if (!HasRoom(payloadOctets, buffer))
            return false;
        RtpPacket.Write(buffer, _sender.NextAt(payloadType, timestamp, isMarked, payloadOctets));
        return true;
    }

    private readonly bool HasRoom(int payloadOctets, ReadOnlySpan<byte> buffer) =>
        IsOpen && payloadOctets >= 0 && buffer.Length - RtpPacket.HeaderOctets >= payloadOctets;

    /// <summary>A frame that is not sent; see note [the sender's clock].</summary>
    public void Skip(uint units) => _sender.Skip(units);

    /// <summary>Sending goes on after a time in which no frames were counted, a hold for one; see note [the sender's clock].</summary>
    public void CatchUp(Instant now) => _sender.CatchUp(now);

    /// <summary>
    /// Takes a datagram from an address that is the peer's. With <see cref="RtpVerdict.Malformed"/> and <see cref="RtpVerdict.Closed"/> <paramref
    /// name="packet"/> is empty; with any other it can be read, and <see cref="RtpVerdicts.IsHeard"/> says whether it should be.
    /// </summary>
    public RtpVerdict ReceiveRtp(Instant now, ReadOnlySpan<byte> datagram, out RtpPacket packet)
    {
        packet = default;
        if (!IsOpen)
            return RtpVerdict.Closed;
        if (RtpPacket.TryRead(datagram, out packet) != RtpFault.None)
        {
            Malformed++;
            return RtpVerdict.Malformed;
        }
        if (IsOwn(packet))
        {
            OwnSources++;
            Collide();
            return RtpVerdict.OwnSource;
        }
        var verdict = _receiver.Receive(now, packet.Header, _payloadTypes[packet.Header.PayloadType]);
        if (verdict.IsHeard())
        {
            LastReceived = now;
            _quietSince = now;
            if (_hasTimedOut)
                _events |= RtpEvents.ReceiveResumed;
            _hasTimedOut = false;
        }
        return verdict;
    }

    private readonly bool IsOwn(in RtpPacket packet) =>
        !_acceptsReflection && (packet.ComesFrom(_sender.Source) || _hasCollided && packet.ComesFrom(_oldSource));

    // See note [our own identifier comes back].
    private void Collide()
    {
        if (_hasCollided || _entropy is not { } entropy)
            return;
        _hasCollided = true;
        _oldSource = _sender.Source;
        _sender.ChangeSource(entropy, _receiver.Source);
        _events |= RtpEvents.OwnSourceChanged;
        if (_sender.TotalPackets > 0 || _rtcp.Sent > 0)
            _rtcp.Forsake(_oldSource);
    }

    /// <summary>The jitter buffer had no use for a packet that was to be heard: its time had passed.</summary>
    public void NoteLate() => _receiver.NoteLate();

    /// <summary>Takes a datagram of RTCP from an address that is the peer's, on its own port or on one for both (<see cref="RtpDemultiplexer"/>).</summary>
    public RtcpVerdict ReceiveRtcp(Instant now, ReadOnlySpan<byte> datagram)
    {
        if (!IsOpen)
            return RtcpVerdict.Closed;
        var verdict = _rtcp.Receive(now, datagram, _sender, ref _receiver);
        if (verdict == RtcpVerdict.PeerLeft)
            _events |= RtpEvents.PeerLeft;
        if (verdict == RtcpVerdict.OwnSource && !_acceptsReflection)
            Collide();
        return verdict;
    }

    /// <summary>When <see cref="HandleTimeout"/> is due.</summary>
    public readonly Instant PollTimeout => Instant.Earlier(_rtcp.PollTimeout, QuietUntil);

    private readonly Instant QuietUntil =>
        _isReceiving && !_hasTimedOut && _receiveTimeout > TimeSpan.Zero ? _quietSince + _receiveTimeout : Instant.Never;

    /// <summary>
    /// Does what is due: the receive timeout, and RTCP. The octets of RTCP that were written, to be sent to the peer; 0 for none. <paramref name="buffer"/>
    /// holds at least <see cref="RtcpSession.LongestPacketOctets"/>.
    /// </summary>
    public int HandleTimeout(Instant now, Span<byte> buffer)
    {
        if (now >= QuietUntil)
        {
            _hasTimedOut = true;
            _events |= RtpEvents.ReceiveTimedOut;
        }
        return _rtcp.HandleTimeout(now, _sender, ref _receiver, buffer);
    }

    /// <summary>What happened since this was last asked.</summary>
    public RtpEvents TakeEvents()
    {
        var events = _events;
        _events = RtpEvents.None;
        return events;
    }

    /// <summary>
    /// How the call sounds here, by what came in so far: <paramref name="bufferDelay"/> is what the codec, the jitter buffer and the sound card add to half
    /// the round trip.
    /// </summary>
    public readonly CallQuality Quality(TimeSpan bufferDelay, in CodecImpairment codec)
    {
        var figures = Reception;
        var delay = (Peer.RoundTrip ?? TimeSpan.Zero) / 2 + bufferDelay;
        return CallQuality.Estimate(delay, figures.LossRatio, figures.BurstRatio, codec);
    }
}
