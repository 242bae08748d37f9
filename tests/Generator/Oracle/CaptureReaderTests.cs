// Captures read off a parse tree: chains of direct references, the last match, parameter lists.
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Tests.Abnf;
using SipEmbedded.Oracle;

namespace SipEmbedded.Generator.Tests.Oracle;

public sealed class CaptureReaderTests
{
    private const string Letter =
        """
        letter    = to *( "," to ) *( SEMI param ) [ note ]
        to        = street [ ":" number ] / box
        box       = "#" number
        street    = 1*ALPHA
        number    = 1*DIGIT
        note      = "(" [ number ] ")"
        param     = "vip" / colour / generic
        colour    = "colour" EQUAL 1*ALPHA
        generic   = 1*ALPHA [ EQUAL value ]
        value     = 1*ALPHA / quoted
        quoted    = DQUOTE *( %x20-21 / %x23-7E ) DQUOTE
        EQUAL     = *WSP "=" *WSP
        SEMI      = *WSP ";" *WSP

        """;

    private static readonly Grammar s_grammar = AbnfText.Read(Letter);

    [Theory]
    [InlineData("Main:12", "to/street", "Main")]
    [InlineData("Main:12", "to/number", "12")]
    [InlineData("Main", "to/number", null)]
    // Nothing is skipped: number is no direct reference of letter, and box stands between.
    [InlineData("Main:12", "number", null)]
    [InlineData("#12", "to/number", null)]
    [InlineData("#12", "to/box/number", "12")]
    // The last match counts, however it came about.
    [InlineData("Main:12,High:7", "to/number", "7")]
    [InlineData("Main:12,High", "to/number", "12")]
    [InlineData("Main:12(9)", "note/number", "9")]
    [InlineData("Main:12", "TO/Street", "Main")]
    [InlineData("Main()", "note", "()")]
    [InlineData("Main()", "note/number", null)]
    public void Path_gives_the_last_match(string input, string path, string? expected)
    {
        Assert.Equal(expected, Read(input, path));
    }

    [Theory]
    [InlineData("#12,Main:3", "3")]
    [InlineData("Main:3,#12", "12")]
    public void Several_paths_give_the_last_match_in_the_text(string input, string expected)
    {
        Assert.Equal(expected, Read(input, "to/number", "to/box/number"));
        Assert.Equal(expected, Read(input, "to/box/number", "to/number"));
    }

    [Theory]
    [InlineData("Main;vip", "vip")]
    [InlineData("Main;colour=red;x", "colour=red,x")]
    [InlineData("Main ; a = b ; c=\"d;e=f\"", "a=b,c=\"d;e=f\"")]
    [InlineData("Main;a=\"\"", "a=\"\"")]
    [InlineData("Main", "")]
    public void Parameters_are_split_into_name_and_value(string input, string expected)
    {
        var tree = Match(input);
        var list = Repetitions(s_grammar.Find("letter")!.Definition)[1];

        Assert.Equal(expected, Show(input, CaptureReader.Parameters(tree, input.Octets(), "param")));
        Assert.Equal(expected, Show(input, CaptureReader.Parameters(tree, input.Octets(), list)));
    }

    [Theory]
    [InlineData("k=v", "k=v")]
    [InlineData("k=v,l=w,m", "k=v,l=w,m")]
    [InlineData("k=,l", "k=,l")]
    public void List_with_its_first_item_before_the_repetition(string input, string expected)
    {
        var grammar = AbnfText.Read("s = pair *(\",\" pair)\r\npair = ALPHA [\"=\" [ALPHA]]\r\n");
        var tree = new ReferenceMatcher(grammar).Match("s", input.Octets()).Tree!;
        var list = Repetitions(grammar.Find("s")!.Definition).Single();

        Assert.Equal(expected, Show(input, CaptureReader.Parameters(tree, input.Octets(), list)));
    }

    [Fact]
    public void An_item_that_is_no_rule_of_its_own_is_read_from_the_repetition()
    {
        var grammar = AbnfText.Read("s = \"x\" *(\";\" (\"a=\" DIGIT / \"b\"))\r\n");
        var input = "x;a=1;b";
        var tree = new ReferenceMatcher(grammar).Match("s", input.Octets()).Tree!;

        var list = Repetitions(grammar.Find("s")!.Definition).Single();

        Assert.Equal("a=1,b", Show(input, CaptureReader.Parameters(tree, input.Octets(), list)));
    }

    [Fact]
    public void A_path_with_an_empty_part_is_refused()
    {
        var tree = Match("Main");

        Assert.Throws<ArgumentException>(() => CaptureReader.Last(tree, "to/"));
        Assert.Throws<ArgumentException>(() => CaptureReader.Last(tree));
    }

    private static ParseNode Match(string input) => new ReferenceMatcher(s_grammar).Match("letter", input.Octets()).Tree!;

    private static string? Read(string input, params string[] paths) =>
        CaptureReader.Last(Match(input), paths) is { } capture ? input[capture.Start..capture.End] : null;

    private static List<Repetition> Repetitions(Node node) =>
        [.. ((Concatenation)node).Elements.OfType<Repetition>().Where(repetition => !repetition.IsOption)];

    private static string Show(string input, List<ParameterCapture> parameters)
    {
        return string.Join(",", parameters.Select(parameter =>
            Text(parameter.Name) + (parameter.Value is { } value ? "=" + Text(value) : "")));

        string Text(Capture capture) => input[capture.Start..capture.End];
    }
}
