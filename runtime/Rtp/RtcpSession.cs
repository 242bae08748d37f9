// When our reports go out, what stands in them, and what the peer's reports say of us (RFC 3550 §6.2 to §6.4, A.7; RFC 7022 for the CNAME).
//
// note [two members]
// A call has two members, so the algorithm of §6.3 shrinks: with any sender among two, senders are more than a quarter, and all share the bandwidth; with
// none, the receivers' three quarters are ours. Timer reconsideration is kept, since the divisor e - 3/2 belongs to it; reverse reconsideration and the
// timing out of members are left out (§6.3 allows both), since nobody else's leaving changes what we may send. The minimum of 5 seconds is what decides in
// practice.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SipEmbedded.Memory;

namespace SipEmbedded.Rtp;

/// <summary>What became of a datagram of RTCP.</summary>
public enum RtcpVerdict : byte
{
    /// <summary>The session is not open.</summary>
    Closed,

    /// <summary>No RTCP (<see cref="RtcpFault"/>).</summary>
    Malformed,

    Accepted,

    /// <summary>The peer's source says that it leaves (RFC 3550 §6.6).</summary>
    PeerLeft,

    /// <summary>Reports under our identifier: our own come back, or another has it, too (RFC 3550 §8.2).</summary>
    OwnSource,
}

/// <summary>What the peer's reports say of what we send, and how far away it is.</summary>
public readonly record struct RtcpPeerFigures
{
    /// <summary>Blocks about our source.</summary>
    public long Reports { get; init; }

    /// <summary>When the last of them came.</summary>
    public Instant ReportedAt { get; init; }

    /// <summary>Lost between the last two reports, in 1/256.</summary>
    public byte FractionLost { get; init; }

    /// <summary>Lost of all that we sent from this source; negative where there were duplicates.</summary>
    public int CumulativeLost { get; init; }

    /// <summary>Jitter at the peer.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>There and back, by the last report that tells (RFC 3550 §6.4.1); null until one does.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>The longest of all.</summary>
    public TimeSpan MaxRoundTrip { get; init; }

    /// <summary>What was lost lately, 0 to 100.</summary>
    public int LossPercent => FractionLost * 100 / 256;
}

/// <summary>The reports of one session, a value. See note [two members]. <see cref="RtpSession"/> drives it.</summary>
public struct RtcpSession
{
    /// <summary>The longest packet that is written: a sender report with a block, a CNAME, a BYE.</summary>
    public const int LongestPacketOctets =
        SenderReportOctets + RtcpReportBlock.SizeOctets + DescriptionOctets + RtcpPacket.HeaderOctets + sizeof(uint);

    /// <summary>RFC 7022 §4.2: 96 random bits at least, in base64.</summary>
    public const int CnameOctets = 16;

    private const int SenderReportOctets = RtcpPacket.HeaderOctets + sizeof(uint) + RtcpSenderInfo.SizeOctets;

    // A source, an item of two octets and a name, and its end filled to the word.
    private const int DescriptionOctets = RtcpPacket.HeaderOctets + sizeof(uint) + CnameOctets + sizeof(uint);

    // RFC 3550 §6.2: the fixed minimum, half of it before the first packet.
    private const double MinIntervalSeconds = 5;

    // RFC 3550 A.7: reconsideration comes out above what was meant, this brings it back.
    private const double Compensation = 2.71828 - 1.5;

    // RFC 3550 §6.2: the share of those who only receive, where nobody sends.
    private const double ReceiverShare = 0.75;

    // Octets a second for reports of both sides: 5 % (RFC 3550 §6.2) of two streams of 64 kbit/s with 50 headers of 40 octets a second.
    private const double Bandwidth = 0.05 * 2 * (8_000 + 50 * 40);

    // RFC 3550 A.7: the weight of a new packet in the average size.
    private const double SizeWeight = 1.0 / 16;

    // RFC 3550 §6.2 counts what lies below: IPv4 and UDP.
    private const int LowerOctets = 28;

    // A report that says more is wrong: no call is held over such a path.
    private static readonly TimeSpan s_longestRoundTrip = TimeSpan.FromSeconds(30);

    // Two clocks are read and two numbers rounded: a round trip of nothing may come out below it.
    private static readonly TimeSpan s_roundTripSlack = TimeSpan.FromMilliseconds(20);

    private Entropy? _entropy;
    private TimeSpan _wallClock;
    private Cname _cname;
    private Instant _last;
    private Instant _next;
    private bool _isInitial;
    private bool _hasSent;
    private double _averageOctets;
    private long _packetsAtReport;
    private long _packetsAtReportBefore;

    private bool _isLeaving;
    private bool _hasForsaken;
    private uint _forsaken;

