// JSON lines, an object an event, for scripts: a name is added, never changed.
using System.Text.Json;
using SipEmbedded.Device.Inspect.Reports;
using SipEmbedded.Device.Serving;
using SipEmbedded.Registration;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Register;

internal sealed class JsonLineReport(Stream output) : IRegisterReport
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = AsciiJsonEncoder.Instance };

    private readonly Utf8JsonWriter _json = new(output, s_options);

    public TimeSpan? Interval => null;

    public void Add(RegistrationNews news)
    {
        var happened = news.Event;
        Begin(news.Time, WordOf(happened.Kind));
        _json.WriteString("account", news.Account);
        if (happened.Kind == RegistrationEventKind.Result)
        {
            _json.WriteString("verb", WordOf(happened.Verb));
            _json.WriteString("outcome", WordOf(happened.Outcome));
            _json.WriteNumber("status", happened.Status);
            _json.WriteString("reason", news.Reason);
            if (happened.IsLocal)
                _json.WriteString("fault", WordOf(happened.Fault));
            _json.WriteBoolean("isUnregistration", happened.IsUnregistration);
            _json.WriteBoolean("isContactMissing", happened.IsContactMissing);
            _json.WriteNumber("grantedSeconds", happened.Granted.TotalSeconds);
            WriteContacts(news.Contacts);
        }
        if (happened.Next != TimeSpan.MaxValue)
            _json.WriteNumber("nextSeconds", Math.Round(happened.Next.TotalSeconds, 3));
        WriteFlow(happened.Flow);
        _json.WriteString("state", WordOf(news.Info.State));
        _json.WriteBoolean("isServerStale", news.Info.IsServerStale);
        if (!news.Info.PublicAddress.IsAny)
            _json.WriteString("publicAddress", EndpointText.Of(news.Info.PublicAddress));
        End();
    }

    public void AddPing(DateTimeOffset time, string account, TimeSpan? roundTrip, int status)
    {
        Begin(time, "ping");
        _json.WriteString("account", account);
        _json.WriteNumber("status", status);
        if (roundTrip is { } trip)
            _json.WriteNumber("roundTripMs", Math.Round(trip.TotalMilliseconds, 3));
        End();
    }

    public void AddNote(DateTimeOffset time, string text)
    {
        Begin(time, "note");
        _json.WriteString("text", text);
        End();
    }

    public void Paint(IReadOnlyList<AccountView> accounts)
    {
    }

    private void Begin(DateTimeOffset time, string what)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString("time", time.ToUniversalTime());
        _json.WriteString("event", what);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        output.WriteByte((byte)'\n');
        output.Flush();
    }

    private void WriteContacts(IReadOnlyList<KnownContact> contacts)
    {
        _json.WriteStartArray("contacts");
        foreach (var contact in contacts)
        {
            _json.WriteStartObject();
            _json.WriteString("uri", contact.Uri);
            if (contact.ExpiresSeconds is { } seconds)
                _json.WriteNumber("expiresSeconds", seconds);
            if (contact.PreferenceThousandths is { } q)
                _json.WriteNumber("q", q / 1000m);
            _json.WriteEndObject();
        }
        _json.WriteEndArray();
    }

    private void WriteFlow(in Flow flow)
    {
        if (flow.Protocol == Protocol.None)
            return;
        _json.WriteStartObject("flow");
        _json.WriteString("protocol", WordOf(flow.Protocol));
        _json.WriteString("local", EndpointText.Of(flow.Local));
        _json.WriteString("remote", EndpointText.Of(flow.Remote));
        _json.WriteEndObject();
    }

    private static string WordOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
