// What a transaction is known by, brought into one fingerprint (RFC 3261 §17.2.3, §8.2.2.2).
//
// note [matching by fingerprint]
// A peer's branch, or all the headers that RFC 2543 matches by, would have to be kept to be compared. A keyed fingerprint of 128 bits is kept instead: two
// requests with one fingerprint are taken for one. Who does not know the key, drawn at start, cannot find such two; by chance they do not meet.
using System.Buffers.Binary;
using SipEmbedded.Memory;

namespace SipEmbedded.Transactions;

/// <summary>Collects pieces and hashes them; each piece's length is part of it, so that no two lists of pieces read the same.</summary>
internal ref struct KeyText(KeyedHash hash, Span<byte> buffer)
{
    private const int FingerprintOctets = 16;

    // A usual branch, host and method need 60 octets, the headers of RFC 2543 200; what is longer is hashed by pieces.
    public const int BufferOctets = 384;

    private readonly KeyedHash _hash = hash;
    private readonly Span<byte> _buffer = buffer;
    private int _length;

    public void Add(scoped ReadOnlySpan<byte> piece)
    {
        int room = _buffer.Length - _length - sizeof(ushort);
        if (piece.Length > room)
        {
            AddLong(piece);
            return;
        }
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer[_length..], (ushort)piece.Length);
        piece.CopyTo(_buffer[(_length + sizeof(ushort))..]);
        _length += sizeof(ushort) + piece.Length;
    }

    private void AddLong(scoped ReadOnlySpan<byte> piece)
    {
        var before = _hash.Of(_buffer[.._length]);
        var itself = _hash.Of(piece);
        BinaryPrimitives.WriteUInt128LittleEndian(_buffer, before);
        BinaryPrimitives.WriteUInt128LittleEndian(_buffer[FingerprintOctets..], itself);
        _length = 2 * FingerprintOctets;
    }

    public void Add(uint number)
    {
        Span<byte> octets = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(octets, number);
        Add(octets);
    }

    /// <summary>Never 0, which stands for "none".</summary>
    public readonly UInt128 Fingerprint()
    {
        var fingerprint = _hash.Of(_buffer[.._length]);
        return fingerprint == default ? UInt128.One : fingerprint;
    }
}
