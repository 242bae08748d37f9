// CSeq within a dialog or a registration grows by each new request; an ACK and a CANCEL have their INVITE's (RFC 3261 §8.1.1.5, §12.2.1.1, §9.1, §13.2.2.4).
namespace SipEmbedded.Simulation;

internal sealed class SequenceCheck(MessageTap tap) : MessageCheck
{
    private readonly Dictionary<(Node, string CallId, string Tag, string Peer), uint> _last = [];
    private readonly HashSet<(Node, string CallId, string Tag, uint Sequence)> _invites = [];

    // A retransmission may come behind a later request.
    private readonly HashSet<(Node, string Branch)> _sent = [];

    public override void Sent(MessageSeen message)
    {
        if (tap.IsTainted || message.Text is not { IsRequest: true } text)
            return;
        if (text.Method is "ACK" or "CANCEL")
        {
            if (!_invites.Contains((message.Node, text.CallId, text.FromTag, text.Sequence)))
                throw Failure($"{message} has a number that no INVITE of the sender's had: {text.Sequence}");
            return;
        }
        if (!_sent.Add((message.Node, text.Branch)))
            return;
        var key = (message.Node, text.CallId, text.FromTag, text.ToTag);
        // A dialog, a fork's as well, goes on from the request that made it.
        if (text.ToTag.Length > 0 && _last.TryGetValue((message.Node, text.CallId, text.FromTag, ""), out uint first) && text.Sequence <= first)
            throw Failure($"{message} has number {text.Sequence} in a dialog that began with {first}");
        if (_last.TryGetValue(key, out uint last) && text.Sequence <= last)
            throw Failure($"{message} has number {text.Sequence} behind {last}");
        _last[key] = text.Sequence;
        if (text.IsInvite)
            _invites.Add((message.Node, text.CallId, text.FromTag, text.Sequence));
    }
}
