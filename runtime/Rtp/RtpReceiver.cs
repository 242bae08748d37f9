// Which packets are the peer's, in which order, how many are missing, and how unevenly they come (RFC 3550 §6.4.1, A.1, A.3, A.8).
//
// note [whose packets are heard]
// One peer sends to us, from one source at a time. A.1 lets a source be heard after MIN_SEQUENTIAL packets; in a call that would cut off the first word. So
// the first source is heard from its first packet on, and probation decides something else: until it is over, any other source may take its place at once.
// After that the source is pushed aside only by MIN_SEQUENTIAL packets in sequence from one other source, none of ours between them, and ours silent for a
// while: so a peer that starts again is heard after 40 to 60 ms, and a second stream beside the first never is. Where signalling has said that the source
// may change (a re-INVITE, a BYE in RTCP), the first packet of another one is enough. Addresses are judged on a higher floor, before a packet comes here.
using SipEmbedded.Memory;

namespace SipEmbedded.Rtp;

/// <summary>What becomes of a packet.</summary>
public enum RtpVerdict : byte
{
    /// <summary>The session is not open.</summary>
    Closed,

    /// <summary>No RTP packet (<see cref="RtpFault"/>).</summary>
    Malformed,

    /// <summary>To be heard: the next, perhaps with a gap before it.</summary>
    Accepted,

    /// <summary>To be heard: the first of a source, or of a sequence that began anew. What is buffered belongs to what was before.</summary>
    Started,

    /// <summary>To be heard if its time has not passed: older than one that came before.</summary>
    Reordered,

    /// <summary>Came before.</summary>
    Duplicate,

    /// <summary>From a source that is not the one that is heard; see note [whose packets are heard].</summary>
    OtherSource,

    /// <summary>Its number is far from what was expected. If the next one follows it, the sequence began anew (RFC 3550 A.1).</summary>
    SequenceJump,

    /// <summary>From ourselves, or from another who has our identifier (RFC 3550 §8.2).</summary>
    OwnSource,

    /// <summary>Of no agreed payload type. From the peer's source all the same where <see cref="RtpReceiver.Source"/> says so.</summary>
    UnknownPayloadType,
}

/// <summary>What follows from a verdict.</summary>
public static class RtpVerdicts
{
    /// <summary>True for a packet that belongs into the jitter buffer.</summary>
    public static bool IsHeard(this RtpVerdict verdict) => verdict is RtpVerdict.Accepted or RtpVerdict.Started or RtpVerdict.Reordered;
}

/// <summary>How a stream came in, since the session was opened, over all sources that were heard.</summary>
public readonly record struct ReceptionFigures
{
    /// <summary>Packets of the source that was heard, duplicates and late ones among them.</summary>
    public long Received { get; init; }

    /// <summary>Packets that should have come by their numbers.</summary>
    public long Expected { get; init; }

    /// <summary>Packets that did not come. Not the count of RFC 3550 A.3, which a duplicate makes smaller.</summary>
    public long Lost { get; init; }

    /// <summary>Runs of lost packets with none between that came.</summary>
    public long LossRuns { get; init; }

    public long Duplicates { get; init; }

    public long Reordered { get; init; }

    /// <summary>Packets that came when their time to be played had passed.</summary>
    public long Late { get; init; }

    /// <summary>Sources heard after the first.</summary>
    public long SourceChanges { get; init; }

    /// <summary>Sequences that began anew within a source.</summary>
    public long SequenceRestarts { get; init; }

    /// <summary>Packets refused since their number was far from what was expected.</summary>
    public long SequenceJumps { get; init; }

    /// <summary>Packets refused since another source is heard.</summary>
    public long OtherSources { get; init; }

    public long UnknownPayloadTypes { get; init; }

    /// <summary>Interarrival jitter now (RFC 3550 §6.4.1).</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>The highest that it was.</summary>
    public TimeSpan MaxJitter { get; init; }

    /// <summary>0 to 1: lost and late packets of those expected.</summary>
    public double LossRatio => Expected == 0 ? 0 : Math.Clamp((double)(Lost + Late) / Expected, 0, 1);

    /// <summary>
    /// ITU-T G.107 §7.5: how long runs of losses are, beside what the same losses would make by chance. 1 for chance, more for bursts; never less here,
    /// since that would be a merit.
    /// </summary>
    public double BurstRatio
    {
        get
        {
            if (LossRuns == 0 || Lost >= Expected)
                return 1;
            double byChance = 1 / (1 - (double)Lost / Expected);
            return Math.Max(1, (double)Lost / LossRuns / byChance);
        }
    }
}

