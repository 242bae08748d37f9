// A cable that is pulled and put back: a link into a network namespace, whose far end goes down and comes up.
using Xunit;

namespace SipEmbedded.Interop.Tests;

public sealed class NetworkTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // From RFC 2544's range for tests of networks, which nobody routes.
    private const string Ours = "198.18.77.1";
    private const string Theirs = "198.18.77.2";

    private readonly string _namespace = $"door{Environment.ProcessId}";
    private readonly string _link = $"d{Environment.ProcessId}";

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

    [NetworkFact]
    public void A_network_that_goes_and_comes_back_is_served_again()
    {
        Run("netns", "add", _namespace);
        Run("link", "add", _link, "type", "veth", "peer", "name", "eth0", "netns", _namespace);
        Run("address", "add", $"{Ours}/30", "dev", _link);
        Run("link", "set", _link, "up");
        Run("-n", _namespace, "address", "add", $"{Theirs}/30", "dev", "eth0");
        Run("-n", _namespace, "link", "set", "eth0", "up");
        string[] answer = ["dotnet", ChildProcess.ProgramPath, "answer", "--listen", $"{Theirs}:5060"];
        // "ip netns exec" becomes the program, so its process id is the program's.
        using var answerer = new ChildProcess(Peers.Find("ip")!, ["netns", "exec", _namespace, .. answer]);
        answerer.WaitForLine("listening on tcp", Limit);

        Assert.Equal(0, Probe("--call"));
        Run("-n", _namespace, "link", "set", "eth0", "down");
        Assert.NotEqual(0, Probe("--call", "--cancel-after", "1000"));
        Run("-n", _namespace, "link", "set", "eth0", "up");

        Assert.True(SpinWait.SpinUntil(() => Probe("--cancel-after", "1000") == 0, Limit), answerer.Text);
        Assert.Equal(0, Probe("--call"));
        Assert.Equal(0, Probe("--call", "--tcp"));
        answerer.AskToEnd();
        Assert.Equal(0, answerer.WaitForExit(Limit));
        var counters = new Counters(answerer.Lines);
        Assert.True(counters["answer.CallsEnded"] >= 3, counters.ToString());
    }

    private static int Probe(params string[] options) =>
        ChildProcess.Run("dotnet", Limit, [ChildProcess.ProgramPath, "probe", $"sip:{Theirs}", .. options]).Status;

    private static void Run(params string[] arguments)
    {
        (int status, string output) = ChildProcess.Run(Peers.Find("ip")!, Limit, arguments);
        Assert.True(status == 0, $"ip {string.Join(' ', arguments)}: {output}");
    }

    // The link goes with its end in the namespace.
    public void Dispose() => ChildProcess.Run(Peers.Find("ip")!, Limit, "netns", "del", _namespace);
}

/// <summary>A test that needs a network of its own; skipped, with the reason, where there can be none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetworkFactAttribute : FactAttribute
{
    public NetworkFactAttribute() => Skip = NetworkTests.WhyNot;
}
