// One record's generated code against the oracle, text by text.
//
// Held to the oracle are: accept or refuse of the whole text; every property with its offset; a number's range; that the value
// written is read again as the same value, and written again as the same octets. Of a refused text also that the fault lies within
// it and names a rule. Every call is made twice, with other octets around the text: no answer may depend on them.
using SipEmbedded.Oracle;
using SipEmbedded.Text;

namespace SipEmbedded.Agreement;

internal sealed class Comparison(DeclaredRecord record, OracleGrammar grammar, uint allow, Tally tally)
{
    /// <summary>Octets around a text: as many as the widest load of a scan.</summary>
    private const int Margin = 64;

    private readonly Subject _subject = Subject.Of(record);

    /// <summary>Compares the reading of one value by one of the record's rules.</summary>
    public void Value(RecordRule rule, byte[] text)
    {
        if (Value(rule, text, mayWrite: true) is { } difference)
            Differs(rule.Rule, text, difference);
        else
            tally.Agreements++;
    }

    /// <summary>Compares a header's whole value, walked as the message reader does it: a value that stands alone, or values and separators.</summary>
    public void Whole(byte[] text)
    {
        var header = grammar.HeaderOf(record);
        if (Whole(header, text) is { } difference)
            Differs(header.Whole, text, difference);
        else
            tally.Agreements++;
    }

    private void Differs(string rule, byte[] text, string difference)
    {
        if (KnownDifferences.All.FirstOrDefault(known => known.Covers(record, difference)) is { } listed)
            tally.Listed[listed.Name] = tally.Listed.GetValueOrDefault(listed.Name) + 1;
        else
            tally.Disagreements.Add(new(record.Type.Name, rule, text, difference));
    }

    private string? Value(RecordRule rule, byte[] text, bool mayWrite)
    {
        var expected = grammar.Matcher.Match(rule.Rule, text);
        var (outcome, difference) = Guarded(text, guarded => Call(rule, guarded));
        if (difference is not null)
            return difference;
        if (!expected.IsAccepted)
            return outcome.Value is null ? FaultDifference(outcome.Fault, FaultKind.Syntax, text) : $"accepted; the oracle stops at {expected.Furthest} in {expected.FurthestRule}";
        var reading = OracleReading.Of(grammar, record, expected.Tree!, text);
        if (reading.OutOfRange is { } tooLarge)
        {
            if (mayWrite)
                tally.OutOfRange++;
            return outcome.Value is null ? FaultDifference(outcome.Fault, FaultKind.Range, text) : $"accepted; {tooLarge} is out of range";
        }

        if (outcome.Value is not { } value)
            return $"{outcome.Fault.Kind} fault at {outcome.Fault.Offset} in {outcome.Fault.Rule}; the oracle accepts";
        if (mayWrite)
            tally.Accepted++;
        if (Subject.Read(record, value, text).DifferenceFrom(reading, offsets: true) is { } misread)
            return misread;
        return mayWrite ? WrittenDifference(rule, value, text, reading) : null;
    }

    // The record's first rule is what TryParse reads; the others have matchers alone.
    private Outcome Call(RecordRule rule, ReadOnlySpan<byte> text)
    {
        if (rule.Index == 0)
        {
            var (accepted, value, fault) = _subject.Parse(text, allow);
            return accepted ? new Outcome(text.Length, value, fault) : new Outcome(-1, null, fault);
        }

        var match = _subject.Match(rule.Index, text, 0, allow);
        return match.End < 0 || match.End == text.Length ? match : new Outcome(-1, null, new ParseFault(FaultKind.Syntax, match.End, rule.Rule));
    }

    private delegate Outcome Reader(ReadOnlySpan<byte> text);

    /// <summary>Calls with the text in the midst of octets that would go on with it, and in the midst of others.</summary>
    private (Outcome Outcome, string? Difference) Guarded(byte[] text, Reader read)
    {
        try
        {
            var first = read(Surrounded(text, (byte)'0'));
            var second = read(Surrounded(text, (byte)' '));
            if (first.End != second.End || first.Fault.Offset != second.Fault.Offset || first.Fault.Rule != second.Fault.Rule)
                return (first, $"depends on the octets around the text: {first.End} and {second.End}");
            if (first.Value is not null && Subject.Read(record, first.Value, text).DifferenceFrom(Subject.Read(record, second.Value!, text), true) is { } other)
                return (first, $"depends on the octets around the text: {other}");
            return (first, null);
        }
        catch (Exception e)
        {
            return (default, $"throws {e.GetType().Name}: {e.Message}");
        }
    }

    private static ReadOnlySpan<byte> Surrounded(byte[] text, byte octet)
    {
        var around = new byte[text.Length + 2 * Margin];
        Array.Fill(around, octet);
        text.CopyTo(around, Margin);
        return around.AsSpan(Margin, text.Length);
    }

    private string? FaultDifference(ParseFault fault, FaultKind kind, byte[] text)
    {
        // Where a number is too large in a text that is wrong behind it as well, either may be told.
        if (fault.Kind != kind && !(kind == FaultKind.Syntax && fault.Kind == FaultKind.Range))
            return $"{fault.Kind} fault at {fault.Offset} in {fault.Rule}, not {kind}";
        if (fault.Offset < 0 || fault.Offset > text.Length)
            return $"fault at {fault.Offset}, outside the text";
        return grammar.Grammar.Find(fault.Rule) is null ? $"fault in {fault.Rule}, which is no rule" : null;
    }

