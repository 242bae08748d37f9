// Tests here count octets on the heap. A collection that happens meanwhile charges what is left of a thread's allocation context to it, so they run one after the
// other, and a count begins with a collection, which leaves no context open (HeapCount).
using Xunit;

[assembly: CollectionBehavior(DisableTestParallelization = true)]
