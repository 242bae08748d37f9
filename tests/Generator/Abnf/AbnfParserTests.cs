// Every construct of RFC 5234 and RFC 7405, each with the tree it stands for, and every way a file can be wrong, with its place.
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Checks;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Tests.Abnf;

public sealed class AbnfParserTests
{
    [Theory]
    // RFC 5234 section 2.3: terminal values.
    [InlineData("%d13", "%x0D")]
    [InlineData("%x0d", "%x0D")]
    [InlineData("%X0D", "%x0D")]
    [InlineData("%b1101", "%x0D")]
    [InlineData("%d13.10", "%x0D.0A")]
    [InlineData("%d97.98.99", "%s\"abc\"")]
    [InlineData("%x00", "%x00")]
    [InlineData("%xFF", "%xFF")]
    [InlineData("%x0000FF", "%xFF")]
    [InlineData("\"command string\"", "\"command string\"")]
    [InlineData("\"\"", "\"\"")]
    // RFC 7405 section 2.1: strings with and without case.
    [InlineData("%s\"aBc\"", "%s\"aBc\"")]
    [InlineData("%S\"aBc\"", "%s\"aBc\"")]
    [InlineData("%i\"aBc\"", "\"aBc\"")]
    [InlineData("%I\"aBc\"", "\"aBc\"")]
    // Section 3.1 to 3.5: concatenation, alternatives, ranges, groups.
    [InlineData("foo bar foo", "foo bar foo")]
    [InlineData("foo / bar / baz", "foo / bar / baz")]
    [InlineData("elem foo / bar blat", "elem foo / bar blat")]
    [InlineData("elem (foo / bar) blat", "elem (foo / bar) blat")]
    [InlineData("(elem foo) / (bar blat)", "elem foo / bar blat")]
    [InlineData("%x30-39", "%x30-39")]
    [InlineData("%d48-57", "%x30-39")]
    [InlineData("%b110000-111001", "%x30-39")]
    [InlineData("%x41-41", "%x41")]
    // Section 3.6 to 3.8: repetition, options.
    [InlineData("*foo", "*foo")]
    [InlineData("1*foo", "1*foo")]
    [InlineData("3*3foo", "3foo")]
    [InlineData("1*2foo", "1*2foo")]
    [InlineData("*5foo", "*5foo")]
    [InlineData("2foo", "2foo")]
    [InlineData("0foo", "0foo")]
    [InlineData("3(foo bar)", "3(foo bar)")]
    [InlineData("[foo bar]", "[foo bar]")]
    [InlineData("*1(foo bar)", "[foo bar]")]
    [InlineData("2[foo]", "2[foo]")]
    [InlineData("2(3foo)", "2(3foo)")]
    [InlineData("[[foo] bar]", "[[foo] bar]")]
    // Section 3.9 and 3.10: comments, and repetition before concatenation before alternative.
    [InlineData("foo ; a comment with \"quotes\" and = / ( [", "foo")]
    [InlineData("*foo bar / 2baz [foo]", "*foo bar / 2baz [foo]")]
    // Section 4: prose; a blank is not needed where nothing else could be meant.
    [InlineData("<any words, even = and \">", "<any words, even = and \">")]
    [InlineData("\"a\"(foo)[bar]2baz", "\"a\" foo [bar] 2baz")]
    public void A_definition_reads_as_its_tree(string definition, string canonical)
    {
        Assert.Equal(canonical, AbnfText.Read($"r = {definition}\n").Definition("r"));
        // The canonical form is ABNF itself, and reads as the same tree.
        Assert.Equal(canonical, AbnfText.Read($"r = {canonical}\n").Definition("r"));
    }

    [Fact]
    public void A_single_value_is_a_range_and_a_dotted_value_a_literal_with_case()
    {
        var grammar = AbnfText.Read("one = %x41\ntwo = %x41.62\nthree = \"Ab\"\n");
        var one = Assert.IsType<OctetRange>(grammar.Find("one")!.Definition);
        Assert.Equal((0x41, 0x41), (one.From, one.To));
        var two = Assert.IsType<Literal>(grammar.Find("two")!.Definition);
        Assert.Equal(("Ab", true), (two.Text, two.CaseSensitive));
        var three = Assert.IsType<Literal>(grammar.Find("three")!.Definition);
        Assert.Equal(("Ab", false), (three.Text, three.CaseSensitive));
    }

