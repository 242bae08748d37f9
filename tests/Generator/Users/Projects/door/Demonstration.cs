// What a user's program does with the header and the handlers of Door.cs; it prints what the test expects.
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace Doors;

[StartUp(Because = "it prints what the rest found")]
public static class Demonstration
{
    public static string Run()
    {
        var log = new StringBuilder();
        var server = new DoorServer();
        foreach (string method in new[] { "OPEN", "INVITE", "BYE", "open" })
        {
            byte[] text = Encoding.ASCII.GetBytes($"""
                {method} sip:door@example.com SIP/2.0
                X-Opened-By: sip:alice@example.com
                x-door: 3;floor=2 , 12
                X-DOOR: 7
                Content-Length: 0


                """.Replace("\n", "\r\n"));
            var index = new MessageIndex();
            if (!SipMessage.TryRead(text, Framing.Datagram, ref index, out var message, out var fault))
                return fault.Rule;
            log.Append($"{method}: {server.Dispatch(message.Request.MethodName.In(text), message)}\n");
            if (method != "OPEN")
                continue;
            foreach (var door in message.All<XDoor>())
                log.Append($"  door {door.Number} floor {door.Floor}\n");
            message.TryGet<XOpenedBy>(out var by, out _);
            log.Append($"  opened by {Encoding.ASCII.GetString(by.Uri.User.In(text))} at {Encoding.ASCII.GetString(by.Uri.Host.In(text))}\n");
        }
        XOpenedBy.TryParse("sip:alice@"u8, out _, out var wrong);
        log.Append($"{wrong.Kind} at {wrong.Offset} in {wrong.Rule}\n");
        log.Append($"{server.Calls} calls, {server.Openings} opened; Allow: {Encoding.ASCII.GetString(DoorServer.Allow)}\n");
        return log.ToString();
    }
}
