// The diagnostics of grammars and of the declarations over them: id, title and message. What each means, an example and the way
// to mend it stand in docs/diagnostics, a page an id. Arguments are the fault's, in the order of the placeholders.
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace SipEmbedded.Generator.Report;

internal static class Descriptors
{
    private const string Category = "Grammar";

    // Faults of a grammar by itself.

    /// <summary>{0} what is wrong, in words.</summary>
    public static readonly DiagnosticDescriptor SyntaxError = Error(
        DiagnosticIds.SyntaxError,
        "Syntax error in a grammar",
        "Syntax error: {0}");

    /// <summary>{0} the missing rule, {1} the rule that refers to it first.</summary>
    public static readonly DiagnosticDescriptor UndefinedRule = Error(
        DiagnosticIds.UndefinedRule,
        "Undefined rule",
        "Rule '{1}' refers to rule '{0}', which no grammar file defines");

    /// <summary>{0} the rule, {1} file and line of its first definition.</summary>
    public static readonly DiagnosticDescriptor DuplicateRule = Error(
        DiagnosticIds.DuplicateRule,
        "Duplicate rule",
        "Rule '{0}' is already defined at {1}; write =/ to add alternatives to it");

    /// <summary>{0} the rule.</summary>
    public static readonly DiagnosticDescriptor AdditionToNoRule = Error(
        DiagnosticIds.AdditionToNoRule,
        "Addition to a rule that does not exist",
        "Alternatives are added to rule '{0}' with =/, but no grammar file defines it with =");

    /// <summary>{0} the rule, {1} the words.</summary>
    public static readonly DiagnosticDescriptor ProseValue = Error(
        DiagnosticIds.ProseValue,
        "Rule described in words",
        "Rule '{0}' is described in words, <{1}>, of which no parser can be made; write a definition in its place");

    /// <summary>{0} which value, and what is wrong with it.</summary>
    public static readonly DiagnosticDescriptor ValueOutOfRange = Error(
        DiagnosticIds.ValueOutOfRange,
        "Value out of range",
        "Value out of range: {0}");

    /// <summary>{0} the rule, {1} the cycle, as in <c>a -> b -> a</c>.</summary>
    public static readonly DiagnosticDescriptor LeftRecursion = Error(
        DiagnosticIds.LeftRecursion,
        "Left recursion",
        "Rule '{0}' can begin with itself: {1}");

    /// <summary>{0} the rule, {1} the alternative, {2} the earlier alternative or alternatives.</summary>
    public static readonly DiagnosticDescriptor UnreachableAlternative = Error(
        DiagnosticIds.UnreachableAlternative,
        "Alternative can never match",
        "In rule '{0}' the alternative {1} can never match: every input that it accepts is accepted earlier, by {2}");

    /// <summary>{0} the rule, {1} the earlier alternative, {2} the later, {3} the shortest input that both accept.</summary>
    public static readonly DiagnosticDescriptor AmbiguousChoice = Error(
        DiagnosticIds.AmbiguousChoice,
        "Ambiguous choice",
        "In rule '{0}' the alternatives {1} and {2} both accept {3}; a declaration must settle which is meant");

    /// <summary>{0} the rule, {1} the repetition.</summary>
    public static readonly DiagnosticDescriptor EndlessRepetition = Error(
        DiagnosticIds.EndlessRepetition,
        "Unbounded repetition of something that can be empty",
        "In rule '{0}' the repetition {1} has no bound, and what it repeats can be empty");

    /// <summary>{0} the rule, {1} the option.</summary>
    public static readonly DiagnosticDescriptor EmptyOption = Error(
        DiagnosticIds.EmptyOption,
        "Option of nothing",
        "In rule '{0}' what the option {1} holds accepts nothing but the empty input");

    // Faults of the C# declarations over a grammar.

    /// <summary>{0} the path or rule, {1} the type that declares it, {2} why it leads nowhere.</summary>
    public static readonly DiagnosticDescriptor CapturePathNotFound = Error(
        DiagnosticIds.CapturePathNotFound,
        "Capture path does not exist",
        "The path '{0}' of '{1}' leads nowhere: {2}");

    /// <summary>{0} the property with the type that declares it, {1} the property's type, {2} the rule or parameter, {3} why.</summary>
    public static readonly DiagnosticDescriptor TypeNotFilledByRule = Error(
        DiagnosticIds.TypeNotFilledByRule,
        "Type that the rule cannot fill",
        "Property '{0}' of type '{1}' cannot be filled by '{2}': {3}");

    /// <summary>{0} the path, {1} the type that declares it.</summary>
    public static readonly DiagnosticDescriptor CaptureInRepetition = Error(
        DiagnosticIds.CaptureInRepetition,
        "Capture inside a repetition",
        "The capture '{0}' of '{1}' stands inside a repetition, of which only the last occurrence would be kept");

