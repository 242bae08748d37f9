// What the generated inputs have to cover: one way through one node of the grammar.
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Oracle;

internal enum BranchKind
{
    /// <summary>An alternation's alternative; the value is its index.</summary>
    Alternative,

    /// <summary>A repetition's number of iterations; the value is the number. An option has 0 and 1.</summary>
    Iterations,

    /// <summary>
    /// A spelling of a literal without case; the value is a <see cref="LetterCase"/>. A literal with case has Exact only.
    /// </summary>
    Spelling,

    /// <summary>An octet of a range; the value is the octet.</summary>
    Octet,
}

internal enum LetterCase
{
    Exact,
    Lower,
    Upper,
    Mixed,
}

/// <summary>One way through <see cref="Node"/>, which stands in the definition of <see cref="Rule"/>.</summary>
internal sealed record Branch(string Rule, Node Node, BranchKind Kind, int Value)
{
    public override string ToString()
    {
        var what = Kind switch
        {
            BranchKind.Alternative => $"alternative {Value + 1}",
            BranchKind.Iterations => $"{Value} iterations",
            BranchKind.Spelling => $"\"{((Literal)Node).Text}\" in {(LetterCase)Value} case",
            _ => $"octet 0x{Value:X2}",
        };
        return $"{Rule} ({Node.At.Path}:{Node.At.Line + 1}:{Node.At.Column + 1}): {what}";
    }
}

/// <summary>A branch that no input can cover, and why.</summary>
internal sealed record UncoveredBranch(Branch Branch, string Reason);

/// <summary>Inputs that the rule derives, with what they cover of the branches reachable from it.</summary>
internal sealed record GeneratedInputs(
    IReadOnlyList<byte[]> Inputs, int Branches, int Covered, IReadOnlyList<UncoveredBranch> Uncovered);
