// Tests here count octets on the heap. A collection that another test causes at the same time is charged to whoever has an allocation context open, so they
// run one after the other.
using Xunit;

[assembly: CollectionBehavior(DisableTestParallelization = true)]
