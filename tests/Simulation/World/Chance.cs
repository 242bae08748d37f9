// Where everything that a run leaves to chance comes from: xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64. The framework's own generator
// may change with its version; a seed must mean the same run for good.
using System.Numerics;

namespace SipEmbedded.Simulation;

/// <summary>Numbers that depend on a seed alone.</summary>
internal sealed class Chance
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    public Chance(ulong seed)
    {
        _a = Mix(ref seed);
        _b = Mix(ref seed);
        _c = Mix(ref seed);
        _d = Mix(ref seed);
    }

    public ulong Next()
    {
        ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        ulong shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A number from 0 up to but not including <paramref name="limit"/>.</summary>
    public int Below(int limit) => (int)((UInt128)Next() * (uint)limit >> 64);

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    public int Between(int least, int most) => least + (int)((UInt128)Next() * (ulong)((long)most - least + 1) >> 64);

    /// <summary>True so many times in a thousand. Draws nothing for 0, so that a fault that is switched off leaves the others as they were.</summary>
    public bool Happens(int perMille) => perMille > 0 && Below(1000) < perMille;

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>A generator of its own for a part of the run, so that what one part draws does not shift the others.</summary>
    public Chance Fork(ulong part)
    {
        ulong seed = _a ^ BitOperations.RotateLeft(_d, 32) ^ part * 0xD1B54A32D192ED03;
        return new(Mix(ref seed));
    }

    private static ulong Mix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        ulong mixed = state;
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
        return mixed ^ mixed >> 31;
    }
}
