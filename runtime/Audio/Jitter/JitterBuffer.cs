// Between the network, which delivers when it likes, and the sound card, which wants its samples on time: packets wait here as long as their jitter asks for.
// RFC 3550 §6.4.1 and A.8 say what jitter is; RFC 3551 §4.1 what a talkspurt is. What is done about it is no standard's; the ideas are those of NetEQ and of
// Ramjee et al., "Adaptive playout mechanisms for packetized audio applications" (1994).
//
// note [the delay of sound]
// Each packet has a place in the medium (MediaTimeline.cs), each sample that is given away has one too, and both have a time: when it came, when it went. Time minus
// place is a transit. Sound is given away with one transit, the lag; packets come with many, of which DelayTarget.cs knows the distribution. Whatever comes with a
// transit below the lag is in time. So the lag follows what the target says, by steps that are not heard:
//   - where the sender pauses, the pause is made longer or shorter;
//   - elsewhere a pitch period is left out or played again (TimeScale.cs), the less alike the more it is needed.
// Clocks that drift are nothing else: transits grow or shrink together, the target with them, the lag follows, a step or two a minute.
//
// note [gaps]
// What is not there in time is made up. If a later packet waits, its place says how long the gap is, and it is heard on time; the last frame in front of it comes
// from what it holds itself, where the codec can (FEC). If nothing waits, nobody knows whether sound was lost or is late: it is made up until something
// comes, and what comes late is heard all the same, so that no word is lost; the lag has grown then, and the above takes it back. After FreeAfter nothing is heard
// any more that has to go on in time, and the next packet begins with the lag that is wanted. All that is made up is made in whole steps, a little too much:
// into what is left over the next frame is faded.
using System.Numerics;
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>
/// One received stream. <see cref="Put"/> packets as they come and <see cref="Read"/> samples as the sound card wants them, in any order and any number, all with
/// the time of one clock that never goes back. Memory is fixed, and nothing that comes from the network makes it fail.
/// </summary>
public sealed partial class JitterBuffer
{
    /// <summary>Packets that wait at most: the longest delay in packets of 10 ms, the shortest there are, and some room for those that are missing.</summary>
    public const int Slots = 64;

    /// <summary>Octets of a payload at most: what an Ethernet frame can carry behind IPv4, UDP and RTP headers. 40 ms of L16 at 16 kHz have 1,280.</summary>
    public const int PacketOctets = 1460;

    /// <summary>The longest packet, in ms: as much as one of Opus can hold (RFC 7587 §4.2).</summary>
    public const int MaximumFrameMs = 120;

    /// <summary>What <see cref="JitterBufferOptions.MaximumDelay"/> may be at most: more would not find slots at 10 ms a packet.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(500);

    private const string Pool = "jitter buffers";

    // RFC 3550 A.1, MAX_DROPOUT: a jump of fewer sequence numbers is a loss.
    private const int LargestLoss = 3000;

    private const int UsualRate = 16_000;
    private const int HighestRate = 48_000;
    private const int MostFrameSamples = HighestRate / 1000 * MaximumFrameMs;

    // 20 ms of what was heard, for steps back; in front a frame, 20 ms for a step forward, a step back of 15 ms, a read of 20 ms and made-up sound of two steps.
    private const int KeptSamples = HighestRate / 1000 * 20;
    private const int WaitingSamples = HighestRate / 1000 * (MaximumFrameMs + 20 + 15 + 20 + 20);

    private struct Packet
    {
        public IAudioDecoder Decoder;
        public long Place;
        public int DecoderRate;

        // At the decoder's rate, and at the card's.
        public int Samples;
        public int Duration;
        public int Octets;
        public bool IsRecoveryTried;
    }

    private readonly JitterBufferOptions _options;
    private readonly Packet[] _packets;
    private readonly byte[] _octets;
    private readonly short[] _decoded;
    private readonly short[] _converted;
    private readonly SoundQueue _sound;
    private readonly RateConverters _converters;
    private readonly DelayTarget _target;
    private readonly DriftEstimate _readDrift;
    private MediaTimeline _clock;
    private ComfortNoise _noise;
    private JitterFigures _figures;
    private int _sampleRate;

    // Which slots wait, and which sequence numbers were told to be no sound: a bit each, by the number's last six bits.
    private ulong _waiting;
    private ulong _skipped;

    // The sequence numbers before the next: bit 0 the one before it. Set for those that came.
    private ulong _past;
    private ushort _next;
    private long _waitingSamples;
    private int _mostWaiting;

    private bool _hasSource;
    private uint _source;
    private bool _isRestartKnown;
    private bool _hasStray;
    private ushort _afterStray;

