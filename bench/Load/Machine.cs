// What a recorded figure was measured on and with: without it the numbers say little. No date and no host name, so that the same machine writes the same text
// again.

using System.Runtime.InteropServices;
using SipEmbedded.Bench.Peers;

namespace SipEmbedded.Bench.Load;

internal static class Machine
{
    /// <summary>A line each: processor, system, ours, the generator, sipp, baresip.</summary>
    public static IEnumerable<string> Describe()
    {
        string processor = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("model name", StringComparison.Ordinal));
        yield return $"Processor:{processor[(processor.IndexOf(':') + 1)..]}, {Environment.ProcessorCount} cores";
        yield return $"System: {RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}, kernel {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}";
        yield return $"Ours: `doorphone answer`, NativeAOT, {RuntimeInformation.FrameworkDescription}, OptimizationPreference Size, x86-64-v2 on x64";
        yield return $"Generator and echo: {Tool.Run("gcc", ["--version"]).Split('\n')[0]}, -O2";
        yield return "sipp: " + VersionOf("sip-tester");
        yield return "baresip: " + VersionOf("baresip-core");
    }

    private static string VersionOf(string package) => Tool.Run("dpkg-query", ["--show", "--showformat", "${Package} ${Version}", package]);
}
