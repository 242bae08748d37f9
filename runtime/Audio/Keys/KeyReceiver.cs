// Keys that come as packets of their own (RFC 4733 §2.5.2, §3.1): each press told once, whatever is lost, repeated, late or odd.
//
// note [one press]
// A press is one source, one event, one beginning: the timestamp. That is all where peers keep to the RFC; the presses of the last seconds are remembered by it, so
// that what comes again, or late, is known. Where the timestamp is another, it is a press of its own unless one key would have been down twice at once:
//   - it begins before the last report of the same key ends, or just where a segment of it ended (§2.5.1.3), or a multiple of the longest segment from its
//     beginning, where the packets between were lost;
//   - it begins so soon after an unfinished report of the same key that nobody can have let go and pressed again (ITU-T Q.24: 40 ms down, 40 ms up);
//   - the peer is known to count the timestamp up within a key, and it has moved as far as the duration has.
// A packet with the marker that came in order is always another press: durations may be counted in another clock than timestamps, and then overlap by mistake. And a
// marked packet, newer than the end of a press with its very timestamp and shorter, is one too: some peers' clock stands still while keys are sent.
using SipEmbedded.Memory;
using SipEmbedded.Rtp;

namespace SipEmbedded.Audio;

/// <summary>What came in.</summary>
public struct KeyReceiverCounters
{
    /// <summary>Presses told.</summary>
    public long Pressed;

    /// <summary>Of these, keys whose first packet was missing.</summary>
    public long WithoutStart;

    /// <summary>Of these, keys that ended by the time-out or by the next key.</summary>
    public long WithoutEnd;

    /// <summary>Of these, keys that came behind a later one.</summary>
    public long Late;

    /// <summary>Reports of a press that was over already.</summary>
    public long Repeated;

    /// <summary>Packets without a whole report.</summary>
    public long Broken;

    /// <summary>Events that are no keys.</summary>
    public long Unknown;

    /// <summary>Keys below <see cref="KeyReceiverOptions.QuietestVolume"/>.</summary>
    public long TooQuiet;

    /// <summary>Packets far from all others, and late ones of presses that are no longer remembered.</summary>
    public long Strays;

    /// <summary>Presses and releases that nobody fetched in time.</summary>
    public long NotTold;
}

/// <summary>
/// The keys of one stream; see note [one press]. One <see cref="Receive"/> or <see cref="Tick"/>, then <see cref="TryTake"/> until it says no. Which payload
/// types are events, the caller decides.
/// </summary>
public sealed class KeyReceiver
{
    // A key ends this many intervals after its last report (RFC 4733 §2.5.2.2).
    private const int IntervalsToEnd = 3;

    // An interval is taken as so long at least, which the RFC recommends (§2.5.1.2): three of 20 ms would end keys by the jitter of a radio link.
    private const int LeastIntervalMs = 50;

    // And so long at most: a report that says more was made by a clock of its own.
    private const int LongestIntervalMs = 200;

    // Presses remembered. Ten keys a second is the fastest there is (ITU-T Q.24), so these are more than three seconds of them.
    private const int Remembered = 32;

    // How far packets may fall behind others: RFC 3550 A.1's MAX_MISORDER and MAX_DROPOUT.
    private const int MostBehind = 100;

    private const int MostAhead = 3_000;

    // After so long without events, sequence numbers say nothing: those of the audio between were not seen.
    private static readonly TimeSpan s_orderKnown = TimeSpan.FromSeconds(2);

    // From one press of a key to the next, 40 ms down and 40 ms up.
    private const int LeastSpacingMs = 80;

    // Segments are as long as a report can say, or, with redundancy, somewhat less than a quarter of that (RFC 4733 §2.5.1.3.1).
    private const uint LeastSegment = 0x2000;

    // A key that is down for longer than so many segments has its packets between them come through.
    private const uint MostSegments = 64;

    // By how much timestamp and duration of a peer that counts both may differ: one packet.
    private const int LeastStepMs = 20;

    // Events packed into one packet (RFC 4733 §2.5.1.5); more than this in a packet's time is no keys.
    private const int MostInPacket = 8;

