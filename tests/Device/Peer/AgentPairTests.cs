using SipEmbedded.Peer;
using Xunit;

namespace SipEmbedded.Device.Tests.Peer;

public class AgentPairTests
{
    [Theory]
    [InlineData(AttemptKind.Call, 0)]
    [InlineData(AttemptKind.Call, 20)]
    [InlineData(AttemptKind.Call, 40)]
    [InlineData(AttemptKind.Options, 20)]
    public void Every_attempt_ends_on_both_sides_and_leaves_nothing(AttemptKind kind, int lossPercent)
    {
        const int Count = 500;
        var pair = new AgentPair(kind, Count, lossPercent);

        pair.RunUntil(pair => pair.Caller.IsDone && pair.Caller.Agent.Use.IsEmpty && pair.Callee.Agent.Use.IsEmpty && pair.Callee.CallCount == 0);

        ref readonly var caller = ref pair.Caller.Counters;
        var callee = pair.Callee.Counters;
        Assert.Equal(Count, caller.Begun);
        Assert.Equal(Count, caller.Succeeded + caller.Refused + caller.TimedOut + caller.ByesRefused);
        Assert.True(caller.Succeeded > (lossPercent == 40 ? Count * 9 / 10 : Count * 99 / 100), $"{caller.Succeeded}");
        if (lossPercent == 0)
            Assert.Equal(0, pair.Caller.Agent.TransactionCounters.Retransmissions + pair.Callee.Agent.TransactionCounters.Retransmissions);
        if (kind == AttemptKind.Options)
            return;
        Assert.Equal(callee.CallsBegun, callee.CallsEnded + callee.CallsUnacknowledged + callee.CallsHungUp + callee.CallsCancelled);
        Assert.Equal(0, callee.BusyRefusals + pair.Caller.Agent.Calls!.Counters.NoRoom);
    }
}
