// Where reports go: artifacts/ of the repository that this was built in; what is kept with the sources, bench/results.
namespace SipEmbedded.Simulation;

internal static class Artifacts
{
    private const string Folder = "artifacts/";

    private static string Root
    {
        get
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(root.FullName, "SipEmbedded.sln")))
                root = root.Parent ?? throw new DirectoryNotFoundException("no SipEmbedded.sln above " + AppContext.BaseDirectory);
            return root.FullName;
        }
    }

    /// <summary>Writes a text; its path from the repository's root.</summary>
    public static string Write(string name, string text) => Put(Folder + name, text);

    /// <summary>What was written there, perhaps by other tests; empty where nothing was.</summary>
    public static string Read(string name)
    {
        string path = Path.Combine(Root, Folder + name);
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    /// <summary>Writes a result that is kept; its path from the repository's root.</summary>
    public static string Record(string name, string text) => Put("bench/results/" + name, text);

    private static string Put(string path, string text)
    {
        string full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return path;
    }
}
