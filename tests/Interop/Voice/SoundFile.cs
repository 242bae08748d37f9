// WAV files of calls: written to be said, read to be listened to.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SipEmbedded.Audio;
using SipEmbedded.Memory;

namespace SipEmbedded.Interop.Tests.Voice;

internal static class SoundFile
{
    /// <summary>The rate at which sounds are compared: that of our phone.</summary>
    public const int SampleRate = 16_000;

    /// <summary>Writes one sound into one or two channels.</summary>
    public static void Write(string path, ReadOnlySpan<short> samples, int sampleRate, int channels = 1)
    {
        using var file = new BinaryWriter(File.Create(path));
        int octets = samples.Length * channels * sizeof(short);
        file.Write("RIFF"u8);
        file.Write(36 + octets);
        file.Write("WAVEfmt "u8);
        file.Write(16);
        file.Write((short)1);
        file.Write((short)channels);
        file.Write(sampleRate);
        file.Write(sampleRate * channels * sizeof(short));
        file.Write((short)(channels * sizeof(short)));
        file.Write((short)16);
        file.Write("data"u8);
        file.Write(octets);
        foreach (short sample in samples)
        {
            for (int i = 0; i < channels; i++)
                file.Write(sample);
        }
    }

    /// <summary>One channel of a file, at <see cref="SampleRate"/>.</summary>
    public static short[] Read(string path, int channel = 0)
    {
        byte[] file = File.ReadAllBytes(path);
        Xunit.Assert.True(WavHeader.TryRead(file, out var header, out var fault), $"{path}: {fault.Kind}");
        Xunit.Assert.Equal(16, header.BitsPerSample);
        int length = (int)Math.Min(header.DataOctets, file.Length - header.DataOffset);
        var all = MemoryMarshal.Cast<byte, short>(file.AsSpan(header.DataOffset, length & ~1));
        short[] samples = new short[all.Length / header.Channels];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = all[i * header.Channels + channel];
        return Converted(samples, header.SampleRate, SampleRate);
    }

    /// <summary>The same at another rate, no later than it was. By the phone's own converter, so that what was said and what was heard differ by nothing but the call.</summary>
    public static short[] Converted(short[] samples, int fromHz, int toHz)
    {
        if (fromHz == toHz)
            return samples;
        var gate = new StartGate();
        var converter = new RateConverter(gate, "sound files", fromHz, toHz);
        gate.Close();
        short[] converted = new short[converter.OutputFor(samples.Length)];
        _ = converter.Convert(samples, converted);
        return converted[(RateConverter.DelaySamples * toHz / Math.Min(fromHz, toHz))..];
    }
}
