// SHA-512 and SHA-512/256 by the letter of FIPS 180-4, with numbers of any size: every constant is computed from the primes, as §4.2.3, §5.3.5 and §5.3.6
// define them. Held to the framework's SHA-512, it is what the library's SHA-512/256 is held to.
using System.Numerics;

namespace SipEmbedded.Tests.Auth;

internal static class SlowSha512
{
    private static readonly BigInteger s_modulus = BigInteger.One << 64;
    private static readonly int[] s_primes = [.. Enumerable.Range(2, 500).Where(n => Enumerable.Range(2, n - 2).All(d => n % d != 0)).Take(80)];
    private static readonly ulong[] s_constants = [.. s_primes.Select(p => Fraction(p, 3))];
    private static readonly ulong[] s_first = [.. s_primes.Take(8).Select(p => Fraction(p, 2))];

    private static readonly ulong[] s_firstOf256 = Words([.. s_first.Select(word => word ^ 0xA5A5A5A5A5A5A5A5)], "SHA-512/256"u8.ToArray());

    public static byte[] Sha512(byte[] data) => Octets(Words(s_first, data));

    public static byte[] Sha512Slash256(byte[] data) => Octets(Words(s_firstOf256, data))[..32];

    // The first 64 bits of the fraction of a root: the root of n * 2^(64 * degree), less its whole part.
    private static ulong Fraction(int n, int degree)
    {
        var shifted = (BigInteger)n << 64 * degree;
        BigInteger low = 0;
        for (var step = BigInteger.One << 80; step > 0; step >>= 1)
        {
            if (BigInteger.Pow(low + step, degree) <= shifted)
                low += step;
        }
        return (ulong)(low % s_modulus);
    }

    private static byte[] Octets(ulong[] words) => [.. words.SelectMany(word => BitConverter.GetBytes(word).Reverse())];

    private static ulong[] Words(ulong[] first, byte[] data)
    {
        byte[] padded =
        [
            .. data, 0x80, .. new byte[(239 - data.Length % 128) % 128], .. new byte[8], .. BitConverter.GetBytes((ulong)data.Length * 8).Reverse(),
        ];
        ulong[] state = [.. first];
        for (int block = 0; block < padded.Length; block += 128)
        {
            var w = new ulong[80];
            for (int t = 0; t < 80; t++)
            {
                w[t] = t < 16
                    ? BitConverter.ToUInt64([.. padded[(block + 8 * t)..(block + 8 * t + 8)].Reverse()])
                    : Mix(w[t - 2], 19, 61, 6, isShift: true) + w[t - 7] + Mix(w[t - 15], 1, 8, 7, isShift: true) + w[t - 16];
            }
            ulong[] v = [.. state];
            for (int t = 0; t < 80; t++)
            {
                ulong t1 = v[7] + Mix(v[4], 14, 18, 41) + (v[4] & v[5] ^ ~v[4] & v[6]) + s_constants[t] + w[t];
                ulong t2 = Mix(v[0], 28, 34, 39) + (v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]);
                v = [t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]];
            }
            state = [.. state.Zip(v, (left, right) => left + right)];
        }
        return state;
    }

    private static ulong Mix(ulong x, int first, int second, int third, bool isShift = false) =>
        BitOperations.RotateRight(x, first) ^ BitOperations.RotateRight(x, second) ^ (isShift ? x >> third : BitOperations.RotateRight(x, third));
}
