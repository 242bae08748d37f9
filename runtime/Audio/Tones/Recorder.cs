// Records both directions of a call as a WAV file, without writing one (RIFF WAVE, PCM of 16 bits).
//
// note [a file in blocks]
// The recorder fills blocks, each with the place in the file where it belongs, and who owns a file fetches and writes them, when he can. The header comes first, with the
// length of a file without sound, and once more at the end, with the length as it is; what was written in between can be read as far as readers go on in spite of
// the header. A frame that finds no room is left out on both sides and counted, so that the two stay together.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

public struct RecorderCounters
{
    /// <summary>Samples recorded, both directions as one.</summary>
    public long Samples;

    /// <summary>Samples left out since nobody had fetched the blocks before, or since the file had its greatest length.</summary>
    public long Lost;
}

/// <summary>
/// Records; see note [a file in blocks]. <see cref="Start"/>, a <see cref="Write"/> for each frame, <see cref="Stop"/>; after each of them
/// <see cref="TryPeek"/> and <see cref="Release"/> until there is none.
/// </summary>
public sealed class Recorder
{
    /// <summary>Octets in front of the samples.</summary>
    public const int HeaderOctets = WavWriter.HeaderOctets;

    /// <summary>The most octets of samples: lengths are signed in many a reader.</summary>
    public const long MostDataOctets = int.MaxValue - HeaderOctets - 1;

    private readonly RecorderOptions _options;
    private readonly byte[] _octets;
    private readonly int[] _lengths;
    private readonly long[] _offsets;
    private readonly byte[] _header;
    private readonly short[] _frame;
    private readonly int _channels;

    // Filled blocks begin at _first; the one behind them is being filled.
    private int _first;
    private int _count;
    private int _filled;
    private long _data;

    // Whether the header is to be written: at the beginning, and at the end when all else was.
    private bool _hasHeader;
    private bool _isEnding;

    public RecorderCounters Counters;

    [StartUp(Because = "a pool is made before start")]
    public Recorder(StartGate gate, RecorderOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Blocks, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BlockOctets, 4);
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.BlockOctets % 4, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SampleRate, 1);
        _options = options;
        _channels = options.IsStereo ? 2 : 1;
        _octets = gate.Take<byte>("recordings", options.Blocks, options.BlockOctets);
        _lengths = gate.Take<int>("recordings", options.Blocks);
        _offsets = gate.Take<long>("recordings", options.Blocks);
        _header = gate.Take<byte>("recordings", 1, HeaderOctets);
        _frame = gate.Take<short>("recordings", 1, options.BlockOctets / sizeof(short));
    }

    public bool IsRecording { get; private set; }

    /// <summary>Nothing is left to be fetched, of what was stopped.</summary>
    public bool IsDone => !IsRecording && _count == 0 && !_hasHeader;

    /// <summary>Begins a file. False while another is not done.</summary>
    public bool Start()
    {
        if (IsRecording || !IsDone)
            return false;
        _first = _count = _filled = 0;
        _data = 0;
        _isEnding = false;
        IsRecording = _hasHeader = true;
        WriteHeader();
        return true;
    }

    /// <summary>Records a frame of both directions; where one is shorter, it is silent from there on. Nothing happens where nothing is recorded.</summary>
    public void Write(ReadOnlySpan<short> ours, ReadOnlySpan<short> theirs)
    {
        if (!IsRecording)
            return;
        int samples = Math.Max(ours.Length, theirs.Length);
        long octets = (long)samples * _channels * sizeof(short);
        if (octets > FreeOctets || _data + _filled + octets > MostDataOctets)
        {
            Counters.Lost += samples;
            return;
        }
        Counters.Samples += samples;
        for (int at = 0, most = _frame.Length / _channels; at < samples; at += most)
        {
            int count = Math.Min(most, samples - at);
            Put(Join(From(ours, at), From(theirs, at), count));
        }
    }

    /// <summary>Ends the file: what is left of it and its header can be fetched.</summary>
    public void Stop()
    {
        if (!IsRecording)
            return;
        IsRecording = false;
        if (_filled > 0)
            Close();
        _isEnding = true;
        // A header that was never fetched is fetched once, as it is now.
        _hasHeader = true;
        WriteHeader();
    }

    /// <summary>The next block and where in the file it belongs. It stays as it is until <see cref="Release"/>. False where there is none.</summary>
    public bool TryPeek(out long offset, out ReadOnlySpan<byte> octets)
    {
        offset = 0;
        octets = default;
        if (IsHeaderNext)
        {
            octets = _header;
            return true;
        }
        if (_count == 0)
            return false;
        offset = _offsets[_first];
        octets = _octets.AsSpan(_first * _options.BlockOctets, _lengths[_first]);
        return true;
    }

    /// <summary>The block that was peeked at is written, or nobody wants it.</summary>
    public void Release()
    {
        if (IsHeaderNext)
        {
            _hasHeader = false;
        }
        else if (_count > 0)
        {
            _first = Next(_first);
            _count--;
        }
    }

    private bool IsHeaderNext => _hasHeader && (!_isEnding || _count == 0);

    private long FreeOctets => (long)(_options.Blocks - _count) * _options.BlockOctets - _filled;

    private int Next(int block) => block + 1 == _options.Blocks ? 0 : block + 1;

    private static ReadOnlySpan<short> From(ReadOnlySpan<short> samples, int at) => at < samples.Length ? samples[at..] : default;

    // Both directions as they stand in the file, in this machine's order of octets.
    private ReadOnlySpan<short> Join(ReadOnlySpan<short> ours, ReadOnlySpan<short> theirs, int count)
    {
        var joined = _frame.AsSpan(0, count * _channels);
        for (int i = 0; i < count; i++)
        {
            short left = i < ours.Length ? ours[i] : (short)0;
            short right = i < theirs.Length ? theirs[i] : (short)0;
            if (_channels == 2)
                (joined[2 * i], joined[2 * i + 1]) = (left, right);
            else
                joined[i] = (short)Math.Clamp(left + right, short.MinValue, short.MaxValue);
        }
        return joined;
    }

    private void Put(ReadOnlySpan<short> samples)
    {
        while (!samples.IsEmpty)
        {
            int block = (_first + _count) % _options.Blocks;
            var room = _octets.AsSpan(block * _options.BlockOctets + _filled, _options.BlockOctets - _filled);
            int count = Math.Min(samples.Length, room.Length / sizeof(short));
            _filled += WavWriter.Write(samples[..count], room);
            samples = samples[count..];
            if (_filled == _options.BlockOctets)
                Close();
        }
    }

    private void Close()
    {
        int block = (_first + _count) % _options.Blocks;
        _lengths[block] = _filled;
        _offsets[block] = HeaderOctets + _data;
        _data += _filled;
        _filled = 0;
        _count++;
    }

    private void WriteHeader() => WavWriter.TryWriteHeader(_header, _options.SampleRate, _channels, (uint)(_data / sizeof(short)));
}
