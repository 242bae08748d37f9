// Types the lines of a session description (RFC 8866) and the values of the attributes that the library knows.
using System.Text.Json;
using SipEmbedded.Sdp;
using SipEmbedded.Text;

namespace SipEmbedded.Device.Inspect;

internal static class SdpInspector
{
    /// <summary>
    /// The lines of the description that is <paramref name="body"/> in <paramref name="text"/>, up to where it cannot be read any further;
    /// <paramref name="onFault"/> is told of every fault.
    /// </summary>
    /// <param name="place">Where the text stands in its input.</param>
    public static List<InspectedLine> Read(
        ReadOnlyMemory<byte> text, Slice body, SdpLeniency allow, Placement place, Action<ParseFault> onFault)
    {
        var lines = new List<InspectedLine>();
        var reader = new SdpReader(text.Span, body.Offset, body.End, allow);
        while (reader.Read())
        {
            var line = reader.Line;
            var inspected = new InspectedLine
            {
                Name = (char)line.Type + "=",
                Offset = place.OffsetOf(line.Extent.Offset),
                LineNumber = place.LineOf(line.Extent.Offset),
                Text = text.Slice(line.Value.Offset, line.Value.Length),
            };
            lines.Add(inspected);
            if (!reader.Check(out var fault))
            {
                onFault(fault);
                continue;
            }
            var fields = FieldsOf(text, line, allow);
            if (fields.Count > 0)
                inspected.Values.Add(fields);
        }
        if (reader.Fault.IsFault)
            onFault(reader.Fault);
        return lines;
    }

    private static List<Field> FieldsOf(ReadOnlyMemory<byte> text, SdpLine line, SdpLeniency allow) => line.Type switch
    {
        (byte)'v' => LineFields<VersionField>(text, line, allow),
        (byte)'o' => LineFields<OriginField>(text, line, allow),
        (byte)'s' => LineFields<SessionNameField>(text, line, allow),
        (byte)'i' => LineFields<InformationField>(text, line, allow),
        (byte)'u' => LineFields<UriField>(text, line, allow),
        (byte)'e' => LineFields<EmailField>(text, line, allow),
        (byte)'p' => LineFields<PhoneField>(text, line, allow),
        (byte)'c' => LineFields<ConnectionField>(text, line, allow),
        (byte)'b' => LineFields<BandwidthField>(text, line, allow),
        (byte)'t' => LineFields<TimeField>(text, line, allow),
        (byte)'r' => LineFields<RepeatField>(text, line, allow),
        (byte)'z' => LineFields<ZoneField>(text, line, allow),
        (byte)'k' => LineFields<KeyField>(text, line, allow),
        (byte)'m' => LineFields<MediaField>(text, line, allow),
        (byte)'a' => AttributeFields(text, line, allow),
        _ => [],
    };

    private static List<Field> LineFields<T>(ReadOnlyMemory<byte> text, SdpLine line, SdpLeniency allow)
        where T : struct, IRecord<T> => line.TryRead<T>(text.Span, allow, out var value, out _) ? Fields(text, value) : [];

    private static List<Field> Fields<T>(ReadOnlyMemory<byte> text, T value)
        where T : struct, IRecord<T>
    {
        List<List<Field>> values = [];
        var collector = new FieldCollector(text, values, Word<T>);
        collector.BeginValue(value.Extent);
        value.Visit(ref collector);
        collector.EndValue();
        return values[0];
    }

    // The words of the choices that these records have.
    private static string Word<T>(string name, int number) => name switch
    {
        nameof(AttributeField.Known) => Ascii(AttributeNames.NameOf((AttributeName)number)),
        nameof(OrientationValue.Orientation) => Ascii(Orientations.NameOf((Orientation)number)),
        nameof(ConferenceTypeValue.Type) => Ascii(ConferenceTypes.NameOf((ConferenceType)number)),
        nameof(KeyField.Method) => ((KeyMethod)number).ToString().ToLowerInvariant(),
        nameof(SrtpSessionParameter.Kind) => JsonNamingPolicy.CamelCase.ConvertName(((SrtpParameterKind)number).ToString()),
        _ => number.ToString(),
    };

