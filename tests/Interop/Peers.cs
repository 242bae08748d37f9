// The programs that these tests need, and what becomes of a test where one is missing.
using Xunit;

// Each test has several processes, some measure what was sent again: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace SipEmbedded.Interop.Tests;

internal static class Peers
{
    // Debian's package for each program.
    private static readonly Dictionary<string, string> Packages = new()
    {
        ["sipp"] = "sip-tester", ["sipsak"] = "sipsak", ["tshark"] = "tshark", ["ip"] = "iproute2",
        ["kamailio"] = "kamailio", ["dnsmasq"] = "dnsmasq-base", ["baresip"] = "baresip-core",
        ["linphonec"] = "linphone-cli",
    };

    /// <summary>Why a test that needs these programs cannot be run here, or null.</summary>
    public static string? WhyNot(IEnumerable<string> programs)
    {
        var missing = programs.Where(program => Find(program) is null).ToList();
        return missing.Count == 0 ? null
            : $"not installed: {string.Join(", ", missing)} (apt-get install {string.Join(' ', missing.Select(program => Packages[program]))})";
    }

    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin").Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}

/// <summary>A test that needs other programs; skipped, with the reason, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerFactAttribute : FactAttribute
{
    public PeerFactAttribute(params string[] programs) => Skip = Peers.WhyNot(programs);
}

/// <inheritdoc cref="PeerFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerTheoryAttribute : TheoryAttribute
{
    public PeerTheoryAttribute(params string[] programs) => Skip = Peers.WhyNot(programs);
}
