// WAV files of commands: read at start, written as a call goes on.
using System.Diagnostics.CodeAnalysis;
using SipEmbedded.Audio;
using SipEmbedded.Memory;

namespace SipEmbedded.Device.Sound;

internal static class WavFile
{
    // Half an hour at 16 kHz: what is longer is no prompt, and a device has no memory for it.
    private const int MaxOctets = 64 * 1024 * 1024;

    /// <summary>Reads a file and brings it to <paramref name="sampleRate"/>. False, and <paramref name="why"/> for people, where it cannot be.</summary>
    public static bool TryRead(StartGate gate, string path, int sampleRate, [NotNullWhen(true)] out Prompt? prompt, out string why)
    {
        prompt = null;
        try
        {
            var info = new FileInfo(path);
            if (info.Exists && info.Length > MaxOctets)
            {
                why = $"{path} is longer than {MaxOctets / 1024 / 1024} MiB";
                return false;
            }
            byte[] file = File.ReadAllBytes(path);
            if (!WavHeader.TryRead(file, out var header, out var fault))
            {
                why = $"{path} is no WAV file that can be played: {WordsFor(fault.Kind)} (octet {fault.Offset})";
                return false;
            }
            int octets = (int)Math.Min(header.DataOctets, file.Length - header.DataOffset);
            var samples = new short[octets / header.FrameOctets];
            _ = WavReader.Read(header, file.AsSpan(header.DataOffset, octets), samples, out _);
            prompt = new(gate, samples, header.SampleRate, sampleRate);
            why = "";
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            why = fault.Message;
            return false;
        }
    }

    private static string WordsFor(WavFaultKind kind) => kind switch
    {
        WavFaultKind.NotPcm => "it is compressed, or in floating point; convert it to PCM",
        WavFaultKind.EndsTooSoon => "it ends too soon",
        WavFaultKind.NoFormat => "it does not say what its samples are",
        _ => kind.ToString(),
    };
}
