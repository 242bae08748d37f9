// README.md's example is compiled and run as it stands, so that it cannot grow old.
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace SipEmbedded.Architecture.Tests;

public partial class ReadmeTests
{
    [Fact]
    public void Example_compiles_and_prints_what_it_says()
    {
        string readme = Repository.Read("README.md");
        string example = Assert.Single(Example().Matches(readme)).Groups[1].Value;
        string says = Assert.Single(Says().Matches(readme)).Groups[1].Value;

        var program = Compile(example);
        var before = Console.Out;
        using var output = new StringWriter { NewLine = "\n" };
        Console.SetOut(output);
        try
        {
            program.EntryPoint!.Invoke(null, program.EntryPoint.GetParameters().Length == 0 ? null : [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(before);
        }

        Assert.Equal(says.ReplaceLineEndings("\n"), output.ToString());
    }

    private static Assembly Compile(string source)
    {
        string usings = "global using System; global using System.Collections.Generic; global using System.Linq;\n";
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "ReadmeExample",
            [CSharpSyntaxTree.ParseText(usings, options), CSharpSyntaxTree.ParseText(source, options)],
            references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.Equal([], result.Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).Select(diagnostic => diagnostic.ToString()));
        return Assembly.Load(image.ToArray());
    }

    [GeneratedRegex(@"```csharp\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"```csharp\r?\n.*?```\s+It prints\s+```text\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Says();
}
