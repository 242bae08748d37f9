// What one execution gave, as two numbers: one to compare repeated readings by, one to tell whether the input was worth keeping.
using System.Numerics;
using SipEmbedded.Text;

namespace SipEmbedded.Fuzz;

/// <summary>
/// <see cref="Digest"/> stands for everything that was read, places included: the same text gives the same. <see cref="Signature"/> is
/// coarse: accepted or not, the fault's kind and rule, offset and sizes by bucket, which fields were there.
/// </summary>
internal struct Outcome
{
    private const ulong Prime = 0x9E3779B97F4A7C15;

    public ulong Digest;
    public ulong Signature;

    public static ulong Mix(ulong state, ulong value) => BitOperations.RotateLeft((state ^ value) * Prime, 29);

    public static ulong Mix(ulong state, string name) =>
        name.Length == 0 ? Mix(state, 1) : Mix(state, (ulong)name.Length << 32 | (uint)name[0] << 16 | name[^1]);

    /// <summary>Sizes that differ in kind: 0, 1, 2 or 3, up to 15, up to 255, more.</summary>
    public static ulong Bucket(ulong size) => size < 2 ? size : size < 4 ? 2UL : size < 16 ? 3UL : size < 256 ? 4UL : 5UL;

    /// <summary>Something that both numbers tell apart.</summary>
    public void Add(ulong value)
    {
        Digest = Mix(Digest, value);
        Signature = Mix(Signature, value);
    }

    /// <summary>A size or a place: all of it in the digest, its bucket in the signature.</summary>
    public void AddSize(long size)
    {
        Digest = Mix(Digest, (ulong)size);
        Signature = Mix(Signature, Bucket((ulong)size));
    }

    /// <summary>A place that tells nothing about the kind of text.</summary>
    public void AddPlace(Slice slice) => Digest = Mix(Digest, (ulong)(uint)slice.Offset << 32 | (uint)slice.Length);

    public void Add(in ParseFault fault)
    {
        Add((ulong)fault.Kind);
        AddSize(fault.Offset);
        Digest = Mix(Digest, fault.Rule);
        Signature = Mix(Signature, fault.Rule);
    }
}