    // No clock is so slow: an interval would be a few units.
    private const int LeastClockRate = 1_000;

    private const int None = -1;

    private struct Press
    {
        public bool IsUsed;
        public byte Code;
        public byte Volume;

        // A report said that it is over; it was told that it is over.
        public bool IsEnded;
        public bool IsReleased;

        // The peer counts the timestamp up within the key.
        public bool Moves;

        public ushort LastSequence;
        public uint Source;
        public uint First;

        // The latest segment's beginning and duration.
        public uint Latest;
        public uint Units;

        public Instant LastSeen;
    }

    private readonly KeyReceiverOptions _options;
    private readonly Press[] _presses;
    private readonly Ring<KeyEvent> _events;
    private uint _clockRate = 8_000;

    // Where the next press is put, and the one that is down.
    private int _next;
    private int _current = None;
    private Instant _deadline = Instant.Never;
    private int _intervalMs = LeastIntervalMs;

    private bool _isOrdered;
    private uint _source;
    private ushort _newest;
    private Instant _newestAt;
    private bool _isProbing;
    private ushort _probed;

    // What was forgotten although it was young: nothing as old is taken for a new press.
    private bool _hasForgotten;
    private ushort _forgotten;
    private Instant _forgottenAt;

    private bool _countsUp;

    public KeyReceiverCounters Counters;

    [StartUp(Because = "a pool is made before start")]
    public KeyReceiver(StartGate gate, KeyReceiverOptions options)
    {
        _options = options;
        _presses = gate.Take<Press>("received keys", Remembered);
        // Each report presses at most one key and releases two, and one more ends by the next one.
        _events = new(gate, "received keys", 3 * MostInPacket + 1);
    }

    /// <summary>When to call <see cref="Tick"/>, or never.</summary>
    public Instant NextDeadline => _deadline;

    /// <summary>Another stream begins, with <paramref name="clockRate"/> timestamp units a second. What is down is up, untold.</summary>
    public void Reset(int clockRate)
    {
        SetClockRate(clockRate);
        _presses.AsSpan().Clear();
        while (_events.TryTake(out _))
        {
        }
        _next = 0;
        _current = None;
        _deadline = Instant.Never;
        _intervalMs = LeastIntervalMs;
        _isOrdered = _isProbing = _hasForgotten = _countsUp = false;
    }

