// WAV files: those that sox and ffmpeg write are read, they read ours, and what is wrong with a file is told with its place.
using System.Buffers.Binary;
using SipEmbedded.Audio;
using Xunit;

namespace SipEmbedded.Voice.Tests.Files;

public class WavTests
{
    [OracleTheory("sox")]
    [InlineData(8000, 1, 16)]
    [InlineData(16_000, 1, 16)]
    [InlineData(48_000, 2, 16)]
    [InlineData(8000, 1, 8)]
    [InlineData(16_000, 2, 8)]
    public void A_file_of_sox_is_read(int rate, int channels, int bits)
    {
        short[] speech = SpeechLike.Make(rate, 0.5);
        // Two channels are the same one twice.
        string remix = channels == 2 ? "remix 1 1" : "";
        string encoding = bits == 8 ? "unsigned" : "signed";
        byte[] file = Oracles.Run("sox", $"-D -t raw -r {rate} -c 1 -e signed -b 16 -L - -t wav -e {encoding} -b {bits} - {remix}", Sound.ToOctets(speech));
        AssertHolds(file, speech, rate, channels, bits);
    }

    [OracleTheory("ffmpeg")]
    [InlineData(16_000, 1)]
    [InlineData(48_000, 2)]
    public void A_file_of_ffmpeg_is_read_although_it_was_written_without_its_length(int rate, int channels)
    {
        short[] speech = SpeechLike.Make(rate, 0.5);
        byte[] file = Oracles.Run("ffmpeg", $"-v error -f s16le -ar {rate} -ac 1 -i - -af pan={(channels == 2 ? "stereo|c0=c0|c1=c0" : "mono|c0=c0")} -f wav -", Sound.ToOctets(speech));
        AssertHolds(file, speech, rate, channels, 16);
        Assert.True(WavHeader.TryRead(file, out var header, out _));
        Assert.Equal(long.MaxValue, header.DataOctets);
    }

    [OracleTheory("sox")]
    [InlineData(8000)]
    [InlineData(16_000)]
    [InlineData(48_000)]
    public void Sox_reads_a_file_of_ours(int rate)
    {
        short[] speech = SpeechLike.Make(rate, 0.5);
        Assert.Equal(speech, Sound.OfOctets(Oracles.Run("sox", "-t wav - -t raw -L -", Write(speech, rate))));
    }

    [Fact]
    public void What_was_written_is_read_again()
    {
        short[] speech = SpeechLike.Make(16_000, 0.5);
        AssertHolds(Write(speech, 16_000), speech, 16_000, 1, 16);
    }

    [Fact]
    public void A_file_that_is_still_being_written_goes_on_to_its_end()
    {
        byte[] file = Write([1, 2, 3], 8000, samples: 0);
        Assert.True(WavHeader.TryRead(file, out var header, out _));
        Assert.Equal(long.MaxValue, header.DataOctets);
        short[] samples = new short[9];
        Assert.Equal(3, WavReader.Read(header, file.AsSpan(header.DataOffset), samples, out int taken));
        Assert.Equal(6, taken);
        Assert.Equal([1, 2, 3], samples[..3]);
    }

    [Fact]
    public void Two_channels_are_read_as_their_mean()
    {
        var header = new WavHeader { SampleRate = 8000, Channels = 2, BitsPerSample = 16 };
        short[] samples = new short[3];
        Assert.Equal(3, WavReader.Read(header, Sound.ToOctets([100, 200, short.MaxValue, short.MaxValue, short.MinValue, short.MinValue, 5]), samples, out int taken));
        Assert.Equal([150, short.MaxValue, short.MinValue], samples);
        Assert.Equal(12, taken);
        header = header with { BitsPerSample = 8 };
        Assert.Equal(3, WavReader.Read(header, [0, 0, 255, 255, 128, 130], samples, out _));
        Assert.Equal([-32_768, 32_512, 256], samples);
    }

    [Fact]
    public void An_extensible_format_of_PCM_is_read_and_of_floats_is_not()
    {
        byte[] extensible = Extensible(1);
        Assert.True(WavHeader.TryRead(extensible, out var header, out _));
        Assert.Equal((48_000, 2, 16, 68), (header.SampleRate, header.Channels, header.BitsPerSample, header.DataOffset));
        Assert.Equal(new WavFault(WavFaultKind.NotPcm, 20), FaultOf(Extensible(3)));
        // Another GUID that begins with 1 is not PCM.
        extensible[50] ^= 0xFF;
        Assert.Equal(new WavFault(WavFaultKind.NotPcm, 20), FaultOf(extensible));
    }

    [Theory]
    [InlineData(WavFaultKind.NotWav, 0, 0, 1)]
    [InlineData(WavFaultKind.NotWav, 0, 8, 1)]
    [InlineData(WavFaultKind.NoFormat, 36, 12, 1)]
    [InlineData(WavFaultKind.NoFormat, 20, 16, 15)]
    [InlineData(WavFaultKind.NotPcm, 20, 20, 7)]
    [InlineData(WavFaultKind.Channels, 20, 22, 3)]
    [InlineData(WavFaultKind.Channels, 20, 22, 0)]
    [InlineData(WavFaultKind.SampleRate, 20, 24, 1)]
    [InlineData(WavFaultKind.SampleSize, 20, 34, 24)]
    [InlineData(WavFaultKind.SampleSize, 20, 32, 4)]
    public void A_fault_is_told_with_its_place(WavFaultKind kind, int offset, int at, byte changed)
    {
        byte[] file = Write([1, 2, 3], 8000);
        file[at] = changed;
        Assert.Equal(new WavFault(kind, offset), FaultOf(file));
    }

