// What we send in one stream: source, sequence and timestamp of each packet (RFC 3550 §5.1), and the counts of sender reports (§6.4.1).
//
// note [the sender's clock]
// The timestamp counts sampling instants, sent or not: silence, hold and a re-INVITE in the middle leave it going (RFC 3550 §5.1, RFC 3551 §4.1), the
// sequence does not move meanwhile. Who goes on ticking skips the units of each frame that is not sent; who stops ticking asks to catch up by the clock.
// Either way the next packet opens a talkspurt and is marked.
//
// note [a change of clock rate is a new source]
// Units of two sizes under one source make jitter and the pair of times in a sender report ambiguous for the peer. So another rate takes a new SSRC, as RFC
// 7160 §4 recommends, with counts from 0; a change of payload type at one rate keeps it. No BYE goes out for the old source: to a peer that tells us by
// address alone it would say that we have left.
using SipEmbedded.Memory;

namespace SipEmbedded.Rtp;

/// <summary>
/// The sending side of a stream, a value. <see cref="Open"/> first; then <see cref="Next"/> for each packet of sound in its order, <see cref="Skip"/> for each
/// frame that is not sent. See note [the sender's clock].
/// </summary>
public struct RtpSender
{
    private ushort _sequence;
    private bool _opensTalkspurt;
    private Instant _lastAt;
    private uint _lastTimestamp;

    /// <summary>Our synchronization source (SSRC).</summary>
    public uint Source { get; private set; }

    /// <summary>Units a second of the timestamps.</summary>
    public uint ClockRate { get; private set; }

    /// <summary>The timestamp of the next packet of sound.</summary>
    public uint Timestamp { get; private set; }

    /// <summary>Packets sent from this source, modulo 2^32 as reports carry it.</summary>
    public uint Packets { get; private set; }

    /// <summary>Octets of payload sent from this source, modulo 2^32.</summary>
    public uint Octets { get; private set; }

    /// <summary>Packets sent since the session was opened, from whatever source.</summary>
    public long TotalPackets { get; private set; }

    /// <summary>
    /// Begins: source, sequence and timestamp are drawn (RFC 3550 §5.1). The sequence begins in the lower half of its range, so that the first packets'
    /// loss cannot hide a wrap from a peer that counts them for SRTP (RFC 3711 §3.3.1).
    /// </summary>
    public void Open(Instant now, Entropy entropy, uint clockRate)
    {
        ulong drawn = entropy.Next();
        this = default;
        Source = (uint)drawn;
        _sequence = (ushort)(drawn >> 32 & 0x7FFF);
        Timestamp = (uint)entropy.Next();
        ClockRate = clockRate;
        _opensTalkspurt = true;
        _lastAt = now;
        _lastTimestamp = Timestamp;
    }

    /// <summary>
    /// The header of the next packet: sound of <paramref name="units"/> clock units that begins now, in <paramref name="payloadOctets"/> octets. It counts
    /// as sent.
    /// </summary>
    public RtpHeader Next(Instant now, byte payloadType, uint units, int payloadOctets)
    {
        var header = Header(payloadType, Timestamp, _opensTalkspurt, payloadOctets);
        _opensTalkspurt = false;
        _lastAt = now;
        _lastTimestamp = Timestamp;
        Timestamp += units;
        return header;
    }

    /// <summary>
    /// The header of a packet that is not the stream's next sound: an event's, whose packets all carry the timestamp of its beginning (RFC 4733 §2.2). The
    /// timestamp does not move; the frames that the event takes the place of are skipped.
    /// </summary>
    public RtpHeader NextAt(byte payloadType, uint timestamp, bool isMarked, int payloadOctets) => Header(payloadType, timestamp, isMarked, payloadOctets);

    /// <summary>Time that passes without a packet: silence, hold, an event. The next packet of sound opens a talkspurt.</summary>
    public void Skip(uint units)
    {
        Timestamp += units;
        _opensTalkspurt = true;
    }

    /// <summary>
    /// Moves the timestamp to where the clock is, after a time in which nobody skipped. Never back. The next packet of sound opens a talkspurt.
    /// </summary>
    public void CatchUp(Instant now)
    {
        _opensTalkspurt = true;
        uint due = TimestampAt(now);
        if ((int)(due - Timestamp) > 0)
            Timestamp = due;
    }

    /// <summary>The timestamp that belongs to <paramref name="now"/>, reckoned from the last packet of sound (RFC 3550 §6.4.1, RTP timestamp).</summary>
    public readonly uint TimestampAt(Instant now) => _lastTimestamp + (uint)MediaClock.UnitsIn(now - _lastAt, ClockRate);

    /// <summary>Another rate from now on; see note [a change of clock rate is a new source]. Nothing changes where it is the same.</summary>
    public void ChangeClockRate(Instant now, Entropy entropy, uint clockRate)
    {
        if (clockRate == ClockRate)
            return;
        long total = TotalPackets;
        Open(now, entropy, clockRate);
        TotalPackets = total;
    }

    /// <summary>
    /// Another source in place of ours, which somebody else has, too (RFC 3550 §8.2); <paramref name="other"/> is taken as well. Sequence and timestamp go
    /// on, counts begin anew.
    /// </summary>
    public void ChangeSource(Entropy entropy, uint other)
    {
        uint old = Source;
        uint drawn = (uint)entropy.Next();
        // One step past two numbers is as random as they are, and needs no second draw.
        while (drawn == old || drawn == other)
            drawn++;
        Source = drawn;
        Packets = 0;
        Octets = 0;
        _opensTalkspurt = true;
    }

    private RtpHeader Header(byte payloadType, uint timestamp, bool isMarked, int payloadOctets)
    {
        var header = new RtpHeader { IsMarked = isMarked, PayloadType = payloadType, Sequence = _sequence, Timestamp = timestamp, Source = Source };
        _sequence++;
        Packets++;
        TotalPackets++;
        Octets += (uint)payloadOctets;
        return header;
    }
}
