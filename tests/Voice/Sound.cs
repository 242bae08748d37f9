// Samples as octets, the low one first, as programs take and give them.
using System.Runtime.InteropServices;

namespace SipEmbedded.Voice.Tests;

public static class Sound
{
    public static byte[] ToOctets(ReadOnlySpan<short> samples) => MemoryMarshal.AsBytes(samples).ToArray();

    public static short[] OfOctets(ReadOnlySpan<byte> octets) => MemoryMarshal.Cast<byte, short>(octets).ToArray();

    /// <summary>A tone of <paramref name="amplitude"/>.</summary>
    public static short[] Tone(int sampleRate, double frequency, int count, double amplitude = 16_000) =>
        [.. Enumerable.Range(0, count).Select(i => (short)Math.Round(amplitude * Math.Sin(2 * Math.PI * frequency * i / sampleRate)))];

    /// <summary>The amplitude of the tone of this frequency that is nearest to the sound.</summary>
    public static double AmplitudeAt(ReadOnlySpan<short> sound, int sampleRate, double frequency)
    {
        double real = 0, imaginary = 0;
        for (int i = 0; i < sound.Length; i++)
        {
            double angle = 2 * Math.PI * frequency * i / sampleRate;
            real += sound[i] * Math.Cos(angle);
            imaginary += sound[i] * Math.Sin(angle);
        }
        return 2 * Math.Sqrt(real * real + imaginary * imaginary) / sound.Length;
    }

    /// <summary>The root of the mean power.</summary>
    public static double Rms(ReadOnlySpan<short> sound)
    {
        double sum = 0;
        foreach (short sample in sound)
            sum += (double)sample * sample;
        return Math.Sqrt(sum / Math.Max(1, sound.Length));
    }
}
