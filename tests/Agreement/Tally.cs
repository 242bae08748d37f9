// What a comparison counted, and the disagreements it found.
using System.Globalization;

namespace SipEmbedded.Agreement;

/// <summary>One input that both sides read differently: what to paste into a test, and what was expected.</summary>
internal sealed record Disagreement(string Record, string Rule, byte[] Input, string What)
{
    public override string ToString() => $"{Record} ({Rule}) {Quoted.Of(Input)}: {What}";
}

internal sealed class Tally
{
    public int Records { get; set; }

    public int Rules { get; set; }

    public int Branches { get; set; }

    public int Covered { get; set; }

    public List<string> Uncovered { get; } = [];

    /// <summary>Inputs that the grammar derives: the path cover and random derivations.</summary>
    public long Inputs { get; set; }

    public long Mutations { get; set; }

    /// <summary>Texts that a writer wrote, which were read again.</summary>
    public long Written { get; set; }

    /// <summary>Inputs and mutations that both sides refused, or both accepted and read alike, as written and read again too.</summary>
    public long Agreements { get; set; }

    /// <summary>Inputs and mutations that were accepted, and those that only a number's range refuses.</summary>
    public long Accepted { get; set; }

    public long OutOfRange { get; set; }

    /// <summary>Texts that the grammar refuses.</summary>
    public long Refused => Inputs + Mutations - Accepted - OutOfRange;

    public SortedDictionary<string, long> Listed { get; } = new(StringComparer.Ordinal);

    public List<Disagreement> Disagreements { get; } = [];

    public void Add(Tally other)
    {
        Records += other.Records;
        Rules += other.Rules;
        Branches += other.Branches;
        Covered += other.Covered;
        Uncovered.AddRange(other.Uncovered);
        Inputs += other.Inputs;
        Mutations += other.Mutations;
        Written += other.Written;
        Agreements += other.Agreements;
        Accepted += other.Accepted;
        OutOfRange += other.OutOfRange;
        foreach (var (name, count) in other.Listed)
            Listed[name] = Listed.GetValueOrDefault(name) + count;
        Disagreements.AddRange(other.Disagreements);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"rules={Rules} branches={Covered}/{Branches} inputs={Inputs} mutations={Mutations} written={Written} agreements={Agreements} "
        + $"accepted={Accepted} refused={Refused} out_of_range={OutOfRange} listed={Listed.Values.Sum()} disagreements={Disagreements.Count}");
}
