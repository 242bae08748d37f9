// A piece of a message by offset and length: what every typed value is made of. It holds no reference, so a record can be kept
// beside a copied message and cannot dangle.
using System.Runtime.CompilerServices;

namespace SipEmbedded.Text;

/// <summary>
/// A part of a text of at most <see cref="MaxTextLength"/> octets. <c>default</c> means "not there"; a value that is there but
/// empty has a length of 0 and <see cref="IsPresent"/>.
/// </summary>
public readonly struct Slice : IEquatable<Slice>
{
    /// <summary>The longest text a slice can point into: offsets and lengths are 16 bits (a UDP datagram is no longer).</summary>
    public const int MaxTextLength = ushort.MaxValue;

    // Offset in the low half, length in the high half: one register, one comparison for "absent".
    private readonly uint _bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Slice(uint bits) => _bits = bits;

    /// <summary>The octets from <paramref name="start"/> up to but not including <paramref name="end"/>, in octets of the text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Slice Between(int start, int end) => new((uint)start | (uint)(end - start) << 16);

    public int Offset => (int)(_bits & 0xFFFF);

    public int Length => (int)(_bits >> 16);

    public int End => Offset + Length;

    /// <summary>True where the grammar's element was there, even if empty. (An empty element at offset 0 counts as absent.)</summary>
    public bool IsPresent => _bits != 0;

    public bool IsEmpty => _bits < 0x10000;

    /// <summary>The octets themselves, from the text that this slice was read from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> text) => text.Slice(Offset, Length);

    public bool Equals(Slice other) => _bits == other._bits;

    public override bool Equals(object? obj) => obj is Slice other && Equals(other);

    public override int GetHashCode() => (int)_bits;

    public static bool operator ==(Slice left, Slice right) => left.Equals(right);

    public static bool operator !=(Slice left, Slice right) => !left.Equals(right);
}
