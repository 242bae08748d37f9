// The table of accounts on a terminal: as wide as it, and painted over itself.
using SipEmbedded.Device.Inspect;
using SipEmbedded.Device.Register;
using SipEmbedded.Registration;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Device.Tests.Register;

public class TableReportTests
{
    private static readonly AccountView s_registered = new("door", new()
    {
        State = RegistrationState.Registered, Interval = TimeSpan.FromSeconds(600), Next = TimeSpan.FromSeconds(557.8),
        Flow = new(Protocol.Udp, default, IpEndpoint.V4(0xC0000201, 5060)),
    }, "200 OK", TimeSpan.FromMilliseconds(1.25));

    private static readonly AccountView s_waiting = new("house", new() { State = RegistrationState.Retrying, IsBusy = true, Next = TimeSpan.MaxValue }, "timeout", null);

    [Fact]
    public void Each_account_is_a_line()
    {
        var output = new StringWriter { NewLine = "\n" };
        var report = new TableReport(output, new(IsTerminal: true, HasColor: false, IsUtf8: true, Columns: 120));

        report.Paint([s_registered, s_waiting]);

        Assert.Equal(
            """
            account  state       server              granted  next   round trip  last result
            door     registered  udp 192.0.2.1:5060  600 s    558 s  1.3 ms      200 OK
            house    retrying …  -                   -        -      -           timeout


            """,
            output.ToString().Replace("\r\e[J", "", StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_painted_over_itself_and_no_line_is_wider_than_the_terminal()
    {
        var output = new StringWriter { NewLine = "\n" };
        var report = new TableReport(output, new(IsTerminal: true, HasColor: true, IsUtf8: true, Columns: 30));
        report.Paint([s_registered]);
        report.AddNote(default, "something that is longer than thirty characters");
        int painted = output.ToString().Length;

        report.Paint([s_registered]);

        string again = output.ToString()[painted..];
        // Two rows and the news.
        Assert.StartsWith("\e[3A\r\e[J", again);
        Assert.Contains("\e[32mdoor", again);
        Assert.Equal(3, again.Count(character => character == '\n'));
        Assert.All(again.Replace("\e[3A\r\e[J", "", StringComparison.Ordinal).Replace("\e[0m", "", StringComparison.Ordinal)
            .Replace("\e[32m", "", StringComparison.Ordinal).Replace("\e[1m", "", StringComparison.Ordinal).Split('\n'),
            line => Assert.InRange(line.Length, 0, 29));
    }
}
