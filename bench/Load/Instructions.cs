// Instructions a call, counted by callgrind: the figure that does not depend on how busy the machine is. A run without calls, with the same start and end, is
// taken off.

using System.Globalization;
using System.Text.RegularExpressions;
using SipEmbedded.Bench.Peers;

namespace SipEmbedded.Bench.Load;

internal static partial class Instructions
{
    // Enough that what two starts of a native .NET program differ by falls below an instruction a call.
    private const long Calls = 2000;

    // Valgrind cannot reserve the addresses that .NET's collector asks for by default; hexadecimal, 200 MB.
    private static readonly (string, string) s_heapLimit = ("DOTNET_GCHeapHardLimit", "C800000");

    /// <summary>With so many calls that last.</summary>
    public static (int Live, long Instructions)[] PerCall(Layout layout) =>
        [.. CoreFigures.LiveCalls.Select(live => (live, (Collected(layout, Calls, live) - Collected(layout, 0, live)) / Calls))];

    private static long Collected(Layout layout, long calls, int held)
    {
        string printed = Tool.Run("valgrind",
        [
            "--tool=callgrind", "--callgrind-out-file=/dev/null", layout.Load, "calls", calls.ToString(CultureInfo.InvariantCulture),
            held.ToString(CultureInfo.InvariantCulture), "--repository", layout.Repository,
        ], s_heapLimit);
        Match match = CollectedLine().Match(printed);
        return match.Success
            ? long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"valgrind printed no count:\n{printed}");
    }

    [GeneratedRegex(@"Collected : (\d+)")]
    private static partial Regex CollectedLine();
}
