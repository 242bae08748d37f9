// A ladder as it is drawn: entries sorted and numbered, messages read, retransmissions counted, calls told apart.
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Ladder;

/// <summary>A row of the diagram: an arrow, or a note where <see cref="Message"/> is null.</summary>
/// <param name="Number">From 1, over the whole ladder: the same row has the same number whatever call is asked for.</param>
/// <param name="SinceStart">From the first row of the whole ladder.</param>
/// <param name="From">The column it goes out from; for a note the column it stands on.</param>
/// <param name="Call">An index of <see cref="LadderView.Calls"/>, or -1 for what has no Call-ID.</param>
/// <param name="Retransmission">How often the same octets went the same way before, not counting copies that the network made.</param>
/// <param name="Note">A note's text.</param>
/// <param name="Octets">The message as it arrived.</param>
public sealed record LadderRow(
    int Number, Instant Time, TimeSpan SinceStart, int From, int To, Protocol Protocol, int Call, MessageSummary? Message, int Retransmission,
    LadderMarks Marks, string Note, ReadOnlyMemory<byte> Octets)
{
    public bool IsLost => (Marks & LadderMarks.Lost) != 0;

    /// <summary>What stands on the arrow, not yet made safe to show: texts of the message are in it.</summary>
    public string Label
    {
        get
        {
            if (Message is null)
                return Note;
            string label = Message.Label;
            if (Retransmission > 0)
                label += $", retransmission {Retransmission}";
            if ((Marks & LadderMarks.Duplicated) != 0)
                label += ", duplicate";
            if ((Marks & LadderMarks.Corrupted) != 0)
                label += ", corrupted";
            return IsLost ? label + ", lost" : label;
        }
    }
}

/// <summary>What is drawn, from first to last.</summary>
public sealed class LadderView
{
    private LadderView(IReadOnlyList<string> participants, IReadOnlyList<LadderRow> rows, IReadOnlyList<string> calls, Instant start, DateTimeOffset? origin)
    {
        Participants = participants;
        Rows = rows;
        Calls = calls;
        Start = start;
        Origin = origin;
    }

    public IReadOnlyList<string> Participants { get; }

    public IReadOnlyList<LadderRow> Rows { get; }

    /// <summary>The Call-IDs in the order in which they begin.</summary>
    public IReadOnlyList<string> Calls { get; }

    /// <summary>The time of the ladder's first row.</summary>
    public Instant Start { get; }

    private DateTimeOffset? Origin { get; }

    /// <summary>The time of day of the first row, or null where nobody knows it or the calendar does not reach it.</summary>
    public DateTimeOffset? StartOfDay =>
        Origin is { } origin && Start.Ticks >= 0 && Start.Ticks <= DateTimeOffset.MaxValue.UtcTicks - origin.UtcTicks ? origin.AddTicks(Start.Ticks) : null;

    internal static LadderView Of(List<string> participants, List<LadderEntry> entries, DateTimeOffset? origin, string? callId)
    {
        // Stable, so that what happened at one time stays in its order.
        var sorted = entries.OrderBy(entry => entry.Time).ToList();
        var start = sorted.Count > 0 ? sorted[0].Time : default;
        // Who sent the same octets before is asked of a fingerprint; a capture that was made to collide would only be counted wrong.
        var fingerprint = new KeyedHash(stackalloc byte[16]);
        var seen = new Dictionary<(int From, int To, Protocol Protocol, UInt128 Octets), int>();
        var calls = new List<string>();
        var callNumbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var rows = new List<LadderRow>();
        var reader = new MessageReader();
        for (int i = 0; i < sorted.Count; i++)
        {
            var entry = sorted[i];
            var message = entry.Octets is null ? null : reader.Read(entry.Octets);
            int retransmission = 0;
            if (message is { IsKeepAlive: false } && (entry.Marks & LadderMarks.Duplicated) == 0)
            {
                var key = (entry.From, entry.To, entry.Protocol, fingerprint.Of(entry.Octets));
                retransmission = seen.TryGetValue(key, out int before) ? before : 0;
                seen[key] = retransmission + 1;
            }
            string? call = message?.CallId ?? entry.CallId;
            bool isWanted = callId is null || call == callId || call is null && message is null;
            if (!isWanted)
                continue;
            int number = -1;
            if (call is not null && !callNumbers.TryGetValue(call, out number))
            {
                number = calls.Count;
                callNumbers.Add(call, number);
                calls.Add(call);
            }
            rows.Add(new(i + 1, entry.Time, entry.Time - start, entry.From, entry.To, entry.Protocol, number, message, retransmission, entry.Marks, entry.Note,
                entry.Octets));
        }
        return callId is null ? new(participants, rows, calls, start, origin) : Narrowed(participants, rows, calls, start, origin);
    }

    // Columns without a part in what is left are left out, and notes on them: those without a call are on every call's ladder otherwise.
    private static LadderView Narrowed(List<string> participants, List<LadderRow> rows, List<string> calls, Instant start, DateTimeOffset? origin)
    {
        var has = new bool[participants.Count];
        foreach (var row in rows.Where(row => row.Message is not null || row.Call >= 0))
            has[row.From] = has[row.To] = true;
        var column = new int[participants.Count];
        var left = new List<string>();
        for (int i = 0; i < has.Length; i++)
        {
            column[i] = left.Count;
            if (has[i])
                left.Add(participants[i]);
        }
        var kept = rows.Where(row => has[row.From]).Select(row => row with { From = column[row.From], To = column[row.To] }).ToList();
        return new(left, kept, calls, start, origin);
    }
}
