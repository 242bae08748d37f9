// A run as a ladder diagram: agents as columns, messages as arrows from when they were sent, with what the network did to them, and notes on an agent's line for
// connections, restarts, and what its user was told and did.
using SipEmbedded.Device.Ladder;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal static class RunLadder
{
    /// <summary>The column of what concerns no agent.</summary>
    private const string NetworkName = "network";

    /// <summary>Of the last <paramref name="shown"/> occurrences of a run.</summary>
    public static MessageLadder Of(RunResult result, int shown)
    {
        var ladder = new MessageLadder();
        foreach (var node in result.World.Nodes)
            ladder.AddParticipant(node.Name);
        var occurrences = result.World.History.Occurrences.Skip(Math.Max(0, result.World.History.Occurrences.Count - shown)).ToList();
        // What is sent, lost and received is one array throughout, unless the network changed it.
        var lost = new HashSet<byte[]>(
            occurrences.Where(seen => seen.Kind == OccurrenceKind.DatagramLost).Select(seen => seen.Octets), ReferenceEqualityComparer.Instance);
        var received = new HashSet<byte[]>(ReferenceEqualityComparer.Instance);
        foreach (var seen in occurrences)
            Add(ladder, result.World, seen, lost, received);
        if (result.Failure is not null)
            ladder.AddNote(result.World.Now, NetworkName, result.Failure.Message);
        return ladder;
    }

    private static void Add(MessageLadder ladder, World world, Occurrence seen, HashSet<byte[]> lost, HashSet<byte[]> received)
    {
        string name = seen.Node?.Name ?? NetworkName;
        string peer = world.Nodes.FirstOrDefault(node => node.Addresses.Any(address => address.HasAddressOf(seen.Flow.Remote)))?.Name
            ?? MessageLadder.TextOf(seen.Flow.Remote);
        switch (seen.Kind)
        {
            case OccurrenceKind.DatagramSent or OccurrenceKind.StreamSent when seen.Flow.Protocol is Protocol.Dns or Protocol.DnsStream:
                ladder.AddNote(seen.Time, name, $"DNS to {peer}");
                break;
            case OccurrenceKind.DatagramReceived when seen.Flow.Protocol == Protocol.Dns:
                break;
            case OccurrenceKind.DatagramSent:
                ladder.AddMessage(seen.Time, name, peer, Protocol.Udp, seen.Octets, lost.Contains(seen.Octets) ? LadderMarks.Lost : LadderMarks.None);
                break;
            case OccurrenceKind.StreamSent:
                ladder.AddMessage(seen.Time, name, peer, Protocol.Tcp, seen.Octets);
                break;
            case OccurrenceKind.DatagramReceived when seen.Note == Occurrence.Corrupted:
                ladder.AddMessage(seen.Time, peer, name, Protocol.Udp, seen.Octets, LadderMarks.Corrupted);
                break;
            case OccurrenceKind.DatagramReceived:
                if (!received.Add(seen.Octets))
                    ladder.AddMessage(seen.Time, peer, name, Protocol.Udp, seen.Octets, LadderMarks.Duplicated);
                break;
            case OccurrenceKind.DatagramLost or OccurrenceKind.StreamReceived:
                break;
            case OccurrenceKind.Application or OccurrenceKind.Lifecycle or OccurrenceKind.Weather:
                ladder.AddNote(seen.Time, name, seen.Note);
                break;
            default:
                ladder.AddNote(seen.Time, name, $"{seen.Kind} {peer} {seen.Note}".TrimEnd());
                break;
        }
    }
}
