// Where bench/run puts what this program needs, seen from the repository's root.

namespace SipEmbedded.Bench.Peers;

internal sealed record Layout(string Repository)
{
    private string Built => Path.Combine(Repository, "artifacts", "bench", "peers");

    public string Corpus => Path.Combine(Repository, "bench", "corpus");
    public string Record => Path.Combine(Repository, "bench", "results", "parse.md");
    public string Ours => Path.Combine(Built, "speed", "Peers");
    public string OursSize => Path.Combine(Built, "size", "Peers");

    /// <param name="name">A peer's, or "copy".</param>
    public string Shim(string name) => Path.Combine(Built, "shims", $"peer_{name}.so");
}
