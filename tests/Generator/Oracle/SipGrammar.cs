// The SIP grammar of the runtime (RFC 3261 section 25.1 with its extensions), read from the files that the stack is generated
// from.
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Report;
using SipEmbedded.Generator.Tests.Abnf;

namespace SipEmbedded.Generator.Tests.Oracle;

internal static class SipGrammar
{
    private const string Folder = "sip/";

    // What peers force beyond the RFCs is held to the oracle in tests/Agreement, where its switches are known.
    private const string Leniencies = Folder + "leniency.abnf";

    /// <summary>The grammar, with the rules of <paramref name="more"/> added.</summary>
    public static Grammar Read(string more = "")
    {
        var files = typeof(SipGrammar).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name != Leniencies)
            .Order(StringComparer.Ordinal)
            .Select(name => (name, AbnfText.Resource(name)))
            .Append(("more.abnf", more));
        var faults = new List<Fault>();
        var grammar = GrammarBuilder.Build([.. files], faults);
        Assert.Empty(faults);
        return grammar;
    }
}
