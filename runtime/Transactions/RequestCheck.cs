// What is refused before a transaction exists (RFC 3261 §8.2.1 to §8.2.2, §8.2.7, §16.3, RFC 5393 §4).
//
// note [refused without state]
// A refusal that depends on the request alone is sent as a stateless server sends it (RFC 3261 §8.2.7): a retransmission is refused again in the same
// words, with the same tag, and no slot is held. So a flood of bad requests costs no memory. The ACK to such an answer matches nothing and is dropped.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Transactions;

public sealed partial class TransactionLayer
{
    // In RFC 3261 §8.2's order: method, Request-URI, merged requests, Require; then what one who forwards would see to.
    private bool Passes(Instant now, in Incoming incoming, out UInt128 mergeKey)
    {
        var request = incoming.Request;
        mergeKey = default;
        if (_allowedMethods != 0 && (_allowedMethods >> (int)incoming.Method & 1) == 0)
            return Refuse(now, incoming, incoming.Method == Method.Other ? 501 : 405, ref Counters.MethodsRefused);
        if (request.Request.Uri.Kind == SipUriKind.Absolute && !_options.AcceptsOtherSchemes)
            return Refuse(now, incoming, 416, ref Counters.SchemesRefused);
        if (!incoming.View.ToTag.IsPresent)
        {
            mergeKey = MergeKeyOf(request, incoming.View);
            if (IsMerged(mergeKey))
                return Refuse(now, incoming, 482, ref Counters.MergedRequests);
            if (_clients.Count > 0 && IsLoop(request))
                return Refuse(now, incoming, 482, ref Counters.Loops);
        }
        if (request.FirstLineOf(HeaderName.Require) >= 0 && RefuseExtension(now, incoming))
            return false;
        if (_options.RefusesSpentRequests && request.TryGet<MaxForwards>(out var maxForwards, out _) && maxForwards.Hops == 0)
            return Refuse(now, incoming, 483, ref Counters.SpentRequests);
        return true;
    }

    // A request of ours that came back as it went out (RFC 5393 §4.2): one of its Vias has the branch of a request of ours, which had the same Request-URI.
    // To one that was sent elsewhere on its way, as a call to oneself over a registrar is, this does not happen.
    private bool IsLoop(SipMessage request)
    {
        var values = request.All<Via>();
        while (values.MoveNext())
        {
            if (!TryReadBranch(values.Current.Branch.In(request.Text), out ulong branch)
                || !TryFindClient(branch, request.Request.Method, out var client) || !_clients[client].Request.IsSome)
            {
                continue;
            }
            if (RequestUriOf(_buffers.Of(_clients[client].Request)).SequenceEqual(request.Request.Uri.Extent.In(request.Text)))
                return true;
        }
        return false;
    }

    // ---- Answers without a transaction ------------------------------------------------------------------------------------------

    private void RefuseUnreadable(Instant now, in Flow flow, SipMessage message, in ParseFault fault)
    {
        if (!message.IsRequest)
        {
            Counters.BadResponses++;
            return;
        }
        // Without a Via there is no way back; an ACK is never answered; and what has no line that names the protocol is no SIP.
        if (!Refusal.MayAnswer(message) || message.Request.MajorVersion == 0 && !IsSipRequest(message) || !message.TryGet<Via>(out var via, out _)
            || !ResponseRoute.TryFind(message.Text, via, flow, _transport.Options, out var target))
        {
            Counters.Unreadable++;
            return;
        }
        Counters.BadRequests++;
        var builder = new MessageBuilder(_draft);
        builder.StampTopVia(Stamped(message, flow));
        Span<byte> tag = stackalloc byte[TokenText.Length];
        TokenText.Write((ulong)_hash.Of(message.Text[..Math.Min(message.Text.Length, TagOctets)]), tag);
        if (Refusal.WriteFault(fault, message, tag, ref builder))
            SendStateless(now, target, builder);
    }

    // A start line that cannot be read may still end as a request's does: "… SIP/2.0".
    private bool IsSipRequest(SipMessage message)
    {
        if (_index.StartLineEnd == 0)
            return false;
        var line = message.Text[_index.StartLineOffset.._index.StartLineEnd];
        var last = line[(line.LastIndexOf((byte)' ') + 1)..];
        return last.Length > 4 && Scan.EqualsIgnoreCase(last[..4], "SIP/"u8) && !line.StartsWith("ACK "u8);
    }

    // As much of a request without an identity of its own as its tag is made from.
    private const int TagOctets = 512;

    private bool Refuse(Instant now, in Incoming incoming, int status, ref long counter)
    {
        counter++;
        Refuse(now, incoming, status);
        return false;
    }

    private void Refuse(Instant now, in Incoming incoming, int status)
    {
        var builder = new MessageBuilder(_draft);
        builder.StampTopVia(Stamped(incoming.Request, incoming.From));
        Span<byte> tag = stackalloc byte[TokenText.Length];
        WriteStatelessTag(incoming, tag);
        if (!Refusal.Begin(status, incoming.Request, tag, ref builder))
            return;
        if (status is 405 or 501)
            builder.Header(HeaderName.Allow, _allow);
        else if (status == 503)
            builder.Header(HeaderName.RetryAfter, (uint)_options.RetryAfterSeconds);
        builder.Finish();
        SendStateless(now, incoming.Target, builder);
    }

    private bool RefuseExtension(Instant now, in Incoming incoming)
    {
        var builder = new MessageBuilder(_draft);
        builder.StampTopVia(Stamped(incoming.Request, incoming.From));
        Span<byte> tag = stackalloc byte[TokenText.Length];
        WriteStatelessTag(incoming, tag);
        if (!Refusal.WriteBadExtension(incoming.Request, _supported, tag, ref builder))
            return false;
        Counters.ExtensionsRefused++;
        SendStateless(now, incoming.Target, builder);
        return true;
    }

    private void WriteStatelessTag(in Incoming incoming, Span<byte> tag) =>
        TokenText.Write((ulong)(KeyOf(incoming.Request, incoming.View) >> 64), tag);

    private void SendStateless(Instant now, Flow target, scoped in MessageBuilder response)
    {
        if (response.IsValid)
            _transport.Send(now, ref target, response.Written);
    }
}
