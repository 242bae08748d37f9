// What holds: the end of an exchange, and the ways back (RFC 6337 §3.4, RFC 6141).
using SipEmbedded.Sdp;

namespace SipEmbedded.Negotiation;

public sealed partial class Negotiator
{
    /// <summary>
    /// The exchange that is open failed: it is forgotten, and what was agreed before holds. Nothing happens where none is open. The version does not go back: the
    /// peer has seen it (RFC 3264 §8).
    /// </summary>
    public void Rollback(ref NegotiatedSession session, scoped in StreamContext context)
    {
        if (session.State is NegotiationState.None or NegotiationState.Stable)
            return;
        var told = session.Told;
        bool isPreviewTold = session.IsPreviewTold;
        CloseExchange(ref session);
        session.Offered = default;
        Counters.RolledBack++;
        TellRolledBack(context);
        if (isPreviewTold)
            Tell(context, Read(session.AgreedLocal), ReadRemote(session.AgreedRemote), session.Agreed, told);
    }

    /// <summary>
    /// The offer that was made last, or the answer since <see cref="Mark"/>, found no way out. Nobody has seen it: its version goes to the text that does go out
    /// (RFC 3264 §8: one more than the description before). An offer is forgotten as by <see cref="Rollback"/>; for an answer <see cref="Restore"/> follows.
    /// </summary>
    public void TakeBack(ref NegotiatedSession session, scoped in StreamContext context)
    {
        if (session.IsTentative)
        {
            _buffers.Release(session.Said);
            session.Said = session.SaidBefore;
            session.SaidBefore = default;
            session.IsTentative = false;
            session.Version--;
        }
        Rollback(ref session, context);
    }

    /// <summary>
    /// Keeps what is agreed now, for <see cref="Restore"/>: a request begins that may end badly after exchanges inside of it ended well, as a re-INVITE with a
    /// reliable provisional response (RFC 6337 §3.4). What was kept before is forgotten.
    /// </summary>
    public void Mark(ref NegotiatedSession session)
    {
        Settle(ref session);
        Retain(session.AgreedLocal);
        Retain(session.AgreedRemote);
        session.KeptLocal = session.AgreedLocal;
        session.KeptRemote = session.AgreedRemote;
        session.Kept = session.Agreed;
    }

    /// <summary>The request ended well: what <see cref="Mark"/> kept is forgotten.</summary>
    public void Settle(ref NegotiatedSession session)
    {
        _buffers.Release(session.KeptLocal);
        _buffers.Release(session.KeptRemote);
        session.KeptLocal = session.KeptRemote = default;
        session.Kept = default;
        StandBy(ref session);
    }

    /// <summary>
    /// The request failed: the exchange that is open is forgotten, and what <see cref="Mark"/> kept holds again, if there is any. Where that changed anything the
    /// peer is told by an offer, in an UPDATE (RFC 6141 §3.4): true then.
    /// </summary>
    public bool Restore(ref NegotiatedSession session, scoped in StreamContext context)
    {
        Rollback(ref session, context);
        StandBy(ref session);
        var local = TextOf(session.KeptLocal);
        var remote = TextOf(session.KeptRemote);
        if (!session.KeptLocal.IsSome
            || local.SequenceEqual(TextOf(session.AgreedLocal)) && remote.SequenceEqual(TextOf(session.AgreedRemote)))
        {
            Settle(ref session);
            return false;
        }
        var was = session.Agreed;
        _buffers.Release(session.AgreedLocal);
        _buffers.Release(session.AgreedRemote);
        session.AgreedLocal = session.KeptLocal;
        session.AgreedRemote = session.KeptRemote;
        session.Agreed = session.Kept;
        session.KeptLocal = session.KeptRemote = default;
        session.Kept = default;
        Counters.RolledBack++;
        Tell(context, Read(session.AgreedLocal), ReadRemote(session.AgreedRemote), session.Agreed, was);
        return true;
    }

    /// <summary>
    /// Tells the handlers what holds in a session, once more: of several early dialogs that share their handlers' session, this is the one that counts now. False
    /// where nothing holds in it, not even a preview.
    /// </summary>
    public bool Apply(in NegotiatedSession session, scoped in StreamContext context)
    {
        if (session.HasPreview)
            Tell(context, Read(session.Said), ReadRemote(session.Heard), session.Told, session.Offered);
        else if (session.IsAgreed)
            Tell(context, Read(session.AgreedLocal), ReadRemote(session.AgreedRemote), session.Agreed, session.Offered);
        return session.HasPreview || session.IsAgreed;
    }

