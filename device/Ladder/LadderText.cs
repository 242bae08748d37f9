// A ladder for a terminal: a column for each participant, an arrow a line, times from the first message on.
//
// note [how wide a ladder is]
// The distance between two columns is what the longest label between them needs. Where that is more than there is, all are made narrower, to a least
// distance, and labels go over several lines, the last of them on the arrow. Where even that is too wide (many participants, a narrow terminal) there are
// no columns: each message is a line that names both ends.
using System.Globalization;
using System.Text;
using SipEmbedded.Device.Inspect.Reports;

namespace SipEmbedded.Device.Ladder;

/// <summary>Draws a ladder as text.</summary>
public sealed class LadderText
{
    // A distance that leaves an arrow with a word on it.
    private const int LeastDistance = 16;

    // Of an output without a width: labels longer than that go over several lines as well.
    private const int MostDistance = 60;

    // More columns than that nobody follows with the eye, however wide the output is.
    private const int MostParticipants = 32;

    // What an arrow has besides its label: a dash, a head, blanks around the label.
    private const int ArrowColumns = 7;

    private const int LeastLabelColumns = 8;

    // Names longer than that are no reason for a wider ladder; they go over several lines.
    private const int NameColumns = 24;

    private const string Gap = "  ";

    private readonly LadderView _view;
    private readonly int _columns;
    private readonly bool _isUtf8;
    private readonly bool _hasColor;
    private readonly string[] _labels;
    private readonly string[] _names;
    private readonly string[] _times;
    private readonly int _timeColumns;
    private readonly int _left;
    private readonly int[] _at;

    private LadderText(LadderView view, int columns, bool isUtf8, bool hasColor)
    {
        _view = view;
        _columns = columns;
        _isUtf8 = isUtf8;
        _hasColor = hasColor;
        _labels = [.. view.Rows.Select(row => EscapedText.Of(row.Label, !isUtf8))];
        _names = [.. view.Participants.Select(name => EscapedText.Of(name, !isUtf8))];
        _times = [.. view.Rows.Select(row => TimeOf(row.SinceStart))];
        _timeColumns = _times.Select(time => time.Length).Append("seconds".Length).Max();
        int callColumns = view.Calls.Count > 1 ? CallName(view.Calls.Count - 1).Length + Gap.Length : 0;
        _left = _timeColumns + Gap.Length + callColumns;
        _at = Positions();
    }

