// Keys with Debian's phones: each once, in its order, and by the way it was sent.
using Xunit;

namespace SipEmbedded.Interop.Tests.Voice;

public class KeyTests
{
    [Theory]
    [InlineData("baresip")]
    [InlineData("linphonec")]
    [InlineData("sipp")]
    [InlineData("ourselves")]
    public async Task Each_key_is_heard_once(string peer)
    {
        // What needs a program that is not there is told by the other tests of that program, which are skipped.
        var calls = KeyCall.All.Where(call => call.Peer.StartsWith(peer, StringComparison.Ordinal) && call.WhyNot is null).ToList();
        var made = calls.Select(call => (Call: call, Heard: Task.Run(call.Make))).ToList();
        foreach (var (call, heard) in made)
            Assert.Equal($"{call.Peer}, {call.Way}, to us {call.IsToUs}: {KeyCall.Keys}", $"{call.Peer}, {call.Way}, to us {call.IsToUs}: {await heard}");
    }
}
