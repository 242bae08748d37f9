// The servers under load. All get the same requests, on one processor, from a generator on another.

namespace SipEmbedded.Bench.Load;

/// <param name="Name">In the tables, and of its log.</param>
/// <param name="Work">What the generator does to it (Generator/main.c).</param>
/// <param name="Program">Found by PATH where it has no slash.</param>
/// <param name="ArgumentsFor">Given the port to serve.</param>
internal sealed record Contender(string Name, string Work, string Program, Func<int, string[]> ArgumentsFor)
{
    // What ours takes memory for: so many calls a second, remembered for 32 s, 640,000 transactions. A trial at a higher rate is over before that many
    // have come; memory that nobody has touched costs nothing. And calls at once: what a second of delay would make of 20,000 a second.
    private const int OurCallsPerSecond = 10_000;
    private const int OurCalls = 20_000;

    // As much as generator and ours ask the kernel for, so that nobody loses datagrams by waiting for a processor for some milliseconds.
    private const int ReceiveBufferOctets = 4 << 20;

    public static Contender Ours(Layout layout) => new(
        "ours", "calls", layout.Ours,
        port => ["answer", "--udp", "--listen", $"127.0.0.1:{port}", "--rate", $"{OurCallsPerSecond}", "--calls", $"{OurCalls}"]);

    /// <summary>sipp's built-in answering scenario. It keeps a call for 4 s after its BYE, where RFC 3261 asks for 32 s.</summary>
    public static Contender Sipp { get; } = new(
        "sipp -sn uas", "calls", "sipp", port => ["-sn", "uas", "-i", "127.0.0.1", "-p", $"{port}", "-nostdin", "-buff_size", $"{ReceiveBufferOctets}"]);

    /// <summary>
    /// baresip, a telephone for people: it answers by itself, with a stream of audio for each call that has no microphone. Not built for load, so it has a low rate
    /// of its own.
    /// </summary>
    public static Contender Baresip(Layout layout) => new("baresip", Sessions, "baresip", port => ["-4", "-f", BaresipFolder.Write(layout, port)]);

    /// <summary>Calls whose INVITE asks for a session timer.</summary>
    private const string Sessions = "sessions";

    /// <summary>The same server, to be given calls with session timers.</summary>
    public Contender WithSessions() => this with { Name = Name + ", sessions", Work = Sessions };

    public static Contender Echo(Layout layout) => new("C echo", "echo", layout.Echo, port => [$"{port}"]);

    public static Contender BatchedEcho(Layout layout) => new("C echo, batched", "echo", layout.Echo, port => [$"{port}", "--batch"]);
}