    /// <summary>Seconds with milliseconds.</summary>
    internal static string TimeOf(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>A, B, … Z, AA, AB: short names of calls, which have long ones.</summary>
    internal static string CallName(int number) => (number >= 26 ? CallName(number / 26 - 1) : "") + (char)('A' + number % 26);

    /// <summary>
    /// Draws <paramref name="view"/> in lines of at most <paramref name="columns"/> columns where that is possible. Nothing of a message reaches the output
    /// unescaped. Without <paramref name="isUtf8"/> it is plain ASCII.
    /// </summary>
    public static void Write(TextWriter output, LadderView view, int columns = int.MaxValue, bool isUtf8 = true, bool hasColor = false)
    {
        var text = new LadderText(view, columns, isUtf8, hasColor);
        foreach (var line in text._at.Length == 0 && view.Participants.Count > 0 ? text.List() : text.Diagram())
            output.WriteLine(line.ToString(hasColor));
        if (view.Calls.Count < 2)
            return;
        output.WriteLine();
        for (int i = 0; i < view.Calls.Count; i++)
            output.WriteLine($"{CallName(i)}{Gap}{EscapedText.Of(view.Calls[i], !isUtf8)}");
    }

    // ---- Layout -------------------------------------------------------------------------------------------------------------------

    // The column of each participant's line, or none where they do not fit. See note [how wide a ladder is].
    private int[] Positions()
    {
        int count = _names.Length;
        if (count is 0 or > MostParticipants)
            return [];
        var distances = new int[count - 1];
        var halves = _names.Select(name => (Math.Min(EscapedText.ColumnsOf(name), NameColumns) + 1) / 2).ToArray();
        for (int i = 0; i < distances.Length; i++)
            distances[i] = Math.Max(LeastDistance, halves[i] + halves[i + 1] + 1);
        // Arrows between neighbours first; longer ones then often fit already.
        var rows = _view.Rows;
        foreach (int number in Enumerable.Range(0, rows.Count).Where(i => rows[i].From != rows[i].To).OrderBy(i => Math.Abs(rows[i].From - rows[i].To)))
        {
            var (row, label) = (rows[number], _labels[number]);
            int first = Math.Min(row.From, row.To), last = Math.Max(row.From, row.To);
            int missing = Math.Min(EscapedText.ColumnsOf(label) + ArrowColumns, MostDistance) - distances[first..last].Sum();
            for (int i = first; i < last && missing > 0; i++)
            {
                int share = (missing + last - i - 1) / (last - i);
                distances[i] += share;
                missing -= share;
            }
        }
        int room = _columns == int.MaxValue ? int.MaxValue : _columns - _left - halves[0] - halves[^1];
        if (distances.Sum() > room)
        {
            if (room < LeastDistance * distances.Length)
                return [];
            // What is above the least is shared out in proportion.
            int wanted = distances.Sum() - LeastDistance * distances.Length, left = room - LeastDistance * distances.Length;
            for (int i = 0; i < distances.Length; i++)
                distances[i] = LeastDistance + (int)((long)(distances[i] - LeastDistance) * left / wanted);
        }
        var positions = new int[count];
        positions[0] = _left + halves[0];
        for (int i = 0; i < distances.Length; i++)
            positions[i + 1] = positions[i] + distances[i];
        return positions;
    }

    private IEnumerable<TextLine> Diagram()
    {
        foreach (var line in Header())
            yield return line;
        for (int i = 0; i < _view.Rows.Count; i++)
        {
            var row = _view.Rows[i];
            bool isArrow = row.From != row.To;
            var lines = isArrow ? Arrow(row, _labels[i]) : Standing(row, _labels[i]);
            // The time stands where the shaft or the mark does.
            Label(isArrow ? lines[^1] : lines[0], i);
            foreach (var line in lines)
                yield return line;
        }
    }

    private void Label(TextLine line, int number)
    {
        line.Put(0, _times[number].PadLeft(_timeColumns), Colors.Name);
        if (_view.Calls.Count > 1 && _view.Rows[number].Call is >= 0 and var call)
            line.Put(_timeColumns + Gap.Length, CallName(call), Colors.Header);
    }

    private List<TextLine> Header()
    {
        var wrapped = new List<string>[_names.Length];
        for (int i = 0; i < _names.Length; i++)
        {
            int before = i == 0 ? 2 * (_at[0] - _left) + 1 : _at[i] - _at[i - 1];
            int behind = i == _names.Length - 1 ? NameColumns : _at[i + 1] - _at[i];
            wrapped[i] = Wrapped(_names[i], Math.Max(Math.Min(Math.Min(before, behind) - 1, NameColumns), 1));
        }
        var lines = new List<TextLine>();
        int height = wrapped.Select(name => name.Count).Append(1).Max();
        for (int number = 0; number < height; number++)
        {
            var line = new TextLine();
            if (number == height - 1)
                line.Put(0, "seconds".PadLeft(_timeColumns), Colors.Name);
            for (int i = 0; i < wrapped.Length; i++)
            {
                // Names stand on their lines.
                int piece = number - (height - wrapped[i].Count);
                if (piece >= 0)
                    line.Put(_at[i] - EscapedText.ColumnsOf(wrapped[i][piece]) / 2, wrapped[i][piece], Colors.Title);
            }
            lines.Add(line);
        }
        lines.Add(Lifelines());
        return lines;
    }

    private TextLine Lifelines()
    {
        var line = new TextLine();
        foreach (int at in _at)
            line.Put(at, _isUtf8 ? "│" : "|", Colors.Name);
        return line;
    }

    private List<TextLine> Arrow(LadderRow row, string label)
    {
        bool isRight = row.To > row.From;
        int start = _at[Math.Min(row.From, row.To)] + 1, end = _at[Math.Max(row.From, row.To)];
        string color = ColorOf(row);
        int onShaft = Math.Max(end - start - ArrowColumns + 1, LeastLabelColumns);
        var pieces = Wrapped(label, onShaft);
        if (pieces.Count > 1)
        {
            // There is more room above the shaft.
            pieces = Wrapped(label, Math.Max(end - start - 1, LeastLabelColumns));
            if (EscapedText.ColumnsOf(pieces[^1]) > onShaft)
                pieces.Add("");
        }
        var lines = new List<TextLine>();
        foreach (string piece in pieces)
        {
            var line = Lifelines();
            bool isLast = lines.Count == pieces.Count - 1;
            if (isLast)
                PutShaft(line, row.IsLost, isRight, start, end, color);
            int at = start + Math.Max((end - start - EscapedText.ColumnsOf(piece)) / 2, 0);
            if (isLast && piece.Length > 0)
                line.Put(at - 1, $" {piece} ", color);
            else
                line.Put(at, piece, color);
            lines.Add(line);
        }
        return lines;
    }

    private void PutShaft(TextLine line, bool isLost, bool isRight, int start, int end, string color)
    {
        string dash = _isUtf8 ? "─" : "-";
        string head = isLost ? _isUtf8 ? "✗" : "x" : (isRight, _isUtf8) switch { (true, true) => "▶", (true, false) => ">", (false, true) => "◀", _ => "<" };
        for (int i = start; i < end; i++)
            line.Put(i, dash, color);
        // What is lost ends before it is there.
        int tip = isRight ? end - 1 : start;
        if (isLost)
        {
            line.Put(tip, " ", "");
            tip += isRight ? -1 : 1;
        }
        line.Put(tip, head, isLost ? Colors.Fault : color);
    }

    // A note, or a message to oneself: beside the line, where there is more room.
    private List<TextLine> Standing(LadderRow row, string label)
    {
        int at = _at[row.From];
        string mark = row.Message is null ? _isUtf8 ? "●" : "*" : _isUtf8 ? "↺" : "@";
        int behind = _columns == int.MaxValue ? MostDistance : _columns - at - 2, before = at - _left - 2;
        bool isBehind = EscapedText.ColumnsOf(label) <= behind || behind >= before;
        string color = row.Message is null ? Colors.Word : ColorOf(row);
        var lines = new List<TextLine>();
        foreach (string piece in Wrapped(label, Math.Max(isBehind ? behind : before, LeastLabelColumns)))
        {
            var line = Lifelines();
            if (lines.Count == 0)
                line.Put(at, mark, color);
            line.Put(isBehind ? at + 2 : at - 1 - EscapedText.ColumnsOf(piece), piece, color);
            lines.Add(line);
        }
        return lines;
    }

    // ---- Without columns ----------------------------------------------------------------------------------------------------------

    private IEnumerable<TextLine> List()
    {
        int names = _names.Select(EscapedText.ColumnsOf).Max();
        for (int i = 0; i < _view.Rows.Count; i++)
        {
            var row = _view.Rows[i];
            var line = new TextLine();
            Label(line, i);
            line.Put(_left, _names[row.From], Colors.Title);
            if (row.Message is not null)
            {
                line.Put(_left + names + 1, row.IsLost ? _isUtf8 ? "─✗" : "-x" : _isUtf8 ? "─▶" : "->", ColorOf(row));
                line.Put(_left + names + 4, _names[row.To], Colors.Title);
            }
            int text = _left + 2 * names + 4 + Gap.Length;
            bool isOwnLine = _columns != int.MaxValue && text + EscapedText.ColumnsOf(_labels[i]) > _columns;
            if (isOwnLine)
            {
                yield return line;
                foreach (string piece in Wrapped(_labels[i], Math.Max(_columns - _left - Gap.Length, LeastLabelColumns)))
                {
                    var under = new TextLine();
                    under.Put(_left + Gap.Length, piece, ColorOf(row));
                    yield return under;
                }
                continue;
            }
            line.Put(text, _labels[i], ColorOf(row));
            yield return line;
        }
    }

    private static string ColorOf(LadderRow row) => row.Message?.Kind switch
    {
        MessageKind.Request => Colors.Header,
        MessageKind.Provisional => Colors.Number,
        MessageKind.Success => Colors.Good,
        MessageKind.Failure or MessageKind.Unreadable => Colors.Fault,
        MessageKind.KeepAlive => Colors.Name,
        _ => Colors.Word,
    };

    // At blanks where there are any, within a word where it is too long by itself.
    private static List<string> Wrapped(string text, int columns)
    {
        var pieces = new List<string>();
        var piece = new StringBuilder();
        int used = 0, blank = -1;
        foreach (var rune in text.EnumerateRunes())
        {
            int wide = EscapedText.ColumnsOf(rune);
            if (used + wide > columns && used > 0)
            {
                string whole = piece.ToString();
                bool atBlank = blank > 0 && rune.Value != ' ';
                pieces.Add(atBlank ? whole[..blank] : whole);
                piece.Clear();
                if (atBlank)
                    piece.Append(whole[(blank + 1)..]);
                used = EscapedText.ColumnsOf(piece.ToString());
                blank = -1;
                if (rune.Value == ' ')
                    continue;
            }
            if (rune.Value == ' ')
                blank = piece.Length;
            piece.Append(rune.ToString());
            used += wide;
        }
        if (piece.Length > 0 || pieces.Count == 0)
            pieces.Add(piece.ToString());
        return pieces;
    }
}
