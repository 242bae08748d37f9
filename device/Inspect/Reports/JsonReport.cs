// JSON lines (one object a message). The field names are the records' properties in camel case; they, and the shape, are for scripts to
// lean on: a name is added, never changed.
//
// note [octets in JSON]
// A text that is UTF-8 is that text. One that is not has U+FFFD for each octet that does not fit, and beside it, under its name with
// "Base64" behind it, stand the octets themselves: nothing is lost, and a name always has the same type.
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace SipEmbedded.Device.Inspect.Reports;

internal sealed class JsonReport(Stream output) : IReport
{
    private static readonly JsonWriterOptions Options = new() { Encoder = AsciiJsonEncoder.Instance };

    private readonly Utf8JsonWriter _json = new(output, Options);

    public void Add(InspectedMessage message)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString("source", message.Source);
        _json.WriteNumber("offset", message.Offset);
        _json.WriteNumber("length", message.Length);
        _json.WriteString("kind", message.Kind.ToString().ToLowerInvariant());
        _json.WriteBoolean("wellFormed", message.Faults.Count == 0);
        if (message.StartLine is { } start)
        {
            _json.WritePropertyName("startLine");
            _json.WriteStartObject();
            WriteText("text", start.Text);
            foreach (var fields in start.Values)
                WriteFields(fields);
            _json.WriteEndObject();
        }
        if (message.Kind is not (InspectedKind.Ping or InspectedKind.Pong))
            WriteLines("headers", message.Headers);
        if (message.Body is { } body)
        {
            _json.WritePropertyName("body");
            WriteBody(body);
        }
        WriteFaults(message.Faults);
        _json.WriteEndObject();
        _json.Flush();
        output.WriteByte((byte)'\n');
    }

    public void Flush() => output.Flush();

    private void WriteLines(string name, List<InspectedLine> lines)
    {
        _json.WriteStartArray(name);
        foreach (var line in lines)
        {
            _json.WriteStartObject();
            _json.WriteString("name", line.Name);
            if (!line.WrittenName.IsEmpty)
                WriteText("writtenName", line.WrittenName);
            _json.WriteBoolean("known", line.IsKnown);
            _json.WriteNumber("offset", line.Offset);
            _json.WriteNumber("line", line.LineNumber);
            WriteText("text", line.Text);
            _json.WriteStartArray("values");
            foreach (var fields in line.Values)
            {
                _json.WriteStartObject();
                WriteFields(fields);
                _json.WriteEndObject();
            }
            _json.WriteEndArray();
            _json.WriteEndObject();
        }
        _json.WriteEndArray();
    }

    private void WriteBody(InspectedBody body)
    {
        _json.WriteStartObject();
        _json.WriteNumber("offset", body.Offset);
        _json.WriteNumber("length", body.Octets.Length);
        if (body.ContentType is { } type)
            _json.WriteString("contentType", type);
        WriteText("text", body.Octets);
        if (body.Sdp is { } lines)
            WriteLines("sdp", lines);
        if (body.Parts is { } parts)
        {
            _json.WriteStartArray("parts");
            foreach (var part in parts)
            {
                _json.WriteStartObject();
                WriteLines("headers", part.Headers);
                _json.WritePropertyName("body");
                WriteBody(part.Body);
                _json.WriteEndObject();
            }
            _json.WriteEndArray();
        }
        _json.WriteEndObject();
    }

    private void WriteFaults(List<InspectedFault> faults)
    {
        _json.WriteStartArray("faults");
        foreach (var fault in faults)
        {
            _json.WriteStartObject();
            _json.WriteString("kind", FaultText.KindOf(fault.Kind));
            _json.WriteString("rule", fault.Rule);
            _json.WriteString("place", fault.Place);
            _json.WriteNumber("offset", fault.Offset);
            _json.WriteNumber("line", fault.LineNumber);
            _json.WriteNumber("column", fault.Column);
            _json.WriteString("explanation", fault.Explanation);
            _json.WriteEndObject();
        }
        _json.WriteEndArray();
    }

    private void WriteFields(List<Field> fields)
    {
        foreach (var field in fields)
        {
            string name = JsonNamingPolicy.CamelCase.ConvertName(field.Name);
            switch (field)
            {
                case TextField text:
                    WriteText(name, text.Octets);
                    break;
                case NumberField number:
                    _json.WriteNumber(name, number.Value);
                    break;
                case FlagField:
                    _json.WriteBoolean(name, true);
                    break;
                case WordField word:
                    _json.WriteString(name, word.Word);
                    break;
                case PairsField pairs:
                    _json.WriteStartArray(name);
                    foreach (var pair in pairs.Pairs)
                    {
                        _json.WriteStartObject();
                        WriteText("name", pair.Name);
                        if (pair.Value is { } value)
                            WriteText("value", value);
                        _json.WriteEndObject();
                    }
                    _json.WriteEndArray();
                    break;
                case RecordField record:
                    _json.WriteStartObject(name);
                    WriteFields(record.Fields);
                    _json.WriteEndObject();
                    break;
            }
        }
    }

    // See note [octets in JSON].
    private void WriteText(string name, ReadOnlyMemory<byte> octets)
    {
        _json.WriteString(name, Encoding.UTF8.GetString(octets.Span));
        if (!Utf8.IsValid(octets.Span))
            _json.WriteBase64String(name + "Base64", octets.Span);
    }
}
