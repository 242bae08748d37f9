// Every diagnostic of the generator as a user meets it: once, at its place, in these words, and nothing beside it. "§" marks the place.
using Microsoft.CodeAnalysis;
using SipEmbedded.Generator.Report;
using SipEmbedded.Generator.Tests.Users;

namespace SipEmbedded.Generator.Tests.Pipeline;

public sealed class DiagnosticTests
{
    private const char Mark = '§';

    public static TheoryData<string, string, string, string> Cases => new()
    {
        // id, message, grammar, C#
        { "SIPG001", "?", "first = §)", "" },
        { "SIPG002", "?", "first = §second", "" },
        { "SIPG003", "?", "first = \"a\"\n§first = \"b\"", "" },
        { "SIPG004", "?", "§first =/ \"a\"", "" },
        { "SIPG005", "?", "first = §<any text>", "" },
        { "SIPG006", "?", "first = §%x100", "" },
        { "SIPG007", "?", "first = §first \"a\" / \"b\"", "" },
        {
            "SIPG008", "?", "first = letters / §word\nletters = 1*ALPHA\nword = \"a\"",
            "[Record(\"first\")] readonly partial struct First { [Capture(\"word\")] public partial Slice Word { get; } [Capture(\"letters\")] public partial Slice Letters { get; } }"
        },
        {
            "SIPG009", "?", "first = §digits / letters\ndigits = 1*( \"x\" / DIGIT )\nletters = 1*( \"x\" / ALPHA )",
            "[Record(\"first\")] readonly partial struct First { [Capture(\"digits\")] public partial Slice Digits { get; } [Capture(\"letters\")] public partial Slice Letters { get; } }"
        },
        { "SIPG010", "?", "first = §*( *\"a\" )", "" },
        { "SIPG011", "?", "first = \"a\" §[ \"\" ]", "" },
        { "SIPG020", "?", "first = \"a\"", "[Record(\"second\")] readonly partial struct §Second { [Capture(\"b\")] public partial Slice B { get; } }" },
        { "SIPG020", "?", "first = \"a\"", "[Header(\"second\")] readonly partial struct §Second;" },
        { "SIPG020", "?", "first = \"a\"", "[Record] readonly partial struct §Second;" },
        { "SIPG020", "?", "first = \"a\"", "[§Vocabulary(\"second\", \"Words\")] static partial class Vocabulary;" },
        { "SIPG020", "?", "first = \"a\"", "[§Vocabulary(\"first\", \"Words\", Grammar = \"other\")] static partial class Vocabulary;" },
        { "SIPG020", "?", "first = \"a\"", "[Record(\"first\", Grammar = \"other\")] readonly partial struct §First;" },
        {
            "SIPG020", "?", "first = \"a\" second\nsecond = third\nthird = \"b\"",
            "[Record(\"first\")] readonly partial struct First { [Capture(\"second\")] public partial Slice Good { get; } [Capture(\"third\")] public partial Slice §Third { get; } }"
        },
        {
            "SIPG020", "?", "first = \"a\" second\nsecond = \"b\"",
            "[Record(\"first\")] readonly partial struct First { [Parameter(\"x\")] public partial Slice §Third { get; } }"
        },
        {
            "SIPG021", "?", "first = second\nsecond = 1*ALPHA",
            "[Record(\"first\")] readonly partial struct First { [Capture(\"second\")] public partial ushort? §Second { get; } }"
        },
        {
            "SIPG021", "?", "first = second\nsecond = 1*ALPHA",
            "[Record(\"first\")] readonly partial struct First { [Capture(\"second\")] public partial string §Second { get; } }"
        },
        {
            "SIPG022", "?", "first = *( \";\" second )\nsecond = 1*ALPHA",
            "[Record(\"first\")] readonly partial struct First { [Capture(\"second\")] public partial Slice §Second { get; } }"
        },
        { "SIPG023", "?", "first = \"a\"", "[§Settle(\"second\", Choose.InOrder)] partial class TestGrammar;" },
        { "SIPG023", "?", "first = \"a\"", "[§Settle(\"second\", Choose.MostSpecific)] partial class TestGrammar;" },
        { "SIPG023", "?", "first = \"a\"", "[§Settle(\"second\", Choose.Commit)] partial class TestGrammar;" },
        { "SIPG023", "?", "first = \"a\"", "[§Replace(\"second\", \"a\", \"first\")] partial class TestGrammar;" },
        { "SIPG023", "?", "first = \"a\"", "[§Replace(\"first\", \"second\", \"ALPHA\")] partial class TestGrammar;" },
        { "SIPG023", "?", "first = ALPHA", "[§Replace(\"first\", \"ALPHA\", \"second\")] partial class TestGrammar;" },
        { "SIPG023", "?", "first = \"a\"", "[§Spelling(\"second\", \"a\")] partial class TestGrammar;" },
        { "SIPG023", "?", "first = \"a\"", "[§Lenient(\"second\", 1)] partial class TestGrammar;" },
        { "SIPG024", "?", "Subject = \"Subject: \" text\ntext = *ALPHA", "[Header(\"Subject\")] readonly partial struct §Subject;" },
        {
            "SIPG025", "?", "Subject = \"Subject\" colon text\nTopic = \"Subject\" colon text\ncolon = \":\"\ntext = *ALPHA",
            "[Header(\"Subject\")] readonly partial struct Subject { [Capture(\"text\")] public partial Slice Text { get; } }\n"
            + "[Header(\"Topic\")] readonly partial struct §Topic { [Capture(\"text\")] public partial Slice Text { get; } }"
        },
        {
            "SIPG025", "?", "Subject = ( \"Subject\" / \"t\" ) colon text\nTopic = ( \"Topic\" / \"T\" ) colon text\ncolon = \":\"\ntext = *ALPHA",
            "[Header(\"Subject\")] readonly partial struct Subject { [Capture(\"text\")] public partial Slice Text { get; } }\n"
            + "[Header(\"Topic\")] readonly partial struct §Topic { [Capture(\"text\")] public partial Slice Text { get; } }"
        },
        { "SIPG026", "?", "verb = %s\"GO\" / %s\"STOP\"", Dispatcher("[Handles(\"GO\")] void OnGo() { } [§Handles(\"GO\")] void OnCall() { }") },
        { "SIPG027", "?", "verb = %s\"GO\" / %s\"STOP\"", Dispatcher("[Handles(\"GO\")] void OnGo(in Slice s) { } [§Handles(\"STOP\")] int OnStop(string s) => 1;") },
        { "SIPG027", "?", "verb = %s\"GO\" / %s\"STOP\"", Dispatcher("[Handles(\"GO\")] void OnGo() { } [§Handles(\"STOP\")] void OnStop<T>() { }") },
        { "SIPG028", "?", "verb = %s\"GO\" / %s\"STOP\"", Dispatcher("[§Handles(\"GO ON\")] void OnGo() { }") },
        {
            "SIPG029", "?", "first = \"<\" uri \">\" [ \";\" name ]\nuri = 1*ALPHA\nname = 1*ALPHA",
            "[Record(\"first\")] readonly partial struct §First { [Capture(\"name\")] public partial Slice Name { get; } }"
        },
    };