/// <summary>The reception side of a report block (RFC 3550 §6.4.1), for the time since the last one was taken.</summary>
public readonly record struct ReceptionInterval
{
    public uint Source { get; init; }

    /// <summary>Of those expected in the interval, in 1/256.</summary>
    public byte FractionLost { get; init; }

    /// <summary>Since this source began, by A.3: negative where there were duplicates. Fits 24 bits.</summary>
    public int CumulativeLost { get; init; }

    public uint ExtendedHighestSequence { get; init; }

    /// <summary>In units of the clock rate.</summary>
    public uint Jitter { get; init; }
}

/// <summary>The receiving side of a stream, a value. See note [whose packets are heard].</summary>
public struct RtpReceiver
{
    /// <summary>RFC 3550 A.1: a gap of up to a minute at 50 packets a second is a gap.</summary>
    public const int MaxDropout = 3000;

    /// <summary>RFC 3550 A.1: two seconds at 50 packets a second.</summary>
    public const int MaxMisorder = 100;

    /// <summary>RFC 3550 A.1: packets in sequence that make a source valid.</summary>
    public const int MinSequential = 2;

    private const int SequenceModulus = 65_536;

    // No number is it: bad_seq of A.1.
    private const int NoSequence = SequenceModulus + 1;

    // RFC 3550 §6.4.1: 24 bits with a sign.
    private const int MostLost = 0x7FFFFF;
    private const int LeastLost = -0x800000;

    // A.8 keeps the jitter times 16.
    private const int JitterShift = 4;

    // The transit of two packets in a row differs by more than this only where the peer's timestamps began anew. That is no jitter, and would hide it for
    // seconds.
    private const uint LongestTransitSeconds = 10;

    // Three packets of 20 ms: a source that speaks is never silent for so long, unless it is silent for good or in a pause.
    private static readonly TimeSpan s_takeoverSilence = TimeSpan.FromMilliseconds(60);

    // How long signalling's word that the source may change holds: the peer's 200 OK, its media path and a retransmission of the ACK lie between.
    private static readonly TimeSpan s_learning = TimeSpan.FromSeconds(5);

    private int _probation;
    private Instant _heardAt;
    private Instant _learnsUntil;
    private uint _candidate;
    private ushort _candidateNext;
    private int _candidateRun;

    private ushort _base;
    private ushort _highest;
    private long _cycles;
    private int _badSequence;
    private long _received;
    private long _receivedPrior;
    private long _expectedPrior;
    private bool _startsAnew;
    private bool _hasNews;

    private uint _clockRate;
    private bool _hasTransit;
    private uint _transit;
    private uint _timestamp;
    private long _jitter;
    private TimeSpan _maxJitter;

    private LossPattern _losses;
    private long _receivedBefore;
    private long _expectedBefore;
    private long _duplicates;
    private long _reordered;
    private long _late;
    private long _sourceChanges;
    private long _sequenceRestarts;
    private long _sequenceJumps;
    private long _otherSources;
    private long _unknownPayloadTypes;

    public bool HasSource { get; private set; }

    /// <summary>The source that is heard; 0 while there is none.</summary>
    public uint Source { get; private set; }

    /// <summary>True where the source has shown itself by packets in sequence.</summary>
    public readonly bool IsValid => HasSource && _probation == 0;

    /// <summary>Where the sequence stands, with its cycles; meaningless without a source.</summary>
    public readonly uint ExtendedHighestSequence => (uint)(_cycles + _highest);

