// Checks that look at whole messages, whatever they travelled on: datagrams as they are, streams cut at Content-Length.
using System.Globalization;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

/// <summary>A message that an agent sent or is about to get.</summary>
internal sealed record MessageSeen(Node Node, Instant Time, Flow Flow, byte[] Octets, SipText? Text)
{
    public override string ToString() => $"{Node.Name}: {Text?.StartLine ?? $"{Octets.Length} octets"} ({Flow.Protocol}, {Text?.ClientKey})";
}

/// <summary>Cuts what is seen into messages, once for all checks, and hands them on.</summary>
internal sealed class MessageTap : Check
{
    private readonly List<MessageCheck> _checks = [];
    private readonly Dictionary<(Node, int Life, Handle<Connection>, bool IsSent), List<byte>> _streams = [];

    /// <summary>
    /// True once changed octets reached an agent: from then on what agents send may hold what no agent wrote, and copies of it travel further.
    /// </summary>
    public bool IsTainted { get; private set; }

    public void Add(MessageCheck check) => _checks.Add(check);

    public override void Saw(Occurrence occurrence)
    {
        if (occurrence.Flow.Protocol is Protocol.Dns or Protocol.DnsStream)
            return;
        switch (occurrence.Kind)
        {
            case OccurrenceKind.DatagramSent:
                Tell(occurrence, occurrence.Octets, isSent: true);
                break;
            case OccurrenceKind.DatagramReceived:
                IsTainted |= occurrence.Note == Occurrence.Corrupted;
                Tell(occurrence, occurrence.Octets, isSent: false);
                break;
            case OccurrenceKind.StreamSent:
                Cut(occurrence, isSent: true);
                break;
            case OccurrenceKind.StreamReceived:
                Cut(occurrence, isSent: false);
                break;
        }
    }

    private void Cut(Occurrence occurrence, bool isSent)
    {
        var key = (occurrence.Node!, occurrence.Node!.Life, occurrence.Flow.Connection, isSent);
        if (!_streams.TryGetValue(key, out var waiting))
            _streams.Add(key, waiting = []);
        waiting.AddRange(occurrence.Octets);
        while (TryCut(waiting, out byte[] message))
            Tell(occurrence, message, isSent);
    }

    private static bool TryCut(List<byte> waiting, out byte[] message)
    {
        message = [];
        int start = 0;
        // Keep-alives between messages (RFC 5626 §4.4.1).
        while (start + 1 < waiting.Count && waiting[start] == '\r' && waiting[start + 1] == '\n')
            start += 2;
        waiting.RemoveRange(0, start);
        byte[] octets = [.. waiting];
        int end = octets.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        int length = end + 4;
        if (SipText.TryRead(octets[..length])?.Header("Content-Length") is { } value)
            length += int.Parse(value, CultureInfo.InvariantCulture);
        if (octets.Length < length)
            return false;
        message = octets[..length];
        waiting.RemoveRange(0, length);
        return true;
    }

    private void Tell(Occurrence occurrence, byte[] octets, bool isSent)
    {
        var seen = new MessageSeen(occurrence.Node!, occurrence.Time, occurrence.Flow, octets, SipText.TryRead(octets));
        foreach (var check in _checks)
        {
            if (isSent)
                check.Sent(seen);
            else
                check.Received(seen);
        }
    }
}

internal abstract class MessageCheck : Check
{
    public virtual void Sent(MessageSeen message)
    {
    }

    public virtual void Received(MessageSeen message)
    {
    }
}
