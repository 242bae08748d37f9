// Writes text into a caller's buffer. Overflow is remembered, not thrown: the caller asks once, at the end.
using System.Runtime.CompilerServices;

namespace SipEmbedded.Text;

/// <summary>
/// A cursor over a caller's buffer. Once something did not fit, <see cref="Overflowed"/> stays true and nothing more is written;
/// <see cref="Written"/> is then the last whole piece's end.
/// </summary>
public ref struct ByteWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _position;

    /// <summary>Octets written so far.</summary>
    public readonly int Written => _position;

    public bool Overflowed { get; private set; }

    /// <summary>What has been written.</summary>
    public readonly ReadOnlySpan<byte> WrittenSpan => _buffer[.._position];

    /// <summary>Takes back everything behind <paramref name="position"/>, an earlier value of <see cref="Written"/>.</summary>
    public void Rewind(int position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)position, (uint)_position);
        _position = position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(byte octet)
    {
        if (Overflowed || (uint)_position >= (uint)_buffer.Length)
        {
            Overflowed = true;
            return;
        }
        _buffer[_position++] = octet;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(scoped ReadOnlySpan<byte> text)
    {
        if (Overflowed || !text.TryCopyTo(_buffer[_position..]))
        {
            Overflowed = true;
            return;
        }
        _position += text.Length;
    }

    /// <summary>Writes <paramref name="value"/> in decimal digits without leading zeros.</summary>
    public void Write(ulong value)
    {
        int length = DigitsOf(value);
        if (Overflowed || length > _buffer.Length - _position)
        {
            Overflowed = true;
            return;
        }
        for (int at = _position + length - 1; at >= _position; at--, value /= 10)
            _buffer[at] = (byte)('0' + value % 10);
        _position += length;
    }

    // Most numbers of a message are short: ports, lengths, parts of addresses.
    private static int DigitsOf(ulong value)
    {
        const int MostDigits = 20;
        int digits = 1;
        for (ulong limit = 10; value >= limit && digits < MostDigits; digits++)
            limit = digits < MostDigits - 1 ? limit * 10 : ulong.MaxValue;
        return digits;
    }

    /// <summary>Writes <paramref name="value"/> in at least <paramref name="digits"/> digits, zeros in front.</summary>
    public void Write(ulong value, int digits)
    {
        for (ulong limit = value; digits > 1 && (limit /= 10) != 0; digits--)
        {
        }
        for (; digits > 1; digits--)
            Write((byte)'0');
        Write(value);
    }

    /// <summary>Writes thousandths as a decimal fraction: 1000 as <c>1</c>, 700 as <c>0.7</c> (qvalue, RFC 3261 §25.1).</summary>
    public void WriteThousandths(uint value)
    {
        Write(value / 1000);
        uint fraction = value % 1000;
        if (fraction == 0)
            return;
        Write((byte)'.');
        for (uint unit = 100; fraction != 0; fraction %= unit, unit /= 10)
            Write((byte)('0' + fraction / unit));
    }
}
