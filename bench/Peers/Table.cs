// A table that prints for a terminal and for a Markdown file, from the same cells.

using System.Text;

namespace SipEmbedded.Bench.Peers;

/// <param name="Title">What the table shows, with its unit.</param>
/// <param name="Notes">Printed under the table, a line each.</param>
internal sealed record Table(string Title, string[] Heading, List<string[]> Rows, string[] Notes)
{
    public string ToText()
    {
        int[] widths = [.. Heading.Select((h, column) => Math.Max(h.Length, Rows.Max(row => row[column].Length)))];
        StringBuilder text = new();
        text.AppendLine(Title);
        AppendLine(Heading);
        foreach (string[] row in Rows)
            AppendLine(row);
        foreach (string note in Notes)
            text.Append("  ").AppendLine(note);
        return text.ToString();

        // The first column names the row and stands left; figures stand right.
        void AppendLine(string[] row)
        {
            for (int column = 0; column < row.Length; column++)
                text.Append("  ").Append(column == 0 ? row[column].PadRight(widths[0]) : row[column].PadLeft(widths[column]));
            text.AppendLine();
        }
    }

    public string ToMarkdown()
    {
        StringBuilder text = new();
        text.Append("## ").AppendLine(Title).AppendLine();
        AppendLine(Heading);
        AppendLine([.. Heading.Select((_, column) => column == 0 ? "---" : "---:")]);
        foreach (string[] row in Rows)
            AppendLine(row);
        foreach (string note in Notes)
            text.AppendLine().AppendLine(note);
        return text.ToString();

        void AppendLine(string[] row) => text.Append("| ").AppendJoin(" | ", row).AppendLine(" |");
    }
}
