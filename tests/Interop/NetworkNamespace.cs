// A network of its own, with one link to ours (a veth pair): addresses, routes and links that a test can change. By root alone.
using Xunit;

namespace SipEmbedded.Interop.Tests;

/// <summary>A network namespace with loopback up and its end of a link, "eth0". Both go when it is disposed of.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static int s_made;

    /// <param name="ours">The address of our end, with its prefix length.</param>
    /// <param name="theirs">The address of its end, likewise.</param>
    public NetworkNamespace(string ours, string theirs)
    {
        // Names of links have 15 characters at most.
        string name = $"door{Environment.ProcessId}n{Interlocked.Increment(ref s_made)}";
        Name = name;
        Link = name;
        Run("netns", "add", Name);
        try
        {
            Run("link", "add", Link, "type", "veth", "peer", "name", "eth0", "netns", Name);
            Run("address", "add", ours, "dev", Link);
            Run("link", "set", Link, "up");
            RunInside("link", "set", "lo", "up");
            RunInside("address", "add", theirs, "dev", "eth0");
            RunInside("link", "set", "eth0", "up");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    /// <summary>The name of our end of the link.</summary>
    public string Link { get; }

    /// <summary>Why there can be no network of our own here, or null.</summary>
    public static string? WhyNot
    {
        get
        {
            if (Peers.WhyNot(["ip"]) is { } missing)
                return missing;
            string name = $"doorcheck{Environment.ProcessId}";
            (int status, string output) = ChildProcess.Run(Peers.Find("ip")!, Limit, "netns", "add", name);
            if (status != 0)
                return $"no network namespace can be made here, which takes root: {output.Trim()}";
            Run("netns", "del", name);
            return null;
        }
    }

    /// <summary>Runs "ip" outside.</summary>
    public static void Run(params string[] arguments)
    {
        (int status, string output) = ChildProcess.Run(Peers.Find("ip")!, Limit, arguments);
        Assert.True(status == 0, $"ip {string.Join(' ', arguments)}: {output}");
    }

    /// <summary>Runs "ip" inside.</summary>
    public void RunInside(params string[] arguments) => Run(["-n", Name, .. arguments]);

    /// <summary>Pulls the cable, or puts it back, at its end.</summary>
    public void SetLink(bool isUp) => RunInside("link", "set", "eth0", isUp ? "up" : "down");

    /// <summary>A program inside. "ip netns exec" becomes the program, so its process id is the program's.</summary>
    public ChildProcess Start(string program, params IEnumerable<string> arguments) =>
        new(Peers.Find("ip")!, ["netns", "exec", Name, program, .. arguments]);

    // Our end of the link goes with its end in the namespace.
    public void Dispose() => ChildProcess.Run(Peers.Find("ip")!, Limit, "netns", "del", Name);
}

/// <summary>A test that needs a network of its own; skipped, with the reason, where there can be none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetworkFactAttribute : FactAttribute
{
    public NetworkFactAttribute(params string[] programs) => Skip = NetworkNamespace.WhyNot ?? Peers.WhyNot(programs);
}