    /// <summary>
    /// The packets that come now have another clock, as another payload type may, or what was agreed anew. What is down stays down, and what was told is not told again.
    /// </summary>
    public void SetClockRate(int clockRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clockRate, LeastClockRate);
        _clockRate = (uint)clockRate;
    }

    /// <summary>Takes what an event packet of the stream says. Whatever it holds, it is safe.</summary>
    public void Receive(Instant now, in RtpHeader header, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < TelephoneEvent.Length)
        {
            Counters.Broken++;
            return;
        }
        if (!TryOrder(now, header, out bool isLate))
        {
            Counters.Strays++;
            return;
        }
        uint begins = header.Timestamp;
        for (int i = 0; i < MostInPacket && TelephoneEvent.TryRead(payload, out var report); i++)
        {
            Take(now, header, begins, report, isLate);
            begins += report.Duration;
            payload = payload[TelephoneEvent.Length..];
        }
    }

    /// <summary>Ends the key of which nothing has come for too long.</summary>
    public void Tick(Instant now)
    {
        if (now >= _deadline)
            End(isTold: false);
    }

    /// <summary>What has happened, the oldest first; false where nothing has.</summary>
    public bool TryTake(out KeyEvent happened) => _events.TryTake(out happened);

    // ---- Order ------------------------------------------------------------------------------------------------------------------------------

    // False for a packet that is far from the others, unless the one before it was too, and next to it: then the sequence began anew (RFC 3550 A.1).
    private bool TryOrder(Instant now, in RtpHeader header, out bool isLate)
    {
        isLate = false;
        if (_isOrdered && header.Source == _source && now - _newestAt <= s_orderKnown)
        {
            int ahead = (short)(header.Sequence - _newest);
            isLate = ahead <= 0;
            if (ahead is < -MostBehind or > MostAhead)
            {
                if (!_isProbing || header.Sequence != _probed)
                {
                    _isProbing = true;
                    _probed = (ushort)(header.Sequence + 1);
                    return false;
                }
                isLate = _hasForgotten = false;
            }
        }
        if (!isLate)
        {
            _isOrdered = true;
            _isProbing = false;
            _source = header.Source;
            _newest = header.Sequence;
            _newestAt = now;
        }
        return true;
    }

    private bool IsForgotten(Instant now, ushort sequence) =>
        _hasForgotten && now - _forgottenAt <= s_orderKnown && (short)(sequence - _forgotten) <= 0;

    // ---- Reports ----------------------------------------------------------------------------------------------------------------------------

    private void Take(Instant now, in RtpHeader header, uint begins, in TelephoneEvent report, bool isLate)
    {
        if (!TelephoneKeys.TryGetKey(report.Event, out byte key))
        {
            Counters.Unknown++;
            return;
        }
        int index = Find(header, begins, report, isLate);
        if (index != None)
        {
            Update(now, header, index, begins, report, isLate);
            return;
        }
        bool hasVolume = key != TelephoneKeys.Flash;
        if (hasVolume && report.Volume > _options.QuietestVolume)
            Counters.TooQuiet++;
        else if (isLate && IsForgotten(now, header.Sequence))
            Counters.Strays++;
        else
            Begin(now, header, begins, report, isLate);
    }

    // The latest press first: only there may two have one timestamp.
    private int Find(in RtpHeader header, uint begins, in TelephoneEvent report, bool isLate)
    {
        for (int back = 1; back <= Remembered; back++)
        {
            int index = (_next + Remembered - back) % Remembered;
            ref readonly var press = ref _presses[index];
            if (!press.IsUsed)
                break;
            if (press.Source == header.Source && press.Code == report.Event && IsOf(press, header, begins, report, isLate))
                return index;
        }
        return None;
    }

    // See note [one press].
    private bool IsOf(in Press press, in RtpHeader header, uint begins, in TelephoneEvent report, bool isLate)
    {
        bool isInOrder = !isLate && header.IsMarked;
        if (begins == press.First || begins == press.Latest)
        {
            bool isAnew = isInOrder && press.IsEnded && !report.IsEnd && report.Duration < press.Units && (short)(header.Sequence - press.LastSequence) > 0;
            return !isAnew;
        }
        if (isInOrder)
            return false;
        int after = (int)(begins - press.First);
        uint distance = (uint)Math.Abs((long)after);
        if (after > 0)
        {
            uint lasted = press.Latest - press.First + (press.Moves ? 0 : press.Units);
            if (distance < lasted || distance == lasted && !press.IsEnded)
                return true;
        }
        else if (distance <= report.Duration)
        {
            return true;
        }
        bool mayGoOn = !press.IsEnded || after < 0;
        if (mayGoOn && distance % TelephoneEvent.LongestDuration == 0 && distance <= MostSegments * TelephoneEvent.LongestDuration)
            return true;
        int moved = (int)(begins - press.Latest);
        if (isLate || moved <= 0)
            return false;
        bool isNear = moved < UnitsOf(LeastSpacingMs);
        if (press.IsEnded)
            return isNear && press.Moves && report.IsEnd && report.Duration >= press.Units;
        if (isNear)
            return true;
        // A repeated end has moved and has not grown.
        int still = moved - (int)(report.Duration - press.Units);
        int mostStill = report.IsEnd ? KeySender.FinalPackets * LeastStepMs : LeastStepMs;
        return _countsUp && still >= -UnitsOf(LeastStepMs) && still <= UnitsOf(mostStill);
    }

    private void Update(Instant now, in RtpHeader header, int index, uint begins, in TelephoneEvent report, bool isLate)
    {
        ref var press = ref _presses[index];
        int steps = (short)(header.Sequence - press.LastSequence);
        uint units = press.Units;
        if (begins == press.Latest)
        {
            press.Units = Math.Max(press.Units, report.Duration);
        }
        else if ((int)(begins - press.Latest) > 0)
        {
            uint moved = begins - press.Latest;
            bool isSegment = moved == press.Units && press.Units >= LeastSegment || moved % TelephoneEvent.LongestDuration == 0;
            press.Moves |= !isSegment;
            _countsUp |= press.Moves;
            press.Latest = begins;
            press.Units = report.Duration;
        }
        else if ((int)(begins - press.First) < 0)
        {
            press.Moves |= press.First - begins < LeastSegment;
            press.First = begins;
        }
        press.IsEnded |= report.IsEnd;
        press.LastSeen = now;
        if (steps > 0)
            press.LastSequence = header.Sequence;
        if (press.IsReleased)
            Counters.Repeated++;
        else if (report.IsEnd)
            End(isTold: true);
        else if (!isLate)
            Expect(now, steps, press.Units - units);
    }

    // The next report is due an interval later; how long that is, the durations say (RFC 4733 §2.5.2.2: spacing in time is not to be relied on).
    private void Expect(Instant now, int steps, uint grown)
    {
        if (steps > 0 && grown is > 0 and <= TelephoneEvent.LongestDuration)
            _intervalMs = (int)Math.Clamp(grown * 1_000L / _clockRate / steps, LeastIntervalMs, LongestIntervalMs);
        _deadline = now + TimeSpan.FromMilliseconds(IntervalsToEnd * _intervalMs);
    }

    private void Begin(Instant now, in RtpHeader header, uint begins, in TelephoneEvent report, bool isLate)
    {
        if (!isLate)
            End(isTold: false);
        int index = _next;
        _next = (_next + 1) % Remembered;
        ref var press = ref _presses[index];
        if (press.IsUsed && now - press.LastSeen <= s_orderKnown)
        {
            _hasForgotten = true;
            _forgotten = press.LastSequence;
            _forgottenAt = now;
        }
        if (index == _current)
            End(isTold: false);
        press = new()
        {
            IsUsed = true,
            Code = report.Event,
            Volume = report.Volume,
            IsEnded = report.IsEnd,
            Source = header.Source,
            LastSequence = header.Sequence,
            First = begins,
            Latest = begins,
            Units = report.Duration,
            LastSeen = now,
        };
        Counters.Pressed++;
        if (!header.IsMarked)
            Counters.WithoutStart++;
        Tell(KeyEventKind.Pressed, press);
        if (isLate)
        {
            // A later key has begun, so this one is over.
            Counters.Late++;
            press.IsReleased = true;
            Tell(KeyEventKind.Released, press);
            return;
        }
        _current = index;
        _intervalMs = LeastIntervalMs;
        if (report.IsEnd)
            End(isTold: true);
        else
            Expect(now, steps: 0, grown: 0);
    }

    // What is down is up: a report said so, or it is taken to be.
    private void End(bool isTold)
    {
        if (_current == None)
            return;
        ref var press = ref _presses[_current];
        press.IsReleased = true;
        if (!isTold)
            Counters.WithoutEnd++;
        Tell(KeyEventKind.Released, press);
        _current = None;
        _deadline = Instant.Never;
    }

    private void Tell(KeyEventKind kind, in Press press)
    {
        TelephoneKeys.TryGetKey(press.Code, out byte key);
        var told = new KeyEvent
        {
            Kind = kind,
            Key = key,
            Method = KeyMethod.TelephoneEvent,
            Volume = key == TelephoneKeys.Flash ? (byte)0 : press.Volume,
            DurationMs = kind == KeyEventKind.Released ? DurationOf(press) : 0,
        };
        if (!_events.TryAdd(told))
            Counters.NotTold++;
    }

    // A peer that counts the timestamp up may count the duration too, or give each packet its own.
    private uint DurationOf(in Press press)
    {
        uint before = press.Latest - press.First;
        ulong units = press.Moves && press.Units > before ? press.Units : (ulong)before + press.Units;
        return (uint)(units * 1_000 / _clockRate);
    }

    private uint UnitsOf(int milliseconds) => (uint)((ulong)milliseconds * _clockRate / 1_000);
}
