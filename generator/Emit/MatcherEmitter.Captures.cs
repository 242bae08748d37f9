// What a record notes of a match: slices, numbers with their ranges, words, branches.
using System.Globalization;
using System.Linq;
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Automata;
using SipEmbedded.Generator.Declarations;

namespace SipEmbedded.Generator.Emit;

internal sealed partial class MatcherEmitter
{
    private void Capture(Node node, CaptureTree here, string start, string end)
    {
        foreach (var property in here.Here)
        {
            if (property.Value != ValueKind.Record)
                Store(property, node, start, end);
        }
        foreach (var (property, number) in here.Branches)
            _code.Line($"f.{property.Name} = ({property.Type}){Number(number)};");
    }

    // note [a range fault is final]
    // A number that is too large matched its rule: to try another alternative, or to leave an option out, would report the text behind
    // it as a syntax fault, or read the text as something else. Wherever a failure is not the end, a range fault is.
    private void EmitRangeCheck(string end) =>
        _code.Line("// see note [a range fault is final]").Then($"if (MatchResult.IsRange({end}))", $"return {end};");

    private bool CanBeOutOfRange(CaptureTree captures) => captures.All().Any(CanBeOutOfRange);

    private bool CanBeOutOfRange(PropertyDeclaration property) => property.Value switch
    {
        ValueKind.Byte or ValueKind.UShort or ValueKind.UInt or ValueKind.ULong => !property.Saturate && !property.Thousandths,
        ValueKind.Record => true,
        _ => property.Kind == PropertyKind.Parameters && _record!.Parameters.Any(CanBeOutOfRange),
    };

    private void Store(PropertyDeclaration property, Node node, string start, string end)
    {
        switch (property.Value)
        {
            case ValueKind.Slice:
                bool space = !_context.Declaration.KeepsSpace && node is not Repetition && (_facts.Last(node) | _facts.First(node)).Contains((byte)' ');
                _code.Line(space
                    ? $"f.{property.Name} = Scan.Trimmed(s, {start}, {end});"
                    : $"f.{property.Name} = Slice.Between({start}, {end});");
                break;
            case ValueKind.Bool:
                _code.Line($"f.{property.Name} = true;");
                break;
            case ValueKind.Enum:
                _code.Line($"f.{property.Name} = {_record!.ParseEnum(property, start, end)};");
                break;
            default:
                StoreNumber(property, start, end);
                break;
        }
    }

    /// <summary>The number that alone is captured from a run of digits.</summary>
    private PropertyDeclaration? NumberOf(Node node, CaptureTree here)
    {
        if (here.Here.Count != 1 || here.Here[0].Thousandths || here.Here[0].Value is not (ValueKind.Byte or ValueKind.UShort or ValueKind.UInt or ValueKind.ULong))
            return null;
        return _facts.LenientMask(node) == 0 && _facts.Leaf(node, 0) is { States.Length: 2 } dfa && LeafEmitter.AsRun(dfa) == ByteSet.Range((byte)'0', (byte)'9') ? here.Here[0] : null;
    }

    private void EmitNumber(Node node, PropertyDeclaration property, CaptureTree here)
    {
        ulong max = property.Max != 0 ? property.Max : RecordContext.MaxOf(property.Value);
        string maxText = max.ToString(CultureInfo.InvariantCulture) + "UL";
        string n = Number(++_locals);
        _code.Line($"// {node}");
        _code.Line($"int at{n} = p;").Line($"p = Scan.EndOfNumber(s, p, {maxText}, out ulong n{n});");
        _code.Then($"if (p == at{n})", $"return {Fail()};");
        _code.Open($"if (n{n} > {maxText})").Line(property.Saturate ? $"n{n} = {maxText};" : $"return MatchResult.OutOfRange(at{n}, {_ruleId});").Close();
        _code.Line($"f.{property.Name} = ({RecordContext.KeywordOf(property.Value)})n{n};");
        foreach (var (branch, number) in here.Branches)
            _code.Line($"f.{branch.Name} = ({branch.Type}){Number(number)};");
    }

    private void StoreNumber(PropertyDeclaration property, string start, string end)
    {
        ulong max = property.Max != 0 ? property.Max : RecordContext.MaxOf(property.Value);
        string number = $"n{Number(++_locals)}";
        string maxText = max.ToString(CultureInfo.InvariantCulture) + "UL";
        string type = RecordContext.KeywordOf(property.Value);
        if (property.Thousandths)
        {
            _code.Line($"f.{property.Name} = ({type})Scan.Thousandths(s, {start}, {end});");
            return;
        }
        _code.Line($"ulong {number} = Scan.Number(s, {start}, {end}, {maxText});");
        _code.Open($"if ({number} > {maxText})");
        _code.Line(property.Saturate ? $"{number} = {maxText};" : $"return MatchResult.OutOfRange({start}, {_ruleId});");
        _code.Close();
        _code.Line($"f.{property.Name} = ({type}){number};");
    }
}