    [Theory]
    [InlineData("a = b\n    c\n")]
    [InlineData("a = b\r\n    c\r\n")]
    [InlineData("a = b\r\tc")]
    [InlineData("a = b ; x\n\n; y\n  ; z\n    c\n")]
    [InlineData("      a = b\n          c\n")]
    [InlineData("\n   ; heading\n   a\n     =\n     b\n     c")]
    [InlineData("\uFEFFa = b c\n")]
    [InlineData("a=b c")]
    public void A_line_indented_further_continues_a_rule(string text)
    {
        Assert.Equal("b c", AbnfText.Read(text).Definition("a"));
    }

    [Fact]
    public void Rules_may_all_be_indented_by_the_same_amount()
    {
        var grammar = AbnfText.Read("   a = b\n      / c\n   b = \"x\"\n\n   c = \"y\"");
        Assert.Equal(["a", "b", "c"], grammar.Rules.Where(r => !r.IsCore).Select(r => r.Name));
    }

    [Fact]
    public void Rule_names_compare_without_case_and_keep_their_spelling()
    {
        var grammar = AbnfText.Read("Via-Parm = VIA-PARM2\nvia-parm2 = \"x\"\n");
        Assert.Same(grammar.Find("via-parm"), grammar.Find("VIA-PARM"));
        Assert.Equal("Via-Parm", grammar.Find("via-parm")!.Name);
    }

    [Fact]
    public void Additions_append_alternatives_in_file_order_whichever_file_the_rule_stands_in()
    {
        var grammar = AbnfText.Read("m =/ %s\"D\"\n", "M = %s\"A\" / %s\"B\"\nm =/ %s\"C\" / (%s\"E\" %s\"F\")\n");
        Assert.Equal("%s\"A\" / %s\"B\" / %s\"D\" / %s\"C\" / %s\"E\" %s\"F\"", grammar.Definition("m"));
        Assert.Equal("b.abnf", grammar.Find("m")!.At.Path);
    }

    [Fact]
    public void A_core_rule_may_be_extended_or_redefined()
    {
        var grammar = AbnfText.Read("BIT =/ \"2\"\nWSP = \" \"\n");
        Assert.Equal("\"0\" / \"1\" / \"2\"", grammar.Definition("BIT"));
        Assert.Equal("\" \"", grammar.Definition("WSP"));
        Assert.Single(grammar.Rules, r => r.Name == "WSP");
        Assert.Equal(["WSP", "BIT"], grammar.Rules.Where(r => !r.IsCore).Select(r => r.Name));
        Assert.Equal(2 + 14, grammar.Rules.Length);
    }

    [Fact]
    public void The_core_rules_are_those_of_rfc_5234_appendix_b1()
    {
        var printed = AbnfText.Read(AbnfText.Resource("rfc5234-appendix-b1.abnf"));
        Assert.Equal(16, CoreRules.Rules.Length);
        Assert.Equal(
            CoreRules.Rules.Select(r => $"{r.Name} = {r.Definition}"),
            printed.Rules.Select(r => $"{r.Name} = {r.Definition}"));
        Assert.All(printed.Rules, r => Assert.False(r.IsCore));
    }

    [Fact]
    public void The_abnf_of_abnf_parses()
    {
        var grammar = AbnfText.Read(AbnfText.Resource("rfc5234-section-4.abnf"));
        Assert.Equal(
            ["rulelist", "rule", "rulename", "defined-as", "elements", "c-wsp", "c-nl", "comment", "alternation", "concatenation",
             "repetition", "repeat", "element", "group", "option", "char-val", "num-val", "bin-val",
             "dec-val", "hex-val", "prose-val"],
            grammar.Rules.Where(r => !r.IsCore).Select(r => r.Name));
        Assert.Equal("\"%\" (bin-val / dec-val / hex-val)", grammar.Definition("num-val"));
        Assert.Equal("\"x\" 1*HEXDIG [1*(\".\" 1*HEXDIG) / \"-\" 1*HEXDIG]", grammar.Definition("hex-val"));
        Assert.Equal("\"<\" *(%x20-3D / %x3F-7E) \">\"", grammar.Definition("prose-val"));
    }

