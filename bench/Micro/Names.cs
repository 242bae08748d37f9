// A header's name to its number.
using BenchmarkDotNet.Attributes;
using SipEmbedded.Messages;

namespace SipEmbedded.Bench.Micro;

public class Names
{
    private static readonly byte[] s_known = "Session-Expires"u8.ToArray();
    private static readonly byte[] s_unknown = "X-Unknown-Thing"u8.ToArray();
    private static readonly byte[] s_compact = "v"u8.ToArray();

    [Benchmark] public HeaderName Lookup() => HeaderNames.Parse(s_known, 0, s_known.Length);

    [Benchmark] public HeaderName LookupMiss() => HeaderNames.Parse(s_unknown, 0, s_unknown.Length);

    [Benchmark] public HeaderName LookupCompact() => HeaderNames.Parse(s_compact, 0, s_compact.Length);
}
