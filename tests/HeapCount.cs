// Where a count of octets on the heap begins, for every project that counts them.
namespace SipEmbedded.Tests;

internal static class HeapCount
{
    /// <summary>
    /// What this thread has allocated so far. A collection goes first: it leaves the thread without an allocation context, the rest of which a later collection, by
    /// whatever thread, would charge to it. Who allocates nothing from here on is charged nothing.
    /// </summary>
    public static long Begin()
    {
        GC.Collect();
        return GC.GetAllocatedBytesForCurrentThread();
    }
}
