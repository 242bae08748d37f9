// What holds for the repository as a whole: nothing names the machine it was written on, folders introduce themselves, links lead somewhere.
using System.Text.RegularExpressions;
using Xunit;

namespace SipEmbedded.Architecture.Tests;

public partial class RepositoryTests
{
    // A short file says what it is by its name.
    private const int MaxLinesWithoutComment = 25;

    private static readonly string[] TextFiles =
        [".cs", ".md", ".csproj", ".props", ".targets", ".sln", ".json", ".yml", ".sh", ".abnf", ".tsv", ".txt", ".c", ".h", ".py", ""];

    // Put together, so that this file does not name them itself.
    private static readonly string[] Hosts = ["api.nu" + "get.org", "nu" + "get.org/v3", "pkgs.dev." + "azure.com", "jfrog" + ".io", "pypi" + ".org"];

    [Fact]
    public void Nothing_names_a_package_host_or_a_place_on_a_machine()
    {
        var files = Repository.Files("", "*").Where(path => TextFiles.Contains(Path.GetExtension(path))).ToList();

        Assert.NotEmpty(files);
        Assert.Equal([], files.SelectMany(path => Places(path, Repository.Read(path))));
    }

    [Theory]
    [InlineData("see /wo", "rk/shared/design.md")]
    [InlineData("cd /ho", "me/alice/sip")]
    [InlineData("cd /Us", "ers/alice/sip")]
    [InlineData("C:\\Us", "ers\\alice")]
    [InlineData("https://api.nu", "get.org/v3/index.json")]
    public void A_place_is_caught(string first, string second) => Assert.NotEmpty(Places("x", first + second));

    [Theory]
    [InlineData("https://example.com/work/home and a/home/b, RTP/AVP, /dev/null, /etc/doorphone.conf")]
    [InlineData("sip:alice@example.com/work")]
    public void Other_paths_are_not(string text) => Assert.Empty(Places("x", text));

    private static IEnumerable<string> Places(string path, string text) =>
        Hosts.Where(host => text.Contains(host, StringComparison.OrdinalIgnoreCase)).Select(host => $"{path}: {host}")
            .Concat(MachinePath().Matches(text).Select(match => $"{path}: {match.Value}"));

    [GeneratedRegex(@"(?<![\w.:/@-])/(work|home|Users|root|mnt|tmp/p)/[\w.-]+|[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();

    [Fact]
    public void Every_top_folder_has_a_readme()
    {
        var folders = Directory.GetDirectories(Repository.Root).Select(Path.GetFileName)
            .Where(name => name is not (null or "artifacts" or "TestResults" or "BenchmarkDotNet.Artifacts") && !name.StartsWith('.'));

        Assert.Equal([], folders.Where(name => !File.Exists(Path.Combine(Repository.Root, name!, "README.md"))));
    }

    [Fact]
    public void Every_source_file_opens_with_what_it_is() =>
        Assert.Equal([], Repository.Files("", "*.cs").Where(path => !IntroducesItself(Repository.Read(path))));

    [Fact]
    public void A_long_file_without_a_comment_is_caught()
    {
        string body = string.Concat(Enumerable.Repeat("class C { }\n", MaxLinesWithoutComment + 1));

        Assert.False(IntroducesItself(body));
        Assert.True(IntroducesItself("// What it is.\n" + body));
        Assert.True(IntroducesItself("namespace N;\n\n/// <summary>What it is.</summary>\n" + body));
        Assert.True(IntroducesItself("class C { }\n"));
    }

    // A comment at the top, or the documentation of the first type: for a file of one type they would say the same.
    private static bool IntroducesItself(string source)
    {
        var lines = source.TrimStart('\uFEFF').Split('\n');
        if (lines.Length <= MaxLinesWithoutComment || lines[0].StartsWith("//"))
            return true;
        var first = lines.Select(line => line.Trim()).SkipWhile(line => line.Length == 0 || line.StartsWith("using ") || line.StartsWith("namespace "));
        return first.FirstOrDefault()?.StartsWith("///") == true || TestsOnly(source);
    }

    // The names of tests say what a file of tests is about.
    private static bool TestsOnly(string source) => source.Contains("using Xunit;");

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        var broken = from path in Repository.Files("", "*.md")
                     from Match link in Link().Matches(Repository.Read(path))
                     let target = link.Groups[1].Value.Split('#')[0]
                     where target.Length > 0 && !target.Contains("://") && !target.StartsWith("mailto:")
                     let full = Path.Combine(Repository.Root, Path.GetDirectoryName(path)!, target)
                     where !File.Exists(full) && !Directory.Exists(full)
                     select $"{path}: {target}";

        Assert.Equal([], broken);
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