    /// <summary>
    /// An early dialog has ended while its INVITE goes on: its streams are removed, and its buffers given back. What was offered and not answered stays with the
    /// handlers, since other dialogs may answer it. True where there were streams; <see cref="Apply"/> then tells what holds in another.
    /// </summary>
    public bool Withdraw(ref NegotiatedSession session, scoped in StreamContext context)
    {
        var told = session.IsPreviewTold ? session.Told : session.Agreed;
        bool hadStreams = false;
        for (int i = 0; i < SdpLimits.MaxMediaSections; i++)
        {
            if (told[i] == 0)
                continue;
            hadStreams = true;
            _handlers[told[i] - 1].Removed(context, i);
        }
        Release(ref session);
        return hadStreams;
    }

    // Both halves hold. The buffer of ours is handed over.
    private void Agree(
        ref NegotiatedSession session, in StreamContext context, Memory.Buffer ours, scoped in SdpDescription local, scoped in SdpDescription remote,
        in NegotiatedSession.Places owners)
    {
        var was = WasTold(session);
        _buffers.Release(session.AgreedLocal);
        _buffers.Release(session.AgreedRemote);
        session.AgreedLocal = ours;
        session.AgreedRemote = session.Heard;
        session.Heard = default;
        session.Agreed = owners;
        CloseExchange(ref session);
        Counters.Agreed++;
        Tell(context, local, remote, owners, was);
    }

    private void TellPreview(
        ref NegotiatedSession session, in StreamContext context, scoped in SdpDescription local, scoped in SdpDescription remote,
        in NegotiatedSession.Places owners)
    {
        var was = WasTold(session);
        session.Told = owners;
        session.IsPreviewTold = true;
        Tell(context, local, remote, owners, was);
    }

    // Who may believe to have a stream. Whoever offered one is told that it was refused; another fork may have accepted it.
    private static NegotiatedSession.Places WasTold(in NegotiatedSession session)
    {
        var was = session.IsPreviewTold ? session.Told : session.Agreed;
        for (int i = 0; i < SdpLimits.MaxMediaSections; i++)
        {
            if (was[i] == 0)
                was[i] = session.Offered[i];
        }
        return was;
    }

    private void CloseExchange(ref NegotiatedSession session)
    {
        if (session.State == NegotiationState.LocalOffer)
            StandBy(ref session);
        _buffers.Release(session.Heard);
        session.Heard = default;
        session.Told = default;
        session.IsPreviewTold = false;
        session.MustAnswer = false;
        session.State = session.IsAgreed ? NegotiationState.Stable : NegotiationState.None;
    }

    private void TellRolledBack(in StreamContext context)
    {
        foreach (var handler in _handlers)
            handler.RolledBack(context);
    }

    // What is gone first, so that its room is free for what comes.
    private void Tell(
        in StreamContext context, scoped in SdpDescription local, scoped in SdpDescription remote, in NegotiatedSession.Places owners,
        in NegotiatedSession.Places was)
    {
        for (int i = 0; i < SdpLimits.MaxMediaSections; i++)
        {
            if (was[i] != 0 && was[i] != owners[i])
                _handlers[was[i] - 1].Removed(context, i);
        }
        for (int i = 0; i < SdpLimits.MaxMediaSections; i++)
        {
            byte owner = owners[i];
            if (owner == 0)
                continue;
            var view = new StreamView(local, remote, i) { IsAgreed = true, Others = CountBefore(owners, i, owner) + CountBehind(owners, i, owner) };
            _handlers[owner - 1].Agreed(context, view);
        }
    }

    private static int CountBefore(in NegotiatedSession.Places places, int place, byte owner)
    {
        int count = 0;
        for (int i = 0; i < place; i++)
            count += places[i] == owner ? 1 : 0;
        return count;
    }

    private static int CountBehind(in NegotiatedSession.Places places, int place, byte owner)
    {
        int count = 0;
        for (int i = place + 1; i < SdpLimits.MaxMediaSections; i++)
            count += places[i] == owner ? 1 : 0;
        return count;
    }
}
