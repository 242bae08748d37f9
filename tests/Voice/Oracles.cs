// The programs and libraries that these tests are held against, and what becomes of a test where one is missing.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace SipEmbedded.Voice.Tests;

internal static class Oracles
{
    // Debian's package for each.
    private static readonly Dictionary<string, string> s_packages = new()
    {
        ["sox"] = "sox", ["ffmpeg"] = "ffmpeg",
        ["libopus.so.0"] = "libopus0", ["libspandsp.so.2"] = "libspandsp2", ["libspeexdsp.so.1"] = "libspeexdsp1",
    };

    /// <summary>Why a test that needs these cannot be run here, or null.</summary>
    public static string? WhyNot(IEnumerable<string> needed)
    {
        var missing = needed.Where(name => !IsThere(name)).ToList();
        return missing.Count == 0 ? null
            : $"not installed: {string.Join(", ", missing)} (apt-get install {string.Join(' ', missing.Select(name => s_packages[name]))})";
    }

    /// <summary>What the program writes to its standard output when it is given <paramref name="input"/>. Fails where it ends with an error.</summary>
    public static byte[] Run(string program, string arguments, byte[] input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var feeding = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        });
        var complaints = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {arguments} ended with {process.ExitCode}: {complaints.GetAwaiter().GetResult()}");
        feeding.GetAwaiter().GetResult();
        return output.ToArray();
    }

    private static bool IsThere(string name) => name.Contains(".so.", StringComparison.Ordinal)
        ? NativeLibrary.TryLoad(name, out _)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));
}

/// <summary>A test that needs other programs or libraries; skipped, with the reason, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OracleFactAttribute : FactAttribute
{
    public OracleFactAttribute(params string[] needed) => Skip = Oracles.WhyNot(needed);
}

/// <inheritdoc cref="OracleFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OracleTheoryAttribute : TheoryAttribute
{
    public OracleTheoryAttribute(params string[] needed) => Skip = Oracles.WhyNot(needed);
}
