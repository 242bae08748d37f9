// Where a text lies when it is read: in the midst of other octets. No answer may depend on them.
namespace SipEmbedded.Fuzz;

internal sealed class Surroundings(int maxOctets)
{
    /// <summary>Octets on both sides: as many as the widest load of a scan.</summary>
    private const int Margin = 64;

    private readonly byte[] _octets = new byte[maxOctets + 2 * Margin];

    /// <summary>The text between margins that repeat <paramref name="around"/>.</summary>
    public ReadOnlySpan<byte> Lay(byte[] text, ReadOnlySpan<byte> around)
    {
        for (int i = 0; i < Margin; i++)
        {
            _octets[i] = around[i % around.Length];
            _octets[Margin + text.Length + i] = around[i % around.Length];
        }
        text.CopyTo(_octets, Margin);
        return _octets.AsSpan(Margin, text.Length);
    }
}
