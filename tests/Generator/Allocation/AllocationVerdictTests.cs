// Holds the analyzer to the marks in the table of constructs: each id at its exact place, and nothing else.
using System.Globalization;
using Xunit;

namespace SipEmbedded.Generator.Tests.Allocation;

public class AllocationVerdictTests
{
    public static TheoryData<string> Names => [.. AllocationConstructs.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reports_exactly_the_marked_places(string name)
    {
        var construct = AllocationConstructs.All.Single(c => c.Name == name);
        var snippet = AllocationSnippet.OfBody(construct.Body, construct.Members);
        Assert.Equal(Lines(snippet.Expected), Lines(snippet.Analyse()));
    }

    [Theory]
    [InlineData("Sink = new List<int>();", "'new' allocates an object of type 'List<int>' on the heap")]
    [InlineData("Sink = new int[2];", "'new' allocates 'int[]' on the heap")]
    [InlineData("Sink = Number;", "The conversion to 'object' boxes 'int' on the heap")]
    [InlineData("Number.GetType();", "The call of 'GetType', which takes an object, boxes 'int' on the heap")]
    [InlineData("int n = 1; Func<int> f = () => n;", "The lambda captures 'n', which allocates 'Func<int>' on the heap")]
    [InlineData("Action f = Run;", "The method group 'Run' is created at its first use, after start: it allocates 'Action' once")]
    [InlineData("Sink = $\"{Number}\";", "The interpolated string builds a new string on the heap")]
    [InlineData("IEnumerable<int>? e = null; foreach (int n in e!) { }",
        "'foreach' over 'IEnumerable<int>' allocates its enumerator 'IEnumerator<int>' on the heap")]
    [InlineData("M(); static IEnumerable<int> M() { yield break; }", "The iterator 'M' allocates its state machine on the heap")]
    [InlineData("Expression<Action> e = () => Run();", "The expression tree allocates on the heap when it runs")]
    [InlineData("throw new TimeoutException();",
        "Throwing 'TimeoutException' allocates on the heap: return the fault as a value, or throw from a [DoesNotReturn] method")]
    [InlineData("Text.Substring(1);", "Calls 'string.Substring(int)', which is not known to be allocation-free")]
    public void Message_says_what_allocates_in_plain_words(string body, string message)
    {
        var found = Assert.Single(AllocationSnippet.OfBody(body).AnalyseToDiagnostics());
        Assert.Equal(message, found.GetMessage(CultureInfo.InvariantCulture));
    }

    private static string Lines(IEnumerable<Reported> reports) => string.Join("\n", reports);
}
