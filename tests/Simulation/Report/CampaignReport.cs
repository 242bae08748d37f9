// What many seeds came to: counts, and what of the agents they reached. No times, so that two campaigns over the same seeds can be compared.
using System.Globalization;
using System.Text;

namespace SipEmbedded.Simulation;

internal static class CampaignReport
{
    public static string Of(Campaign campaign, ulong from, ulong to)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"simulation: seeds {from}..{to}, {campaign.Runs} runs, {campaign.Requests} requests, {campaign.Calls} calls, ");
        text.Append(CultureInfo.InvariantCulture, $"{campaign.Predicted} transactions predicted, {campaign.Failed} failures\n");
        text.Append("\nwhat agents counted, over all runs:\n");
        foreach (var (name, count) in campaign.Reached.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"{name,-28}{count,14}\n");
        return text.ToString();
    }
}
