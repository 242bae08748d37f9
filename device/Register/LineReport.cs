// A line an event, for logs and pipes.
using System.Globalization;

namespace SipEmbedded.Device.Register;

internal sealed class LineReport(TextWriter output) : IRegisterReport
{
    public TimeSpan? Interval => null;

    public void Add(RegistrationNews news) => Write(news.Time, $"{news.Account}: {RegistrationText.Of(news)}");

    public void AddPing(DateTimeOffset time, string account, TimeSpan? roundTrip, int status) =>
        Write(time, roundTrip is { } trip ? $"{account}: {status} to OPTIONS in {Milliseconds(trip)}" : $"{account}: no answer to OPTIONS");

    public void AddNote(DateTimeOffset time, string text) => Write(time, text);

    public void Paint(IReadOnlyList<AccountView> accounts)
    {
    }

    public static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");

    private void Write(DateTimeOffset time, string text)
    {
        output.WriteLine($"{time.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)} {text}");
        output.Flush();
    }
}