    [Fact]
    public void A_file_that_ends_too_soon_asks_for_more_at_each_octet()
    {
        byte[] file = Write([1, 2, 3], 8000);
        for (int length = 0; length < WavWriter.HeaderOctets; length++)
            Assert.Equal(new WavFault(WavFaultKind.EndsTooSoon, length), FaultOf(file.AsSpan(0, length).ToArray()));
        Assert.True(WavHeader.TryRead(file.AsSpan(0, WavWriter.HeaderOctets), out _, out _));
    }

    [Fact]
    public void Other_chunks_are_passed_over_whatever_size_they_claim()
    {
        byte[] file = Write([1, 2, 3], 8000);
        // One of five octets and its pad in front of the samples.
        byte[] listed = [.. file.AsSpan(0, 36), .. "LIST"u8, 5, 0, 0, 0, 1, 2, 3, 4, 5, 0, .. file.AsSpan(36)];
        Assert.True(WavHeader.TryRead(listed, out var header, out _));
        Assert.Equal(44 + 14, header.DataOffset);
        foreach (uint size in (uint[])[6, 1000, int.MaxValue, uint.MaxValue - 8, uint.MaxValue])
        {
            BinaryPrimitives.WriteUInt32LittleEndian(listed.AsSpan(40), size);
            if (size > 6)
                Assert.Equal(new WavFault(WavFaultKind.EndsTooSoon, listed.Length), FaultOf(listed));
            else
                Assert.True(WavHeader.TryRead(listed, out _, out _));
        }
    }

    [Fact]
    public void Any_octets_are_a_header_or_a_fault()
    {
        var random = new Random(44);
        byte[] file = Write([1, 2, 3, 4], 16_000);
        short[] samples = new short[16];
        for (int round = 0; round < 20_000; round++)
        {
            byte[] changed = [.. file];
            for (int changes = random.Next(1, 6); changes > 0; changes--)
                changed[random.Next(12, changed.Length)] = (byte)random.Next(256);
            if (WavHeader.TryRead(changed, out var header, out var fault))
            {
                Assert.InRange(header.DataOffset, 12, changed.Length);
                Assert.InRange(WavReader.Read(header, changed.AsSpan(header.DataOffset), samples, out int taken), 0, samples.Length);
                Assert.InRange(taken, 0, changed.Length - header.DataOffset);
            }
            else
            {
                Assert.NotEqual(WavFaultKind.None, fault.Kind);
            }
        }
    }

    [Fact]
    public void What_has_no_room_is_refused()
    {
        Assert.False(WavWriter.TryWriteHeader(new byte[WavWriter.HeaderOctets - 1], 8000, 1, 1));
        Assert.Equal(0, WavWriter.Write([1, 2], new byte[3]));
        Assert.Equal(0, WavReader.Read(default, new byte[4], new short[4], out int taken));
        Assert.Equal(0, taken);
    }

    private static void AssertHolds(byte[] file, short[] speech, int rate, int channels, int bits)
    {
        Assert.True(WavHeader.TryRead(file, out var header, out var fault), $"{fault}");
        Assert.Equal((rate, channels, bits), (header.SampleRate, header.Channels, header.BitsPerSample));
        short[] samples = new short[speech.Length + 1];
        var octets = file.AsSpan(header.DataOffset);
        // In pieces that end within a sample.
        int count = 0;
        for (int at = 0; at < octets.Length;)
        {
            count += WavReader.Read(header, octets.Slice(at, Math.Min(999, octets.Length - at)), samples.AsSpan(count), out int taken);
            if (taken == 0)
                break;
            at += taken;
        }
        Assert.Equal(speech.Length, count);
        if (bits == 16)
            Assert.Equal(speech, samples[..count]);
        else
            Assert.All(Enumerable.Range(0, count), i => Assert.InRange(samples[i] - speech[i], -256, 256));
    }

    private static WavFault FaultOf(byte[] file)
    {
        Assert.False(WavHeader.TryRead(file, out _, out var fault));
        return fault;
    }

    private static byte[] Write(ReadOnlySpan<short> sound, int rate, uint? samples = null)
    {
        byte[] file = new byte[WavWriter.HeaderOctets + 2 * sound.Length];
        Assert.True(WavWriter.TryWriteHeader(file, rate, channels: 1, samples ?? (uint)sound.Length));
        Assert.Equal(2 * sound.Length, WavWriter.Write(sound, file.AsSpan(WavWriter.HeaderOctets)));
        return file;
    }

    private static byte[] Extensible(byte coding) =>
    [
        .. "RIFF"u8, 0, 0, 0, 0, .. "WAVEfmt "u8, 40, 0, 0, 0, 0xFE, 0xFF, 2, 0, 0x80, 0xBB, 0, 0, 0, 0xEE, 2, 0, 4, 0, 16, 0, 22, 0, 16, 0, 3, 0, 0, 0,
        coding, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71, .. "data"u8, 4, 0, 0, 0, 1, 2, 3, 4,
    ];
}
