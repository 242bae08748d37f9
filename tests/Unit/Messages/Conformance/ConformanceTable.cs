// The tables of RFC 4475 and RFC 5118 as a report: artifacts/conformance.txt, one line a message.
using SipEmbedded.Messages;
using SipEmbedded.Tests.Vectors;
using Xunit;
using Path = System.IO.Path;

namespace SipEmbedded.Tests.Conformance;

public sealed class ConformanceTable
{
    [Fact]
    public void The_report_lists_every_torture_message_with_its_outcome()
    {
        string path = Path.Combine(MessageVectors.RepositoryRoot(), "artifacts", "conformance.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var lines = new List<string> { Line("id", "section", "expected", "outcome", "strict", "answer", "first fault") };
        foreach (var vector in MessageVectors.Rfc4475.Concat(MessageVectors.Rfc5118))
        {
            var verdict = Verdict.On(vector.Read());
            var strict = Verdict.On(vector.Read(), Leniency.None);
            string answer = verdict.Grave is not { } grave ? "-" : verdict.IsRequest ? $"{grave.Status}" : "drop";
            var fault = verdict.Grave ?? verdict.Faults.FirstOrDefault();
            var strictFault = strict.Grave ?? strict.Faults.FirstOrDefault();
            string found = fault?.ToString() ?? (strictFault is null ? "" : $"without leniencies: {strictFault}");
            lines.Add(Line(vector.Id, vector.Section, vector.Parser, verdict.Outcome, strict.Outcome, answer, found));
        }
        File.WriteAllLines(path, lines);
        Assert.Equal(1 + 49 + 12, File.ReadAllLines(path).Length);
    }

    private static string Line(string id, string section, string expected, string outcome, string strict, string answer, string fault) =>
        $"{id,-38} {section,-9} {expected,-9} {outcome,-9} {strict,-9} {answer,-7} {fault}".TrimEnd();
}
