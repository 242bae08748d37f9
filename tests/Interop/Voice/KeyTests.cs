// Keys with Debian's phones, and with ourselves: each once, in its order, and by the way it was sent.
using Xunit;

namespace SipEmbedded.Interop.Tests.Voice;

public class KeyTests
{
    [PeerFact("baresip")]
    public Task Each_key_to_and_from_baresip_is_heard_once() => Each("baresip");

    [PeerFact("linphonec")]
    public Task Each_key_to_and_from_linphone_is_heard_once() => Each("linphonec");

    [PeerFact("sipp")]
    public Task Each_key_of_sipp_and_each_that_it_gives_back_is_heard_once() => Each("sipp");

    [Fact]
    public Task Each_key_of_another_phone_of_ours_is_heard_once() => Each("ourselves");

    // All ways of a peer at once. What cannot be tried is that which takes spandsp to listen for tones.
    private static async Task Each(string peer)
    {
        var calls = KeyCall.All.Where(call => call.Peer.StartsWith(peer, StringComparison.Ordinal) && call.WhyNot is null).ToList();
        Assert.NotEmpty(calls);
        foreach (var (call, heard) in calls.Select(call => (call, Task.Run(call.Make))).ToList())
        {
            string name = $"{call.Peer}, {call.Way}, {(call.IsToUs ? "to us" : "from us")}: ";
            Assert.Equal(name + KeyCall.Keys, name + await heard);
        }
    }
}
