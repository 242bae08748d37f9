// Visits the fields of any record: every slice is checked against the text, and all of it goes into numbers that can be compared.
using SipEmbedded.Agreement;
using SipEmbedded.Text;

namespace SipEmbedded.Fuzz;

/// <summary>
/// <see cref="Outcome"/> as an execution wants it, and <see cref="Contents"/>: the fields without their places, which a value has in
/// common with what it is written as.
/// </summary>
internal ref struct FieldDigest(ReadOnlySpan<byte> text) : IValueVisitor
{
    // A list as one text changes by the white space in it when it is written; its parameters that have a property stand for it.
    private static readonly HashSet<string> s_lists =
        [.. Declarations.Records.SelectMany(record => record.Properties).Where(property => property.Source == Source.Parameters).Select(property => property.Name)];

    private readonly ReadOnlySpan<byte> _text = text;

    public Outcome Outcome;

    public ulong Contents { get; private set; }

    /// <summary>Values of a line.</summary>
    public int Values { get; private set; }

    public void Text(string name, Slice value)
    {
        PropertyViolation.UnlessWithin(value, _text);
        Outcome.Digest = Outcome.Mix(Outcome.Digest, name);
        Outcome.Signature = Outcome.Mix(Outcome.Signature, name);
        Outcome.AddPlace(value);
        Outcome.Signature = Outcome.Mix(Outcome.Signature, Outcome.Bucket((ulong)value.Length));
        if (value.Length == 0 || s_lists.Contains(name))
            return;
        ulong contents = Outcome.Mix(Contents, name);
        foreach (byte octet in value.In(_text))
            contents = Outcome.Mix(contents, octet);
        Contents = contents;
    }

    public void Number(string name, ulong value)
    {
        Named(name, value);
        Outcome.AddSize((long)value);
    }

    public void Flag(string name)
    {
        Named(name, 1);
        Outcome.Add(1);
    }

    public void Choice(string name, int value)
    {
        Named(name, (ulong)value);
        Outcome.Add((ulong)value);
    }

    private void Named(string name, ulong value)
    {
        Contents = Outcome.Mix(Outcome.Mix(Contents, name), value);
        Outcome.Digest = Outcome.Mix(Outcome.Digest, name);
        Outcome.Signature = Outcome.Mix(Outcome.Signature, name);
    }

    public void BeginRecord(string name) => Named(name, 2);

    public void EndRecord() => Outcome.Add(3);

    public void BeginValue(Slice extent)
    {
        PropertyViolation.UnlessWithin(extent, _text);
        Outcome.AddPlace(extent);
        Values++;
    }

    public void EndValue() => Outcome.Add(4);
}
