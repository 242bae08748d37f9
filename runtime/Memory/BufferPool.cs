// Octets for messages that must be kept: retained by transactions, waiting to be sent, or not yet whole.
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SipEmbedded.Memory;

/// <summary>Buffers of one size.</summary>
public readonly record struct BufferClass(int Octets, int Count);

/// <summary>A buffer of a <see cref="BufferPool"/> and how much of it is in use. <c>default</c> is none.</summary>
public readonly struct Buffer
{
    internal Buffer(int index, int size, int length, byte generation)
    {
        Index = index;
        Size = (byte)(size + 1);
        Length = checked((ushort)length);
        Generation = generation;
    }

    internal int Index { get; }

    /// <summary>Octets in use.</summary>
    public ushort Length { get; }

    // The number of the class, from 1.
    internal byte Size { get; }

    // A net for bugs, not a promise as a Handle's is: after 256 lives of a buffer it is the same again.
    internal byte Generation { get; }

    /// <summary>False for <c>default</c>.</summary>
    public bool IsSome => Size != 0;

    /// <summary>The same buffer with another length, at most the octets of its class: a longer one stops the process when it is used.</summary>
    public Buffer WithLength(int length) => new(Index, Size - 1, length, Generation);
}

/// <summary>
/// Buffers of a few sizes. A request takes the smallest that is large enough and free. Buffers are counted references: whoever keeps one retains it,
/// and the last release frees it. Retaining or releasing one that nobody holds stops the process.
/// </summary>
public sealed class BufferPool
{
    /// <summary>More sizes than this make a choice no better.</summary>
    public const int MaxClasses = 8;

    /// <summary>More than any queue is long: a message that is sent again before the first went out is held once for each.</summary>
    public const int MaxHolders = ushort.MaxValue;

    // What is known of a buffer, together, since whoever takes or frees one touches all of it.
    private struct Holding
    {
        // The next free buffer of the size, from 1.
        public int NextFree;
        public ushort References;
        public byte Generation;
    }

    private readonly byte[][] _octets;
    private readonly Holding[][] _holdings;
    private readonly int[] _firstFree;
    private readonly int[] _touched;
    private readonly BufferClass[] _classes;

    /// <summary>Classes from the smallest to the largest, from 1 to 65,535 octets.</summary>
    [StartUp(Because = "a pool is made before start")]
    public BufferPool(StartGate gate, string pool, params ReadOnlySpan<BufferClass> classes)
    {
        if (classes.Length > MaxClasses)
            throw new ArgumentException($"The pool '{pool}' has more than {MaxClasses} sizes.", nameof(classes));
        _classes = classes.ToArray();
        _octets = new byte[_classes.Length][];
        _holdings = new Holding[_classes.Length][];
        _firstFree = new int[_classes.Length];
        _touched = new int[_classes.Length];
        for (int i = 0; i < _classes.Length; i++)
        {
            var (octets, count) = _classes[i];
            if (octets is < 1 or > ushort.MaxValue)
                throw new ArgumentOutOfRangeException(nameof(classes), octets, $"The pool '{pool}' would have buffers of {octets} octets.");
            if (i > 0 && octets <= _classes[i - 1].Octets)
                throw new ArgumentException($"The sizes of the pool '{pool}' do not grow.", nameof(classes));
            string name = $"{pool} of {octets} octets";
            _octets[i] = gate.Take<byte>(name, count, octets, isPinned: true);
            _holdings[i] = gate.Take<Holding>(name, count);
        }
    }

    /// <summary>Buffers taken.</summary>
    public int Count { get; private set; }

    /// <summary>Octets of the buffers taken, used or not.</summary>
    public long Octets { get; private set; }

    /// <summary>How often a buffer was wanted and none was free.</summary>
    public long Refused { get; private set; }

    /// <summary>The sizes, as they were asked for.</summary>
    public ReadOnlySpan<BufferClass> Classes => _classes;

