// A call with Debian's linphonec in each direction.
using SipEmbedded.Calls;
using Xunit;

namespace SipEmbedded.Interop.Tests.Calls;

public class LinphoneTests
{
    [PeerFact("linphonec")]
    public void We_call_it_and_hang_up()
    {
        using var phone = new TestPhone();
        using var peer = new Linphone();
        phone.Place(peer.Port);
        phone.NextProgress(180);
        peer.Do("answer");
        phone.NextConfirmed();
        phone.HangUp();
        phone.NextEnded(CallEnd.ByUs, 200);
        peer.Says("ended");
        phone.AssertEmpty();
    }

    [PeerFact("linphonec")]
    public void It_calls_us_and_hangs_up()
    {
        using var phone = new TestPhone();
        using var peer = new Linphone();
        peer.Do($"call {phone.Uri}");
        phone.Take();
        peer.Says("connected");
        peer.Do("terminate");
        phone.NextEnded(CallEnd.ByPeer, 200);
        phone.AssertEmpty();
    }
}
