// Where reports go: artifacts/ of the repository that this was built in.
namespace SipEmbedded.Simulation;

internal static class Artifacts
{
    /// <summary>Writes a text; its path from the repository's root.</summary>
    public static string Write(string name, string text)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "SipEmbedded.sln")))
            root = root.Parent ?? throw new DirectoryNotFoundException("no SipEmbedded.sln above " + AppContext.BaseDirectory);
        string folder = Path.Combine(root.FullName, "artifacts");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name), text);
        return "artifacts/" + name;
    }
}
