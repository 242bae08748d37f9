// What a record's properties must be, by the oracle's parse tree of the text.
using System.Globalization;
using System.Numerics;
using System.Text;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Oracle;
using SipEmbedded.Text;

namespace SipEmbedded.Agreement;

internal sealed class OracleReading
{
    private readonly OracleGrammar _grammar;
    private readonly byte[] _text;
    private readonly Reading _reading = new();

    private OracleReading(OracleGrammar grammar, byte[] text)
    {
        _grammar = grammar;
        _text = text;
    }

    /// <summary>Reads the record from its part of the tree, a reference to the record's rule.</summary>
    public static Reading Of(OracleGrammar grammar, DeclaredRecord record, ParseNode tree, byte[] text)
    {
        var reading = new OracleReading(grammar, text);
        reading.Read(record, tree, "");
        return reading._reading;
    }

    private void Read(DeclaredRecord record, ParseNode tree, string prefix)
    {
        var parameters = new List<ParameterCapture>();
        if (record.Properties.FirstOrDefault(property => property.Source == Source.Parameters) is { } list)
            parameters = [.. CapturePath.Lists(tree, Paths(list)).SelectMany(part => part.Items).Select(Split)];
        foreach (var parameter in parameters)
            _reading.Parameters.Add((Text(parameter.Name), parameter.Value is { } value ? Text(value) : null));
        foreach (var property in record.Properties)
        {
            string name = prefix + property.Name;
            switch (property.Source)
            {
                case Source.Branch:
                    ReadBranch(property, tree, name);
                    break;
                case Source.Parameters:
                    ReadList(property, tree, name);
                    break;
                case Source.Parameter:
                    ReadParameter(property, parameters, name);
                    break;
                default:
                    ReadCapture(property, tree, name);
                    break;
            }
        }
    }

    private static IEnumerable<string> Paths(DeclaredProperty property) => property.Paths.SelectMany(path => path.Split('|'));

    private void ReadBranch(DeclaredProperty property, ParseNode tree, string name)
    {
        var taken = property.Paths.Select((paths, index) => (Match: CapturePath.Matches(tree, paths.Split('|'), repetitionsAsOne: true).LastOrDefault(), index))
            .Where(branch => branch.Match is not null).OrderBy(branch => branch.Match!.Start).LastOrDefault();
        _reading.Add(name, Number(taken.Match is null ? 0 : taken.index + 1));
    }

    // The list's text reaches from its first part's beginning to its last item's end, without white space around it.
    private void ReadList(DeclaredProperty property, ParseNode tree, string name)
    {
        var parts = CapturePath.Lists(tree, Paths(property));
        if (parts.Count == 0)
        {
            _reading.Add(name, Reading.Absent);
            return;
        }

        var text = Trim(parts[0].Start, parts[^1].Items[^1].End);
        _reading.Add(name, _text, text.Start, text.End);
    }

    private void ReadParameter(DeclaredProperty property, List<ParameterCapture> parameters, string name)
    {
        var wanted = parameters.Where(parameter => string.Equals(Text(parameter.Name), property.Paths[0], StringComparison.OrdinalIgnoreCase)).ToList();
        if (property.Type == typeof(bool))
        {
            _reading.Add(name, Flag(wanted.Count > 0));
            return;
        }

        if (property.Type == typeof(Slice))
        {
            // A name alone has an empty value behind it.
            if (wanted.Count == 0)
                _reading.Add(name, Reading.Absent);
            else if (wanted[^1].Value is { } value)
                _reading.Add(name, _text, value.Start, value.End);
            else
                _reading.Add(name, _text, wanted[^1].Name.End, wanted[^1].Name.End);
            return;
        }

        // A value that is no number leaves the number absent; a number too large is a fault wherever it stands.
        string spelled = Reading.Absent;
        foreach (var parameter in wanted)
        {
            string text = parameter.Value is { } value ? Text(value) : "";
            bool isNumber = property.IsThousandths ? IsThousandths(text) : text.Length > 0 && text.All(char.IsAsciiDigit);
            spelled = isNumber ? NumberOf(property, text, name) : Reading.Absent;
        }

        _reading.Add(name, spelled == Reading.Absent && !property.IsNullable ? "0" : spelled);
    }

