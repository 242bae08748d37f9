// The core rules of RFC 5234 appendix B.1, as that appendix prints them, without its comments. They lie beneath every grammar;
// a file that defines one of these names itself (RFC 3261 does not, some older RFCs do) takes its place without a fault.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Abnf;

internal static class CoreRules
{
    /// <summary>The path that locations in these rules carry; no file has it.</summary>
    public const string Path = "RFC 5234 appendix B.1";

    private const string Text = """
        ALPHA          =  %x41-5A / %x61-7A
        BIT            =  "0" / "1"
        CHAR           =  %x01-7F
        CR             =  %x0D
        CRLF           =  CR LF
        CTL            =  %x00-1F / %x7F
        DIGIT          =  %x30-39
        DQUOTE         =  %x22
        HEXDIG         =  DIGIT / "A" / "B" / "C" / "D" / "E" / "F"
        HTAB           =  %x09
        LF             =  %x0A
        LWSP           =  *(WSP / CRLF WSP)
        OCTET          =  %x00-FF
        SP             =  %x20
        VCHAR          =  %x21-7E
        WSP            =  SP / HTAB
        """;

    /// <summary>The sixteen rules in the order of the appendix.</summary>
    public static ImmutableArray<Rule> Rules { get; } = Parse();

    private static ImmutableArray<Rule> Parse()
    {
        var faults = new List<Fault>();
        var rules = AbnfParser.Parse(Path, Text, faults)
            .Select(rule => new Rule(rule.Name, rule.Definition, rule.At, isCore: true));
        return faults.Count == 0 ? rules.ToImmutableArray() : throw new InvalidOperationException(faults[0].ToString());
    }
}
