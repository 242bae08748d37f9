// The beginning of a WAV file (RIFF; Microsoft and IBM, Multimedia Programming Interface and Data Specifications 1.0, and WAVEFORMATEXTENSIBLE): what sound is in it, and where.
// Files come from people: every size in them is taken for a claim. Reading and writing the file itself is the caller's.
using System.Buffers.Binary;

namespace SipEmbedded.Audio;

/// <summary>What may be wrong with a WAV file.</summary>
public enum WavFaultKind : byte
{
    None,

    /// <summary>It does not begin with RIFF, a size, WAVE.</summary>
    NotWav,

    /// <summary>What there is of it ends before the samples begin; more of the file may help.</summary>
    EndsTooSoon,

    /// <summary>The samples come before it is said what they are, or the chunk that says it is too short.</summary>
    NoFormat,

    /// <summary>Not PCM, but compressed or floating-point.</summary>
    NotPcm,

    /// <summary>Neither one nor two channels.</summary>
    Channels,

    /// <summary>Neither 8, 16 nor 48 kHz.</summary>
    SampleRate,

    /// <summary>Neither 8 nor 16 bits a sample, or a size of a frame that does not fit them.</summary>
    SampleSize,
}

/// <summary>What is wrong with a WAV file, and at which octet.</summary>
public readonly record struct WavFault(WavFaultKind Kind, int Offset);

/// <summary>What sound a WAV file has, and where.</summary>
public readonly record struct WavHeader
{
    private const int RiffOctets = 12;
    private const int ChunkOctets = 8;
    private const int FormatOctets = 16;
    private const int ExtensibleOctets = 40;
    private const int SubFormatOffset = 24;
    private const int Pcm = 1;
    private const int Extensible = 0xFFFE;

    // A writer that could not go back to put the sizes in leaves one of these there: the samples go on to the end.
    private const uint UnknownSize = 0xFFFF_FFFF;

    /// <summary>8,000, 16,000 or 48,000.</summary>
    public int SampleRate { get; init; }

    /// <summary>1 or 2.</summary>
    public int Channels { get; init; }

    /// <summary>8 or 16.</summary>
    public int BitsPerSample { get; init; }

    /// <summary>Where the samples begin in the file.</summary>
    public int DataOffset { get; init; }

    /// <summary>How many octets of samples there are by the file's own word; <see cref="long.MaxValue"/> where it says that they go on to its end. There may be fewer.</summary>
    public long DataOctets { get; init; }

    /// <summary>Octets of a sample of all channels.</summary>
    public int FrameOctets => Channels * BitsPerSample / 8;

    /// <summary>Reads what is in front of the samples, from the beginning of a file or all of it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, out WavHeader header, out WavFault fault)
    {
        header = default;
        fault = default;
        if (!BeginsLikeWav(file))
            return Fails(WavFaultKind.NotWav, 0, out fault);
        if (file.Length < RiffOctets)
            return Fails(WavFaultKind.EndsTooSoon, file.Length, out fault);
        bool hasFormat = false;
        // Each round goes on by a chunk's head at least, so a file has as many rounds as it is long, and no size makes them more.
        long at = RiffOctets;
        while (at + ChunkOctets <= file.Length)
        {
            var chunk = file[(int)at..];
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("data"u8))
            {
                if (!hasFormat)
                    return Fails(WavFaultKind.NoFormat, (int)at, out fault);
                header = header with { DataOffset = (int)at + ChunkOctets, DataOctets = size is UnknownSize or 0 ? long.MaxValue : size };
                return true;
            }
            if (chunk.StartsWith("fmt "u8))
            {
                var kind = ReadFormat(chunk[ChunkOctets..], size, ref header);
                if (kind != WavFaultKind.None)
                    return Fails(kind, kind == WavFaultKind.EndsTooSoon ? file.Length : (int)at + ChunkOctets, out fault);
                hasFormat = true;
            }
            // Chunks begin at even octets.
            at += ChunkOctets + (long)size + (size & 1);
        }
        return Fails(WavFaultKind.EndsTooSoon, file.Length, out fault);
    }

    private static bool BeginsLikeWav(ReadOnlySpan<byte> file) =>
        file[..Math.Min(4, file.Length)].SequenceEqual("RIFF"u8[..Math.Min(4, file.Length)])
        && (file.Length < RiffOctets || file[8..].StartsWith("WAVE"u8));

    private static WavFaultKind ReadFormat(ReadOnlySpan<byte> format, uint size, ref WavHeader header)
    {
        if (size < FormatOctets)
            return WavFaultKind.NoFormat;
        if (format.Length < Math.Min(size, ExtensibleOctets))
            return WavFaultKind.EndsTooSoon;
        int coding = BinaryPrimitives.ReadUInt16LittleEndian(format);
        // An extensible format says PCM by the first two octets of a GUID, whose others are the same for all codings that have a number.
        if (coding == Extensible && size >= ExtensibleOctets && format.Slice(SubFormatOffset + 2, 14).SequenceEqual(CodingGuidRest))
            coding = BinaryPrimitives.ReadUInt16LittleEndian(format[SubFormatOffset..]);
        if (coding != Pcm)
            return WavFaultKind.NotPcm;
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(format[2..]);
        if (channels is not (1 or 2))
            return WavFaultKind.Channels;
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(format[4..]);
        if (rate is not (8000 or 16_000 or 48_000))
            return WavFaultKind.SampleRate;
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(format[14..]);
        if (bits is not (8 or 16) || BinaryPrimitives.ReadUInt16LittleEndian(format[12..]) != channels * bits / 8)
            return WavFaultKind.SampleSize;
        header = header with { SampleRate = (int)rate, Channels = channels, BitsPerSample = bits };
        return WavFaultKind.None;
    }

    private static bool Fails(WavFaultKind kind, int offset, out WavFault fault)
    {
        fault = new(kind, offset);
        return false;
    }

    private static ReadOnlySpan<byte> CodingGuidRest => [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];
}
