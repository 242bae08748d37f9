// Reading grammars in tests: one string or several, as files a.abnf, b.abnf …, with the faults found on the way.
using SipEmbedded.Generator.Abnf;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Tests.Abnf;

internal static class AbnfText
{
    /// <summary>The grammar of texts that must be free of faults.</summary>
    public static Grammar Read(params string[] texts)
    {
        var grammar = Read(out var faults, texts);
        Assert.Empty(faults);
        return grammar;
    }

    public static Grammar Read(out List<Fault> faults, params string[] texts)
    {
        faults = [];
        return GrammarBuilder.Build(texts.Select((text, i) => ($"{(char)('a' + i)}.abnf", text)).ToList(), faults);
    }

    /// <summary>A grammar that the RFC prints, cut out of it without its page breaks.</summary>
    public static string Resource(string name)
    {
        using var stream = typeof(AbnfText).Assembly.GetManifestResourceStream(name)
            ?? throw new FileNotFoundException("no such resource", name);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    public static string Definition(this Grammar grammar, string name) => grammar.Find(name)!.Definition.ToString()!;
}
