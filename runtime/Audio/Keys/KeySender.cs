// Keys that are sent as packets of their own (RFC 4733 §2.5.1, §3.1).
//
// note [keys and audio share a line]
// Events and audio have one sequence and one clock. In each packet interval the stream asks here first, with the timestamp that its audio would have: where a key
// is down, or its end is being repeated, the interval is the key's and its audio is not sent. A packet's duration reaches to the end of its interval, as the
// samples of an audio packet would.
using System.Diagnostics;
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>What to send: the payload was written by who gave this, the sequence number is the stream's.</summary>
public readonly record struct KeyPacket
{
    /// <summary>Octets of the payload.</summary>
    public int Length { get; init; }

    /// <summary>The first packet of a key (RFC 4733 §2.2.2).</summary>
    public bool IsMarked { get; init; }

    /// <summary>Where the key, or this segment of it, begins: the same in each packet of it (RFC 4733 §2.2.1).</summary>
    public uint Timestamp { get; init; }
}

/// <summary>What has become of keys that were to be sent.</summary>
public struct KeySenderCounters
{
    /// <summary>Keys whose first packet was given out.</summary>
    public long Sent;

    /// <summary>Keys that found no room in the queue.</summary>
    public long Refused;

    /// <summary>Keys that nobody released in time.</summary>
    public long TooLong;
}

/// <summary>
/// The keys that one stream sends; see note [keys and audio share a line]. For each packet interval: <see cref="Advance"/>, then <see cref="TryTake"/> until
/// it says no. Keys that are asked for while another is down wait for their turn.
/// </summary>
public sealed class KeySender
{
    /// <summary>The final packet of a key and of a segment goes out so often (RFC 4733 §2.5.1.4).</summary>
    public const int FinalPackets = 3;

    /// <summary>The level of keys where nobody says, in dBm0 without the sign: about what a telephone sends.</summary>
    public const byte DefaultVolume = 10;

    /// <summary>As a duration: until <see cref="Release"/>.</summary>
    public static readonly TimeSpan UntilReleased = TimeSpan.MaxValue;

    private readonly record struct Press(byte Code, byte Volume, TimeSpan Duration);

    private enum Phase : byte
    {
        Up,
        Down,
        Ending,
        Pause,
    }

    private readonly KeySenderOptions _options;
    private readonly Ring<Press> _queue;
    private uint _clockRate = 8_000;

    private Phase _phase;
    private Press _press;

    // An open-ended key is down or the last in the queue, and was not released.
    private bool _isHeld;

    // Where the segment begins; how long the segments before it were, the whole key so far, and the whole key at its end.
    private uint _segment;
    private uint _before;
    private uint _lasted;
    private uint _target;
    private bool _isFirst;
    private int _finalsLeft;
    private uint _freeFrom;

    // The final packet of the segment before, which is repeated beside those of the next (RFC 4733 §2.5.1.4).
    private int _segmentFinalsLeft;

    // What this interval still gives out.
    private bool _hasSegmentFinal;
    private bool _hasReport;

    public KeySenderCounters Counters;