    [Theory]
    // text, id, line, column, length: all from 0.
    [InlineData("a = \"x\n", DiagnosticIds.SyntaxError, 0, 4, 2)]
    [InlineData("a = \"é\"\n", DiagnosticIds.SyntaxError, 0, 5, 1)]
    [InlineData("a = <x\n", DiagnosticIds.SyntaxError, 0, 4, 2)]
    [InlineData("a = %y41\n", DiagnosticIds.SyntaxError, 0, 4, 1)]
    [InlineData("a = %s41\n", DiagnosticIds.SyntaxError, 0, 4, 2)]
    [InlineData("a = %x\n", DiagnosticIds.SyntaxError, 0, 4, 2)]
    [InlineData("a = %xG1\n", DiagnosticIds.SyntaxError, 0, 6, 1)]
    [InlineData("a = %b12\n", DiagnosticIds.SyntaxError, 0, 7, 1)]
    [InlineData("a = %d1.\n", DiagnosticIds.SyntaxError, 0, 4, 4)]
    [InlineData("a = %x1-2-3\n", DiagnosticIds.SyntaxError, 0, 9, 1)]
    [InlineData("a = %x1.2-3\n", DiagnosticIds.SyntaxError, 0, 9, 1)]
    [InlineData("a = (b c\n", DiagnosticIds.SyntaxError, 0, 4, 1)]
    [InlineData("a = b [c\n   d\n", DiagnosticIds.SyntaxError, 0, 6, 1)]
    [InlineData("a = b)\n", DiagnosticIds.SyntaxError, 0, 5, 1)]
    [InlineData("a = b]\n", DiagnosticIds.SyntaxError, 0, 5, 1)]
    [InlineData("a = (b]\n", DiagnosticIds.SyntaxError, 0, 4, 1)]
    [InlineData("a = b /\n", DiagnosticIds.SyntaxError, 0, 6, 1)]
    [InlineData("a = b / / c\n", DiagnosticIds.SyntaxError, 0, 8, 1)]
    [InlineData("a = ()\n", DiagnosticIds.SyntaxError, 0, 5, 1)]
    [InlineData("a =\n", DiagnosticIds.SyntaxError, 0, 2, 1)]
    [InlineData("a\n", DiagnosticIds.SyntaxError, 0, 0, 1)]
    [InlineData("a b\n", DiagnosticIds.SyntaxError, 0, 2, 1)]
    [InlineData("= b\n", DiagnosticIds.SyntaxError, 0, 0, 1)]
    [InlineData("a = b\n  c = d\n", DiagnosticIds.SyntaxError, 1, 4, 1)]
    [InlineData("a = b | c\n", DiagnosticIds.SyntaxError, 0, 6, 1)]
    [InlineData("a = #b\n", DiagnosticIds.SyntaxError, 0, 4, 1)]
    [InlineData("a = b, c\n", DiagnosticIds.SyntaxError, 0, 5, 1)]
    [InlineData("a = * b\n", DiagnosticIds.SyntaxError, 0, 6, 1)]
    [InlineData("a = 1*\n", DiagnosticIds.SyntaxError, 0, 5, 1)]
    [InlineData("a = 1**b\n", DiagnosticIds.SyntaxError, 0, 6, 1)]
    [InlineData("a = 2 3b\n", DiagnosticIds.SyntaxError, 0, 6, 1)]
    [InlineData("a = %x100\n", DiagnosticIds.ValueOutOfRange, 0, 6, 3)]
    [InlineData("a = %x80-10FFFF\n", DiagnosticIds.ValueOutOfRange, 0, 9, 6)]
    [InlineData("a = %d13.256\n", DiagnosticIds.ValueOutOfRange, 0, 9, 3)]
    [InlineData("a = %x99999999999999999999\n", DiagnosticIds.ValueOutOfRange, 0, 6, 20)]
    [InlineData("a = %x39-30\n", DiagnosticIds.ValueOutOfRange, 0, 4, 7)]
    [InlineData("a = 3*2b\n", DiagnosticIds.ValueOutOfRange, 0, 4, 3)]
    [InlineData("a = 99999999999b\n", DiagnosticIds.ValueOutOfRange, 0, 4, 11)]
    [InlineData("a = b\r\n\r\n; x\r\nA = c\r\n", DiagnosticIds.DuplicateRule, 3, 0, 1)]
    [InlineData("a =/ b\n", DiagnosticIds.AdditionToNoRule, 0, 0, 1)]
    public void A_fault_is_reported_once_at_its_place(string text, string id, int line, int column, int length)
    {
        AbnfText.Read(out var faults, text);
        var fault = Assert.Single(faults);
        var at = fault.At;
        Assert.Equal((id, "a.abnf", line, column, length), (fault.Id, at.Path, at.Line, at.Column, at.Length));
        Assert.Equal((line, column + length), (at.EndLine, at.EndColumn));
    }

