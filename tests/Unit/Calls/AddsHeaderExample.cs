// The example of the library's README: a supplement that adds a header to every INVITE, in ten lines, and a call that has it.
using System.Text;
using SipEmbedded.Calls;
using SipEmbedded.Generation;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using Xunit;

namespace SipEmbedded.Tests.Calls;

[Supplement(Method = "INVITE", Order = 10)]
public sealed class AddsHeader
{
    public void OutgoingRequest(in CallSession call, Method method, ref MessageBuilder request) => request.Header("X-Door"u8, "front"u8);
}

[SupplementChain(typeof(AddsHeader))]
public sealed partial class DoorSupplements;

public sealed class AddsHeaderExample
{
    [Theory]
    [InlineData(Method.Invite, "INVITE sip:a@b SIP/2.0\r\nX-Door: front\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(Method.Bye, "BYE sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n")]
    public void Every_INVITE_has_the_header_and_no_other_request(Method method, string expected)
    {
        var gate = new StartGate();
        ISupplements supplements = new DoorSupplements();
        supplements.Attach(gate, calls: 1);
        gate.Close();

        var request = new MessageBuilder(new byte[256]);
        request.StartRequest(method, "sip:a@b"u8);
        supplements.OutgoingRequest(new CallSession(default, user: 0), method, ref request);
        request.Finish();

        Assert.Equal(expected, Encoding.ASCII.GetString(request.Written));
    }
}
