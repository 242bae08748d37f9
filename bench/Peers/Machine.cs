// What a recorded figure was measured on and with: without it the numbers say little. No date and no host name, so that
// the same machine writes the same text again.

using System.Runtime.InteropServices;

namespace SipEmbedded.Bench.Peers;

internal static class Machine
{
    /// <summary>A line each: processor, system, compilers and their flags, packages and their versions.</summary>
    /// <param name="shimFlags">The flags that the shims were compiled with.</param>
    /// <param name="libraries">The files of the libraries under test.</param>
    public static IEnumerable<string> Describe(string shimFlags, IEnumerable<string> libraries)
    {
        string processor = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("model name", StringComparison.Ordinal));
        yield return $"Processor:{processor[(processor.IndexOf(':') + 1)..]}, {Environment.ProcessorCount} cores";
        yield return $"System: {RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}";
        yield return $"Ours: NativeAOT, {RuntimeInformation.FrameworkDescription}, OptimizationPreference Speed (ours) and "
            + "Size (ours-size), x86-64-v2 on x64 (IlcInstructionSet in Directory.Build.props)";
        yield return $"Shims: {Tool.Run("gcc", ["--version"]).Split('\n')[0]}, {shimFlags}";
        yield return "Peers, as Debian built them: " + string.Join(", ", libraries.Select(PackageOf));
        yield return "C library: " + Version("libc6");
    }

    // dpkg-query answers "package:architecture: path".
    private static string PackageOf(string file) => Version(Tool.Run("dpkg-query", ["--search", file]).Split(':')[0]);

    private static string Version(string package) =>
        Tool.Run("dpkg-query", ["--show", "--showformat", "${Package} ${Version}", package]);
}
