// What a ladder diagram shows, whoever draws it: participants as columns, messages as arrows between them in the order of time, notes on a
// participant's line (a timer, a state). It is filled from a capture file, by a simulation, or by a program that looks on (ITrafficObserver).
//
// note [what adding costs]
// Adding copies the octets and nothing else, so that a simulation can add everything and throw most ladders away. Messages are read, counted as
// retransmissions and sorted when rows are asked for.
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Ladder;

/// <summary>What a network did to a message on its way; a capture shows none of it, a simulation knows.</summary>
[Flags]
public enum LadderMarks
{
    None = 0,

    /// <summary>It never arrived.</summary>
    Lost = 1,

    /// <summary>The network made this copy; the sender sent one.</summary>
    Duplicated = 2,

    /// <summary>Octets were changed on the way. What is shown is what arrived.</summary>
    Corrupted = 4,
}

/// <summary>A ladder diagram's content. Entries may be added in any order; those of one time stay in the order in which they were added.</summary>
public sealed class MessageLadder
{
    private readonly List<string> _participants = [];
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private readonly Dictionary<IpEndpoint, string> _names = [];
    private readonly List<LadderEntry> _entries = [];

    /// <summary>The columns from left to right, in the order in which they were added or first took part.</summary>
    public IReadOnlyList<string> Participants => _participants;

    /// <summary>What is added so far, messages and notes.</summary>
    public int Count => _entries.Count;

    /// <summary>What the clock says at the beginning of <see cref="Instant"/>, for a page that tells the time of day; null where nobody knows.</summary>
    public DateTimeOffset? Origin { get; set; }

    /// <summary>A column of this name, to the right of those that are there; nothing happens where it is there already.</summary>
    public void AddParticipant(string name) => ColumnOf(name);

    /// <summary>Messages from and to an endpoint stand in the column of this name. Several endpoints may share one. Says nothing of what was added before.</summary>
    public void Name(in IpEndpoint endpoint, string name)
    {
        _names[endpoint] = name;
        ColumnOf(name);
    }

    /// <summary>Adds a message, a keep-alive, or whatever else went from one endpoint to another. The octets are copied.</summary>
    public void AddMessage(
        Instant time, in IpEndpoint from, in IpEndpoint to, Protocol protocol, ReadOnlySpan<byte> octets, LadderMarks marks = LadderMarks.None) =>
        AddMessage(time, NameOf(from), NameOf(to), protocol, octets, marks);

    /// <summary>The same between participants by name.</summary>
    public void AddMessage(
        Instant time, string from, string to, Protocol protocol, ReadOnlySpan<byte> octets, LadderMarks marks = LadderMarks.None) =>
        _entries.Add(new(time, ColumnOf(from), ColumnOf(to), protocol, octets.ToArray(), marks, "", null));

    /// <summary>
    /// Adds a note on a participant's line: a timer that fired, a state that was reached. It goes with <paramref name="callId"/> where that is given; a note
    /// without belongs to every call.
    /// </summary>
    public void AddNote(Instant time, string participant, string text, string? callId = null)
    {
        int column = ColumnOf(participant);
        _entries.Add(new(time, column, column, Protocol.None, null, LadderMarks.None, text, callId));
    }

    /// <summary>The same on the line of whoever has the endpoint.</summary>
    public void AddNote(Instant time, in IpEndpoint participant, string text, string? callId = null) => AddNote(time, NameOf(participant), text, callId);

    /// <summary>The name an endpoint was given, else its address and port.</summary>
    public string NameOf(in IpEndpoint endpoint) => _names.TryGetValue(endpoint, out string? name) ? name : TextOf(endpoint);

    /// <summary>Address and port as they stand in a Via; the interface of a link-local address is left out.</summary>
    public static string TextOf(in IpEndpoint endpoint)
    {
        Span<byte> text = stackalloc byte[64];
        var writer = new ByteWriter(text);
        endpoint.WriteHostPort(ref writer);
        return Encoding.ASCII.GetString(text[..writer.Written]);
    }

    /// <summary>
    /// Everything in the order of time, messages read. With <paramref name="callId"/> the messages of that call alone, the notes that belong to it, and
    /// the participants that have a part in them.
    /// </summary>
    public LadderView View(string? callId = null) => LadderView.Of(_participants, _entries, Origin, callId);

    private int ColumnOf(string name)
    {
        if (_columns.TryGetValue(name, out int column))
            return column;
        _columns.Add(name, _participants.Count);
        _participants.Add(name);
        return _participants.Count - 1;
    }
}

/// <summary>One message, or one note: then there are no octets.</summary>
internal sealed record LadderEntry(
    Instant Time, int From, int To, Protocol Protocol, byte[]? Octets, LadderMarks Marks, string Note, string? CallId);
