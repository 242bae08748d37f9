// Offers and answers alternate (RFC 3264 §4, RFC 3262 §5, RFC 3311 §5, RFC 6337 §2): a little model of each agent's side of each dialog, made of nothing but the
// messages that it sent and got. At each moment one offer at most is open. Every offer in a request that is accepted has its answer, in a place where one may be,
// once; an offer that met another is refused.
//
// note [the model]
// A transaction that carried an offer is open until an answer goes with it or it fails. Local is the one whose offer is ours, Remote the one whose offer is the peer's.
// An answer in a provisional response that may be lost is a foretaste (RFC 3261 §13.2.1): the 2xx says the same again. Copies are looked at once. A BYE
// ends the matter, and so does the refusal of the INVITE that began it.
//
// note [dialogs]
// The first response with another To tag makes another dialog (RFC 3261 §12.1), in which the offer of the INVITE is open once more: of an INVITE that was sent again
// after a redirection, and of one that was taken only as a copy, since the first found no room or the transaction of the first was over.
using System.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class OfferCheck : MessageCheck
{
    private sealed class Exchange
    {
        public bool HasOffer { get; init; }

        /// <summary>An offer of the peer's that came while another was open.</summary>
        public bool IsConflicting { get; init; }

        /// <summary>The offer of the request has its answer, or the other way round the response's offer went out.</summary>
        public bool IsSettled { get; set; }

        public bool IsOver { get; set; }

        /// <summary>What a response that may be lost said.</summary>
        public string Foretaste { get; set; } = "";

        /// <summary>Reliable responses, and the final one, that were seen.</summary>
        public HashSet<string> Seen { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>An INVITE that begins a call.</summary>
    private sealed record Beginning(bool IsOurs, bool HasOffer);

    private sealed class Side
    {
        /// <summary>The INVITE that began it.</summary>
        public required Exchange First { get; init; }

        public Dictionary<(bool IsOurs, string Method, uint Sequence), Exchange> Exchanges { get; } = [];

        public Exchange? Local { get; set; }

        public Exchange? Remote { get; set; }

        public HashSet<uint> Acknowledged { get; } = [];

        public bool IsOver { get; set; }
    }

    private readonly Dictionary<(Node, int Life, string CallId, uint Sequence), Beginning> _beginnings = [];
    private readonly Dictionary<(Node, int Life, string CallId, string Tags), Side> _sides = [];

    /// <summary>Offers that were answered.</summary>
    public long Answered { get; private set; }

    /// <summary>Offers that met another.</summary>
    public long Conflicts { get; private set; }

    /// <summary>A request that could not be delivered is over without a message.</summary>
    public override void Saw(Occurrence occurrence)
    {
        if (occurrence.Kind is not (OccurrenceKind.Undelivered or OccurrenceKind.Closed or OccurrenceKind.Closing))
            return;
        foreach (var (key, side) in _sides)
        {
            if (key.Item1 == occurrence.Node && side.Local is { HasOffer: true })
                side.Local = null;
        }
    }

    public override void Sent(MessageSeen message) => See(message, isOurs: true);

    public override void Received(MessageSeen message) => See(message, isOurs: false);

    private void See(MessageSeen message, bool isOurs)
    {
        if (message.Text is not { Method: "INVITE" or "UPDATE" or "PRACK" or "ACK" or "BYE" } text)
            return;
        string body = Encoding.Latin1.GetString(message.Octets, text.BodyOffset, message.Octets.Length - text.BodyOffset);
        if (text.ToTag.Length == 0)
        {
            if (text is { IsRequest: true, IsInvite: true })
                _beginnings[(message.Node, message.Node.Life, text.CallId, text.Sequence)] = new(isOurs, body.Length > 0);
            return;
        }
        // What a call of an earlier life, or of nobody, gets.
        if (SideOf(message, text, isOurs) is not { } side)
            return;
        side.IsOver |= text.Method == "BYE";
        if (side.IsOver)
            return;
        if (text.Method == "ACK")
            SeeAck(side, text, body, isOurs);
        else if (text.IsRequest)
            SeeRequest(message, side, text, body, isOurs);
        // Of a response who sent the request is the other.
        else if (side.Exchanges.TryGetValue((!isOurs, text.Method, text.Sequence), out var exchange) && !exchange.IsOver)
            SeeResponse(message, side, exchange, text, body, isOurs);
    }

    // See note [dialogs].
    private Side? SideOf(MessageSeen message, SipText text, bool isOurs)
    {
        string tags = string.CompareOrdinal(text.FromTag, text.ToTag) < 0 ? $"{text.FromTag} {text.ToTag}" : $"{text.ToTag} {text.FromTag}";
        var key = (message.Node, message.Node.Life, text.CallId, tags);
        if (_sides.TryGetValue(key, out var side))
            return side;
        if (text.IsRequest || !text.IsInvite || !_beginnings.TryGetValue((message.Node, message.Node.Life, text.CallId, text.Sequence), out var begun)
            || begun.IsOurs == isOurs)
        {
            return null;
        }
        var exchange = new Exchange { HasOffer = begun.HasOffer };
        side = new() { First = exchange };
        side.Exchanges.Add((begun.IsOurs, "INVITE", text.Sequence), exchange);
        if (begun.HasOffer && begun.IsOurs)
            side.Local = exchange;
        else if (begun.HasOffer)
            side.Remote = exchange;
        _sides.Add(key, side);
        return side;
    }

    private void SeeRequest(MessageSeen message, Side side, SipText text, string body, bool isOurs)
    {
        var key = (isOurs, text.Method, text.Sequence);
        if (side.Exchanges.ContainsKey(key))
            return;
        bool hasOffer = body.Length > 0;
        if (hasOffer && text.Method == "PRACK")
            hasOffer = !TryAnswer(side, isOurs);
        bool isOpen = side.Local is not null || side.Remote is not null;
        if (hasOffer && isOurs && isOpen)
            throw Failure($"{message} carries an offer while {(side.Local is null ? "the peer's" : "another one of ours")} is open");
        var exchange = new Exchange { HasOffer = hasOffer, IsConflicting = hasOffer && !isOurs && isOpen };
        Conflicts += exchange.IsConflicting ? 1 : 0;
        side.Exchanges.Add(key, exchange);
        if (!hasOffer)
            return;
        if (isOurs)
            side.Local = exchange;
        else if (!isOpen)
            side.Remote = exchange;
    }

    // An answer in a PRACK or an ACK: to what a response offered.
    private bool TryAnswer(Side side, bool isOurs)
    {
        if ((isOurs ? side.Remote : side.Local) is not { HasOffer: false })
            return false;
        Answered++;
        if (isOurs)
            side.Remote = null;
        else
            side.Local = null;
        return true;
    }

    private void SeeAck(Side side, SipText text, string body, bool isOurs)
    {
        if (!side.Exchanges.TryGetValue((isOurs, "INVITE", text.Sequence), out var exchange) || !side.Acknowledged.Add(text.Sequence))
            return;
        bool isAwaited = isOurs ? side.Remote == exchange : side.Local == exchange;
        if (body.Length > 0 && !(isAwaited && TryAnswer(side, isOurs)))
            throw Failure($"an ACK to INVITE {text.Sequence} of {text.CallId} answers what was not offered");
        // Without an answer the offer is void, and the call about to end.
        if (!isAwaited)
            return;
        if (isOurs)
            side.Remote = null;
        else
            side.Local = null;
    }

    private void SeeResponse(MessageSeen message, Side side, Exchange exchange, SipText text, string body, bool isOurs)
    {
        string? reliable = text.Status is > 100 and < 200 && text.Header("Require")?.Contains("100rel", StringComparison.Ordinal) == true ? text.Header("RSeq") : null;
        if (text.Status < 200 && reliable is null)
        {
            SeeForetaste(message, exchange, body, isOurs);
            return;
        }
        if (!exchange.Seen.Add(reliable ?? "final"))
            return;
        exchange.IsOver = text.IsFinal;
        if (text.Status >= 300)
        {
            Close(side, exchange);
            side.IsOver |= exchange == side.First;
            return;
        }
        if (exchange.HasOffer)
            SeeAnswer(message, side, exchange, text, body, isOurs);
        else if (body.Length > 0)
            SeeOffer(message, side, exchange, isOurs);
    }

    private void SeeForetaste(MessageSeen message, Exchange exchange, string body, bool isOurs)
    {
        if (!isOurs || body.Length == 0)
            return;
        if (!exchange.HasOffer)
            throw Failure($"{message} offers where it may be lost");
        if (exchange.Foretaste.Length > 0 && exchange.Foretaste != body)
            throw Failure($"{message} says something else than the response before it");
        exchange.Foretaste = body;
    }

    private void SeeAnswer(MessageSeen message, Side side, Exchange exchange, SipText text, string body, bool isOurs)
    {
        if (exchange.IsSettled)
        {
            if (isOurs && body.Length > 0)
                throw Failure($"{message} answers an offer that has its answer");
            return;
        }
        if (body.Length == 0)
        {
            if (!text.IsFinal)
                return;
            if (isOurs)
                throw Failure($"{message} accepts an offer without an answer");
            Close(side, exchange);
            return;
        }
        if (isOurs && exchange.IsConflicting)
            throw Failure($"{message} answers an offer that met another");
        if (isOurs && exchange.Foretaste.Length > 0 && exchange.Foretaste != body)
            throw Failure($"{message} says something else than its foretaste");
        exchange.IsSettled = true;
        Answered++;
        Close(side, exchange);
    }

    private void SeeOffer(MessageSeen message, Side side, Exchange exchange, bool isOurs)
    {
        if (isOurs && exchange.IsSettled)
            throw Failure($"{message} offers a second time");
        if (isOurs && (side.Local is not null || side.Remote is not null))
            throw Failure($"{message} offers while another offer is open");
        exchange.IsSettled = true;
        if (isOurs)
            side.Local = exchange;
        else
            side.Remote ??= exchange;
    }

    private static void Close(Side side, Exchange exchange)
    {
        if (side.Local == exchange)
            side.Local = null;
        if (side.Remote == exchange)
            side.Remote = null;
    }
}
