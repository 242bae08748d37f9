// One header: its record, and the walk over the values of its line through HeaderNames, as the message reader does it.
using SipEmbedded.Agreement;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Fuzz;

internal sealed class HeaderBody<T>(DeclaredRecord record, uint leniencies) : RecordBody<T>(record, leniencies)
    where T : struct, IHeader<T>
{
    private static readonly HeaderName s_name = (HeaderName)T.Id;

    public override List<byte[]> Seeds(int seed)
    {
        var seeds = base.Seeds(seed);
        seeds.AddRange(GrammarSeeds.LinesOf(Record, Leniencies, seed));
        return seeds;
    }

    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        var outcome = base.Execute(text);
        bool strict = Walk(text, 0, ref outcome);
        bool lenient = Walk(text, Leniencies, ref outcome);
        PropertyViolation.Unless(!strict || lenient, "a line that is accepted without leniencies is accepted with them");
        return outcome;
    }

    private static bool Walk(ReadOnlySpan<byte> text, uint allow, ref Outcome outcome)
    {
        var rules = new LineRules(allow);
        int matched = HeaderNames.Match(s_name, text, 0, text.Length, rules);
        var digest = new FieldDigest(text);
        int visited = HeaderNames.Visit(s_name, text, 0, text.Length, rules, ref digest);
        PropertyViolation.Unless(matched < 0 || matched == text.Length, "a line is matched to its end or refused");
        PropertyViolation.Unless((matched < 0) == (visited < 0), "Visit agrees with Match");
        outcome.Add(digest.Outcome.Signature);
        outcome.Digest = Outcome.Mix(outcome.Digest, digest.Outcome.Digest);
        outcome.AddSize(digest.Values);
        if (matched >= 0)
            return true;
        var fault = HeaderNames.FaultOf(s_name, matched);
        PropertyViolation.UnlessWithin(fault, text);
        outcome.Add(fault);
        var other = HeaderNames.FaultOf(s_name, visited);
        PropertyViolation.UnlessWithin(other, text);
        PropertyViolation.Unless(fault.Offset == other.Offset && fault.Kind == other.Kind, "Visit's fault is Match's");
        return false;
    }
}
