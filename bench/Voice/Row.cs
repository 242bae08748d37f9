// A line of the table: some work that is done once for a frame.

namespace SipEmbedded.Bench.Voice;

/// <param name="Name">For scripts: the last line has its figures under this name.</param>
/// <param name="What">For people.</param>
/// <param name="IsOurs">Whether it is our code, which may allocate nothing; libraries by themselves stand beside it.</param>
/// <param name="Make">Makes what does the work of one frame of 20 ms by its number; null where a library is absent.</param>
internal sealed record Row(string Name, string What, bool IsOurs, Func<Action<int>?> Make);
