// Where bench/run puts what this program needs, seen from the repository's root.

namespace SipEmbedded.Bench.Load;

internal sealed record Layout(string Repository)
{
    public string Built => Path.Combine(Repository, "artifacts", "bench", "load");

    public string Record => Path.Combine(Repository, "bench", "results", "load.md");

    public string Generator => Path.Combine(Built, "generator");

    public string Echo => Path.Combine(Built, "echo");

    public string Ours => Path.Combine(Built, "doorphone", "doorphone");

    public string Load => Path.Combine(Built, "load", "Load");

    public string LogOf(string server) => Path.Combine(Built, server + ".log");
}