    /// <summary>
    /// The most of a class that were ever taken at once, by its number in <see cref="Classes"/>: a buffer is touched for the first time only when all that
    /// were touched are taken.
    /// </summary>
    public int HighWater(int number) => _touched[number];

    /// <summary>Octets of the largest buffer that there is, taken or not.</summary>
    public int LargestOctets
    {
        get
        {
            for (int i = _classes.Length - 1; i >= 0; i--)
            {
                if (_classes[i].Count > 0)
                    return _classes[i].Octets;
            }
            return 0;
        }
    }

    /// <summary>Takes a buffer for <paramref name="length"/> octets, held once. False, counted, where none is free that large.</summary>
    public bool TryTake(int length, out Buffer buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        for (int i = 0; i < _classes.Length; i++)
        {
            if (_classes[i].Octets < length)
                continue;
            int index;
            if (_firstFree[i] != 0)
            {
                index = _firstFree[i] - 1;
                _firstFree[i] = _holdings[i][index].NextFree;
            }
            else if (_touched[i] < _classes[i].Count)
                index = _touched[i]++;
            else
                continue;
            ref var holding = ref _holdings[i][index];
            holding.References = 1;
            Count++;
            Octets += _classes[i].Octets;
            buffer = new(index, i, length, holding.Generation);
            return true;
        }
        Refused++;
        buffer = default;
        return false;
    }

    /// <summary>Takes a buffer that holds a copy of <paramref name="text"/>.</summary>
    public bool TryCopy(scoped ReadOnlySpan<byte> text, out Buffer buffer)
    {
        if (!TryTake(text.Length, out buffer))
            return false;
        text.CopyTo(Of(buffer));
        return true;
    }

    /// <summary>The octets in use of a buffer that is held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Of(Buffer buffer)
    {
        int size = buffer.Size - 1;
        Debug.Assert(IsHeld(buffer), "a freed buffer was read");
        int octets = _classes[size].Octets;
        // Two slices, so that a length beyond the class cannot show the neighbour's octets.
        return _octets[size].AsSpan(buffer.Index * octets, octets)[..buffer.Length];
    }

    /// <summary>All octets of a buffer that is held, in use or not.</summary>
    public Span<byte> WholeOf(Buffer buffer) => Of(buffer.WithLength(_classes[buffer.Size - 1].Octets));

    /// <summary>True while somebody holds it.</summary>
    public bool IsHeld(Buffer buffer) => buffer.IsSome && IsHeld(_holdings[buffer.Size - 1][buffer.Index], buffer);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsHeld(in Holding holding, Buffer buffer) => holding.References != 0 && holding.Generation == buffer.Generation;

    /// <summary>True where more than one holds it.</summary>
    public bool IsShared(Buffer buffer) => IsHeld(buffer) && _holdings[buffer.Size - 1][buffer.Index].References > 1;

    /// <summary>One more holder, at most <see cref="MaxHolders"/>.</summary>
    public Buffer Retain(Buffer buffer)
    {
        if (!IsHeld(buffer))
            BrokenInvariant.Stop("A freed buffer was retained.");
        ref ushort references = ref _holdings[buffer.Size - 1][buffer.Index].References;
        if (references == MaxHolders)
            BrokenInvariant.Stop("A buffer has too many holders.");
        references++;
        return buffer;
    }

    /// <summary>One holder less; the last one frees it. Nothing happens for <c>default</c>.</summary>
    public void Release(Buffer buffer)
    {
        if (!buffer.IsSome)
            return;
        int size = buffer.Size - 1;
        ref var holding = ref _holdings[size][buffer.Index];
        if (!IsHeld(holding, buffer))
            BrokenInvariant.Stop("A buffer was freed twice.");
        if (--holding.References != 0)
            return;
        holding.Generation++;
        holding.NextFree = _firstFree[size];
        _firstFree[size] = buffer.Index + 1;
        Count--;
        Octets -= _classes[size].Octets;
    }
}