    private void ReadCapture(DeclaredProperty property, ParseNode tree, string name)
    {
        var match = CapturePath.Matches(tree, Paths(property), repetitionsAsOne: true).LastOrDefault();
        if (property.Type == typeof(bool))
            _reading.Add(name, Flag(match is not null));
        else if (property.Type.IsEnum)
            _reading.Add(name, Number(match is null ? 0 : Word(property, Text(Trim(match)))));
        else if (property.Type == typeof(Slice) && match is not null)
            _reading.Add(name, _text, Trim(match).Start, Trim(match).End);
        else if (property.Type != typeof(Slice) && !IsNumber(property.Type))
            ReadRecord(property, match, name);
        else if (match is null)
            _reading.Add(name, property.Type == typeof(Slice) || property.IsNullable ? Reading.Absent : "0");
        else
            _reading.Add(name, NumberOf(property, Text(new Capture(match.Start, match.End)), name));
    }

    private void ReadRecord(DeclaredProperty property, ParseNode? match, string name)
    {
        _reading.Add(name, match is null ? Reading.Absent : "present");
        if (match is not null)
            Read(Declarations.RecordOf(property.Type), match, name + ".");
    }

    private static bool IsNumber(Type type) => type == typeof(byte) || type == typeof(ushort) || type == typeof(uint) || type == typeof(ulong);

    private string NumberOf(DeclaredProperty property, string text, string name)
    {
        if (property.IsThousandths)
            return Number((int)(decimal.Parse(text.TrimEnd('.'), CultureInfo.InvariantCulture) * 1000));
        var number = text.Length == 0 ? 0 : BigInteger.Parse(text, CultureInfo.InvariantCulture);
        BigInteger max = property.Max != 0 ? property.Max : (BigInteger.One << (8 * Bytes(property.Type))) - 1;
        if (number > max && !property.Saturates)
            _reading.OutOfRange = name;
        return BigInteger.Min(number, max).ToString(CultureInfo.InvariantCulture);
    }

    private static int Bytes(Type type) => type == typeof(byte) ? 1 : type == typeof(ushort) ? 2 : type == typeof(uint) ? 4 : 8;

    // RFC 3261 section 25.1, qvalue: 0 to 1 with at most three digits behind the point.
    private static bool IsThousandths(string text)
    {
        var parts = text.Split('.');
        return parts.Length <= 2 && parts[0] is "0" or "1" && (parts.Length == 1
            || parts[1].Length <= 3 && parts[1].All(digit => digit == '0' || parts[0] == "0" && char.IsAsciiDigit(digit)));
    }

    /// <summary>The number of the word among the literals of the vocabulary's rule, from 1; 0 for any other.</summary>
    private int Word(DeclaredProperty property, string text)
    {
        var words = new List<Literal>();
        Words(_grammar.Grammar.Find(Declarations.Vocabularies[property.Type.Name])!.Definition, words);
        return words.FindIndex(word => string.Equals(word.Text, text,
            word.CaseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase)) + 1;
    }

    private void Words(Node node, List<Literal> words)
    {
        switch (node)
        {
            case Literal literal when words.TrueForAll(word => word.Text != literal.Text):
                words.Add(literal);
                break;
            case Alternation choice:
                foreach (var alternative in choice.Alternatives)
                    Words(alternative, words);
                break;
            case Reference reference:
                Words(_grammar.Grammar.Find(reference.Name)!.Definition, words);
                break;
        }
    }

    private ParameterCapture Split(ParseNode item)
    {
        int equal = _text.AsSpan(item.Start, item.End - item.Start).IndexOf((byte)'=');
        return equal < 0
            ? new ParameterCapture(Trim(item.Start, item.End), null)
            : new ParameterCapture(Trim(item.Start, item.Start + equal), Trim(item.Start + equal + 1, item.End));
    }

    private Capture Trim(ParseNode node) => Trim(node.Start, node.End);

    private Capture Trim(int start, int end)
    {
        while (end > start && IsSpace(_text[end - 1]))
            end--;
        while (start < end && IsSpace(_text[start]))
            start++;
        return new Capture(start, end);
    }

    private static bool IsSpace(byte octet) => octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    private string Text(Capture capture) => Encoding.Latin1.GetString(_text, capture.Start, capture.End - capture.Start);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Flag(bool flag) => flag ? "true" : "false";
}
