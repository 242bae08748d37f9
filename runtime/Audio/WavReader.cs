// The samples of a WAV file, as one channel of 16 bits, from its octets piece by piece.
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SipEmbedded.Audio;

/// <summary>Turns the octets behind a <see cref="WavHeader"/> into samples.</summary>
public static class WavReader
{
    // Samples of 8 bits are unsigned, with silence in the middle.
    private const int Silence8 = 128;

    /// <summary>
    /// Reads as many samples as <paramref name="octets"/> hold whole and <paramref name="samples"/> has room for, two channels as their mean. The samples written;
    /// <paramref name="taken"/> octets are done with.
    /// </summary>
    public static int Read(in WavHeader header, ReadOnlySpan<byte> octets, Span<short> samples, out int taken)
    {
        taken = 0;
        int size = header.FrameOctets;
        if (size == 0)
            return 0;
        int count = Math.Min(octets.Length / size, samples.Length);
        samples = samples[..count];
        taken = count * size;
        switch (header.BitsPerSample, header.Channels)
        {
            case (16, 1) when BitConverter.IsLittleEndian:
                octets[..taken].CopyTo(MemoryMarshal.AsBytes(samples));
                break;
            case (16, 1):
                for (int i = 0; i < count; i++)
                    samples[i] = BinaryPrimitives.ReadInt16LittleEndian(octets[(2 * i)..]);
                break;
            case (16, _):
                for (int i = 0; i < count; i++)
                    samples[i] = (short)((BinaryPrimitives.ReadInt16LittleEndian(octets[(4 * i)..]) + BinaryPrimitives.ReadInt16LittleEndian(octets[(4 * i + 2)..])) >> 1);
                break;
            case (_, 1):
                for (int i = 0; i < count; i++)
                    samples[i] = (short)((octets[i] - Silence8) << 8);
                break;
            default:
                for (int i = 0; i < count; i++)
                    samples[i] = (short)((octets[2 * i] + octets[2 * i + 1] - 2 * Silence8) << 7);
                break;
        }
        return count;
    }
}
