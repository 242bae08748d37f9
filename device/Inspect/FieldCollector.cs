// Gathers the typed fields that a record hands out. URIs that a record leaves as text are taken apart here as well, so that every URI
// shows its parts wherever it stands.
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Uris;

namespace SipEmbedded.Device.Inspect;

/// <summary>Collects the values of one line of <paramref name="text"/> into <paramref name="values"/>.</summary>
/// <param name="words">The word for a field's name and number, where a field is a choice.</param>
/// <param name="separator">What parts the parameters of the values themselves: a comma in credentials and challenges.</param>
internal ref struct FieldCollector(
    ReadOnlyMemory<byte> text, List<List<Field>> values, Func<string, int, string> words, byte separator = (byte)';') : IValueVisitor
{
    private readonly Stack<List<Field>> _outer = new();
    private List<Field> _fields = [];
    private bool _hasFields;
    private Slice _extent;
    private Slice _scheme;

    private readonly ReadOnlySpan<byte> Span => text.Span;

    private readonly ReadOnlyMemory<byte> OctetsOf(Slice slice) => text.Slice(slice.Offset, slice.Length);

    private void Add(Field field)
    {
        _hasFields = true;
        _fields.Add(field);
    }

    public void BeginValue(Slice extent)
    {
        _fields = [];
        _hasFields = false;
        _extent = extent;
    }

    public void EndValue()
    {
        // A value that stands alone, such as Contact's "*", has no fields.
        if (!_hasFields)
            _fields.Add(new TextField("Sole", OctetsOf(_extent)));
        values.Add(_fields);
    }

    public void Text(string name, Slice value)
    {
        // An address without a display name has one of no octets (RFC 3261 §25.1: *(token LWS)), which says nothing.
        if (name == "DisplayName" && value.IsEmpty)
            return;
        // Lists that begin at the space before their first item.
        if (name is "Formats" or "SessionParameters" or "Offsets" or "Others")
            value = Scan.Trimmed(Span, value.Offset, value.End);
        bool isParameterList = name == "Parameters" || name == "Headers" && _outer.Count > 0;
        if (isParameterList)
        {
            Add(PairsOf(name, value));
            return;
        }
        if (name == "Uri")
        {
            AddUri(name, value);
            return;
        }
        Add(new TextField(name, OctetsOf(value)));
        if (name == "Scheme")
            _scheme = value;
        else if (name == "Rest" && _scheme.IsPresent)
            AddPartsOf(Slice.Between(_scheme.Offset, value.End));
    }

    public void Number(string name, ulong value) => Add(new NumberField(name, value));

    public void Flag(string name) => Add(new FlagField(name));

    public void Choice(string name, int value) => Add(new WordField(name, words(name, value)));

    public void BeginRecord(string name)
    {
        var fields = new List<Field>();
        Add(new RecordField(name, fields));
        _outer.Push(_fields);
        _fields = fields;
        _scheme = default;
    }

    public void EndRecord() => _fields = _outer.Pop();

    private readonly PairsField PairsOf(string name, Slice list)
    {
        bool isUriHeaders = name == "Headers";
        byte separator1 = isUriHeaders ? (byte)'&' : _outer.Count > 0 ? (byte)';' : separator;
        var items = isUriHeaders && list.Length > 0 ? Slice.Between(list.Offset + 1, list.End) : list;
        var pairs = new List<Pair>();
        foreach (var item in ParameterList.Of(items, Span, separator1))
            pairs.Add(new(OctetsOf(item.Name), item.Value.IsPresent ? OctetsOf(item.Value) : null));
        return new(name, OctetsOf(list), pairs);
    }

    // Call-Info and its like, and a digest's uri, in quotes there.
    private void AddUri(string name, Slice value)
    {
        var uri = value;
        if (value.Length >= 2 && Span[value.Offset] == '"' && Span[value.End - 1] == '"')
            uri = Slice.Between(value.Offset + 1, value.End - 1);
        BeginRecord(name);
        if (SipUri.Match(Span[..uri.End], uri.Offset, (uint)Leniency.None, out var parts) == uri.End)
            parts.Visit(ref this);
        else
            Add(new TextField("Text", OctetsOf(value)));
        EndRecord();
    }

    // A URI that is neither sip: nor sips:, by its own scheme's grammar where it has one here.
    private void AddPartsOf(Slice uri)
    {
        var span = Span[..uri.End];
        if (TelUri.Match(span, uri.Offset, 0, out var tel) == uri.End)
        {
            AddRecord("Tel", tel, static (_, number) => ((TelephoneNumberKind)number).ToString().ToLowerInvariant());
        }
        else if (GenericUri.Match(span, uri.Offset, 0, out var generic) == uri.End)
        {
            AddRecord("Generic", generic, static (_, number) => number.ToString());
        }
    }

    private void AddRecord<T>(string name, T record, Func<string, int, string> vocabulary)
        where T : struct, IRecord<T>
    {
        BeginRecord(name);
        var nested = new FieldCollector(text, [], vocabulary);
        nested._outer.Push([]);
        record.Visit(ref nested);
        _fields.AddRange(nested._fields);
        EndRecord();
    }
}
