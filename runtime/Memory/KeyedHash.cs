// SipHash-2-4 with 128 bits (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): what peers cannot predict, they cannot make collide.
// The framework has no keyed hash that can be seeded, and a simulation must be the same twice.
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace SipEmbedded.Memory;

/// <summary>A keyed fingerprint of octets. Two texts with one fingerprint are taken for the same: with a secret key nobody can find such a pair.</summary>
public readonly struct KeyedHash
{
    private readonly ulong _first;
    private readonly ulong _second;

    public const int KeyOctets = 16;

    /// <summary>A key of <see cref="KeyOctets"/>, secret and drawn at start.</summary>
    public KeyedHash(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyOctets);
        _first = BinaryPrimitives.ReadUInt64LittleEndian(key);
        _second = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
    }

    /// <summary>The fingerprint; the authors' 16 octets are its little-endian form. The low half serves <see cref="HashIndex"/>.</summary>
    public UInt128 Of(ReadOnlySpan<byte> text)
    {
        ulong v0 = _first ^ 0x736F6D6570736575;
        ulong v1 = _second ^ 0x646F72616E646F6D ^ 0xEE;
        ulong v2 = _first ^ 0x6C7967656E657261;
        ulong v3 = _second ^ 0x7465646279746573;
        ulong last = (ulong)text.Length << 56;
        while (text.Length >= 8)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(text);
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
            text = text[8..];
        }
        for (int i = 0; i < text.Length; i++)
            last |= (ulong)text[i] << 8 * i;
        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;
        v2 ^= 0xEE;
        FourRounds(ref v0, ref v1, ref v2, ref v3);
        ulong low = v0 ^ v1 ^ v2 ^ v3;
        v1 ^= 0xDD;
        FourRounds(ref v0, ref v1, ref v2, ref v3);
        return new(v0 ^ v1 ^ v2 ^ v3, low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourRounds(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
    }

    // Every message takes some hundred rounds. A build for size inlines no such thing by itself, and a call costs as much as the round.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
