// The grammar files are what every parser is made of, so each line of them is held fast. A file copied from an RFC must hash to
// what runtime/Grammar/sources.tsv records; a file written by hand cites an RFC for each rule, and no line of it can go
// unnoticed, since each folder is checked as one closed grammar without a rule that nothing reaches.
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Xunit;

namespace SipEmbedded.Tests.Grammar;

public sealed partial class GrammarFilesTests
{
    private static readonly string Folder = Path.Combine(RepositoryRoot(), "runtime", "Grammar");

    private static readonly string[] HandWritten =
        ["sip/amendments.abnf", "sip/leniency.abnf", "sip/remote-party-id.abnf", "sdp/amendments.abnf", "sdp/leniency.abnf", "tel/amendments.abnf"];

    // Where reading starts, and the rules that nothing else uses: those that an RFC prints for its prose, the keep-alive of
    // streams, and in SDP the value of each attribute, which "attribute" leaves to the attribute's name, and the rules that
    // the declarations of Sdp/ put in the place of others.
    private static readonly Dictionary<string, string[]> Roots = new()
    {
        // bare-addr-spec and the parts of a start line stand in place of other rules by declaration (runtime/Messages/SipGrammar.cs).
        ["sip"] = ["SIP-message", "separators", "double-CRLF", "bare-addr-spec", "line-end", "request-line-space",
            "skim-from", "skim-to"],
        // local-subscriber stands in place of local-number by declaration (runtime/Uris/TelGrammar.cs).
        ["tel"] = ["telephone-uri", "local-subscriber"],
        ["uri"] = ["URI-reference", "absolute-URI", "path", "reserved"],
        ["sdp"] =
        [
            "session-description", "att-field",
            "cat-value", "charset-value", "fmtp-value", "framerate-value", "keywds-value", "lang-value", "maxptime-value",
            "orient-value", "ptime-value", "quality-value", "rtpmap-value", "sdplang-value", "tool-value", "type-value",
            "crypto-attribute", "rtcp-attribute", "telephone-events",
            "srtp-crypto-suite", "srtp-key-info", "srtp-key-method", "srtp-session-param",
            "line-end", "session-name", "srtp-key", "known-attribute",
        ],
    };

    [GeneratedRegex(@"RFC [0-9]+ (section|appendix|sections) [0-9A-Z]")]
    private static partial Regex Citation { get; }

    // "via-params (reprinted from RFC 3261 to add response-port: amendments.abnf)", a cell of the column "omitted"
    [GeneratedRegex(@"(?<rule>[\w-]+) \(reprinted from RFC \d+ to add (?<added>[^:]+?)( to (?<to>[\w-]+))?: amendments\.abnf\)")]
    private static partial Regex Reprint { get; }

    public static TheoryData<string, string> VerbatimFiles()
    {
        var data = new TheoryData<string, string>();
        foreach (string[] row in Sources())
            data.Add(row[0], row[4]);
        return data;
    }

    public static TheoryData<string> Folders() => new(Roots.Keys);

    [Theory]
    [MemberData(nameof(VerbatimFiles))]
    public void A_file_from_an_rfc_hashes_to_its_record(string file, string sha256) =>
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, file)))));

    [Fact]
    public void Every_grammar_file_is_recorded_or_known_to_be_written_by_hand()
    {
        var known = Sources().Select(row => row[0]).Concat(HandWritten).ToHashSet();
        Assert.All(Directory.GetFiles(Folder, "*.abnf", SearchOption.AllDirectories),
            path => Assert.Contains(Path.GetRelativePath(Folder, path).Replace('\\', '/'), known));
    }

    [Fact]
    public void Every_rule_written_by_hand_cites_an_rfc()
    {
        var rules = HandWritten.Where(file => file.EndsWith("/amendments.abnf"))
            .SelectMany(file => RuleNames.Read(file, Lines(file), [])).ToList();
        Assert.NotEmpty(rules);
        Assert.All(rules, rule => Assert.Matches(Citation, rule.Comment));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_is_one_closed_grammar(string folder) => Assert.Empty(Faults(folder, Lines));

    [Theory]
    [InlineData("sip/amendments.abnf")]
    [InlineData("sdp/amendments.abnf")]
    [InlineData("tel/amendments.abnf")]
    public void No_line_written_by_hand_can_be_deleted_unnoticed(string edited)
    {
        string[] lines = Lines(edited);
        string folder = edited.Split('/')[0];
        Assert.Empty(Faults(folder, Lines));
        var unnoticed = Enumerable.Range(0, lines.Length)
            .Where(i => lines[i].Length > 0 && lines[i][0] != ';')
            .Where(i => Faults(folder, file => file == edited ? [.. lines[..i], .. lines[(i + 1)..]] : Lines(file)).Count == 0)
            .Select(i => $"{edited}:{i + 1}: {lines[i]}");
        Assert.Empty(unnoticed);
    }

    [Fact]
    public void Corrections_name_a_recorded_file_and_a_reason()
    {
        var files = Sources().Select(row => row[0]).ToHashSet();
        Assert.All(Table("corrections.tsv"), row =>
        {
            Assert.Equal(3, row.Length);
            Assert.Contains(row[0], files);
            Assert.NotEmpty(row[2].Trim());
        });
    }

    private static IReadOnlyList<string> Faults(string folder, Func<string, string[]> read)
    {
        var faults = new List<string>();
        var rules = Directory.GetFiles(Path.Combine(Folder, folder), "*.abnf").Order(StringComparer.Ordinal)
            .Select(path => $"{folder}/{Path.GetFileName(path)}")
            .SelectMany(file => RuleNames.Read(file, read(file), faults)).ToList();
        return [.. faults, .. RuleNames.Faults(rules, Roots[folder]), .. LostAlternatives(folder, rules)];
    }

    /// <summary>The alternatives that sources.tsv left to amendments.abnf, and that it does not add.</summary>
    private static IEnumerable<string> LostAlternatives(string folder, List<RuleText> rules) =>
        from row in Sources()
        where row[0].StartsWith(folder + "/", StringComparison.Ordinal)
        from Match reprint in Reprint.Matches(row[3])
        let target = reprint.Groups[reprint.Groups["to"].Success ? "to" : "rule"].Value
        from added in reprint.Groups["added"].Value.Split(" and ")
        where !rules.Any(rule => rule.IsAddition && rule.Name == target && rule.References.Contains(added))
        select $"{row[0]}: {added} is added to {target} nowhere";

    private static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Folder, file));

    /// <summary>The rows of sources.tsv that name a file: file, RFC, parts, omitted rules, SHA-256, note.</summary>
    private static IEnumerable<string[]> Sources() => Table("sources.tsv").Where(row => row[0] != "-");

    private static IEnumerable<string[]> Table(string name) => Lines(name)
        .Where(line => line.Length > 0 && line[0] != '#').Skip(1).Select(line => line.Split('\t'));

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SipEmbedded.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException("SipEmbedded.sln stands in no folder above the tests.");
    }
}
