using SipEmbedded.Peer;
using SipEmbedded.Tests;
using Xunit;

namespace SipEmbedded.Device.Tests.Peer;

/// <summary>
/// Alone in the process: a collection that another test causes counts what was left of this thread's piece of the heap as allocated, some kilobytes.
/// </summary>
[CollectionDefinition(nameof(AgentAllocationTests), DisableParallelization = true)]
[Collection(nameof(AgentAllocationTests))]
public class AgentAllocationTests
{
    [Theory]
    [InlineData(AttemptKind.Call)]
    [InlineData(AttemptKind.Options)]
    public void Ten_thousand_attempts_allocate_nothing(AttemptKind kind)
    {
        // The same twice, to the last lost datagram: what the runtime allocates once, for code that is reached for the first time, is behind the second.
        Measure(kind);

        (long allocated, long succeeded) = Measure(kind);

        Assert.Equal(0, allocated);
        Assert.True(succeeded > 9_900);
    }

    private static (long Allocated, long Succeeded) Measure(AttemptKind kind)
    {
        var pair = new AgentPair(kind, count: 0, lossPercent: 5);
        Func<AgentPair, bool> isOver = static pair => pair.Caller.Counters.Begun >= 10_000;
        // What the making of the pair would cause later.
        GC.Collect();
        long before = HeapCount.Begin();
        pair.RunUntil(isOver);
        return (GC.GetAllocatedBytesForCurrentThread() - before, pair.Caller.Counters.Succeeded);
    }
}