    private static string Dispatcher(string handlers) =>
        "[Vocabulary(\"verb\", \"Verb\")] static partial class Verbs;\n[Dispatcher(typeof(Verbs))] partial class Handler { " + handlers + " }";

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_diagnostic_is_reported_once_at_its_place_and_nothing_beside_it(string id, string message, string grammar, string code)
    {
        code = "using SipEmbedded.Generation;\nusing SipEmbedded.Text;\nnamespace User;\n[Grammar(\"test\")] static partial class TestGrammar;\n" + code;
        bool inGrammar = grammar.Contains(Mark);
        string marked = inGrammar ? grammar : code;
        int at = marked.IndexOf(Mark);
        string before = marked[..at];
        var project = UserProject.Empty.WithGrammar("test", "test.abnf", grammar.Replace($"{Mark}", "") + "\n").WithCode("User.cs", code.Replace($"{Mark}", ""));

        var result = project.Run();

        Assert.Null(result.Exception);
        var reported = Assert.Single(result.Diagnostics);
        var place = reported.Location.GetLineSpan();
        Assert.Equal(
            $"{(inGrammar ? "test.abnf" : "User.cs")}({before.Count(c => c == '\n')},{at - (before.LastIndexOf('\n') + 1)}) {id} {message}",
            $"{place.Path}({place.StartLinePosition.Line},{place.StartLinePosition.Character}) {reported.Id} {reported.GetMessage()}");
        Assert.Equal(DiagnosticSeverity.Error, reported.Severity);
        Assert.Equal(at, reported.Location.SourceSpan.Start);
        Assert.DoesNotContain("{", reported.GetMessage());
    }

    [Fact]
    public void Each_diagnostic_has_a_case() =>
        Assert.Equal(Descriptors.All.Select(d => d.Id), Cases.Select(row => row.Data.Item1).Distinct());

    [Fact]
    public void A_grammar_without_files_says_what_is_missing()
    {
        var result = UserProject.Empty.WithCode("User.cs", """
            using SipEmbedded.Generation;
            [Grammar("test")] static partial class TestGrammar;
            [Record("first")] readonly partial struct First;
            """).Run();

        Assert.Equal("The path 'first' of 'First' leads nowhere: no .abnf file among the AdditionalFiles has the metadata Grammar=\"test\"",
            Assert.Single(result.Diagnostics).GetMessage());
    }
}
