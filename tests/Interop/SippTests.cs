using Xunit;

namespace SipEmbedded.Interop.Tests;

public class SippTests
{
    [PeerTheory("sipp", "tshark")]
    [InlineData("u1")]
    [InlineData("t1")]
    [InlineData("tn")]
    public void Sipp_calls_us_and_the_capture_shows_every_message(string transport)
    {
        string path = Capture.NewPath();
        using var answerer = new Answerer("--trace", path);
        using var caller = Sipp.Caller(transport, transport == "u1" ? answerer.Udp : answerer.Tcp);

        int status = caller.WaitForExit(Sipp.Limit);
        var counters = answerer.Stop();

        Assert.True(status == 0, caller.Text);
        Assert.Equal(Sipp.Calls, counters["answer.CallsBegun"]);
        Assert.Equal(Sipp.Calls, counters["answer.CallsConfirmed"]);
        Assert.Equal(Sipp.Calls, counters["answer.CallsEnded"]);
        // INVITE, 180, 200, ACK, BYE, 200. On a busy machine an answer may come later than T1: what was sent again then, and what it caused.
        long again = counters["transactions.Retransmissions"] + counters["transactions.RetransmissionsReceived"];
        Assert.InRange(counters.Messages, 6 * Sipp.Calls + again, 6 * Sipp.Calls + 2 * again);
        Capture.Check(path, counters);
    }

    [PeerTheory("sipp", "tshark")]
    [InlineData("u1", "")]
    [InlineData("t1", "--tcp")]
    public void We_call_sipp_and_the_capture_is_whole(string transport, string option)
    {
        int port = Ports.Free();
        string path = Capture.NewPath();
        using var callee = Sipp.Callee(transport, port);
        string[] options = ["--call", "--count", $"{Sipp.Calls}", "--rate", "20", "--trace", path];
        using var probe = ChildProcess.DoorPhone(["probe", $"sip:127.0.0.1:{port}", .. options, .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.True(probe.WaitForExit(Sipp.Limit) == 0, probe.Text);
        Assert.Contains($"{Sipp.Calls} made, {Sipp.Calls} succeeded", probe.Text);
        Assert.True(callee.WaitForExit(Sipp.Limit) == 0, callee.Text);
        // On a busy machine an answer may come later than T1; the messages are then more than these.
        if (probe.Text.Contains("; 0 retransmissions", StringComparison.Ordinal))
            Capture.CheckMessages(path, 6 * Sipp.Calls);
    }

    [PeerFact("sipp")]
    public void Every_call_of_sipp_ends_though_a_fifth_of_all_messages_is_lost_both_ways()
    {
        using var answerer = new Answerer();
        using var caller = Sipp.Caller("u1", answerer.Udp, lossPercent: 20);

        caller.WaitForExit(Sipp.Limit);
        var counters = answerer.Stop();

        Assert.Equal(Sipp.Calls, counters["answer.CallsBegun"]);
        Assert.Equal(Sipp.Calls, counters["answer.CallsEnded"] + counters["answer.CallsUnacknowledged"] + counters["answer.CallsHungUp"]);
        Assert.True(counters["transactions.Retransmissions"] > 0, "nothing was lost");
    }

    [PeerFact("sipp")]
    public void Every_call_to_sipp_ends_though_a_fifth_of_all_messages_is_lost_both_ways()
    {
        int port = Ports.Free();
        using var callee = Sipp.Callee("u1", port, lossPercent: 20);
        using var probe = ChildProcess.DoorPhone("probe", $"sip:127.0.0.1:{port}", "--call", "--count", $"{Sipp.Calls}", "--rate", "20", "-q");

        probe.WaitForExit(Sipp.Limit);

        string summary = probe.WaitForLine(" made, ", TimeSpan.Zero);
        Assert.StartsWith($"{Sipp.Calls} made, ", summary);
        Assert.DoesNotContain(" left", summary);
        Assert.DoesNotContain(" 0 retransmissions", summary);
    }
}
