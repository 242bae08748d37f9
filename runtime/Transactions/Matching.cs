// Which transaction a message belongs to (RFC 3261 §17.1.3, §17.2.3, §9.2), with the older rule for peers without the magic cookie. See note [matching by
// fingerprint].
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Transactions;

public sealed partial class TransactionLayer
{
    // What the first piece of a fingerprint says it is of.
    private const uint ByBranch = 1;
    private const uint ByHeaders = 2;
    private const uint Merged = 3;
    private const uint AckOfSuccess = 4;

    /// <summary>
    /// The fingerprint of the transaction that a request belongs to. An ACK and a CANCEL have that of the INVITE or whatever they are for: both
    /// are looked for under it.
    /// </summary>
    private UInt128 KeyOf(SipMessage request, in RoutingView view)
    {
        var text = request.Text;
        var branch = view.TopVia.Branch.In(text);
        return branch.Length > TokenText.MagicCookie.Length && branch.StartsWith(TokenText.MagicCookie)
            ? KeyByBranch(request, view, branch)
            : KeyByHeaders(request, view);
    }

    private UInt128 KeyByBranch(SipMessage request, in RoutingView view, ReadOnlySpan<byte> branch)
    {
        var key = new KeyText(_hash, stackalloc byte[KeyText.BufferOctets]);
        key.Add(ByBranch);
        key.Add(branch);
        key.Add(view.TopVia.Host.In(request.Text));
        key.Add(view.TopVia.Port ?? 0);
        AddMethod(ref key, request);
        return key.Fingerprint();
    }

    // A CANCEL is for an INVITE: any other request would be answered before it came (RFC 3261 §9.1).
    private static void AddMethod(ref KeyText key, SipMessage request)
    {
        bool isForInvite = request.Request.Method is Method.Invite or Method.Ack or Method.Cancel;
        key.Add(isForInvite ? "INVITE"u8 : request.Request.MethodName.In(request.Text));
    }

    // RFC 3261 §17.2.3's second list. To is left out where an INVITE has none and its ACK has ours.
    private UInt128 KeyByHeaders(SipMessage request, in RoutingView view)
    {
        var text = request.Text;
        var key = new KeyText(_hash, stackalloc byte[KeyText.BufferOctets]);
        key.Add(ByHeaders);
        key.Add(request.Request.Uri.Extent.In(text));
        key.Add(view.FromTag.In(text));
        key.Add(view.CallId.In(text));
        key.Add(view.CSeq.Sequence);
        key.Add(view.TopVia.Extent.In(text));
        AddMethod(ref key, request);
        if (request.Request.Method is not (Method.Invite or Method.Ack or Method.Cancel))
            key.Add(view.ToTag.In(text));
        return key.Fingerprint();
    }

    /// <summary>What the copies of one initial request that came over different ways have in common (RFC 3261 §8.2.2.2).</summary>
    private UInt128 MergeKeyOf(SipMessage request, in RoutingView view)
    {
        var text = request.Text;
        var key = new KeyText(_hash, stackalloc byte[KeyText.BufferOctets]);
        key.Add(Merged);
        key.Add(view.FromTag.In(text));
        key.Add(view.CallId.In(text));
        key.Add(view.CSeq.Sequence);
        key.Add(view.CSeq.MethodName.In(text));
        return key.Fingerprint();
    }

    /// <summary>What the ACK to a 2xx has in common with it (RFC 3261 §13.2.2.4): the dialog and the number of the INVITE.</summary>
    private UInt128 AckKeyOf(ReadOnlySpan<byte> callId, ReadOnlySpan<byte> fromTag, ReadOnlySpan<byte> toTag, uint sequence)
    {
        var key = new KeyText(_hash, stackalloc byte[KeyText.BufferOctets]);
        key.Add(AckOfSuccess);
        key.Add(callId);
        key.Add(fromTag);
        key.Add(toTag);
        key.Add(sequence);
        return key.Fingerprint();
    }

    private bool TryFindServer(UInt128 key, out Handle<ServerTransaction> handle)
    {
        for (int i = _serverKeys.First((ulong)key); i >= 0; i = _serverKeys.Next(i))
        {
            if (_servers.At(i).Key != key)
                continue;
            handle = _servers.HandleOf(i);
            return true;
        }
        handle = default;
        return false;
    }

    private bool IsMerged(UInt128 mergeKey)
    {
        for (int i = _mergeKeys.First((ulong)mergeKey); i >= 0; i = _mergeKeys.Next(i))
        {
            if (_servers.At(i).MergeKey == mergeKey)
                return true;
        }
        return false;
    }

    private bool TryFindAccepted(UInt128 ackKey, out Handle<ServerTransaction> handle)
    {
        for (int i = _ackKeys.First((ulong)ackKey); i >= 0; i = _ackKeys.Next(i))
        {
            if (_servers.At(i).AckKey != ackKey)
                continue;
            handle = _servers.HandleOf(i);
            return true;
        }
        handle = default;
        return false;
    }

    /// <summary>The number of a branch of our own making, in whatever case it comes back (RFC 3261 §7.3.1); false for any other.</summary>
    private static bool TryReadBranch(ReadOnlySpan<byte> branch, out ulong number)
    {
        int cookie = TokenText.MagicCookie.Length;
        number = 0;
        return branch.Length > cookie && Scan.EqualsIgnoreCase(branch[..cookie], TokenText.MagicCookie) && TokenText.TryRead(branch[cookie..], out number);
    }

    // RFC 3261 §17.1.3: the branch, and the method of CSeq, since a CANCEL shares the branch of its INVITE.
    private bool TryFindClient(ulong branch, Method method, out Handle<ClientTransaction> handle)
    {
        for (int i = _branches.First(branch); i >= 0; i = _branches.Next(i))
        {
            ref readonly var client = ref _clients.At(i);
            if (client.Branch != branch || client.Method != method)
                continue;
            handle = _clients.HandleOf(i);
            return true;
        }
        handle = default;
        return false;
    }
}
