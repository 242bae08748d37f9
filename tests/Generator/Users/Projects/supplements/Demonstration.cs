// What a call layer would do with the chain of Supplements.cs; it prints what the test expects.
using System.Text;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Messages;

namespace Doors;

[StartUp(Because = "it prints what the rest found")]
public static class Demonstration
{
    public static string Run()
    {
        var log = new StringBuilder();
        var house = new House(limits: new Limits(most: 1));
        ISupplements chain = house;
        var gate = new StartGate();
        var calls = new SlotMap<Call>(gate, "calls", 2);
        chain.Attach(gate, calls.Capacity);
        gate.Close();
        calls.TryAdd(out var handle);
        var call = new CallSession(handle, user: 1);

        chain.SessionBegan(call);
        for (int i = 0; i < 2; i++)
        {
            var index = new MessageIndex();
            SipMessage.TryRead("INVITE sip:door@b SIP/2.0\r\n\r\n"u8, Framing.Datagram, ref index, out var invite, out _);
            var reply = new RequestReply(new byte[256], Method.Invite);
            log.Append($"INVITE: {chain.IncomingRequest(call, invite, ref reply)} {reply.Status}\n");
        }
        foreach (string method in new[] { "OPEN", "CLOSE" })
        {
            var builder = new MessageBuilder(new byte[256]);
            builder.StartRequest(Encoding.ASCII.GetBytes(method), "sip:a"u8);
            chain.OutgoingRequest(call, Method.Other, ref builder);
            log.Append(Encoding.ASCII.GetString(builder.Written).Replace("\r", ""));
        }
        log.Append($"rung {house.RungCookies.Of(handle).Times}\n");
        chain.SessionEnded(call);
        log.Append($"ended {house.Bells.Ended}, released {house.Bells.Released}, left {house.RungCookies.Of(handle).Times}\n");
        return log.ToString();
    }
}
