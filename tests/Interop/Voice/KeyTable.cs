// The table of keys, for people.
namespace SipEmbedded.Interop.Tests.Voice;

/// <summary>tests/Interop/run keys: what was heard of keys, by peer, way and direction.</summary>
internal static class KeyTable
{
    private const int AtOnce = 3;

    /// <param name="peers">The peers to try; none for all.</param>
    public static int Print(TextWriter output, string[] peers)
    {
        output.WriteLine($"Keys pressed one after the other in each call: `{KeyCall.Keys}`");
        output.WriteLine();
        output.WriteLine("| peer | way | direction | heard | missed | doubled or wrong |");
        output.WriteLine("| --- | --- | --- | --- | ---: | ---: |");
        bool isRight = true;
        foreach (string row in KeyCall.All.Where(call => peers.Length == 0 || peers.Any(call.Peer.StartsWith)).AsParallel().AsOrdered().WithMergeOptions(ParallelMergeOptions.NotBuffered).WithDegreeOfParallelism(AtOnce).Select(Row))
            output.WriteLine(row);
        return isRight ? 0 : 1;

        string Row(KeyCall call)
        {
            string begin = $"| {call.Peer} | {call.Way} | {(call.IsToUs ? "to us" : "from us")} |";
            if (call.WhyNot is { } reason)
                return $"{begin} not tried: {reason} | | |";
            string heard;
            try
            {
                heard = call.Make();
            }
            catch (Xunit.Sdk.XunitException fault)
            {
                isRight = false;
                return $"{begin} failed: {fault.Message.ReplaceLineEndings(" ")} | | |";
            }
            var (missed, more) = Compare(KeyCall.Keys, heard);
            isRight &= heard == KeyCall.Keys;
            return $"{begin} `{heard}` | {missed} | {more} |";
        }
    }

    // By the longest sequence that both have.
    private static (int Missed, int More) Compare(string pressed, string heard)
    {
        int[,] common = new int[pressed.Length + 1, heard.Length + 1];
        for (int i = 1; i <= pressed.Length; i++)
        {
            for (int j = 1; j <= heard.Length; j++)
                common[i, j] = pressed[i - 1] == heard[j - 1] ? common[i - 1, j - 1] + 1 : Math.Max(common[i - 1, j], common[i, j - 1]);
        }
        int both = common[pressed.Length, heard.Length];
        return (pressed.Length - both, heard.Length - both);
    }
}
