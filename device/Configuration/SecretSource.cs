// Where passwords come from that do not stand in the configuration itself: files that few may read, and the environment that a service manager sets.
using System.Text;

namespace SipEmbedded.Device.Configuration;

/// <param name="folder">What paths of files are relative to: the configuration's own folder.</param>
internal sealed class SecretSource(string folder)
{
    // A password has 128 octets at most (AuthLimits), and a line end.
    private const int MaxOctets = 4096;

    /// <summary>The first line of a file; null where it cannot be had, with the reason.</summary>
    public string? OfFile(string path, out string reason)
    {
        reason = "";
        try
        {
            using var file = File.OpenRead(Path.Combine(folder, path));
            byte[] octets = new byte[MaxOctets];
            int length = file.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(octets, 0, length);
            int end = text.AsSpan().IndexOfAny('\r', '\n');
            return end < 0 ? text : text[..end];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            reason = failure.Message;
        }
        catch (ArgumentException)
        {
            reason = $"{path} is not UTF-8";
        }
        return null;
    }

    /// <summary>A variable; null where it is not set.</summary>
    public string? OfEnvironment(string name) => Environment.GetEnvironmentVariable(name);
}
