// What "doorphone call" prints: a line for each event, with the seconds since it began.
using System.Globalization;
using System.Text.Json;
using SipEmbedded.Memory;

namespace SipEmbedded.Device.Call;

/// <summary>Lines for people, or JSON lines.</summary>
internal sealed class CallReport(bool isJson, Instant begun)
{
    /// <summary>One event; <paramref name="fields"/> are names and values.</summary>
    public void Tell(Instant now, string what, params (string Name, object? Value)[] fields)
    {
        double seconds = (now - begun).TotalSeconds;
        if (!isJson)
        {
            string rest = string.Concat(fields.Where(field => field.Value is not null).Select(field =>
                string.Create(CultureInfo.InvariantCulture, $" {field.Name} {field.Value}")));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds,8:F3} {what}{rest}"));
            return;
        }
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("t", Math.Round(seconds, 4));
            writer.WriteString("event", what);
            foreach (var (name, value) in fields)
                Write(writer, name, value);
            writer.WriteEndObject();
        }
        Console.WriteLine(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }

    /// <summary>Text that is for people alone.</summary>
    public void Print(string text)
    {
        if (!isJson)
            Console.Write(text);
    }

    private static void Write(Utf8JsonWriter writer, string name, object? value)
    {
        switch (value)
        {
            case null:
                break;
            case double number:
                writer.WriteNumber(name, Math.Round(number, 3));
                break;
            case long or int or ushort:
                writer.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            default:
                writer.WriteString(name, value.ToString());
                break;
        }
    }
}
