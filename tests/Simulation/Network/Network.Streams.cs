// Streams as TCP gives them: in order and whole, in pieces of any size, until they break; what is on the way when a link is cut comes later.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed partial class Network
{
    /// <summary>How often a system tries again to get octets across a cut link.</summary>
    private static readonly TimeSpan s_retransmission = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a system asks again for a connection that nobody answers (RFC 6298 §2.1: after a second).</summary>
    private static readonly TimeSpan s_askAgain = TimeSpan.FromSeconds(1);

    /// <summary>Opens a connection in three steps, as TCP does: the asker knows first, then the one who was asked.</summary>
    public void Connect(StreamEnd asker)
    {
        var link = LinkOf(asker.Local, asker.Remote);
        bool isSilent = link.Chance.Happens(Faults.ConnectSilentPerMille);
        bool isRefused = link.Chance.Happens(Faults.ConnectRefusedPerMille);
        Counters.ConnectionsUnanswered += isSilent ? 1 : 0;
        world.After(TimeSpan.FromMicroseconds(Faults.ConnectTimeoutUs), () =>
        {
            if (asker.State == StreamState.Connecting)
                End(asker, TransportFault.TimedOut);
        });
        if (!isSilent)
            Ask(asker, isRefused);
    }

    private void Ask(StreamEnd asker, bool isRefused)
    {
        if (!asker.Node.HasLink)
        {
            AskAgain(asker, isRefused);
            return;
        }
        var link = LinkOf(asker.Local, asker.Remote);
        var back = LinkOf(asker.Remote, asker.Local);
        if (link.CutUntil > world.Now || back.CutUntil > world.Now)
        {
            // The system asks again and again; the time-out ends it.
            var whole = link.CutUntil > back.CutUntil ? link.CutUntil : back.CutUntil;
            world.At(whole + s_retransmission, () =>
            {
                if (asker.State == StreamState.Connecting)
                    Ask(asker, isRefused);
            });
            return;
        }
        world.After(link.Delay(Faults) + back.Delay(Faults), () =>
        {
            if (asker.State != StreamState.Connecting)
                return;
            if (!_listeners.TryGetValue(asker.Remote, out var node))
                return;
            if (!node.HasLink || !node.IsUp && node.RefusesWhenDown == false)
            {
                AskAgain(asker, isRefused);
                return;
            }
            if (isRefused || !node.IsUp)
            {
                Counters.ConnectionsRefused += node.IsUp ? 1 : 0;
                End(asker, TransportFault.Refused);
                return;
            }
            var translation = asker.Node.Behind?.BeginStream();
            Open(asker, new StreamEnd(node, asker.Protocol, asker.Remote, translation?.Outside ?? asker.Local), translation);
        });
    }

    // The system asks until the time-out ends it.
    private void AskAgain(StreamEnd asker, bool isRefused) => world.After(s_askAgain, () =>
    {
        if (asker.State == StreamState.Connecting)
            Ask(asker, isRefused);
    });

    private void Open(StreamEnd asker, StreamEnd asked, Translation? translation)
    {
        (asker.Peer, asked.Peer) = (asked, asker);
        asker.Translation = asked.Translation = translation;
        (asker.State, asked.State) = (StreamState.Open, StreamState.Connecting);
        var early = asker.Early.ToList();
        asker.Early.Clear();
        // The one who was asked is told when the last of the three packets arrives, in front of the first octets.
        asker.Outgoing.Enqueue((Arrival(asker), []));
        foreach (byte[] octets in early)
            Push(asker, octets);
        if (asker.ClosesWhenOpen)
            asker.Outgoing.Enqueue((Arrival(asker), null));
        Pump(asker);
        if (asker.ClosesWhenOpen)
            asker.State = StreamState.Ended;
        else
            asker.Node.HandleConnected(asker);
    }

    public void Send(StreamEnd end, byte[] octets)
    {
        if (end.State == StreamState.Connecting && end.Peer is null)
        {
            end.Early.Add(octets);
            return;
        }
        if (end.State == StreamState.Ended || end.Peer is null)
            return;
        var chance = LinkOf(end.Local, end.Remote).Chance;
        if (chance.Happens(Faults.ResetPerMille))
        {
            Counters.StreamsReset++;
            Break(end, TransportFault.Reset);
            return;
        }
        if (chance.Happens(Faults.HalfDeadPerMille) || end.Translation?.TryPass() == false)
        {
            Counters.StreamsSilenced += end.IsSilent ? 0 : 1;
            end.IsSilent = end.Peer.IsSilent = true;
        }
        if (end.IsSilent)
        {
            GiveUpLater(end);
            return;
        }
        Push(end, octets);
        Pump(end);
    }

    public void Close(StreamEnd end)
    {
        if (end.State == StreamState.Connecting && end.Peer is null)
        {
            // What was handed over goes out first, when and if it opens.
            end.ClosesWhenOpen = end.Early.Count > 0;
            if (!end.ClosesWhenOpen)
                end.State = StreamState.Ended;
            return;
        }
        if (end.State == StreamState.Ended)
            return;
        end.State = StreamState.Ended;
        if (end.IsSilent)
            return;
        end.Outgoing.Enqueue((Arrival(end), null));
        Pump(end);
    }

    /// <summary>The owner is gone without a word of its own.</summary>
    public void Abandon(StreamEnd end, bool silently)
    {
        if (silently || end.Peer is null)
            end.State = StreamState.Ended;
        else
            Break(end, TransportFault.Reset);
    }

    /// <summary>
    /// The owner has lost the address that this connection was made from: nothing gets through any more. <paramref name="isTold"/>: its system ends it at
    /// once; else nobody hears of it, as where an address is only taken from an interface.
    /// </summary>
    public void Orphan(StreamEnd end, bool isTold)
    {
        end.IsSilent = true;
        end.Peer?.IsSilent = true;
        if (isTold || end.Peer is null)
            world.After(TimeSpan.Zero, () => End(end, TransportFault.Reset));
    }

    private void Push(StreamEnd end, byte[] octets)
    {
        var chance = LinkOf(end.Local, end.Remote).Chance;
        for (int start = 0; start < octets.Length;)
        {
            int length = Faults.PieceOctets == 0 ? octets.Length : chance.Between(1, Faults.PieceOctets);
            length = Math.Min(length, octets.Length - start);
            end.Outgoing.Enqueue((Arrival(end), octets[start..(start + length)]));
            start += length;
        }
    }

    // What would be a loss is a delay: the system sends again.
    private Instant Arrival(StreamEnd end)
    {
        var link = LinkOf(end.Local, end.Remote);
        var arrival = world.Now + link.Delay(Faults);
        return link.Loses(Faults) ? arrival + s_retransmission : arrival;
    }

    // Lets the head of the queue arrive, then the next: never in another order.
    private void Pump(StreamEnd end)
    {
        if (end.IsPumping || end.Outgoing.Count == 0)
            return;
        end.IsPumping = true;
        var link = LinkOf(end.Local, end.Remote);
        var arrival = end.Outgoing.Peek().Arrival;
        world.At(arrival, () =>
        {
            end.IsPumping = false;
            if (end.Outgoing.Count == 0 || end.IsSilent)
                return;
            if (link.CutUntil > world.Now)
            {
                Delay(end, link.CutUntil + s_retransmission);
                return;
            }
            if (!end.Node.HasLink || !end.Peer!.Node.HasLink)
            {
                // A link may be down for hours; what waits for a cut link of a run's second does not wait so long.
                GiveUpLater(end);
                Delay(end, world.Now + s_retransmission);
                return;
            }
            byte[]? piece = end.Outgoing.Dequeue().Piece;
            Arrive(end, end.Peer!, piece);
            Pump(end);
        });
    }

    // The head of the queue arrives later; what is behind it stays there.
    private void Delay(StreamEnd end, Instant arrival)
    {
        var (_, waiting) = end.Outgoing.Dequeue();
        var rest = end.Outgoing.ToList();
        end.Outgoing.Clear();
        end.Outgoing.Enqueue((arrival, waiting));
        rest.ForEach(end.Outgoing.Enqueue);
        Pump(end);
    }

    private void Arrive(StreamEnd from, StreamEnd to, byte[]? piece)
    {
        bool isThere = to.Node.IsUp && to.Life == to.Node.Life;
        if (to.State == StreamState.Ended || !isThere)
        {
            // Nobody has this connection any more: a system that is up says so, one that is not says nothing.
            if (piece is { Length: > 0 } && from.State == StreamState.Open)
            {
                if (to.Node.IsUp)
                    EndLater(from, TransportFault.Reset);
                else
                    GiveUpLater(from);
            }
            return;
        }
        from.GivesUp = Instant.Never;
        if (to.State == StreamState.Connecting)
        {
            to.State = StreamState.Open;
            if (!to.Node.HandleAccepted(to))
            {
                to.State = StreamState.Ended;
                EndLater(from, TransportFault.Reset);
                return;
            }
        }
        if (piece is null)
            End(to, TransportFault.Closed);
        else if (piece.Length > 0)
            to.Node.HandleStreamBytes(to, piece);
    }

    private void End(StreamEnd end, TransportFault fault)
    {
        if (end.State == StreamState.Ended)
            return;
        end.State = StreamState.Ended;
        end.Outgoing.Clear();
        end.Node.HandleClosed(end, fault);
    }

    private void EndLater(StreamEnd end, TransportFault fault) =>
        world.After(LinkOf(end.Remote, end.Local).Delay(Faults), () => End(end, fault));

    // Both ends are told, each in its time; what was on the way is gone.
    private void Break(StreamEnd end, TransportFault fault)
    {
        end.Outgoing.Clear();
        end.Peer!.Outgoing.Clear();
        world.After(TimeSpan.Zero, () => End(end, fault));
        if (end.Peer.State == StreamState.Connecting)
            end.Peer.State = StreamState.Ended;
        else
            EndLater(end.Peer, fault);
    }

    private void GiveUpLater(StreamEnd end)
    {
        if (end.GivesUp != Instant.Never)
            return;
        var due = world.Now + TimeSpan.FromMicroseconds(Faults.StreamTimeoutUs);
        end.GivesUp = due;
        world.At(due, () =>
        {
            if (end.GivesUp == due)
                End(end, TransportFault.TimedOut);
        });
    }
}
