// The agents' tags, branches and keys: unpredictable to nobody, and the same twice.
using System.Buffers.Binary;
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

internal sealed class SeededEntropy(Chance chance) : IEntropySource
{
    public void Fill(Span<byte> octets)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        while (!octets.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, chance.Next());
            int length = Math.Min(octets.Length, word.Length);
            word[..length].CopyTo(octets);
            octets = octets[length..];
        }
    }
}
