// The repository as these tests read it: the files that belong to it, not what a build leaves behind.
namespace SipEmbedded.Architecture.Tests;

internal static class Repository
{
    /// <summary>The root: the folder of the solution above the test assembly.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Folders that a build, a test run or an editor makes.</summary>
    private static readonly HashSet<string> NotOurs = [".git", ".vs", ".idea", "bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>Files under a folder, as paths from the root with slashes, in order.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
        [.. Walk(Path.Combine(Root, folder), pattern).Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string folder, string pattern)
    {
        if (!Directory.Exists(folder))
            yield break;
        foreach (string file in Directory.EnumerateFiles(folder, pattern))
            yield return file;
        foreach (string inner in Directory.EnumerateDirectories(folder))
        {
            if (NotOurs.Contains(Path.GetFileName(inner)))
                continue;
            foreach (string file in Walk(inner, pattern))
                yield return file;
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SipEmbedded.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException("These tests read the sources: run them inside the repository.");
    }
}
