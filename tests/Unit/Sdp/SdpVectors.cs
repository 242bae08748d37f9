// The descriptions that RFCs print, as they print them: RFC 4317 and 3264 (rfc4317_3264.json), RFC 8866 and 4568 (rfc-examples.json), and the
// bodies of the messages of RFC 3261, 3665 and others (flow-bodies.json). Long a=crypto lines, broken in print, are whole again.
using System.Text;
using System.Text.Json;
using Xunit;

namespace SipEmbedded.Tests.Sdp;

internal static class SdpVectors
{
    private static readonly string Folder = Path.Combine(RepositoryRoot(), "tests", "Unit", "Sdp");

    public static TheoryData<string, string> All()
    {
        var data = new TheoryData<string, string>();
        foreach (var (source, sdp) in Everything())
            data.Add(source, sdp);
        return data;
    }

    /// <summary>Each distinct description once, with the place where it is printed first.</summary>
    public static IEnumerable<(string Source, string Sdp)> Everything()
    {
        var seen = new HashSet<string>();
        foreach (var (source, sdp) in OfferAnswer().Concat(Printed("rfc-examples.json")).Concat(Printed("flow-bodies.json")))
        {
            if (seen.Add(sdp))
                yield return (source, sdp);
        }
    }

    public static byte[] Printed(string file, string source) =>
        Encoding.UTF8.GetBytes(Printed(file).Single(example => example.Source == source).Sdp);

    /// <summary>The examples of RFC 4317 and RFC 3264: offers and answers by turns.</summary>
    public static IEnumerable<(string Id, List<string> Steps)> Scenarios() =>
        from scenario in Parse("rfc4317_3264.json").EnumerateArray()
        select (scenario.GetProperty("id").GetString()!,
            scenario.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("sdp").GetString()!).ToList());

    private static IEnumerable<(string Source, string Sdp)> OfferAnswer() =>
        from scenario in Scenarios()
        from step in scenario.Steps.Select((sdp, number) => (Sdp: sdp, Number: number + 1))
        select ($"{scenario.Id} {step.Number}", step.Sdp);

    private static IEnumerable<(string Source, string Sdp)> Printed(string file) =>
        Parse(file).EnumerateArray().Select(e => (e.GetProperty("source").GetString()!, e.GetProperty("sdp").GetString()!));

    private static JsonElement Parse(string file) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, file))).RootElement;

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SipEmbedded.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException("SipEmbedded.sln stands in no folder above the tests.");
    }
}
