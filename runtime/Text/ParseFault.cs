// What went wrong with a piece of text: a value, never an exception (the network's errors are data).
namespace SipEmbedded.Text;

public enum FaultKind : byte
{
    /// <summary>No fault.</summary>
    None,

    /// <summary>The text does not match the rule.</summary>
    Syntax,

    /// <summary>The text matches, but the number lies outside its range.</summary>
    Range,

    /// <summary>A line, header or element that must be there is missing.</summary>
    Missing,

    /// <summary>A header that may stand once stands twice.</summary>
    Duplicate,

    /// <summary>Two parts of the message contradict each other (the CSeq method and the request's, two lengths).</summary>
    Mismatch,

    /// <summary>The body is shorter than Content-Length says.</summary>
    Length,

    /// <summary>A named limit of this implementation is exceeded.</summary>
    Limit,

    /// <summary>A version of the protocol that is not spoken here.</summary>
    Version,
}

/// <summary>A fault in a text: its kind, the offset in octets where matching stopped, and the grammar rule that stopped it.</summary>
public readonly struct ParseFault(FaultKind kind, int offset, string rule)
{
    private readonly string? _rule = rule;

    public FaultKind Kind { get; } = kind;

    public int Offset { get; } = offset;

    /// <summary>The ABNF rule's name as its RFC prints it, or the header's name; empty where there is no fault.</summary>
    public string Rule => _rule ?? "";

    public bool IsFault => Kind != FaultKind.None;

    /// <summary>
    /// The fault of a match result (see <see cref="MatchResult"/>), with the rule's name from the grammar's table; rule 0 is what was matched as a
    /// whole, <paramref name="whole"/>.
    /// </summary>
    public static ParseFault From(int result, ReadOnlySpan<string> ruleNames, string whole) => new(
        MatchResult.IsRange(result) ? FaultKind.Range : FaultKind.Syntax,
        MatchResult.OffsetOf(result),
        MatchResult.RuleOf(result) is not 0 and var rule ? ruleNames[rule] : whole);
}
