// The memory plan as a table: what a device commits to before it starts.
using System.Globalization;
using SipEmbedded.Memory;

namespace SipEmbedded.Device.Serving;

/// <summary>A row a pool, and the sum.</summary>
internal static class MemoryPlanTable
{
    public static void Write(TextWriter output, MemoryPlan plan)
    {
        string[][] rows =
        [
            ["pool", "capacity", "bytes each", "bytes"],
            .. plan.Entries.ToArray().Select(entry => (string[])[entry.Pool, Number(entry.Capacity), Number(entry.BytesEach), Number(entry.Bytes)]),
            ["total", "", "", Number(plan.TotalBytes)],
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
            output.WriteLine($"{row[0].PadRight(widths[0])}  {row[1].PadLeft(widths[1])}  {row[2].PadLeft(widths[2])}  {row[3].PadLeft(widths[3])}");
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
