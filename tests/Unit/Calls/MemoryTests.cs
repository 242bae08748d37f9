// What a call takes: its slots in the memory plan, and the buffers that it holds while it lasts.
using SipEmbedded.Agent;
using Xunit;
using Xunit.Abstractions;

namespace SipEmbedded.Tests.Calls;

public class MemoryTests(ITestOutputHelper output)
{
    // What was asked of this layer; PJSIP takes 43 KiB a call, libre 9.2 KiB.
    private const long MostOctets = 6 * 1024;

    private static long PlanOf(int calls) =>
        SipAgent.Plan(new() { Calls = new() { Calls = calls, SpareDialogs = 0 } }).TotalBytes;

    [Fact]
    public void A_call_that_lasts_takes_little_memory()
    {
        const int Calls = 64;
        long slots = (PlanOf(Calls) - PlanOf(0)) / Calls;
        var bench = CallBench.Confirmed();
        // The transactions of the INVITE are over by then (64·T1).
        bench.Pass(40);
        long buffers = Math.Max(bench.Alice.Agent.Use.BufferOctets, bench.Bob.Agent.Use.BufferOctets);
        output.WriteLine($"{slots} octets of slots, {buffers} of buffers");
        Assert.InRange(slots + buffers, 1, MostOctets);
    }

    [Fact]
    public void Buffers_in_use_are_counted_in_octets_and_given_back()
    {
        var bench = CallBench.Confirmed();
        Assert.True(bench.Alice.Agent.Use.BufferOctets >= 512 * bench.Alice.Agent.Use.Buffers);
        bench.Alice.Calls.HangUp(bench.Now, bench.Alice.Call);
        bench.AssertEmpty();
        Assert.Equal(0, bench.Alice.Agent.Use.BufferOctets);
    }
}
