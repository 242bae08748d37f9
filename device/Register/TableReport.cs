// The accounts on a terminal: a small table that is painted over itself, and the last news below it.
using System.Text;
using SipEmbedded.Device.Inspect;
using SipEmbedded.Device.Inspect.Reports;
using SipEmbedded.Registration;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Register;

internal sealed class TableReport(TextWriter output, Terminal terminal) : IRegisterReport
{
    // Cursor up by so many lines, and clear to the end of the screen (ECMA-48 §8.3.22, §8.3.39).
    private const string Clear = "\e[J";

    private static readonly string[] s_titles = ["account", "state", "server", "granted", "next", "round trip", "last result"];

    private string _news = "";
    private int _lines;

    public TimeSpan? Interval { get; } = TimeSpan.FromSeconds(1);

    public void Add(RegistrationNews news) => _news = $"{news.Account}: {RegistrationText.Of(news)}";

    public void AddPing(DateTimeOffset time, string account, TimeSpan? roundTrip, int status)
    {
    }

    public void AddNote(DateTimeOffset time, string text) => _news = text;

    public void Paint(IReadOnlyList<AccountView> accounts)
    {
        string[][] rows = [s_titles, .. accounts.Select(RowOf)];
        int[] widths = [.. Enumerable.Range(0, s_titles.Length).Select(column => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        if (_lines > 0)
            text.Append($"\e[{_lines}A");
        text.Append('\r').Append(Clear);
        for (int i = 0; i < rows.Length; i++)
        {
            string line = Cut(string.Join("  ", rows[i].Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
            text.Append(terminal.HasColor ? $"{ColorOf(i, accounts)}{line}{Colors.Plain}" : line).Append('\n');
        }
        text.Append(Cut(_news)).Append('\n');
        _lines = rows.Length + 1;
        output.Write(text.ToString());
        output.Flush();
    }

    // A line that wrapped would spoil the count of lines to go up.
    private string Cut(string line) => line.Length < terminal.Columns ? line : line[..Math.Max(0, terminal.Columns - 1)];

    private static string ColorOf(int row, IReadOnlyList<AccountView> accounts) => row == 0 ? Colors.Title
        : accounts[row - 1].Info.State switch
        {
            RegistrationState.Registered => Colors.Good,
            RegistrationState.Refused or RegistrationState.Retrying or RegistrationState.Offline => Colors.Fault,
            _ => Colors.Plain,
        };

    private static string[] RowOf(AccountView account)
    {
        var info = account.Info;
        return
        [
            account.Name,
            info.State.ToString().ToLowerInvariant() + (info.IsBusy ? " …" : ""),
            info.Flow.Protocol == Protocol.None ? "-" : RegistrationText.FlowOf(info.Flow) + (info.IsServerStale ? " (old DNS)" : ""),
            info.Interval == TimeSpan.Zero ? "-" : RegistrationText.Seconds(info.Interval),
            info.Next == TimeSpan.MaxValue ? "-" : RegistrationText.Seconds(info.Next),
            account.RoundTrip is { } trip ? LineReport.Milliseconds(trip) : "-",
            account.LastResult,
        ];
    }
}
