// The generator runs inside the compiler at each keystroke: whatever half-written grammar or declaration it meets, it reports or stays
// silent, but does not fail. Seeded damage to a sound project, and the traps that reading the code suggests.
using System.Text;
using Microsoft.CodeAnalysis;
using SipEmbedded.Generator.Tests.Users;

namespace SipEmbedded.Generator.Tests.Pipeline;

public sealed class HostileInputTests
{
    private const int Seeds = 250;

    private static readonly string s_grammar = UserProject.Resource("manifest/manifest.abnf");
    private static readonly string s_code = UserProject.Resource("manifest/Manifest.cs");

    [Fact]
    public void Damaged_grammars_do_not_fail_the_generator()
    {
        int reported = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            string grammar = Damage(s_grammar, "=/*[]()<>\"%;.-#1 \n\u00e9ax", new Random(seed));
            reported += Run(grammar, s_code, $"grammar, seed {seed}").Length > 0 ? 1 : 0;
        }
        // The damage is real: at least half of the grammars no longer read.
        Assert.InRange(reported, Seeds / 2, Seeds);
    }

    [Fact]
    public void Damaged_declarations_do_not_fail_the_generator()
    {
        int reported = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            string code = Damage(s_code, "[](){}\"/,;=.?*x1 \n", new Random(seed));
            reported += Run(s_grammar, code, $"declarations, seed {seed}").Length > 0 ? 1 : 0;
        }
        Assert.InRange(reported, 1, Seeds);
    }

    [Theory]
    [InlineData("first = \"a\"", "[Record(\"first\")] [Header(\"first\")] partial struct Both;")]
    [InlineData("first = \"a\"", "[Record(\"first\")] partial struct Twice; [Record(\"first\")] partial struct Twice;")]
    [InlineData("first = \"a\"", "[Record(\"first\")] partial struct Case; [Record(\"first\")] partial struct CASE;")]
    [InlineData("first = \"a\"", "[Record(\"first\")] partial struct Generic; [Record(\"first\")] partial struct Generic<T>;")]
    [InlineData("first = \"a\"", "[Record(null)] partial struct Null;")]
    [InlineData("first = \"a\"", "[Record(\"\", null)] partial struct Null;")]
    [InlineData("first = \"a\"", "[Record(1)] partial struct Number;")]
    [InlineData("first = \"a\"", "[Header] partial struct Nothing;")]
    [InlineData("first = \"a\"", "[Header(null)] partial struct Nothing;")]
    [InlineData("first = \"a\"", "[Record(\"first\")] partial class NoStruct;")]
    [InlineData("first = \"a\"", "[Grammar(\"test\")] static partial class Again;")]
    [InlineData("first = \"a\"", "[Grammar(null)] static partial class Unnamed;")]
    [InlineData("first = \"a\"", "[Grammar(\"x\", Extends = typeof(A))] partial class A; [Grammar(\"y\", Extends = typeof(A))] partial class B;")]
    [InlineData("first = \"a\"", "[Lenient(\"first\", 1)] [Lenient(\"FIRST\", 2)] partial class TestGrammar;")]
    [InlineData("first = \"a\"", "[Settle(\"first\", (Choose)77)] partial class TestGrammar;")]
    [InlineData("first = \"a\"", "[Vocabulary(\"first\", \"\")] partial class Unnamed;")]
    [InlineData("first = \"a\"", "[Vocabulary(\"first\", \"Word\")] [Vocabulary(\"first\", \"Word\")] [HeaderNames(\"Word\")] partial class Words;")]
    [InlineData("first = \"a\"", "[Dispatcher(null)] partial class D { [Handles(\"A\")] void A() { } }")]
    [InlineData("first = \"a\"", "[Dispatcher(typeof(int))] partial class D { [Handles(\"A\")] void A() { } }")]
    [InlineData("first = \"a\"", "[Dispatcher(typeof(int))] partial class D { [Handles(null)] void A() { } [Handles(\"\\u00e9\")] void B() { } }")]
    [InlineData("first = \"a\"", "[Dispatcher(typeof(int))] partial class D { [Handles(\"A\")] void A() { } } [Dispatcher(typeof(int))] partial class D;")]
    [InlineData("first = second\nsecond = \"a\"", "[Record(\"first\")] partial struct R { [Capture(\"second[x]\")] public partial Slice A { get; } }")]
    [InlineData("first = second\nsecond = \"a\"", "[Record(\"first\")] partial struct R { [Capture(\"second[99999999999]\", \"[1]\", \"second[0]\", \"second[\")] public partial Slice A { get; } }")]
    [InlineData("first = second\nsecond = \"a\"", "[Record(\"first\")] partial struct R { [Capture(\"\", \"/\", \"|\", \"*\", \"\\\"\", \".\", \"./second\")] public partial Slice A { get; } }")]
    [InlineData("first = second\nsecond = \"a\"", "[Record(\"first\")] partial struct R { [Capture] [Parameter(null)] [Branch(null)] public partial Slice A { get; } }")]
    [InlineData("first = *( \";\" second )\nsecond = \"a\"", "[Record(\"first\")] partial struct R { [Parameters(\"second\")] public partial int A { get; } [Parameter(\"\")] public partial R? B { get; } }")]
    [InlineData("first = second [ first ]\nsecond = \"a\"", "[Record(\"first\")] partial struct R { [Capture(\"first\")] public partial R Again { get; } }")]
    [InlineData("first = \"a\" [ second ]\nsecond = \"b\" first", "[Record(\"first\")] partial struct R { [Capture(\"second/first/second/first\")] public partial Slice A { get; } }")]
    [InlineData("H = \"H\" first\nfirst = \":\"", "[Header(\"H\")] partial struct H;")]
    [InlineData("H = ( \"H\" / \"\" ) first *first\nfirst = \":\"", "[Header(\"H\")] partial struct H;")]
    [InlineData("H = %x0D.0A first 1*ALPHA\nfirst = \":\"", "[Header(\"H\")] partial struct H; [HeaderNames(\"Names\")] static partial class Headers;")]
    [InlineData("first = %x0D.0A / \"&<\" / \"\" / \"*\" / \"'\" / %xE9", "[Vocabulary(\"first\", \"Word\")] partial class Words;")]
    public void Odd_declarations_do_not_fail_the_generator(string grammar, string code) => Run(grammar, Head + code, code);

    [Fact]
    public void Rules_that_refer_to_rules_many_times_over_take_no_time_without_bound()
    {
        // 8 to the power of 20 ways down: each node is worked out once.
        var grammar = new StringBuilder("first = r0 [ name ]\nname = 1*DIGIT\n");
        for (int i = 0; i < 20; i++)
            grammar.Append($"r{i} = {string.Join(' ', Enumerable.Repeat($"r{i + 1}", 8))}\n");
        grammar.Append("r20 = \"\"\n");

        Run(grammar.ToString(), Head + "[Record(\"first\")] readonly partial struct First { [Capture(\"name\")] public partial Slice Name { get; } }", "many");
    }

    [Fact]
    public void Deep_nesting_is_reported_and_does_not_end_the_compiler()
    {
        var diagnostics = Run("first = " + new string('(', 100_000) + "\"a\"" + new string(')', 100_000), Head, "deep");

        Assert.Contains(diagnostics, id => id == "SIPG001");
    }

    [Fact]
    public void Headers_that_one_probe_cannot_tell_apart_are_found_by_comparison()
    {
        // First, middle and last letter and the length agree.
        string header(string name) => $"[Header(\"{name}\")] readonly partial struct {name} {{ [Capture(\"text\")] public partial Slice Text {{ get; }} }}\n";
        var project = UserProject.Empty
            .WithGrammar("test", "test.abnf", "Xabcdef = \"Xabcdef\" colon text\nXzzczzf = \"Xzzczzf\" colon text\ncolon = \":\"\ntext = *ALPHA\n")
            .WithCode("User.cs", Head + header("Xabcdef") + header("Xzzczzf") + """
                [HeaderNames("Name")] static partial class Names
                {
                    public static int Number(string name)
                    {
                        var octets = new byte[32];
                        System.Text.Encoding.ASCII.GetBytes(name, octets);
                        return (int)Find(ref octets[0], (nuint)name.Length);
                    }
                }
                static class Demonstration { public static string Run() => $"{Names.Number("xABCDEF")} {Names.Number("Xzzczzf")} {Names.Number("Xaacaaf")}"; }
                """);

        Assert.Equal("1 2 0", project.RunDemonstration());
    }

    private const string Head = "using SipEmbedded.Generation;\nusing SipEmbedded.Text;\n[Grammar(\"test\")] static partial class TestGrammar;\n";

    private static string[] Run(string grammar, string code, string what)
    {
        var result = UserProject.Empty.WithGrammar("manifest", "test.abnf", grammar).WithGrammar("test", "test2.abnf", grammar).WithCode("User.cs", code).Run();
        Assert.True(result.Exception is null, $"{what}: {result.Exception}");
        // Each diagnostic can be printed, with all its arguments.
        return [.. result.Diagnostics.Select(d => d.GetMessage().Length > 0 ? d.Id : "")];
    }

    private static string Damage(string text, string alphabet, Random random)
    {
        var damaged = new StringBuilder(text);
        for (int n = random.Next(1, 6); n > 0; n--)
        {
            int at = random.Next(damaged.Length);
            switch (random.Next(4))
            {
                case 0:
                    damaged.Insert(at, alphabet[random.Next(alphabet.Length)]);
                    break;
                case 1:
                    damaged[at] = alphabet[random.Next(alphabet.Length)];
                    break;
                case 2:
                    damaged.Remove(at, Math.Min(random.Next(1, 30), damaged.Length - at));
                    break;
                default:
                    int from = random.Next(text.Length);
                    damaged.Insert(at, text.AsSpan(from, Math.Min(random.Next(1, 40), text.Length - from)));
                    break;
            }
        }
        return damaged.ToString();
    }
}
