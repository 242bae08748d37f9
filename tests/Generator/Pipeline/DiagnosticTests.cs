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
        { "SIPG001", "Syntax error: an element must stand here, not ')'", "first = §)", "" },
        { "SIPG002", "Rule 'first' refers to rule 'second', which no grammar file defines", "first = §second", "" },
        { "SIPG003", "Rule 'first' is already defined at test.abnf(1); write =/ to add alternatives to it", "first = \"a\"\n§first = \"b\"", "" },
        { "SIPG004", "Alternatives are added to rule 'first' with =/, but no grammar file defines it with =", "§first =/ \"a\"", "" },
        { "SIPG005", "Rule 'first' is described in words, <any text>, of which no parser can be made; write a definition in its place", "first = §<any text>", "" },
        { "SIPG006", "Value out of range: %x100 is above %xFF; grammars here are over octets", "first = %x§100", "" },
        { "SIPG007", "Rule 'first' can begin with itself: first -> first", "first = §first \"a\" / \"b\"", "" },
        {
            "SIPG008", "In rule 'first' the alternative 'word' can never match: every input that it accepts is accepted earlier, by 'letters'", "first = letters / §word\nletters = 1*ALPHA\nword = \"a\"",
            "[Record(\"first\")] readonly partial struct First { [Capture(\"word\")] public partial Slice Word { get; } [Capture(\"letters\")] public partial Slice Letters { get; } }"
        },
        {
            "SIPG009", "In rule 'first' the alternatives 'digits' and 'letters' both accept \"x\"; a declaration must settle which is meant", "first = digits / §letters\ndigits = 1*( \"x\" / DIGIT )\nletters = 1*( \"x\" / ALPHA )",
            "[Record(\"first\")] readonly partial struct First { [Capture(\"digits\")] public partial Slice Digits { get; } [Capture(\"letters\")] public partial Slice Letters { get; } }"
        },
        { "SIPG010", "In rule 'first' the repetition '*(*\"a\")' has no bound, and what it repeats can be empty", "first = §*( *\"a\" )", "" },
        { "SIPG011", "In rule 'first' what the option '[\"\"]' holds accepts nothing but the empty input", "first = \"a\" §[ \"\" ]", "" },
        { "SIPG020", "The path 'second' of 'Second' leads nowhere: grammar 'test' has no such rule", "first = \"a\"", "[Record(\"second\")] readonly partial struct §Second { [Capture(\"b\")] public partial Slice B { get; } }" },
        { "SIPG020", "The path 'second' of 'Second' leads nowhere: grammar 'test' has no such rule", "first = \"a\"", "[Header(\"second\")] readonly partial struct §Second;" },
        { "SIPG020", "The path '' of 'Second' leads nowhere: [Record] names no rule", "first = \"a\"", "[Record] readonly partial struct §Second;" },
        { "SIPG020", "The path 'second' of 'Vocabulary' leads nowhere: grammar 'test' has no such rule", "first = \"a\"", "[§Vocabulary(\"second\", \"Words\")] static partial class Vocabulary;" },
        { "SIPG020", "The path 'first' of 'Vocabulary' leads nowhere: this compilation declares no grammar 'other'", "first = \"a\"", "[§Vocabulary(\"first\", \"Words\", Grammar = \"other\")] static partial class Vocabulary;" },
        { "SIPG020", "The path 'first' of 'First' leads nowhere: this compilation declares no grammar 'other'", "first = \"a\"", "[Record(\"first\", Grammar = \"other\")] readonly partial struct §First;" },
        {
            "SIPG020", "The path 'third' of 'First' leads nowhere: rule 'first' is '\"a\" second'", "first = \"a\" second\nsecond = third\nthird = \"b\"",
            "[Record(\"first\")] readonly partial struct First { [Capture(\"second\")] public partial Slice Good { get; } [Capture(\"third\")] public partial Slice §Third { get; } }"
        },
        {
            "SIPG020", "The path 'x' of 'First' leads nowhere: the record has no [Parameters] property that says which list the parameter is of", "first = \"a\" second\nsecond = \"b\"",
            "[Record(\"first\")] readonly partial struct First { [Parameter(\"x\")] public partial Slice §Third { get; } }"
        },
        {
            "SIPG021", "Property 'First.Second' of type 'ushort' cannot be filled by 'second': it accepts more than digits", "first = second\nsecond = 1*ALPHA",
            "[Record(\"first\")] readonly partial struct First { [Capture(\"second\")] public partial ushort? §Second { get; } }"
        },
        {
            "SIPG021", "Property 'First.Second' of type 'string' cannot be filled by 'second': a property is a Slice, a number, a bool, an enum or a record", "first = second\nsecond = 1*ALPHA",
            "[Record(\"first\")] readonly partial struct First { [Capture(\"second\")] public partial string §Second { get; } }"
        },
        {
            "SIPG022", "The capture 'second' of 'First' stands inside a repetition, of which only the last occurrence would be kept", "first = *( \";\" second )\nsecond = 1*ALPHA",
            "[Record(\"first\")] readonly partial struct First { [Capture(\"second\")] public partial Slice §Second { get; } }"
        },
        { "SIPG023", "This declaration about rule 'second' has no effect: there is no 'second' that it could apply to", "first = \"a\"", "[§Settle(\"second\", Choose.InOrder)] partial class TestGrammar;" },
        { "SIPG023", "This declaration about rule 'second' has no effect: there is no 'second' that it could apply to", "first = \"a\"", "[§Settle(\"second\", Choose.MostSpecific)] partial class TestGrammar;" },
        { "SIPG023", "This declaration about rule 'second' has no effect: there is no 'second' that it could apply to", "first = \"a\"", "[§Settle(\"second\", Choose.Commit)] partial class TestGrammar;" },
        { "SIPG023", "This declaration about rule 'second' has no effect: there is no 'second' that it could apply to", "first = \"a\"", "[§Replace(\"second\", \"a\", \"first\")] partial class TestGrammar;" },
        { "SIPG023", "This declaration about rule 'first' has no effect: there is no 'second' that it could apply to", "first = \"a\"", "[§Replace(\"first\", \"second\", \"ALPHA\")] partial class TestGrammar;" },
        { "SIPG023", "This declaration about rule 'first' has no effect: there is no 'second' that it could apply to", "first = ALPHA", "[§Replace(\"first\", \"ALPHA\", \"second\")] partial class TestGrammar;" },
        { "SIPG023", "This declaration about rule 'second' has no effect: there is no 'second' that it could apply to", "first = \"a\"", "[§Spelling(\"second\", \"a\")] partial class TestGrammar;" },
        { "SIPG023", "This declaration about rule 'second' has no effect: there is no 'second' that it could apply to", "first = \"a\"", "[§Lenient(\"second\", 1)] partial class TestGrammar;" },
        { "SIPG024", "Rule 'Subject' is not of the form name, separator, value: it is '\"Subject: \" text'", "Subject = \"Subject: \" text\ntext = *ALPHA", "[Header(\"Subject\")] readonly partial struct §Subject;" },
        {
            "SIPG025", "Header 'Subject' is declared by both 'User.Subject' and 'User.Topic'", "Subject = \"Subject\" colon text\nTopic = \"Subject\" colon text\ncolon = \":\"\ntext = *ALPHA",
            "[Header(\"Subject\")] readonly partial struct Subject { [Capture(\"text\")] public partial Slice Text { get; } }\n"
            + "[Header(\"Topic\")] readonly partial struct §Topic { [Capture(\"text\")] public partial Slice Text { get; } }"
        },
        {
            "SIPG025", "Header 'T' is declared by both 'User.Subject' and 'User.Topic'", "Subject = ( \"Subject\" / \"t\" ) colon text\nTopic = ( \"Topic\" / \"T\" ) colon text\ncolon = \":\"\ntext = *ALPHA",
            "[Header(\"Subject\")] readonly partial struct Subject { [Capture(\"text\")] public partial Slice Text { get; } }\n"
            + "[Header(\"Topic\")] readonly partial struct §Topic { [Capture(\"text\")] public partial Slice Text { get; } }"
        },
        { "SIPG026", "Method 'GO' is handled by both 'OnGo' and 'OnCall'", "verb = %s\"GO\" / %s\"STOP\"", Dispatcher("[Handles(\"GO\")] void OnGo() { } [§Handles(\"GO\")] void OnCall() { }") },
        { "SIPG027", "Handler 'OnStop' must have the signature 'void OnStop(in global::SipEmbedded.Text.Slice s)'", "verb = %s\"GO\" / %s\"STOP\"", Dispatcher("[Handles(\"GO\")] void OnGo(in Slice s) { } [§Handles(\"STOP\")] int OnStop(string s) => 1;") },
        { "SIPG027", "Handler 'OnStop' must have the signature 'void OnStop()'", "verb = %s\"GO\" / %s\"STOP\"", Dispatcher("[Handles(\"GO\")] void OnGo() { } [§Handles(\"STOP\")] void OnStop<T>() { }") },
        { "SIPG028", "'GO ON' is no method: a method is a token, of letters, digits and -.!%*_+`'~", "verb = %s\"GO\" / %s\"STOP\"", Dispatcher("[§Handles(\"GO ON\")] void OnGo() { }") },
        { "SIPG028", "'GO ON' is no method: a method is a token, of letters, digits and -.!%*_+`'~", "first = \"a\"", Chain("[§Supplement(Method = \"GO ON\")] class A { " + Began + " }") },
        {
            "SIPG029", "'First' cannot be written: it captures nothing that fills 'uri', and nothing says how to spell it", "first = \"<\" uri \">\" [ \";\" name ]\nuri = 1*ALPHA\nname = 1*ALPHA",
            "[Record(\"first\")] readonly partial struct §First { [Capture(\"name\")] public partial Slice Name { get; } }"
        },
        { "SIPG030", "Method 'A.SessionBegan' of a supplement cannot be called: it must be a visible 'void SessionBegan(in global::SipEmbedded.Calls.CallSession call)', behind whose parameters cookies may stand by ref", "first = \"a\"", Chain("[Supplement] class A { §public void SessionBegan() { } }") },
        { "SIPG030", "Method 'A.SessionBegan' of a supplement cannot be called: it must be a visible 'void SessionBegan(in global::SipEmbedded.Calls.CallSession call)', behind whose parameters cookies may stand by ref", "first = \"a\"", Chain("[Supplement] class A { §void SessionBegan(in CallSession call) { } }") },
        { "SIPG030", "Method 'A.SessionBegan' of a supplement cannot be called: it must be a visible 'void SessionBegan(in global::SipEmbedded.Calls.CallSession call)', behind whose parameters cookies may stand by ref", "first = \"a\"", Chain("[Supplement] class A { §public void SessionBegan(in CallSession call, ref int n) { } }") },
        { "SIPG030", "Method 'A.SessionBegan' of a supplement cannot be called: it must be a visible 'void SessionBegan(in global::SipEmbedded.Calls.CallSession call)', behind whose parameters cookies may stand by ref", "first = \"a\"", Chain("[Supplement] class A { §public void SessionBegan<T>(in CallSession call) { } }") },
        { "SIPG030", "Method 'A.IncomingRequest' of a supplement cannot be called: it must be a visible 'bool IncomingRequest(in global::SipEmbedded.Calls.CallSession call, global::SipEmbedded.Messages.SipMessage request, ref global::SipEmbedded.Calls.RequestReply reply)', behind whose parameters cookies may stand by ref", "first = \"a\"", Chain("[Supplement] class A { §public void IncomingRequest(in CallSession call, SipEmbedded.Messages.SipMessage request, ref RequestReply reply) { } }") },
        { "SIPG030", "Method 'A.SessionBegan' of a supplement cannot be called: the step has a method here already", "first = \"a\"", Chain("[Supplement] class A { " + Began + " [Cookie] public struct C { public int N; } §public void SessionBegan(in CallSession call, ref C c) { } }") },
        { "SIPG030", "Method 'A.SessionStarted' of a supplement cannot be called: no step has that name, they are SessionBegan, SessionEnded, IncomingRequest, IncomingResponse, OutgoingRequest, OutgoingResponse; make it private where it is the supplement's own", "first = \"a\"", Chain("[Supplement] class A { " + Began + " §public void SessionStarted(in CallSession call) { } }") },
        { "SIPG030", "Method 'A.Release' of a supplement cannot be called: it must be a visible 'void Release(ref T cookie)' for a cookie of the supplement's own", "first = \"a\"", Chain("[Supplement] class A { " + Began + " [Cookie] public struct C { public int N; } §public void Release(C c) { } }") },
        { "SIPG031", "Supplements 'A' and 'B' both have the order 5; nothing says which is called first", "first = \"a\"", Chain("[Supplement(Order = 5)] class A { " + Began + " } [Supplement(Order = 5)] class §B { " + Began + " }") },
        { "SIPG032", "Chain 'House' has nothing to call: no class of this assembly is marked [Supplement]", "first = \"a\"", "[§SupplementChain] partial class House;" },
        { "SIPG033", "'C' can be no cookie: it is no unmanaged struct, and what it refers to would be left when the session has ended", "first = \"a\"", Chain("[Supplement] class A { " + Began + " [Cookie] public struct §C { public string S; } }") },
        { "SIPG033", "'C' can be no cookie: it is a ref struct", "first = \"a\"", Chain("[Supplement] class A { " + Began + " [Cookie] public ref struct §C { public int N; } }") },
        { "SIPG033", "'C' can be no cookie: it is generic", "first = \"a\"", Chain("[Supplement] class A { " + Began + " [Cookie] public struct §C<T> where T : unmanaged { public T N; } }") },
        { "SIPG033", "'C' can be no cookie: it is private", "first = \"a\"", Chain("[Supplement] class A { " + Began + " [Cookie] struct §C { public int N; } }") },
        { "SIPG033", "'C' can be no cookie: 'B' asks for it, and no supplement of chain 'House' declares it", "first = \"a\"", "class A { [Cookie] public struct C { public int N; } }\n[Supplement] class B { public void SessionBegan(in CallSession call, ref A.C c) { } }\n[§SupplementChain] partial class House;" },
        { "SIPG034", "'A' can be in no chain: it is abstract", "first = \"a\"", Chain("[Supplement] abstract class §A { " + Began + " }") },
        { "SIPG034", "'A' can be in no chain: it is static", "first = \"a\"", Chain("[Supplement] static class §A { public static void SessionBegan(in CallSession call) { } }") },
        { "SIPG034", "'A' can be in no chain: it is generic", "first = \"a\"", Chain("[Supplement] class §A<T> { " + Began + " }") },
        { "SIPG034", "'A' can be in no chain: it is private", "first = \"a\"", Chain("class Outer { [Supplement] class §A { " + Began + " } }") },
        { "SIPG034", "'A' can be in no chain: it takes part in no step; they are SessionBegan, SessionEnded, IncomingRequest, IncomingResponse, OutgoingRequest, OutgoingResponse", "first = \"a\"", Chain("[Supplement] class §A { public void Began() { } }") },
        { "SIPG034", "'A' can be in no chain: it is not marked [Supplement]", "first = \"a\"", "class A { " + Began + " }\n[§SupplementChain(typeof(A))] partial class House;" },
    };

    private const string Began = "public void SessionBegan(in CallSession call) { }";

    private static string Chain(string supplements) => supplements + "\n[SupplementChain] partial class House;";

    private static string Dispatcher(string handlers) =>
        "[Vocabulary(\"verb\", \"Verb\")] static partial class Verbs;\n[Dispatcher(typeof(Verbs))] partial class Handler { " + handlers + " }";

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_diagnostic_is_reported_once_at_its_place_and_nothing_beside_it(string id, string message, string grammar, string code)
    {
        code = "using SipEmbedded.Calls;\nusing SipEmbedded.Generation;\nusing SipEmbedded.Text;\nnamespace User;\n[Grammar(\"test\")] static partial class TestGrammar;\n" + code;
        bool inGrammar = grammar.Contains(Mark);
        string marked = inGrammar ? grammar : code;
        int at = marked.IndexOf(Mark);
        string before = marked[..at];
        var project = UserProject.Empty.WithGrammar("test", "test.abnf", grammar.Replace($"{Mark}", "") + "\n").WithCode("User.cs", code.Replace($"{Mark}", ""));

        var result = project.Run();

        Assert.Null(result.Exception);
        var reported = Assert.Single(result.Diagnostics);
        var place = reported.Location.GetLineSpan();
        string expected =
            $"{(inGrammar ? "test.abnf" : "User.cs")}({before.Count(c => c == '\n')},{at - (before.LastIndexOf('\n') + 1)}) {id} {message}";
        string actual =
            $"{place.Path}({place.StartLinePosition.Line},{place.StartLinePosition.Character}) {reported.Id} {reported.GetMessage()}";
        // Not Assert.Equal, which cuts the sentence short.
        Assert.True(expected == actual, $"\nexpected: {expected}\nactual:   {actual}");
        Assert.Equal(DiagnosticSeverity.Error, reported.Severity);
        Assert.Equal(at, reported.Location.SourceSpan.Start);
        Assert.DoesNotContain("{", reported.GetMessage());
    }

    [Fact]
    public void Each_diagnostic_has_a_case() =>
        Assert.Equal(Descriptors.All.Select(d => d.Id), Cases.Select(row => (string)row[0]).Distinct());

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
