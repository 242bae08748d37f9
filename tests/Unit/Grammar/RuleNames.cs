// The names in ABNF text: which rule a line defines or adds to, and which rules it refers to (RFC 5234 sections 2 to 4). Enough
// to tell whether a folder of grammar files is one closed grammar, without the compiler that the generator has for it.
using System.Text.RegularExpressions;

namespace SipEmbedded.Tests.Grammar;

/// <summary>One rule, or one addition to a rule, with the comments on its own lines.</summary>
internal sealed record RuleText(
    string File, int Line, string Name, bool IsAddition, IReadOnlyList<string> References, string Comment);

internal static partial class RuleNames
{
    /// <summary>RFC 5234 appendix B.1.</summary>
    public static readonly IReadOnlySet<string> Core = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "ALPHA", "BIT", "CHAR", "CR", "CRLF", "CTL", "DIGIT", "DQUOTE",
        "HEXDIG", "HTAB", "LF", "LWSP", "OCTET", "SP", "VCHAR", "WSP",
    };

    [GeneratedRegex(@"^(?<name>[A-Za-z][A-Za-z0-9-]*) *=(?<more>/?)")]
    private static partial Regex Head { get; }

    // In order: what may hold a semicolon or letters that are no name, then a comment, a name, and what ABNF does not have here.
    [GeneratedRegex("""
        (?<skip>"[^"]*"|%[xdbXDB][0-9A-Fa-f.-]+|%[siSI](?="))
        |(?<comment>;.*)|(?<prose><)|(?<name>[A-Za-z][A-Za-z0-9-]*)|(?<bad>[^-0-9*/()\[\]\s])
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token { get; }

    /// <summary>The rules of one file. What is no rule, continuation, comment or blank line is a fault.</summary>
    public static IReadOnlyList<RuleText> Read(string file, IReadOnlyList<string> lines, List<string> faults)
    {
        var rules = new List<RuleText>();
        var references = new List<string>();
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i];
            if (line.Length == 0 || line[0] == ';')
                continue;
            string body = line;
            if (line[0] != ' ')
            {
                var head = Head.Match(line);
                if (!head.Success)
                {
                    faults.Add($"{file}:{i + 1}: not a rule, a continuation or a comment");
                    continue;
                }
                references = [];
                rules.Add(new(file, i + 1, head.Groups["name"].Value, head.Groups["more"].Length > 0, references, ""));
                body = line[head.Length..];
            }
            else if (rules.Count == 0 || lines[i - 1].Length == 0)
            {
                faults.Add($"{file}:{i + 1}: continues no rule");
                continue;
            }
            foreach (Match token in Token.Matches(body))
            {
                if (token.Groups["name"].Success)
                    references.Add(token.Value);
                else if (token.Groups["comment"].Success)
                    rules[^1] = rules[^1] with { Comment = rules[^1].Comment + token.Value };
                else if (token.Groups["prose"].Success)
                    faults.Add($"{file}:{i + 1}: a prose value");
                else if (token.Groups["bad"].Success)
                    faults.Add($"{file}:{i + 1}: {token.Value} is not ABNF");
            }
        }
        return rules;
    }

    /// <summary>What keeps the rules from being one grammar of which every rule is of use; empty when nothing does.</summary>
    public static IReadOnlyList<string> Faults(IReadOnlyList<RuleText> rules, IReadOnlyList<string> roots)
    {
        var faults = new List<string>();
        var byName = rules.ToLookup(rule => rule.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var group in byName)
        {
            int definitions = group.Count(rule => !rule.IsAddition);
            if (definitions > 1)
                faults.Add($"{group.Key}: defined {definitions} times");
            else if (definitions == 0)
                faults.Add($"{group.Key}: =/ adds to no rule");
            else if (Core.Contains(group.Key))
                faults.Add($"{group.Key}: a core rule of RFC 5234 defined again");
        }
        foreach (var rule in rules)
        {
            foreach (string name in rule.References)
            {
                if (!byName.Contains(name) && !Core.Contains(name))
                    faults.Add($"{rule.File}:{rule.Line}: {name} is not defined");
            }
        }
        var reached = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var open = new Stack<string>(roots);
        while (open.TryPop(out string? name))
        {
            if (!reached.Add(name))
                continue;
            foreach (var rule in byName[name])
            {
                foreach (string reference in rule.References)
                    open.Push(reference);
            }
        }
        faults.AddRange(roots.Where(root => !byName.Contains(root)).Select(root => $"{root}: a root that is not defined"));
        faults.AddRange(byName.Where(group => !reached.Contains(group.Key)).Select(group => $"{group.Key}: no root reaches it"));
        return faults;
    }
}
