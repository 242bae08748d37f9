// Tables as text: a line a row, columns between bars, so that a test's rows read like the RFC's.
namespace SipEmbedded.Tests.SessionTimers;

internal static class TimerTable
{
    /// <summary>The rows below the heading and its rule, each as its cells.</summary>
    public static IEnumerable<string[]> Rows(string table) =>
        table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(2).Select(row => row.Split('|').Select(cell => cell.Trim()).ToArray());

    /// <summary>Empty for a dash.</summary>
    public static string OrEmpty(string cell) => cell == "-" ? "" : cell;
}