    private bool _hasSenderReport;
    private uint _reportSource;
    private uint _lastSenderReport;
    private Instant _lastSenderReportAt;
    private RtcpPeerFigures _peer;

    [InlineArray(CnameOctets)]
    private struct Cname
    {
        private byte _first;
    }

    /// <summary>True between opening and the BYE.</summary>
    public readonly bool IsOpen => _entropy is not null && !_isLeaving;

    /// <summary>Datagrams written.</summary>
    public long Sent { get; private set; }

    /// <summary>Datagrams that were read, and those that were none.</summary>
    public long Received { get; private set; }

    public long Malformed { get; private set; }

    /// <summary>What the peer says of us.</summary>
    public readonly RtcpPeerFigures Peer => _peer;

    /// <summary>Our canonical name, new for each session (RFC 7022 §4.2: calls of one device are not to be linked).</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> CanonicalName => _cname;

    /// <summary>When <see cref="HandleTimeout"/> is due.</summary>
    public readonly Instant PollTimeout => _entropy is null ? Instant.Never : _isLeaving || _hasForsaken ? default : _next;

    /// <summary>Begins. <paramref name="wallClock"/> is what <see cref="NtpTime.At"/> takes.</summary>
    public void Open(Instant now, Entropy entropy, TimeSpan wallClock)
    {
        this = default;
        _entropy = entropy;
        _wallClock = wallClock;
        _isInitial = true;
        _averageOctets = LongestPacketOctets + LowerOctets;
        _last = now;
        DrawName(entropy);
        _next = now + Interval(entropy, members: 1, hasSenders: false);
    }

    // Base64's alphabet, six bits a letter.
    private void DrawName(Entropy entropy)
    {
        var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8;
        const int LettersPerDraw = CnameOctets / 2;
        for (int at = 0; at < CnameOctets; at += LettersPerDraw)
        {
            ulong drawn = entropy.Next();
            for (int i = 0; i < LettersPerDraw; i++, drawn >>= 6)
                _cname[at + i] = alphabet[(int)(drawn & 0x3F)];
        }
    }

    /// <summary>
    /// We leave: a BYE is due at once, where anything was sent (RFC 3550 §6.3.7). Nothing is sent after it.
    /// </summary>
    public void Leave(in RtpSender sender)
    {
        _hasForsaken = false;
        if (_hasSent || sender.TotalPackets > 0)
            _isLeaving = _entropy is not null;
        else
            _entropy = null;
    }

    /// <summary>Our source has changed: a BYE for the old one is due at once (RFC 3550 §8.2).</summary>
    public void Forsake(uint source)
    {
        _hasForsaken = true;
        _forsaken = source;
    }

    /// <summary>
    /// The octets written, to be sent to the peer's RTCP; 0 where nothing is due, or <paramref name="buffer"/> holds less than
    /// <see cref="LongestPacketOctets"/>: then this turn is lost.
    /// </summary>
    public int HandleTimeout(Instant now, in RtpSender sender, ref RtpReceiver receiver, Span<byte> buffer)
    {
        if (_entropy is not { } entropy || now < PollTimeout)
            return 0;
        var writer = new RtcpWriter(buffer);
        if (_hasForsaken)
        {
            _hasForsaken = false;
            writer.ReceiverReport(_forsaken, null);
            writer.SourceDescription(_forsaken, _cname);
            writer.Bye(_forsaken);
            return Finish(writer);
        }
        bool isSender = sender.Packets > 0 && sender.TotalPackets != _packetsAtReportBefore;
        if (!_isLeaving)
        {
            // §6.3.6: the interval is drawn anew from the last packet on, and only if it has passed a packet goes out.
            int members = receiver.HasSource || Received > 0 ? 2 : 1;
            var due = _last + Interval(entropy, members, isSender || receiver.HasSource);
            if (due > now)
            {
                _next = due;
                return 0;
            }
            _last = now;
            _isInitial = false;
            _next = now + Interval(entropy, members, isSender || receiver.HasSource);
        }
        _packetsAtReportBefore = _packetsAtReport;
        _packetsAtReport = sender.TotalPackets;
        WriteReport(ref writer, now, sender, ref receiver, isSender);
        writer.SourceDescription(sender.Source, _cname);
        if (_isLeaving)
        {
            writer.Bye(sender.Source);
            _isLeaving = false;
            _entropy = null;
        }
        return Finish(writer);
    }

    private int Finish(in RtcpWriter writer)
    {
        if (writer.Overflowed)
            return 0;
        Sent++;
        _hasSent = true;
        CountSize(writer.Written);
        return writer.Written;
    }

