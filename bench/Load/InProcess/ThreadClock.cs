// The processor time of one thread (clock_gettime(2), CLOCK_THREAD_CPUTIME_ID): what others do on this machine is not in it, but for the caches.

using System.Runtime.InteropServices;

namespace SipEmbedded.Bench.Load;

internal static unsafe partial class ThreadClock
{
    private const int ThreadProcessorTime = 3;

    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    [LibraryImport("libc.so.6", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, TimeSpecification* time);

    public static double Nanoseconds
    {
        get
        {
            TimeSpecification time;
            _ = GetTime(ThreadProcessorTime, &time);
            return time.Seconds * 1e9 + time.Nanoseconds;
        }
    }
}