    private string? WrittenDifference(RecordRule rule, object value, byte[] text, Reading reading)
    {
        byte[] written;
        try
        {
            written = _subject.Write(value, text);
        }
        catch (Exception e)
        {
            return $"writing throws {e.GetType().Name}: {e.Message}";
        }

        tally.Written++;
        // A record of several rules is written by its first: <sip:a@b> and sip:a@b hold the same URI.
        foreach (var again in grammar.RulesOf(record).Where(other => other.Index == rule.Index || other.Index == 0).OrderByDescending(other => other.Index))
        {
            if (Value(again, written, mayWrite: false) is { } difference)
                return $"written as {Quoted.Of(written)}: {difference}";
            if (grammar.Matcher.Match(again.Rule, written) is not { Tree: { } tree })
                return $"written as {Quoted.Of(written)}, which {again.Rule} does not derive";
            var reread = OracleReading.Of(grammar, record, tree, written);
            if (reread.DifferenceFrom(reading, offsets: false, IsList) is { } changed)
                return $"written as {Quoted.Of(written)}: {changed}";
            if (!reread.Parameters.SequenceEqual(reading.Parameters))
                return $"written as {Quoted.Of(written)}: parameters {Show(reread.Parameters)}, not {Show(reading.Parameters)}";
            var second = _subject.Write(Call(again, written).Value!, written);
            if (!second.AsSpan().SequenceEqual(written))
                return $"written as {Quoted.Of(written)}, then as {Quoted.Of(second)}";
        }

        return null;
    }

    // The list as one text changes by the white space in it; its parameters are compared one by one.
    private bool IsList(string property) => Property(record, property) is { Source: Source.Parameters };

    private static DeclaredProperty? Property(DeclaredRecord record, string path)
    {
        int dot = path.IndexOf('.');
        var property = record.Properties.FirstOrDefault(property => property.Name == (dot < 0 ? path : path[..dot]));
        return dot < 0 || property is null ? property : Property(Declarations.RecordOf(property.Type), path[(dot + 1)..]);
    }

    private static string Show(List<(string Name, string? Value)> parameters) =>
        string.Join(";", parameters.Select(parameter => parameter.Value is null ? parameter.Name : $"{parameter.Name}={parameter.Value}"));

    private string? Whole(HeaderValue header, byte[] text)
    {
        var expected = grammar.Matcher.Match(header.Whole, text);
        try
        {
            var values = new List<Outcome>();
            var fault = Walk(Surrounded(text, (byte)'0'), values, out bool sole);
            if (!expected.IsAccepted)
            {
                return fault is not null ? FaultDifference(fault.Value, FaultKind.Syntax, text)
                    : $"accepted; the oracle stops at {expected.Furthest} in {expected.FurthestRule}";
            }

            var trees = header.Element is null ? text.Length == 0 ? [] : [expected.Tree!] : CapturePath.Elements(expected.Tree!, header.Element);
            var readings = trees.ConvertAll(tree => OracleReading.Of(grammar, record, ElementTree(header, tree, text), text));
            if (readings.Find(reading => reading.OutOfRange is not null) is { } tooLarge)
            {
                tally.OutOfRange++;
                return fault is not null ? FaultDifference(fault.Value, FaultKind.Range, text) : $"accepted; {tooLarge.OutOfRange} is out of range";
            }

            if (fault is not null)
                return $"{fault.Value.Kind} fault at {fault.Value.Offset} in {fault.Value.Rule}; the oracle accepts";
            tally.Accepted++;
            bool expectsSole = header.Sole is not null && expected.Tree!.Rules().Any(node => node.Is(header.Sole));
            if (sole != expectsSole)
                return sole ? "read as a value that stands alone" : "not read as a value that stands alone";
            if (values.Count != readings.Count)
                return $"{values.Count} values, not {readings.Count}";
            for (int i = 0; i < values.Count; i++)
            {
                if (Subject.Read(record, values[i].Value!, text).DifferenceFrom(readings[i], offsets: true) is { } misread)
                    return $"value {i + 1}: {misread}";
            }

            return null;
        }
        catch (Exception e)
        {
            return $"throws {e.GetType().Name}: {e.Message}";
        }
    }

    // Where the header is no list its value's tree starts below the option that makes it one.
    private ParseNode ElementTree(HeaderValue header, ParseNode tree, byte[] text) => header.Element is null
        ? grammar.Matcher.Match(grammar.RulesOf(record).First().Rule, text).Tree!
        : tree;

    /// <summary>The header's values in order; the fault that ended the walk, or null where it took the whole text.</summary>
    private ParseFault? Walk(ReadOnlySpan<byte> text, List<Outcome> values, out bool sole)
    {
        sole = false;
        if (text.IsEmpty && _subject.Form.HasFlag(HeaderForm.CanBeEmpty))
            return null;
        sole = _subject.MatchSole(text, 0, allow) == text.Length;
        if (sole)
            return null;
        for (int at = 0; ;)
        {
            var value = _subject.Match(0, text, at, allow);
            if (value.End < 0)
                return value.Fault;
            values.Add(value);
            if (value.End == text.Length)
                return null;
            at = _subject.Form.HasFlag(HeaderForm.List) ? _subject.MatchSeparator(text, value.End, allow) : -1;
            if (at < 0)
                return new ParseFault(FaultKind.Syntax, value.End, record.Rules[0]);
        }
    }
}