    private static string Ascii(ReadOnlySpan<byte> word) => System.Text.Encoding.ASCII.GetString(word);

    // A value that its own rule does not match is no fault of the description (RFC 8866 §5.13), so it is marked, not reported.
    private static List<Field> AttributeFields(ReadOnlyMemory<byte> text, SdpLine line, SdpLeniency allow)
    {
        if (!line.TryRead<AttributeField>(text.Span, allow, out var attribute, out _))
            return [];
        var fields = Fields(text, attribute);
        if (!attribute.CheckValue(text.Span, allow, out _))
        {
            fields.Add(new FlagField("Malformed"));
            return fields;
        }
        var typed = ValueFields(text, attribute, allow);
        if (typed.Count > 0)
            fields.Add(new RecordField("Typed", typed));
        return fields;
    }

    private static List<Field> ValueFields(ReadOnlyMemory<byte> text, AttributeField attribute, SdpLeniency allow) => attribute.Known switch
    {
        AttributeName.Cat => Value<Category>(text, attribute, allow),
        AttributeName.Keywds => Value<Keywords>(text, attribute, allow),
        AttributeName.Tool => Value<Tool>(text, attribute, allow),
        AttributeName.Type => Value<ConferenceTypeValue>(text, attribute, allow),
        AttributeName.Charset => Value<Charset>(text, attribute, allow),
        AttributeName.Sdplang or AttributeName.Lang => Value<Language>(text, attribute, allow),
        AttributeName.Ptime or AttributeName.Maxptime => Value<PacketTime>(text, attribute, allow),
        AttributeName.Rtpmap => Value<RtpMap>(text, attribute, allow),
        AttributeName.Fmtp => Value<FormatParameters>(text, attribute, allow),
        AttributeName.Orient => Value<OrientationValue>(text, attribute, allow),
        AttributeName.Framerate => Value<FrameRate>(text, attribute, allow),
        AttributeName.Quality => Value<Quality>(text, attribute, allow),
        AttributeName.Rtcp => Value<RtcpAddress>(text, attribute, allow),
        AttributeName.Crypto => CryptoFields(text, attribute, allow),
        _ => [],
    };

    private static List<Field> Value<T>(ReadOnlyMemory<byte> text, AttributeField attribute, SdpLeniency allow)
        where T : struct, IRecord<T> => attribute.TryReadValue<T>(text.Span, allow, out var value, out _) ? Fields(text, value) : [];

    // Keys and session parameters of a=crypto (RFC 4568), numbered from 1.
    private static List<Field> CryptoFields(ReadOnlyMemory<byte> text, AttributeField attribute, SdpLeniency allow)
    {
        if (!attribute.TryReadValue<Crypto>(text.Span, allow, out var crypto, out _))
            return [];
        var fields = Fields(text, crypto);
        int number = 0;
        foreach (var item in new SdpItems(text.Span, crypto.KeyParameters, (byte)';'))
        {
            if (!SdpValue.TryRead<KeyParameter>(text.Span, item, allow, out var key, out _))
                continue;
            var parts = Fields(text, key);
            if (SdpValue.TryRead<SrtpKey>(text.Span, key.Info, allow, out var srtp, out _))
                parts.AddRange(Fields(text, srtp));
            fields.Add(new RecordField($"Key{++number}", parts));
        }
        number = 0;
        if (!crypto.SessionParameters.IsPresent)
            return fields;
        foreach (var item in new SdpItems(text.Span, crypto.SessionParameters))
        {
            if (SdpValue.TryRead<SrtpSessionParameter>(text.Span, item, allow, out var parameter, out _))
                fields.Add(new RecordField($"Session{++number}", Fields(text, parameter)));
        }
        return fields;
    }
}
