// Every record's generated code agrees with the oracle.
using Xunit;
using Xunit.Abstractions;

namespace SipEmbedded.Agreement;

public sealed class AgreementTests(Report report, ITestOutputHelper output) : IClassFixture<Report>
{
    /// <summary>So many disagreements are shown; the report has them all.</summary>
    private const int Shown = 20;

    public static TheoryData<string> Records => [.. Declarations.Records.Select(record => record.Type.Name)];

    [Theory]
    [MemberData(nameof(Records))]
    public void Generated_code_reads_and_writes_what_the_oracle_reads(string name)
    {
        var record = Declarations.Records.First(declared => declared.Type.Name == name);
        var tally = Plan.Run(record, allow: 0);
        report.Add(name, tally);
        output.WriteLine(tally.ToString());
        Assert.True(tally.Disagreements.Count == 0,
            $"{tally.Disagreements.Count} disagreements:\n" + string.Join('\n', tally.Disagreements.Take(Shown)));
        // A run in which nothing is accepted, or nothing refused, would show nothing.
        Assert.True(tally.Accepted > 0 && tally.Refused > 0, tally.ToString());
    }
}
