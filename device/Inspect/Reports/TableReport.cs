// A table for people, one for each message: line, header, field, value. On a terminal in colours and wrapped at its width.
using System.Globalization;
using System.Text;

namespace SipEmbedded.Device.Inspect.Reports;

internal sealed class TableReport(TextWriter output, Terminal terminal) : IReport
{
    // A value is never squeezed into fewer columns than this; a narrower terminal wraps by itself.
    private const int LeastValueColumns = 20;

    private const string Gap = "  ";

    private readonly record struct Row(string Line, string Header, string Field, string Value, string Color);

    private readonly List<Row> _rows = [];
    private bool _isFirst = true;

    public void Add(InspectedMessage message)
    {
        if (!_isFirst)
            output.WriteLine();
        _isFirst = false;
        output.WriteLine(Colored(Colors.Title, Escaped(message.Source)) + $"  {message.Kind.ToString().ToLowerInvariant()}, "
            + $"{message.Length} octets at offset {message.Offset}  "
            + (message.Faults.Count == 0 ? Colored(Colors.Good, "well formed") : Colored(Colors.Fault, Faults(message.Faults.Count))));
        _rows.Clear();
        if (message.StartLine is { } start)
            AddLine(start);
        foreach (var line in message.Headers)
            AddLine(line);
        if (message.Body is { Octets.Length: > 0 } body)
            AddBody(body, "");
        if (_rows.Count > 0)
            Print();
    }

    public void Flush() => output.Flush();

    private static string Faults(int count) => count == 1 ? "1 fault" : $"{count} faults";

    private string Escaped(string text) => EscapedText.Of(text, !terminal.IsUtf8);

    private string Escaped(ReadOnlyMemory<byte> octets) => EscapedText.Of(octets.Span, !terminal.IsUtf8);

    private string Colored(string color, string text) => terminal.HasColor && color.Length > 0 ? color + text + Colors.Plain : text;

    // ---- Rows -------------------------------------------------------------------------------------------------------------------

    private void AddLine(InspectedLine line, string prefix = "")
    {
        string number = line.LineNumber.ToString(CultureInfo.InvariantCulture);
        string name = prefix + Escaped(line.Name);
        int before = _rows.Count;
        if (JoinedValues(line) is { } joined)
        {
            _rows.Add(new(number, name, joined.Field, joined.Value, ""));
            return;
        }
        for (int i = 0; i < line.Values.Count; i++)
            AddFields(line.Values[i], line.Values.Count > 1 ? $"{i + 1}: " : "", number, name, before);
        // An unknown header, or one whose value does not match its grammar, is shown as it is.
        if (_rows.Count == before)
            _rows.Add(new(number, name, "", Escaped(line.Text), ""));
    }

    // A list of plain words, such as Allow's methods, takes one row.
    private (string Field, string Value)? JoinedValues(InspectedLine line)
    {
        if (line.Values.Count < 2)
            return null;
        var words = new List<string>();
        string? field = null;
        foreach (var fields in line.Values)
        {
            if (fields is not ([TextField] or [TextField, WordField]) || fields[0] is not TextField text
                || fields.Count == 2 && !Repeats((WordField)fields[1], text) || field is not null && field != text.Name)
            {
                return null;
            }
            field = text.Name;
            words.Add(Escaped(text.Octets));
        }
        return (field!, string.Join(", ", words));
    }

    // The word of a vocabulary says no more than the text before it.
    private static bool Repeats(WordField word, TextField text) => Encoding.UTF8.GetString(text.Octets.Span) == word.Word;

    private void AddFields(List<Field> fields, string path, string number, string name, int before)
    {
        Field? last = null;
        foreach (var field in fields)
        {
            bool isFirst = _rows.Count == before;
            string line = isFirst ? number : "";
            string header = isFirst ? name : "";
            switch (field)
            {
                case RecordField record:
                    AddFields(record.Fields, path + record.Name + ".", number, name, before);
                    break;
                case WordField word when last is TextField text && Repeats(word, text):
                    break;
                case WordField word:
                    _rows.Add(new(line, header, path + field.Name, word.Word, Colors.Word));
                    break;
                case NumberField value:
                    _rows.Add(new(line, header, path + field.Name, value.Value.ToString(CultureInfo.InvariantCulture), Colors.Number));
                    break;
                case FlagField:
                    _rows.Add(new(line, header, path + field.Name, "yes", Colors.Word));
                    break;
                case TextField text:
                    _rows.Add(new(line, header, path + field.Name, text.Octets.IsEmpty ? "(empty)" : Escaped(text.Octets), ""));
                    break;
                case PairsField pairs:
                    _rows.Add(new(line, header, path + field.Name, Escaped(pairs.Octets), ""));
                    break;
            }
            last = field;
        }
    }

    private void AddBody(InspectedBody body, string prefix)
    {
        if (body.Sdp is { } lines)
        {
            foreach (var line in lines)
                AddLine(line, prefix);
            return;
        }
        if (body.Parts is { } parts)
        {
            for (int i = 0; i < parts.Count; i++)
            {
                string part = $"{prefix}part {i + 1} ";
                foreach (var line in parts[i].Headers)
                    AddLine(line, part);
                AddBody(parts[i].Body, part);
            }
            return;
        }
        _rows.Add(new("", prefix + "body", body.ContentType ?? "", Escaped(body.Octets), ""));
    }

    // ---- Layout -----------------------------------------------------------------------------------------------------------------

    private void Print()
    {
        int line = "line".Length, header = "header".Length, field = "field".Length;
        foreach (var row in _rows)
        {
            line = Math.Max(line, row.Line.Length);
            header = Math.Max(header, EscapedText.ColumnsOf(row.Header));
            field = Math.Max(field, EscapedText.ColumnsOf(row.Field));
        }
        int left = line + header + field + 3 * Gap.Length;
        int width = terminal.IsTerminal ? Math.Max(terminal.Columns - left, LeastValueColumns) : int.MaxValue;
        string rule = terminal.IsTerminal && terminal.IsUtf8 ? "─" : "-";

        output.WriteLine("line".PadLeft(line) + Gap + "header".PadRight(header) + Gap + "field".PadRight(field) + Gap + "value");
        output.WriteLine(string.Concat(Enumerable.Repeat(rule, line)) + Gap + string.Concat(Enumerable.Repeat(rule, header)) + Gap
            + string.Concat(Enumerable.Repeat(rule, field)) + Gap + string.Concat(Enumerable.Repeat(rule, "value".Length)));
        foreach (var row in _rows)
        {
            bool isFirst = true;
            foreach (string piece in Wrapped(row.Value, width))
            {
                string start = isFirst
                    ? row.Line.PadLeft(line) + Gap + Colored(Colors.Header, Padded(row.Header, header)) + Gap
                        + Colored(Colors.Name, Padded(row.Field, field)) + Gap
                    : new string(' ', left);
                output.WriteLine((start + Colored(row.Color, piece)).TrimEnd());
                isFirst = false;
            }
        }
    }

    private static string Padded(string text, int columns) => text + new string(' ', Math.Max(columns - EscapedText.ColumnsOf(text), 0));

    private static IEnumerable<string> Wrapped(string text, int width)
    {
        if (text.Length <= width)
        {
            yield return text;
            yield break;
        }
        var piece = new StringBuilder();
        int columns = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            int wide = EscapedText.ColumnsOf(rune);
            if (columns + wide > width)
            {
                yield return piece.ToString();
                piece.Clear();
                columns = 0;
            }
            piece.Append(rune.ToString());
            columns += wide;
        }
        yield return piece.ToString();
    }
}
