// The routing view beside the typed values: what it passes over it must not pass as well-formed.
using SipEmbedded.Messages;
using Xunit;

namespace SipEmbedded.Tests.Messages.Values;

public sealed class RoutingViewTests
{
    [Theory]
    [InlineData("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", Leniency.None, true)]
    [InlineData("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.2", Leniency.None, true)]
    [InlineData("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1,", Leniency.None, false)]
    [InlineData("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1 , ", Leniency.None, false)]
    [InlineData("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1,", Leniency.TrailingComma, true)]
    public void A_comma_with_nothing_behind_it_is_a_fault_of_the_view_as_of_the_value(string via, Leniency allow, bool accepted)
    {
        byte[] text = Octets.Of($"OPTIONS sip:a@192.0.2.7 SIP/2.0\r\nVia: {via}\r\nFrom: <sip:b@192.0.2.1>;tag=8\r\nTo: <sip:a@192.0.2.7>\r\n"
            + "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
        var index = new MessageIndex();
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var message, out _, allow));

        Assert.Equal(accepted, message.TryGet<Via>(out _, out _));
        Assert.Equal(accepted, RoutingView.TryRead(message, out _, out _));
    }
}
