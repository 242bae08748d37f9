// A line of a terminal that is filled at columns, in any order: what is put later covers what was there.
using System.Text;
using SipEmbedded.Device.Inspect.Reports;

namespace SipEmbedded.Device.Ladder;

internal sealed class TextLine
{
    // A wide character takes its own cell and leaves the next one empty.
    private readonly List<(string Text, string Color)> _cells = [];

    public void Put(int column, string text, string color)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            int columns = EscapedText.ColumnsOf(rune);
            if (columns == 0)
            {
                // A mark goes with the character before it.
                if (column > 0 && column <= _cells.Count)
                    _cells[column - 1] = (_cells[column - 1].Text + rune, _cells[column - 1].Color);
                continue;
            }
            while (_cells.Count < column + columns)
                _cells.Add((" ", ""));
            _cells[column] = (rune.ToString(), color);
            if (columns == 2)
                _cells[column + 1] = ("", color);
            column += columns;
        }
    }

    /// <summary>The line without blanks at its end.</summary>
    public string ToString(bool hasColor)
    {
        var line = new StringBuilder();
        string current = "";
        int end = _cells.FindLastIndex(cell => cell.Text != " ") + 1;
        foreach (var (text, color) in _cells.Take(end))
        {
            if (hasColor && color != current && text != " ")
            {
                if (current.Length > 0)
                    line.Append(Colors.Plain);
                line.Append(color);
                current = color;
            }
            line.Append(text);
        }
        return current.Length > 0 ? line.Append(Colors.Plain).ToString() : line.ToString();
    }
}