    /// <summary>
    /// Takes all its memory, and is ready to be played out at 16 kHz. Throws <see cref="ArgumentOutOfRangeException"/> where an option is out of its bounds.
    /// </summary>
    [StartUp(Because = "a pool is made before start")]
    public JitterBuffer(StartGate gate, JitterBufferOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MinimumDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumDelay, options.MinimumDelay);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaximumDelay, LongestDelay);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.StartDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.StartDelay, options.MaximumDelay);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.PacketsInTime, 0.5f);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(options.PacketsInTime, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Memory, TimeSpan.Zero);
        _options = options;
        _packets = gate.Take<Packet>(Pool, 1, Slots);
        _octets = gate.Take<byte>(Pool, 1, Slots * PacketOctets);
        _decoded = gate.Take<short>(Pool, 1, MostFrameSamples);
        _converted = gate.Take<short>(Pool, 1, MostFrameSamples);
        _sound = new(gate, Pool, KeptSamples, WaitingSamples);
        _converters = new(gate, Pool);
        _target = new(gate, Pool, options);
        _readDrift = new(gate, Pool);
        SetUp(UsualRate);
    }

    /// <summary>
    /// Another stream, or another rate of what is played out: 8,000, 16,000 or 48,000, else <see cref="ArgumentOutOfRangeException"/>. All that waits is gone, and all
    /// figures begin anew.
    /// </summary>
    public void Reset(int sampleRate)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(RateConverters.Knows(sampleRate), false, nameof(sampleRate));
        SetUp(sampleRate);
        _sound.Clear();
    }

    // Without what lies in arrays: they are empty where only the memory is planned.
    private void SetUp(int sampleRate)
    {
        _sampleRate = sampleRate;
        _mostWaiting = ((int)_options.MaximumDelay.TotalMilliseconds + WaitingSlackMs) * (sampleRate / 1000);
        _figures = default;
        _hasSource = _hasStray = _isRestartKnown = false;
        _clock.Reset(sampleRate);
        _target.Reset(sampleRate);
        _noise.Reset();
        _readDrift.Reset(sampleRate);
        Forget(0);
        _hasBegun = false;
        _decoder = null;
        _converter = null;
        _place = _lag = _current = _given = 0;
        _filled = _tail = _pause = 0;
    }

    /// <summary>Samples a second that are played out.</summary>
    public int SampleRate => _sampleRate;

    /// <summary>Packets that wait.</summary>
    public int Count => BitOperations.PopCount(_waiting);

    /// <summary>What happened since the last reset.</summary>
    public JitterFigures Figures
    {
        get
        {
            var figures = _figures;
            figures.CurrentDelay = TimeOf(_current - _target.Base);
            figures.SmoothedDelay = TimeOf(_lag - _target.Base);
            figures.TargetDelay = TimeOf(_target.Wanted - _target.Base);
            figures.DriftPpm = (_readDrift.Drift - _target.Drift) * 1_000_000;
            figures.TimestampFaults = _clock.Faults;
            return figures;
        }
    }

    // Nothing waits, and the stream goes on at this number, with any lag.
    private void Forget(ushort next)
    {
        _waiting = _skipped = _past = 0;
        _waitingSamples = 0;
        _next = next;
        _isFree = true;
        _isJump = _hasPlayed = false;
    }

    // ---- Sequence numbers as bits -----------------------------------------------------------------------------------------------

    private static ulong BitOf(ushort sequence) => 1UL << (sequence % Slots);

    // The bits of so many numbers from one on, at most all.
    private static ulong BitsFrom(ushort sequence, int count) =>
        count >= Slots ? ulong.MaxValue : BitOperations.RotateLeft((1UL << count) - 1, sequence % Slots);

    // How far ahead of the next number the first packet lies; there must be one.
    private int FirstAhead() => BitOperations.TrailingZeroCount(BitOperations.RotateRight(_waiting, _next % Slots));

    /// <summary>Takes the packet out that is the first, so far ahead, and goes on behind it.</summary>
    private void Pass(int ahead)
    {
        ushort sequence = (ushort)(_next + ahead);
        _waitingSamples -= _packets[sequence % Slots].Duration;
        _waiting &= ~BitOf(sequence);
        _skipped &= ~BitsFrom(_next, ahead + 1);
        _past = (ahead + 1 >= Slots ? 0 : _past << (ahead + 1)) | 1;
        _next = (ushort)(sequence + 1);
    }

    // ---- Time as samples --------------------------------------------------------------------------------------------------------

    private long SamplesAt(Instant now)
    {
        long seconds = now.Ticks / TimeSpan.TicksPerSecond;
        return seconds * _sampleRate + (now.Ticks - seconds * TimeSpan.TicksPerSecond) * _sampleRate / TimeSpan.TicksPerSecond;
    }

    private TimeSpan TimeOf(long samples) => new(samples * TimeSpan.TicksPerSecond / _sampleRate);

    private int SamplesOfMs(int milliseconds) => _sampleRate / 1000 * milliseconds;
}
