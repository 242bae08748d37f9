// What many runs of calls came to: counts for a person, without times, so that two campaigns over the same seeds can be compared; and the page that is kept in
// bench/results.
using System.Globalization;
using System.Text;

namespace SipEmbedded.Simulation;

internal static class CallReport
{
    public const string Allocation = "call-allocation.txt";

    /// <summary>Counts by the beginning of their name, each below a heading; what begins with none of them is what users did.</summary>
    private static readonly (string Prefix, string Heading)[] s_groups =
    [
        ("Ended", "How calls ended, on each side"),
        ("network.", "What the network did to them"),
        ("checks.", "What checks looked at"),
        ("agents.", "What agents counted"),
        ("", "What users did"),
    ];

    public static string Of(CallCampaign campaign)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"calls: seeds {campaign.FirstSeed}..{campaign.LastSeed}, {campaign.Runs} runs, {campaign.Calls} calls placed, {campaign.Simulated.TotalHours:0.0} simulated hours, ");
        text.Append(CultureInfo.InvariantCulture, $"{campaign.Failed} failures; the longest alone in a call with a session timer {LongestAloneOf(campaign)}\n\n");
        foreach (var (name, count) in campaign.Counts)
            text.Append(CultureInfo.InvariantCulture, $"{name,-32}{count,12}\n");
        return text.ToString();
    }

    /// <param name="allocation">What the test of a million calls wrote down, or nothing.</param>
    public static string PageOf(CallCampaign campaign, long wanted, TimeSpan processor, string allocation)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Calls, simulated

            Written by `tests/Simulation/run --calls {wanted} --seed {campaign.FirstSeed} --record`. What is drawn, and what is checked: tests/Simulation/README.md.

            | | |
            | --- | ---: |
            | calls placed | {campaign.Calls} |
            | runs | {campaign.Runs}, seeds {campaign.FirstSeed} to {campaign.LastSeed} |
            | failures | {campaign.Failed} |
            | simulated | {campaign.Simulated.TotalSeconds:0} s |
            | processor time | {processor.TotalSeconds:0} s |
            | longest alone in a call with a session timer | {LongestAloneOf(campaign)} |
            | allowed there | {campaign.LongestAloneInterval + CallCheck.LongestEnd.TotalSeconds:0} s |

            A failure is anything that a check objects to, a call that either side is not told the end of, and a slot that any pool has not got back. Alone is who has a
            call whose other side is over, or was ended by a crash. Until the session interval is over nobody need notice; the refresh that gets no answer and the BYE
            behind it may each take 64·T1.

            """);
        foreach (var (prefix, heading) in s_groups)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {heading}\n\n| | |\n| --- | ---: |\n");
            foreach (var (name, count) in campaign.Counts.Where(pair => GroupOf(pair.Key) == prefix))
                text.Append(CultureInfo.InvariantCulture, $"| {name[prefix.Length..]} | {count} |\n");
        }
        if (allocation.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"\n## On the heap\n\nBy `CALLS=1000000 dotnet test tests/Unit -c Release --filter CallAllocation`: {allocation.Trim()}\n");
        return text.ToString();
    }

    private static string GroupOf(string name) => s_groups.First(group => name.StartsWith(group.Prefix, StringComparison.Ordinal)).Prefix;

    private static string LongestAloneOf(CallCampaign campaign) =>
        string.Create(CultureInfo.InvariantCulture, $"{campaign.LongestAlone.TotalSeconds:0.0} s, in a session of {campaign.LongestAloneInterval} s");
}
