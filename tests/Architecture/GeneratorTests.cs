// The generator knows ABNF and C#, and nothing of SIP: another protocol's grammar must be as good to it.
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis;
using Xunit;

namespace SipEmbedded.Architecture.Tests;

public partial class GeneratorTests
{
    // SIP's own words. Cancel is Roslyn's word as well; "header", "method" and "record" are used by any protocol of this family, and by C#. The product's name is no word of SIP.
    private static readonly string[] Vocabulary =
    [
        "sip", "sips", "sdp", "rtp", "rfc3261", "invite", "bye", "prack", "subscribe", "notify", "publish", "refer",
        "via", "cseq", "callid", "contact", "from-tag", "totag", "fromtag", "maxforwards", "recordroute", "branchparam",
        "dialog", "transaction", "registrar", "uas", "uac", "sipuri", "teluri", "nameaddr", "addrspec",
    ];

    [Fact]
    public void Generator_code_has_no_word_of_SIP()
    {
        var files = Repository.Files("generator", "*.cs");

        Assert.NotEmpty(files);
        Assert.Equal([], files.SelectMany(path => WordsOfSip(path, Repository.Read(path))));
    }

    [Theory]
    [InlineData("class C { string s = \"Via\"; }", "via")]
    [InlineData("class SipUriReader;", "sip")]
    [InlineData("class C { void ReadCSeq() { } }", "cseq")]
    [InlineData("class C { string s = $\"INVITE {1}\"; }", "invite")]
    public void A_word_of_SIP_is_caught(string source, string word) =>
        Assert.Contains(WordsOfSip("generator/X.cs", source), found => found.EndsWith($" {word}"));

    [Theory]
    [InlineData("// A Via header of SIP\nclass C;")]
    [InlineData("namespace SipEmbedded.Generator; class C { string s = \"SipEmbedded.Text\"; }")]
    [InlineData("class Deviation { string Previous, Reference, Referred; }")]
    public void Comments_and_our_own_name_are_not(string source) => Assert.Empty(WordsOfSip("generator/X.cs", source));

    private static IEnumerable<string> WordsOfSip(string path, string source)
    {
        var root = CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.Preview)).GetRoot();
        return root.DescendantTokens()
            .Where(token => token.IsKind(SyntaxKind.IdentifierToken) || token.Value is string || token.IsKind(SyntaxKind.InterpolatedStringTextToken))
            .SelectMany(token => Words(token.ValueText.Replace("SipEmbedded", "").Replace("SIPG", "").Replace("SIPA", "")))
            .Where(word => Vocabulary.Contains(word))
            .Select(word => $"{path}: {word}")
            .Distinct();
    }

    // The words of a name or a text: CamelCase is taken apart, and neighbours are tried as one (CallId, Call-ID, CSeq).
    private static IEnumerable<string> Words(string text)
    {
        string[] parts = [.. Part().Matches(text).Select(match => match.Value.ToLowerInvariant())];
        for (int i = 0; i < parts.Length; i++)
        {
            yield return parts[i];
            if (i + 1 < parts.Length)
                yield return parts[i] + parts[i + 1];
        }
    }

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")]
    private static partial Regex Part();
}