    /// <summary>Signalling has said that another source may follow, or the sequence begin anew: the first packet of it is heard.</summary>
    public void ExpectChange(Instant now) => _learnsUntil = now + s_learning;

    /// <summary>The peer has said that a source is over (RFC 3550 §6.6): the next one is heard at once.</summary>
    public void Leave(uint source)
    {
        if (HasSource && source == Source)
            _probation = MinSequential;
    }

    /// <summary>The jitter buffer had no use for a packet that was to be heard: its time had passed.</summary>
    public void NoteLate() => _late++;

    /// <summary>
    /// Takes the header of a packet from an address that is the peer's. <paramref name="clockRate"/> is that of its payload type, 0 where none is agreed.
    /// </summary>
    public RtpVerdict Receive(Instant now, in RtpHeader header, uint clockRate)
    {
        if (!HasSource || header.Source != Source)
            return ReceiveOther(now, header, clockRate);
        _candidateRun = 0;
        var verdict = Place(now, header.Sequence);
        if (verdict == RtpVerdict.SequenceJump)
        {
            _sequenceJumps++;
            return verdict;
        }
        _heardAt = now;
        _hasNews = true;
        return verdict == RtpVerdict.Duplicate ? verdict : Judge(now, header, clockRate, verdict);
    }

    private RtpVerdict ReceiveOther(Instant now, in RtpHeader header, uint clockRate)
    {
        // What we did not agree to is weak evidence of being the peer (A.1).
        if (clockRate == 0)
        {
            _unknownPayloadTypes++;
            return RtpVerdict.UnknownPayloadType;
        }
        bool isFree = !HasSource || _probation > 0 || now < _learnsUntil;
        if (!isFree)
        {
            bool follows = _candidateRun > 0 && header.Source == _candidate && header.Sequence == _candidateNext;
            _candidateRun = follows ? Math.Min(_candidateRun + 1, MinSequential) : 1;
            _candidate = header.Source;
            _candidateNext = (ushort)(header.Sequence + 1);
            if (_candidateRun < MinSequential || now - _heardAt < s_takeoverSilence)
            {
                _otherSources++;
                return RtpVerdict.OtherSource;
            }
        }
        if (HasSource)
            _sourceChanges++;
        _probation = isFree ? MinSequential - 1 : 0;
        _learnsUntil = default;
        _candidateRun = 0;
        HasSource = true;
        Source = header.Source;
        // Transit and jitter are those of another source's clock (§6.4.1: nothing is carried over).
        _hasTransit = false;
        _jitter = 0;
        Begin(header.Sequence);
        _received++;
        _heardAt = now;
        _hasNews = true;
        return Judge(now, header, clockRate, RtpVerdict.Started);
    }

    // The order of A.1's update_seq.
    private RtpVerdict Place(Instant now, ushort sequence)
    {
        int ahead = (ushort)(sequence - _highest);
        if (_probation > 0)
            _probation = ahead == 1 ? _probation - 1 : ahead == 0 ? _probation : MinSequential - 1;
        if (ahead == 0)
        {
            _received++;
            _duplicates++;
            return RtpVerdict.Duplicate;
        }
        if (ahead < MaxDropout)
        {
            if (sequence < _highest)
                _cycles += SequenceModulus;
            _highest = sequence;
            _losses.Advance(ahead);
            _received++;
            return RtpVerdict.Accepted;
        }
        if (ahead <= SequenceModulus - MaxMisorder)
        {
            if (sequence != _badSequence && now >= _learnsUntil)
            {
                _badSequence = (ushort)(sequence + 1);
                return RtpVerdict.SequenceJump;
            }
            _learnsUntil = default;
            _sequenceRestarts++;
            Begin(sequence);
            _received++;
            return RtpVerdict.Started;
        }
        _received++;
        if (!_losses.TryFill(SequenceModulus - ahead))
        {
            _duplicates++;
            return RtpVerdict.Duplicate;
        }
        _reordered++;
        return RtpVerdict.Reordered;
    }