    /// <summary>{0} the rule that the declaration is about, {1} the name that was not found.</summary>
    public static readonly DiagnosticDescriptor SettlementNamesNothing = Error(
        DiagnosticIds.SettlementNamesNothing,
        "Settlement or replacement that names nothing",
        "This declaration about rule '{0}' has no effect: there is no '{1}' that it could apply to");

    /// <summary>{0} the rule, {1} its definition.</summary>
    public static readonly DiagnosticDescriptor HeaderRuleForm = Error(
        DiagnosticIds.HeaderRuleForm,
        "Header rule not of the form name, separator, value",
        "Rule '{0}' is not of the form name, separator, value: it is {1}");

    /// <summary>{0} the header's name, {1} and {2} the two types that declare it.</summary>
    public static readonly DiagnosticDescriptor DuplicateHeader = Error(
        DiagnosticIds.DuplicateHeader,
        "Duplicate header",
        "Header '{0}' is declared by both '{1}' and '{2}'");

    /// <summary>{0} the method's name, {1} and {2} the two handlers.</summary>
    public static readonly DiagnosticDescriptor DuplicateHandler = Error(
        DiagnosticIds.DuplicateHandler,
        "Duplicate handler for a method",
        "Method '{0}' is handled by both '{1}' and '{2}'");

    /// <summary>{0} the handler, {1} the signature it must have.</summary>
    public static readonly DiagnosticDescriptor HandlerSignature = Error(
        DiagnosticIds.HandlerSignature,
        "Handler of the wrong signature",
        "Handler '{0}' must have the signature '{1}'");

    /// <summary>{0} the word, {1} why.</summary>
    public static readonly DiagnosticDescriptor UnknownMethod = Error(
        DiagnosticIds.UnknownMethod,
        "Not a method",
        "'{0}' is no method: {1}");

    /// <summary>{0} the type, {1} the piece of its rule, as ABNF.</summary>
    public static readonly DiagnosticDescriptor NotWritable = Error(
        DiagnosticIds.NotWritable,
        "Record that cannot be written",
        "'{0}' cannot be written: it captures nothing that fills '{1}', and nothing says how to spell it");

    // Faults of supplements and their chains.

    /// <summary>{0} the method with its type, {1} what it must be.</summary>
    public static readonly DiagnosticDescriptor SupplementSignature = Error(
        DiagnosticIds.SupplementSignature,
        "Method of a supplement that cannot be called",
        "Method '{0}' of a supplement cannot be called: {1}");

    /// <summary>{0} and {1} the supplements, {2} the order.</summary>
    public static readonly DiagnosticDescriptor DuplicateOrder = Error(
        DiagnosticIds.DuplicateOrder,
        "Two supplements of one order",
        "Supplements '{0}' and '{1}' both have the order {2}; nothing says which is called first");

    /// <summary>{0} the chain, {1} why.</summary>
    public static readonly DiagnosticDescriptor EmptyChain = Error(
        DiagnosticIds.EmptyChain,
        "Chain without supplements",
        "Chain '{0}' has nothing to call: {1}");

    /// <summary>{0} the type, {1} why.</summary>
    public static readonly DiagnosticDescriptor CookieType = Error(
        DiagnosticIds.CookieType,
        "Type that can be no cookie",
        "'{0}' can be no cookie: {1}");

    /// <summary>{0} the type, {1} why.</summary>
    public static readonly DiagnosticDescriptor NotASupplement = Error(
        DiagnosticIds.NotASupplement,
        "Type that can be in no chain",
        "'{0}' can be in no chain: {1}");

    /// <summary>All of them, in the order of their ids.</summary>
    public static readonly ImmutableArray<DiagnosticDescriptor> All = ImmutableArray.Create(
        SyntaxError,
        UndefinedRule,
        DuplicateRule,
        AdditionToNoRule,
        ProseValue,
        ValueOutOfRange,
        LeftRecursion,
        UnreachableAlternative,
        AmbiguousChoice,
        EndlessRepetition,
        EmptyOption,
        CapturePathNotFound,
        TypeNotFilledByRule,
        CaptureInRepetition,
        SettlementNamesNothing,
        HeaderRuleForm,
        DuplicateHeader,
        DuplicateHandler,
        HandlerSignature,
        UnknownMethod,
        NotWritable,
        SupplementSignature,
        DuplicateOrder,
        EmptyChain,
        CookieType,
        NotASupplement);

    /// <summary>The descriptor of an id of <see cref="DiagnosticIds"/>.</summary>
    public static DiagnosticDescriptor Get(string id)
    {
        foreach (var descriptor in All)
        {
            if (descriptor.Id == id)
                return descriptor;
        }

        throw new System.ArgumentException($"no diagnostic has the id {id}", nameof(id));
    }

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true,
            helpLinkUri: $"docs/diagnostics/{id}.md");
}
