// Every record's generated code agrees with the oracle, strictly and with leniencies. For millions of texts:
//     AGREEMENT_MUTATIONS=20000 AGREEMENT_SEED=1 dotnet test tests/Agreement
// The counts stand in artifacts/agreement.txt.
using Xunit;
using Xunit.Abstractions;

namespace SipEmbedded.Agreement;

public sealed class AgreementTests(Report report, ITestOutputHelper output) : IClassFixture<Report>
{
    /// <summary>So many disagreements are shown; the report has them all.</summary>
    private const int Shown = 20;

    /// <summary>Each record as its RFC has it, and once more with all leniencies where some leniency reaches it.</summary>
    public static TheoryData<string, bool> Records
    {
        get
        {
            var rows = new TheoryData<string, bool>();
            foreach (var record in Declarations.Records)
            {
                rows.Add(record.Type.Name, false);
                if (Leniencies.Reach(record))
                    rows.Add(record.Type.Name, true);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void Generated_code_reads_and_writes_what_the_oracle_reads(string name, bool leniently)
    {
        var record = Declarations.Records.First(declared => declared.Type.Name == name);
        var tally = Plan.Run(record, leniently ? Leniencies.All(record.Grammar) : 0);
        report.Add(leniently ? name + ", lenient" : name, tally);
        output.WriteLine(tally.ToString());
        Assert.True(tally.Disagreements.Count == 0,
            $"{tally.Disagreements.Count} disagreements:\n" + string.Join('\n', tally.Disagreements.Take(Shown)));
        // A run in which nothing is accepted, or nothing refused, would show nothing.
        Assert.True(tally.Accepted > 0 && tally.Refused > 0, tally.ToString());
        Assert.Empty(tally.Uncovered);
    }
}
