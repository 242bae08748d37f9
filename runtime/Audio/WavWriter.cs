// A WAV file of 16 bits: a header, then samples. A recording whose length is not known yet begins with a header of no samples, which is written again
// over the first one when it has ended; readers take what is between for sound that goes on to the end of the file.
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SipEmbedded.Audio;

/// <summary>Writes the parts of a WAV file into the caller's octets.</summary>
public static class WavWriter
{
    /// <summary>Octets of a header.</summary>
    public const int HeaderOctets = 44;

    /// <summary>Samples that a file can hold: its sizes have 32 bits. At 48 kHz half a day.</summary>
    public const uint MostSamples = (uint.MaxValue - HeaderOctets) / sizeof(short);

    private const int FormatOctets = 16;

    /// <summary>
    /// Writes a header for <paramref name="samples"/>, of all <paramref name="channels"/> together and no more than <see cref="MostSamples"/>. False where
    /// <paramref name="octets"/> is too small.
    /// </summary>
    public static bool TryWriteHeader(Span<byte> octets, int sampleRate, int channels, uint samples)
    {
        if (octets.Length < HeaderOctets)
            return false;
        int frame = channels * sizeof(short);
        uint data = Math.Min(samples, MostSamples) * sizeof(short);
        "RIFF"u8.CopyTo(octets);
        BinaryPrimitives.WriteUInt32LittleEndian(octets[4..], HeaderOctets - 8 + data);
        "WAVEfmt "u8.CopyTo(octets[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(octets[16..], FormatOctets);
        BinaryPrimitives.WriteUInt16LittleEndian(octets[20..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(octets[22..], (ushort)channels);
        BinaryPrimitives.WriteInt32LittleEndian(octets[24..], sampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(octets[28..], sampleRate * frame);
        BinaryPrimitives.WriteUInt16LittleEndian(octets[32..], (ushort)frame);
        BinaryPrimitives.WriteUInt16LittleEndian(octets[34..], 8 * sizeof(short));
        "data"u8.CopyTo(octets[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(octets[40..], data);
        return true;
    }

    /// <summary>The octets written, two for each sample; 0 where <paramref name="octets"/> is too small.</summary>
    public static int Write(ReadOnlySpan<short> samples, Span<byte> octets)
    {
        int length = samples.Length * sizeof(short);
        if (octets.Length < length)
            return 0;
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(samples).CopyTo(octets);
            return length;
        }
        BinaryPrimitives.ReverseEndianness(samples, MemoryMarshal.Cast<byte, short>(octets[..length]));
        return length;
    }
}
