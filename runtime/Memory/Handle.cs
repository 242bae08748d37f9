// The name of a slot in a pool: small, copyable, harmless when it is out of date.
namespace SipEmbedded.Memory;

/// <summary>
/// A slot of a <see cref="SlotMap{T}"/> and the generation that lived in it when the handle was given out. <c>default</c> names nothing. Once its
/// slot was freed a handle is stale for good: the generation has moved on, and whoever is asked answers that it is gone.
/// </summary>
public readonly struct Handle<T> : IEquatable<Handle<T>>
    where T : struct
{
    // Odd while the slot is taken, so that default names nothing.
    private readonly uint _generation;

    internal Handle(int index, uint generation)
    {
        Index = index;
        _generation = generation;
    }

    /// <summary>The number of the slot, from 0.</summary>
    public int Index { get; }

    /// <summary>How often the slot was taken and freed, taken being odd.</summary>
    public uint Generation => _generation;

    /// <summary>False for <c>default</c>. A handle that is something may still be stale.</summary>
    public bool IsSome => _generation != 0;

    public bool Equals(Handle<T> other) => Index == other.Index && _generation == other._generation;

    public override bool Equals(object? obj) => obj is Handle<T> other && Equals(other);

    public override int GetHashCode() => Index ^ (int)(_generation * 0x9E3779B1);

    public static bool operator ==(Handle<T> left, Handle<T> right) => left.Equals(right);

    public static bool operator !=(Handle<T> left, Handle<T> right) => !left.Equals(right);
}