    /// <summary>Throws where the options ask for keys or pauses that cannot be heard.</summary>
    [StartUp(Because = "a pool is made before start")]
    public KeySender(StartGate gate, KeySenderOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Queued, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LeastDuration, KeySenderOptions.LeastAudible);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Duration, options.LeastDuration);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Pause, KeySenderOptions.LeastAudible);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LongestDuration, options.Duration);
        _options = options;
        _queue = new(gate, "keys to send", options.Queued);
    }

    /// <summary>Keys that wait.</summary>
    public int Queued => _queue.Count;

    /// <summary>Some key waits, is down, or is being ended.</summary>
    public bool IsBusy => _phase is Phase.Down or Phase.Ending || _queue.Count > 0;

    /// <summary>Another stream begins, with <paramref name="clockRate"/> timestamp units a second. Keys of the old one are forgotten.</summary>
    public void Reset(int clockRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clockRate, 1_000);
        _clockRate = (uint)clockRate;
        _phase = Phase.Up;
        _hasReport = _hasSegmentFinal = _isHeld = false;
        _segmentFinalsLeft = 0;
        while (_queue.TryTake(out _))
        {
        }
    }

    /// <summary>
    /// A key goes down as soon as those before it are up. <paramref name="duration"/>: zero is the options', <see cref="UntilReleased"/> open. A key that is held
    /// is released by the next one. False where <paramref name="key"/> is none, or, counted, where no room is left.
    /// </summary>
    public bool TryBegin(byte key, TimeSpan duration = default, byte volume = DefaultVolume)
    {
        if (!TelephoneKeys.TryGetEvent(key, out byte code))
            return false;
        // RFC 4733 §2.3.4: what has no tone has no level.
        if (key == TelephoneKeys.Flash)
            volume = 0;
        if (!_queue.TryAdd(new(code, Math.Min(volume, TelephoneEvent.QuietestVolume), duration)))
        {
            Counters.Refused++;
            return false;
        }
        Release();
        _isHeld = duration == UntilReleased;
        return true;
    }

    /// <summary>Ends the key that is held, as soon as it has been down long enough. Nothing happens where none is.</summary>
    public void Release()
    {
        if (_phase == Phase.Down && _press.Duration == UntilReleased)
            _target = Math.Min(_target, Math.Max(_lasted, UnitsOf(_options.LeastDuration)));
        _isHeld = false;
    }

    /// <summary>
    /// The interval begins that an audio packet of <paramref name="units"/> would fill from <paramref name="timestamp"/> on. True where it is a key's: its audio is
    /// not to be sent.
    /// </summary>
    public bool Advance(uint timestamp, uint units)
    {
        // An interval is 10 to 60 ms; one that a segment cannot hold would be a clock that jumped.
        units = Math.Min(units, TelephoneEvent.LongestDuration);
        _hasReport = _hasSegmentFinal = false;
        if (_phase == Phase.Pause && (int)(timestamp - _freeFrom) >= 0)
            _phase = Phase.Up;
        if (_phase == Phase.Up && _queue.TryTake(out _press))
            Begin(timestamp);
        if (_phase is Phase.Up or Phase.Pause)
            return false;
        if (_segmentFinalsLeft > 0)
        {
            _segmentFinalsLeft--;
            _hasSegmentFinal = true;
        }
        _hasReport = true;
        if (_phase == Phase.Down)
            Last(units);
        else if (--_finalsLeft == 1)
            _phase = Phase.Pause;
        return true;
    }

    /// <summary>One packet of this interval; false where there is no other. <paramref name="payload"/> takes <see cref="TelephoneEvent.Length"/> octets.</summary>
    public bool TryTake(Span<byte> payload, out KeyPacket packet)
    {
        packet = default;
        if (payload.Length < TelephoneEvent.Length)
            return false;
        if (_hasSegmentFinal)
        {
            _hasSegmentFinal = false;
            packet = new() { Timestamp = _segment - TelephoneEvent.LongestDuration, Length = Write(payload, TelephoneEvent.LongestDuration, isEnd: false) };
            return true;
        }
        if (!_hasReport)
            return false;
        _hasReport = false;
        packet = new() { IsMarked = _isFirst, Timestamp = _segment, Length = Write(payload, (ushort)(_lasted - _before), isEnd: _phase != Phase.Down) };
        _isFirst = false;
        return true;
    }

    private int Write(Span<byte> payload, ushort duration, bool isEnd) =>
        new TelephoneEvent { Event = _press.Code, IsEnd = isEnd, Volume = _press.Volume, Duration = duration }.Write(payload);

    private void Begin(uint timestamp)
    {
        _phase = Phase.Down;
        _segment = timestamp;
        _before = _lasted = 0;
        _segmentFinalsLeft = 0;
        _isFirst = true;
        bool isOpen = _press.Duration == UntilReleased;
        var duration = _press.Duration <= TimeSpan.Zero || isOpen ? _options.Duration : _press.Duration;
        if (duration < _options.LeastDuration)
            duration = _options.LeastDuration;
        if (duration > _options.LongestDuration || isOpen && _isHeld && _queue.Count == 0)
            duration = _options.LongestDuration;
        _target = UnitsOf(duration);
        Counters.Sent++;
    }

    // The key is down for another interval, or ends in it.
    private void Last(uint units)
    {
        bool isOver = _lasted + units >= _target;
        _lasted = isOver ? _target : _lasted + units;
        if (_lasted - _before > TelephoneEvent.LongestDuration)
        {
            _before += TelephoneEvent.LongestDuration;
            _segment += TelephoneEvent.LongestDuration;
            _hasSegmentFinal = true;
            _segmentFinalsLeft = FinalPackets - 1;
        }
        Debug.Assert(_lasted - _before <= TelephoneEvent.LongestDuration, "an interval is shorter than a segment");
        if (!isOver)
            return;
        if (_isHeld && _press.Duration == UntilReleased && _queue.Count == 0)
        {
            Counters.TooLong++;
            _isHeld = false;
        }
        _phase = Phase.Ending;
        _finalsLeft = FinalPackets;
        _freeFrom = _segment + (_lasted - _before) + UnitsOf(_options.Pause);
    }

    private uint UnitsOf(TimeSpan span) => (uint)(span.Ticks * _clockRate / TimeSpan.TicksPerSecond);
}