    // A.1's init_seq; what was counted before stays in the sums.
    private void Begin(ushort sequence)
    {
        _receivedBefore += _received;
        _expectedBefore += Expected;
        _base = sequence;
        _highest = sequence;
        _cycles = 0;
        _badSequence = NoSequence;
        _received = 0;
        _receivedPrior = 0;
        _expectedPrior = 0;
        _startsAnew = true;
        _losses.Begin();
    }

    // A.3; before the first packet nothing is expected, though the numbers alone would say one.
    private readonly long Expected => _received == 0 ? 0 : _cycles + _highest - _base + 1;

    private RtpVerdict Judge(Instant now, in RtpHeader header, uint clockRate, RtpVerdict verdict)
    {
        if (clockRate == 0)
        {
            _unknownPayloadTypes++;
            return RtpVerdict.UnknownPayloadType;
        }
        MeasureJitter(now, header.Timestamp, clockRate);
        // The packet that began the sequence may have been of no agreed type: the next one says it then.
        if (!_startsAnew)
            return verdict;
        _startsAnew = false;
        return RtpVerdict.Started;
    }

    // A.8, in its form for integers.
    private void MeasureJitter(Instant now, uint timestamp, uint clockRate)
    {
        if (clockRate != _clockRate)
        {
            // The same time in other units; no difference can be taken across the change (RFC 7160 §4).
            _jitter = _clockRate == 0 ? 0 : _jitter * clockRate / _clockRate;
            _clockRate = clockRate;
            _hasTransit = false;
        }
        // Packets of one event carry one timestamp (RFC 4733 §2.2): they say nothing of their way.
        if (_hasTransit && timestamp == _timestamp)
            return;
        uint transit = MediaClock.UnitsAt(now, clockRate) - timestamp;
        long difference = Math.Abs((long)(int)(transit - _transit));
        bool isMeasured = _hasTransit && difference <= (long)LongestTransitSeconds * clockRate;
        _transit = transit;
        _timestamp = timestamp;
        _hasTransit = true;
        if (!isMeasured)
            return;
        _jitter += difference - (_jitter + (1 << JitterShift - 1) >> JitterShift);
        var jitter = Jitter;
        if (jitter > _maxJitter)
            _maxJitter = jitter;
    }

    private readonly uint JitterUnits => (uint)(_jitter >> JitterShift);

    /// <summary>Interarrival jitter as it stands.</summary>
    public readonly TimeSpan Jitter => MediaClock.TimeOf(JitterUnits, _clockRate);

    /// <summary>The reception side of a report block; false where nothing came since the last one, which is then not reported (RFC 3550 §6.4).</summary>
    public bool TryTakeInterval(out ReceptionInterval interval)
    {
        interval = default;
        if (!_hasNews)
            return false;
        _hasNews = false;
        long expected = Expected;
        long expectedNow = expected - _expectedPrior;
        long lostNow = expectedNow - (_received - _receivedPrior);
        _expectedPrior = expected;
        _receivedPrior = _received;
        interval = new()
        {
            Source = Source,
            FractionLost = expectedNow == 0 || lostNow <= 0 ? (byte)0 : (byte)Math.Min(byte.MaxValue, (lostNow << 8) / expectedNow),
            CumulativeLost = (int)Math.Clamp(expected - _received, LeastLost, MostLost),
            ExtendedHighestSequence = ExtendedHighestSequence,
            Jitter = JitterUnits,
        };
        return true;
    }

    /// <summary>All that was counted.</summary>
    public readonly ReceptionFigures Figures
    {
        get
        {
            var (lost, runs) = _losses.Count();
            return new()
            {
                Received = _receivedBefore + _received,
                Expected = _expectedBefore + Expected,
                Lost = lost,
                LossRuns = runs,
                Duplicates = _duplicates,
                Reordered = _reordered,
                Late = _late,
                SourceChanges = _sourceChanges,
                SequenceRestarts = _sequenceRestarts,
                SequenceJumps = _sequenceJumps,
                OtherSources = _otherSources,
                UnknownPayloadTypes = _unknownPayloadTypes,
                Jitter = Jitter,
                MaxJitter = _maxJitter,
            };
        }
    }
}
