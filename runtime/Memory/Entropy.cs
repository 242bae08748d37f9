// Unpredictable octets for tags, branches and keys (RFC 3261 §19.3: 32 random bits at least). The core draws none by itself: Host hands it the kernel's, a
// simulation its seed's.
using System.Buffers.Binary;
using System.Diagnostics;

namespace SipEmbedded.Memory;

/// <summary>Where unpredictable octets come from.</summary>
public interface IEntropySource
{
    /// <summary>Fills all of it. A source that cannot must not return.</summary>
    void Fill(Span<byte> octets);
}

/// <summary>Draws from a source in blocks, since the kernel is dear to ask for eight octets at a time.</summary>
public sealed class Entropy
{
    // The kernel gives up to 256 octets without interruption (getrandom(2)).
    private const int BlockOctets = 256;

    private readonly IEntropySource _source;
    private readonly byte[] _block;
    private int _used = BlockOctets;

    [StartUp(Because = "a pool is made before start")]
    public Entropy(StartGate gate, IEntropySource source)
    {
        _source = source;
        _block = gate.Take<byte>("entropy", BlockOctets);
    }

    /// <summary>A key, straight from the source: a constructor can draw one before there is a block.</summary>
    public void Fill(Span<byte> key) => _source.Fill(key);

    /// <summary>64 bits.</summary>
    public ulong Next()
    {
        if (_used > BlockOctets - sizeof(ulong))
        {
            // A rehearsal's block holds nothing (note [the start gate]); what is drawn there nobody uses.
            if (_block.Length == 0)
                return 0;
            _source.Fill(_block);
            _used = 0;
        }
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(_block.AsSpan(_used));
        // Drawn once is gone: a later look at this memory tells nothing of earlier tags.
        _block.AsSpan(_used, sizeof(ulong)).Clear();
        _used += sizeof(ulong);
        return value;
    }

    /// <summary>
    /// A number from 0 up to but not including <paramref name="limit"/>, which is not 0. None is likelier than another by more than one part in 2^32.
    /// </summary>
    public uint Below(uint limit)
    {
        Debug.Assert(limit > 0);
        return (uint)((UInt128)Next() * limit >> 64);
    }
}
