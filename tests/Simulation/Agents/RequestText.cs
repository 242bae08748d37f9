// A request as a user writes it, all but its Via. The texts are made ready before the agent's builder is used, so that what is counted is the agent's.
using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class RequestText(
    string method, string uri, string name, string address, string fromTag, string toTag, string callId, Protocol protocol, int bodyOctets)
{
    private readonly byte[] _method = Encoding.ASCII.GetBytes(method);
    private readonly byte[] _uri = Encoding.ASCII.GetBytes(protocol == Protocol.Tcp ? uri + ";transport=tcp" : uri);
    private readonly byte[] _from = Encoding.ASCII.GetBytes($"\"{name}\" <sip:{name}@{address}>;tag={fromTag}");
    private readonly byte[] _to = Encoding.ASCII.GetBytes(toTag.Length == 0 ? $"<{uri}>" : $"<{uri}>;tag={toTag}");
    private readonly byte[] _callId = Encoding.ASCII.GetBytes(callId);
    private readonly byte[] _contact = Encoding.ASCII.GetBytes($"<sip:{name}@{address}>");
    private readonly byte[] _body = Encoding.ASCII.GetBytes(new string('x', bodyOctets));

    public void Write(ref MessageBuilder builder, uint sequence)
    {
        builder.StartRequest(_method, _uri);
        builder.Header(HeaderName.MaxForwards, 70);
        builder.Header(HeaderName.From, _from);
        builder.Header(HeaderName.To, _to);
        builder.Header(HeaderName.CallID, _callId);
        builder.CSeq(sequence, _method);
        if (method is "INVITE" or "SUBSCRIBE" or "REGISTER")
            builder.Header(HeaderName.Contact, _contact);
        if (method is "SUBSCRIBE" or "PUBLISH")
            builder.Header(HeaderName.Event, "presence"u8);
        if (_body.Length == 0)
            builder.Finish();
        else
            builder.Finish("text/plain"u8, _body);
    }
}
