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
    private bool Passes(Instant now, in Flow flow, SipMessage request, in RoutingView view, out UInt128 mergeKey)
    {
        mergeKey = default;
        var method = request.Request.Method;
        if (_allowedMethods != 0 && (_allowedMethods >> (int)method & 1) == 0)
        {
            Counters.MethodsRefused++;
            RefuseMethod(now, flow, request, view);
            return false;
        }
        if (request.Request.Uri.Kind == SipUriKind.Absolute && !_options.AcceptsOtherSchemes)
        {
            Counters.SchemesRefused++;
            RefuseStateless(now, flow, request, view, 416);
            return false;
        }
        if (!view.ToTag.IsPresent)
        {
            mergeKey = MergeKeyOf(request, view);
            if (IsMerged(mergeKey))
            {
                Counters.MergedRequests++;
                RefuseStateless(now, flow, request, view, 482);
                return false;
            }
            if (_clients.Count > 0 && IsLoop(request))
            {
                Counters.Loops++;
                RefuseStateless(now, flow, request, view, 482);
                return false;
            }
        }
        if (request.FirstLineOf(HeaderName.Require) >= 0 && RefuseExtension(now, flow, request, view))
            return false;
        if (_options.RefusesSpentRequests && request.TryGet<MaxForwards>(out var maxForwards, out _) && maxForwards.Hops == 0)
        {
            Counters.SpentRequests++;
            RefuseStateless(now, flow, request, view, 483);
            return false;
        }
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
        if (!Refusal.MayAnswer(message) || !message.TryGet<Via>(out var via, out _) || message.Request.MajorVersion == 0)
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
            SendStateless(now, flow, message, via, builder);
    }

    // As much of a request without an identity of its own as its tag is made from.
    private const int TagOctets = 512;

    private void RefuseStateless(Instant now, in Flow flow, SipMessage request, in RoutingView view, int status)
    {
        var builder = new MessageBuilder(_draft);
        builder.StampTopVia(Stamped(request, flow));
        Span<byte> tag = stackalloc byte[TokenText.Length];
        WriteStatelessTag(request, view, tag);
        if (Refusal.Write(status, request, tag, ref builder))
            SendStateless(now, flow, request, view.TopVia, builder);
    }

    private void RefuseForWantOfRoom(Instant now, in Flow flow, SipMessage request, in RoutingView view)
    {
        var builder = new MessageBuilder(_draft);
        builder.StampTopVia(Stamped(request, flow));
        Span<byte> tag = stackalloc byte[TokenText.Length];
        WriteStatelessTag(request, view, tag);
        if (!Refusal.Begin(503, request, tag, ref builder))
            return;
        builder.Header(HeaderName.RetryAfter, (uint)_options.RetryAfterSeconds);
        builder.Finish();
        SendStateless(now, flow, request, view.TopVia, builder);
    }

    private void RefuseMethod(Instant now, in Flow flow, SipMessage request, in RoutingView view)
    {
        var builder = new MessageBuilder(_draft);
        builder.StampTopVia(Stamped(request, flow));
        Span<byte> tag = stackalloc byte[TokenText.Length];
        WriteStatelessTag(request, view, tag);
        var outcome = request.Request.Method == Method.Other ? DispatchOutcome.NotImplemented : DispatchOutcome.NotAllowed;
        if (MethodRefusal.Write(outcome, request, _allow, tag, ref builder))
            SendStateless(now, flow, request, view.TopVia, builder);
    }

    private bool RefuseExtension(Instant now, in Flow flow, SipMessage request, in RoutingView view)
    {
        var builder = new MessageBuilder(_draft);
        builder.StampTopVia(Stamped(request, flow));
        Span<byte> tag = stackalloc byte[TokenText.Length];
        WriteStatelessTag(request, view, tag);
        if (!Refusal.WriteBadExtension(request, _supported, tag, ref builder))
            return false;
        Counters.ExtensionsRefused++;
        SendStateless(now, flow, request, view.TopVia, builder);
        return true;
    }

    private void WriteStatelessTag(SipMessage request, in RoutingView view, Span<byte> tag) =>
        TokenText.Write((ulong)(KeyOf(request, view) >> 64), tag);

    private void SendStateless(Instant now, in Flow flow, SipMessage request, in Via via, scoped in MessageBuilder builder)
    {
        if (!ResponseRoute.TryFind(request.Text, via, flow, _transport.Options, out var target))
        {
            Counters.Unroutable++;
            return;
        }
        if (builder.IsValid)
            _transport.Send(now, ref target, builder.Written);
    }
}
