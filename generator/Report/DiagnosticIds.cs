// The ids of the generator's diagnostics. Once released an id keeps its meaning for good: users suppress and search by it.
// SIPG0nn are faults of a grammar or of the declarations over it; the allocation analyzer has SIPAnnn, in its own file.
namespace SipEmbedded.Generator.Report;

internal static class DiagnosticIds
{
    // Faults of a grammar by itself.
    public const string SyntaxError = "SIPG001";
    public const string UndefinedRule = "SIPG002";
    public const string DuplicateRule = "SIPG003";
    public const string AdditionToNoRule = "SIPG004";
    public const string ProseValue = "SIPG005";
    public const string ValueOutOfRange = "SIPG006";
    public const string LeftRecursion = "SIPG007";
    public const string UnreachableAlternative = "SIPG008";
    public const string AmbiguousChoice = "SIPG009";
    public const string EndlessRepetition = "SIPG010";
    public const string EmptyOption = "SIPG011";

    // Faults of the C# declarations over a grammar.
    public const string CapturePathNotFound = "SIPG020";
    public const string TypeNotFilledByRule = "SIPG021";
    public const string CaptureInRepetition = "SIPG022";
    public const string SettlementNamesNothing = "SIPG023";
    public const string HeaderRuleForm = "SIPG024";
    public const string DuplicateHeader = "SIPG025";
    public const string DuplicateHandler = "SIPG026";
    public const string HandlerSignature = "SIPG027";
    public const string UnknownMethod = "SIPG028";
    public const string NotWritable = "SIPG029";

    // Faults of supplements and their chains.
    public const string SupplementSignature = "SIPG030";
    public const string DuplicateOrder = "SIPG031";
    public const string EmptyChain = "SIPG032";
    public const string CookieType = "SIPG033";
    public const string NotASupplement = "SIPG034";
}
