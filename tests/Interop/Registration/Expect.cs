// What several programs agree on in their own time.
using System.Diagnostics;
using Xunit;

namespace SipEmbedded.Interop.Tests.Registration;

internal static class Expect
{
    /// <summary>For what takes no time but that of a busy machine.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    /// <summary>Waits until it is so, and gives how long that took; fails behind the limit.</summary>
    public static TimeSpan Within(TimeSpan limit, Func<bool> isSo, string what, Registerer device)
    {
        var clock = Stopwatch.StartNew();
        while (!isSo())
        {
            if (clock.Elapsed > limit)
                Assert.Fail($"not within {limit.TotalSeconds} s: {what}\n{device.Process.Text}");
            Thread.Sleep(20);
        }
        return clock.Elapsed;
    }
}