    [Fact]
    public void Reading_goes_on_at_the_next_rule()
    {
        var grammar = AbnfText.Read(out var faults, "a = (b\n    \"x\nb = \"b\"\n?\nc = %x100 / \"c\"\nd = \"d\"\n");
        Assert.Equal([(1, 4), (3, 0), (4, 6)], faults.Select(f => (f.At.Line, f.At.Column)));
        Assert.Equal(["a", "b", "c", "d"], grammar.Rules.Where(r => !r.IsCore).Select(r => r.Name));
        Assert.Equal(["a", "c"], grammar.Rules.Where(r => r.IsBroken).Select(r => r.Name));
    }

    [Fact]
    public void A_duplicate_keeps_the_first_definition_and_says_where_it_stands()
    {
        var grammar = AbnfText.Read(out var faults, "a = \"x\"\n", "\na = \"y\"\n");
        Assert.Equal("\"x\"", grammar.Definition("a"));
        var fault = Assert.Single(faults);
        Assert.Equal("b.abnf", fault.At.Path);
        Assert.Equal(["a", "a.abnf(1)"], fault.Arguments);
    }

    [Fact]
    public void Several_additions_to_no_rule_are_one_fault()
    {
        var grammar = AbnfText.Read(out var faults, "a =/ \"x\"\na =/ \"y\"\n");
        Assert.Single(faults);
        Assert.Equal("\"x\" / \"y\"", grammar.Definition("a"));
    }

    [Fact]
    public void Deep_nesting_is_a_fault_and_not_a_stack_overflow()
    {
        AbnfText.Read(out var faults, "a = " + new string('(', 100_000) + "\n");
        Assert.Equal(DiagnosticIds.SyntaxError, Assert.Single(faults).Id);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Any_text_at_all_is_read_to_its_end(int seed)
    {
        // The RFC's own text with pieces cut out, doubled and overwritten: faults are expected, a throw or a hang is not, and
        // every place must lie in the file.
        var source = AbnfText.Resource("rfc5234-section-4.abnf");
        const string Pieces = "()[]<>%\"/=*;.-x0Z9\r\n\t \0é";
        var random = new Random(seed);
        var damaged = 0;
        for (var n = 0; n < 500; n++)
        {
            var text = new System.Text.StringBuilder(source);
            for (var edits = random.Next(1, 20); edits > 0; edits--)
            {
                var at = random.Next(text.Length);
                var length = Math.Min(random.Next(8), text.Length - at);
                switch (random.Next(3))
                {
                    case 0: text.Remove(at, length); break;
                    case 1: text.Insert(at, text.ToString(at, length)); break;
                    default: text[at] = Pieces[random.Next(Pieces.Length)]; break;
                }
            }

            var grammar = AbnfText.Read(out var faults, text.ToString());
            faults.AddRange(GrammarChecks.Run(grammar, CheckScope.Everything(grammar)));
            Assert.All(faults, f => Assert.True(
                f.At.Start >= 0 && f.At.Length > 0 && f.At.Start + f.At.Length <= text.Length && f.At.Line <= f.At.EndLine,
                f.ToString()));
            damaged += faults.Count == 0 ? 0 : 1;
        }

        Assert.InRange(damaged, 400, 500);
    }

    [Fact]
    public void Locations_cover_exactly_the_text_of_each_node()
    {
        const string Text = "  a = \"x\" 1*b\n      / [c d]\n  b = %x41\n  c = b\n  d = b\n";
        var definition = (Alternation)AbnfText.Read(Text).Find("a")!.Definition;
        Assert.Equal("\"x\" 1*b\n      / [c d]", Source(definition));
        Assert.Equal((0, 6, 1, 13), (definition.At.Line, definition.At.Column, definition.At.EndLine, definition.At.EndColumn));
        Assert.Equal(["\"x\" 1*b", "[c d]"], definition.Alternatives.Select(Source));
        var option = (Repetition)definition.Alternatives[1];
        Assert.Equal("c d", Source(option.Element));
        Assert.Equal((1, 9), (option.Element.At.Line, option.Element.At.Column));

        static string Source(Node node) => Text.Substring(node.At.Start, node.At.Length);
    }
}