    private readonly void WriteReport(ref RtcpWriter writer, Instant now, in RtpSender sender, ref RtpReceiver receiver, bool isSender)
    {
        RtcpReportBlock? report = null;
        if (receiver.TryTakeInterval(out var interval))
        {
            bool hasLast = _hasSenderReport && _reportSource == interval.Source;
            report = new RtcpReportBlock
            {
                Source = interval.Source,
                FractionLost = interval.FractionLost,
                CumulativeLost = interval.CumulativeLost,
                ExtendedHighestSequence = interval.ExtendedHighestSequence,
                Jitter = interval.Jitter,
                LastSenderReport = hasLast ? _lastSenderReport : 0,
                DelaySinceLastSenderReport = hasLast ? MiddleUnits(now - _lastSenderReportAt) : 0,
            };
        }
        if (isSender)
            writer.SenderReport(sender.Source, new(NtpTime.At(now, _wallClock), sender.TimestampAt(now), sender.Packets, sender.Octets), report);
        else
            writer.ReceiverReport(sender.Source, report);
    }

    private static uint MiddleUnits(TimeSpan time) =>
        (uint)Math.Clamp(time.Ticks / TimeSpan.TicksPerSecond * NtpTime.MiddleUnitsPerSecond
            + time.Ticks % TimeSpan.TicksPerSecond * NtpTime.MiddleUnitsPerSecond / TimeSpan.TicksPerSecond, 0, uint.MaxValue);

    // §6.3.1, A.7; see note [two members].
    private readonly TimeSpan Interval(Entropy entropy, int members, bool hasSenders)
    {
        double minimum = _isInitial ? MinIntervalSeconds / 2 : MinIntervalSeconds;
        double share = members * _averageOctets / (hasSenders ? Bandwidth : Bandwidth * ReceiverShare);
        // 53 bits are what a double holds of 64.
        double chance = (entropy.Next() >> 11) * (1.0 / (1UL << 53));
        double seconds = Math.Max(minimum, share) * (0.5 + chance) / Compensation;
        return TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
    }

    private void CountSize(int octets) => _averageOctets += (octets + LowerOctets - _averageOctets) * SizeWeight;

    /// <summary>Takes a datagram from an address that is the peer's.</summary>
    public RtcpVerdict Receive(Instant now, ReadOnlySpan<byte> datagram, in RtpSender sender, ref RtpReceiver receiver)
    {
        if (!IsOpen)
            return RtcpVerdict.Closed;
        if (RtcpReader.TryRead(datagram, out var reader) != RtcpFault.None)
        {
            Malformed++;
            return RtcpVerdict.Malformed;
        }
        Received++;
        CountSize(datagram.Length);
        var verdict = RtcpVerdict.Accepted;
        foreach (var packet in reader)
        {
            if (packet.Type is RtcpType.SenderReport or RtcpType.ReceiverReport && packet.Source == sender.Source)
                return RtcpVerdict.OwnSource;
            for (int i = 0; i < packet.ReportCount; i++)
                TakeReport(now, packet.Report(i), sender);
            if (packet.Type == RtcpType.SenderReport && (!receiver.HasSource || packet.Source == receiver.Source))
            {
                _hasSenderReport = true;
                _reportSource = packet.Source;
                _lastSenderReport = packet.SenderInfo.Ntp.Middle;
                _lastSenderReportAt = now;
            }
            else if (receiver.HasSource && packet.IsByeOf(receiver.Source))
            {
                receiver.Leave(receiver.Source);
                verdict = RtcpVerdict.PeerLeft;
            }
        }
        return verdict;
    }

    private void TakeReport(Instant now, in RtcpReportBlock report, in RtpSender sender)
    {
        if (report.Source != sender.Source)
            return;
        var roundTrip = RoundTripBy(now, report) ?? _peer.RoundTrip;
        _peer = new()
        {
            Reports = _peer.Reports + 1,
            ReportedAt = now,
            FractionLost = report.FractionLost,
            CumulativeLost = report.CumulativeLost,
            Jitter = MediaClock.TimeOf(report.Jitter, sender.ClockRate),
            RoundTrip = roundTrip,
            MaxRoundTrip = roundTrip > _peer.MaxRoundTrip ? roundTrip.Value : _peer.MaxRoundTrip,
        };
    }

    // §6.4.1, figure 2: A - LSR - DLSR, modulo 2^32 as the numbers are.
    private readonly TimeSpan? RoundTripBy(Instant now, in RtcpReportBlock report)
    {
        if (report.LastSenderReport == 0)
            return null;
        int units = (int)(NtpTime.At(now, _wallClock).Middle - report.LastSenderReport - report.DelaySinceLastSenderReport);
        var roundTrip = TimeSpan.FromTicks(units * TimeSpan.TicksPerSecond / NtpTime.MiddleUnitsPerSecond);
        if (roundTrip < -s_roundTripSlack || roundTrip > s_longestRoundTrip)
            return null;
        return roundTrip < TimeSpan.Zero ? TimeSpan.Zero : roundTrip;
    }
}
