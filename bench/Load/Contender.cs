// The servers under load. All get the same requests, on one processor, from a generator on another.

namespace SipEmbedded.Bench.Load;

/// <param name="Name">In the tables, and of its log.</param>
/// <param name="Work">What the generator does to it (Generator/main.c).</param>
/// <param name="Program">Found by PATH where it has no slash.</param>
/// <param name="ArgumentsFor">Given the port to serve.</param>
internal sealed record Contender(string Name, string Work, string Program, Func<int, string[]> ArgumentsFor)
{
    /// <summary>
    /// Transactions that ours has room for: two for each call of the last 32 s at the highest rate looked for, for as long as a trial lasts.
    /// </summary>
    public const int OurTransactions = 400_000;

    // As much as generator and ours ask the kernel for, so that nobody loses datagrams by waiting for a processor for some milliseconds.
    private const int ReceiveBufferOctets = 4 << 20;

    public static Contender Ours(Layout layout, int transactions = OurTransactions) => new(
        "ours", "calls", layout.Ours, port => ["answer", "--listen", $"127.0.0.1:{port}", "--transactions", $"{transactions}"]);

    /// <summary>sipp's built-in answering scenario. It keeps a call for 4 s after its BYE, where RFC 3261 asks for 32 s.</summary>
    public static Contender Sipp { get; } = new(
        "sipp -sn uas", "calls", "sipp", port => ["-sn", "uas", "-i", "127.0.0.1", "-p", $"{port}", "-nostdin", "-buff_size", $"{ReceiveBufferOctets}"]);

    public static Contender Echo(Layout layout) => new("C echo", "echo", layout.Echo, port => [$"{port}"]);

    public static Contender BatchedEcho(Layout layout) => new("C echo, batched", "echo", layout.Echo, port => [$"{port}", "--batch"]);
}
