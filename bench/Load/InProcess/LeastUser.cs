// The least that a user of the stack can do with a call: 180 and 200 to an INVITE, 200 to a BYE. What the core costs is measured with it; the product's own
// answering agent does more.

using System.Diagnostics.CodeAnalysis;
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Bench.Load;

internal sealed class LeastUser(SipAgent agent) : ISipEngine
{
    private static readonly byte[] s_answer =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=inactive\r\n"u8.ToArray();

    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        agent.HandleDatagram(now, flow, datagram);
        Serve(now);
    }

    public void HandleTimeout(Instant now)
    {
        agent.HandleTimeout(now);
        Serve(now);
    }

    private void Serve(Instant now)
    {
        if (!agent.PollEvent(out var happened) || happened.Kind != TransactionEventKind.Request)
            return;
        if (happened.Method == Method.Invite)
        {
            if (agent.TryBeginResponse(happened.Server, 180, out var ringing))
            {
                ringing.Header(HeaderName.Contact, "<sip:127.0.0.1:5060>"u8);
                ringing.Finish();
                Check(agent.SendResponse(now, happened.Server, ringing));
            }
            if (!agent.TryBeginResponse(happened.Server, 200, out var answer))
                return;
            answer.Header(HeaderName.Contact, "<sip:127.0.0.1:5060>"u8);
            answer.Finish("application/sdp"u8, s_answer);
            Check(agent.SendResponse(now, happened.Server, answer));
            return;
        }
        Check(agent.Respond(now, happened.Server, 200));
    }

    private static void Check(SendResult result)
    {
        if (result != SendResult.Sent)
            Fail(result);
    }

    [DoesNotReturn]
    private static void Fail(SendResult result) => throw new InvalidOperationException($"A response was not sent: {result}.");

    public bool PollTransmit(Span<byte> buffer, out Transmit transmit) => agent.PollTransmit(buffer, out transmit);

    public Instant PollTimeout() => agent.PollTimeout();

    // There are datagrams only.
    public bool HandleAccepted(Instant now, in Flow flow, out Handle<Connection> connection) => agent.HandleAccepted(now, flow, out connection);

    public void HandleConnected(Instant now, Handle<Connection> connection, in IpEndpoint local) => agent.HandleConnected(now, connection, local);

    public int HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets) => agent.HandleStreamBytes(now, connection, octets);

    public void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault) => agent.HandleClosed(now, connection, fault);

    public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault) => agent.HandleUndelivered(now, flow, fault);
}
