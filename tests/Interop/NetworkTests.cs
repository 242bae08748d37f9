// A cable that is pulled and put back: a link into a network namespace, whose far end goes down and comes up.
using Xunit;

namespace SipEmbedded.Interop.Tests;

public sealed class NetworkTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // From RFC 2544's range for tests of networks, which nobody routes.
    private const string Ours = "198.18.77.1";
    private const string Theirs = "198.18.77.2";

    [NetworkFact]
    public void A_network_that_goes_and_comes_back_is_served_again()
    {
        using var network = new NetworkNamespace($"{Ours}/30", $"{Theirs}/30");
        using var answerer = network.Start("dotnet", ChildProcess.ProgramPath, "answer", "--listen", $"{Theirs}:5060");
        answerer.WaitForLine("listening on tcp", Limit);

        Assert.Equal(0, Probe("--call"));
        network.SetLink(isUp: false);
        Assert.NotEqual(0, Probe("--call", "--cancel-after", "1000"));
        network.SetLink(isUp: true);

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
}
