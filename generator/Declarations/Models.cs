// What the pipeline takes from C# declarations: plain values, equatable, without symbols or syntax, so that an edit
// elsewhere changes nothing downstream. (An edit above a declaration moves its place: its model changes, what is emitted does not.)
using System;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Declarations;

/// <summary>A place in a C# file, for diagnostics.</summary>
internal readonly record struct CodeLocation(string Path, int Start, int Length, int Line, int Column, int EndLine, int EndColumn);

/// <summary>A type as the emitter must reopen it: its name space, the types around it and its own head, e.g. <c>readonly partial struct Via</c>.</summary>
internal readonly record struct TypeHead(string Namespace, EquatableArray<string> Outer, string Keyword, string Name, string Accessibility)
{
    public string FullName => Namespace.Length == 0 ? Path : Namespace + "." + Path;
    public string Path => Outer.Count == 0 ? Name : string.Join(".", Outer) + "." + Name;
}

internal enum SettleChoice
{
    InOrder,
    MostSpecific,
    Commit,
}

internal readonly record struct Settlement(string Rule, SettleChoice Choice, CodeLocation At);

internal readonly record struct Replacement(string Rule, string Reference, string By, CodeLocation At);

internal readonly record struct RuleSpelling(string Rule, string Text, CodeLocation At);

internal readonly record struct LenientRule(string Rule, uint Flag, CodeLocation At);

/// <summary>A class marked <c>[Grammar("name")]</c>: where the shared matchers of that grammar go, and what settles it.</summary>
internal readonly record struct GrammarDeclaration(
    string Name,
    TypeHead Type,
    EquatableArray<Settlement> Settlements,
    EquatableArray<Replacement> Replacements,
    EquatableArray<RuleSpelling> Spellings,
    EquatableArray<LenientRule> Leniencies,
    bool KeepsSpace,
    CodeLocation At);

internal enum PropertyKind
{
    /// <summary>A piece of the text at a path.</summary>
    Capture,

    /// <summary>The value of a named parameter.</summary>
    Parameter,

    /// <summary>The whole parameter list as text.</summary>
    Parameters,

    /// <summary>Which of several paths was taken, as an enum counting from 1.</summary>
    Branch,
}

internal enum ValueKind
{
    Slice,
    Byte,
    UShort,
    UInt,
    ULong,
    Bool,
    Record,
    Enum,
    Unknown,
}

/// <summary>The rules that the record of a property's type is read from, and whether another assembly generated it from its own grammar.</summary>
internal readonly record struct NestedRecord(EquatableArray<string> Rules, bool IsForeign);

internal readonly record struct PropertyDeclaration(
    string Name,
    string Type,
    ValueKind Value,
    bool Nullable,
    string Accessibility,
    PropertyKind Kind,
    EquatableArray<string> Paths,
    bool Saturate,
    bool Thousandths,
    ulong Max,
    NestedRecord Record,
    CodeLocation At);

/// <summary>A struct marked <c>[Record]</c> or <c>[Header]</c>.</summary>
internal readonly record struct RecordDeclaration(
    TypeHead Type,
    string Grammar,
    bool IsHeader,
    EquatableArray<string> Rules,
    bool Repeatable,
    EquatableArray<PropertyDeclaration> Properties,
    CodeLocation At);

/// <summary>A class marked <c>[Vocabulary]</c>: an enum of the literals of a rule.</summary>
internal readonly record struct VocabularyDeclaration(TypeHead Type, string Grammar, string Rule, string EnumName, CodeLocation At);

/// <summary>A class marked <c>[HeaderNames]</c>.</summary>
internal readonly record struct HeaderNamesDeclaration(TypeHead Type, string EnumName, CodeLocation At);

internal readonly record struct HandlerDeclaration(
    string Method, string Handler, string Parameters, string Arguments, string ReturnType, bool IsStatic, bool IsGeneric, CodeLocation At);

/// <summary>A class with methods marked <c>[Handles]</c>.</summary>
internal readonly record struct DispatcherDeclaration(
    TypeHead Type, string VocabularyType, string Grammar, string Rule, string EnumType, EquatableArray<HandlerDeclaration> Handlers, CodeLocation At);

/// <summary>
/// A step that supplements may take part in: a method of the chain's interface. <c>Stops</c>: it returns whether to go on. <c>Word</c> is the expression for
/// what filters compare, empty for a step that all take part in.
/// </summary>
internal readonly record struct StepDeclaration(string Name, string Parameters, string Arguments, bool Stops, string Word);

/// <summary>A step that a supplement takes part in, and the types of the cookies that it asks for.</summary>
internal readonly record struct HookDeclaration(string Step, bool IsStatic, EquatableArray<string> Cookies);

/// <summary>A struct marked <c>[Cookie]</c> inside a supplement. <c>IsReleased</c>: the supplement has a <c>Release</c> for it.</summary>
internal readonly record struct CookieDeclaration(string Type, string Name, bool IsPublic, bool IsReleased, bool ReleaseIsStatic);

/// <summary>A class marked <c>[Supplement]</c>. One with findings is in no chain.</summary>
internal readonly record struct SupplementDeclaration(
    string Type,
    string Name,
    bool IsPublic,
    bool IsHandedIn,
    string Method,
    int Order,
    EquatableArray<HookDeclaration> Hooks,
    EquatableArray<CookieDeclaration> Cookies,
    EquatableArray<Finding> Findings,
    CodeLocation At);

/// <summary>
/// A class marked <c>[SupplementChain]</c>. <c>Named</c>: its supplements, where <c>IsNamed</c> says that it names them. <c>Attach</c> is the parameter list of
/// the interface's method that takes memory, empty where the interface is not to be found.
/// </summary>
internal readonly record struct ChainDeclaration(
    TypeHead Type,
    string Attach,
    EquatableArray<StepDeclaration> Steps,
    bool IsNamed,
    EquatableArray<SupplementDeclaration> Named,
    EquatableArray<Finding> Findings,
    CodeLocation At);
