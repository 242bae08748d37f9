// The messages that RFCs print, with what each RFC wants of them: see README.md beside this file.
using System.Text.Json;
using System.Text.Json.Serialization;
using Xunit;

namespace SipEmbedded.Tests.Vectors;

/// <summary>One line of a manifest.</summary>
public sealed record MessageVector
{
    [JsonPropertyName("id")] public required string Id { get; init; }

    [JsonPropertyName("file")] public required string File { get; init; }

    /// <summary>accept, reject or either.</summary>
    [JsonPropertyName("parser")] public required string Parser { get; init; }

    [JsonPropertyName("ref")] public required string Reference { get; init; }

    [JsonPropertyName("note")] public string Note { get; init; } = "";

    /// <summary>The section of the RFC; RFC 5118's manifest has it at the beginning of its notes.</summary>
    public string Section => (Reference.Contains(' ', StringComparison.Ordinal) ? Reference[(Reference.IndexOf(' ', StringComparison.Ordinal) + 1)..] : Note).Split(' ')[0];

    /// <summary>req or resp.</summary>
    [JsonPropertyName("kind")] public required string Kind { get; init; }

    /// <summary>What a UA answers over UDP (not for flows).</summary>
    [JsonPropertyName("ua_udp")] public string Answer { get; init; } = "";

    /// <summary>Whether the RFC prints the whole message (flows).</summary>
    [JsonPropertyName("complete")] public bool IsComplete { get; init; } = true;

    [JsonPropertyName("cl_declared")] public int? DeclaredLength { get; init; }

    [JsonPropertyName("cl_real")] public int? PrintedLength { get; init; }

    public byte[] Read() => MessageVectors.Read(File);
}

public static class MessageVectors
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Vectors");

    private static readonly Lazy<Dictionary<string, MessageVector>> ById = new(() => All.ToDictionary(v => v.Id));

    public static IReadOnlyList<MessageVector> Rfc4475 { get; } = ReadManifest("rfc4475");

    public static IReadOnlyList<MessageVector> Rfc5118 { get; } = ReadManifest("rfc5118");

    public static IReadOnlyList<MessageVector> Flows { get; } =
        [.. new[] { "3261", "3327", "3428", "3515", "3665", "4028" }.SelectMany(rfc => ReadManifest("flows/rfc" + rfc))];

    public static IEnumerable<MessageVector> All => Rfc4475.Concat(Rfc5118).Concat(Flows);

    public static MessageVector Get(string id) => ById.Value[id];

    /// <summary>A message of RFC 4475 by its short name.</summary>
    public static byte[] Torture(string name) => Read($"rfc4475/dat/{name}.dat");

    public static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(Folder, file));

    /// <summary>The messages that the benchmark reads.</summary>
    public static IEnumerable<byte[]> Corpus => Directory.GetFiles(Path.Combine(Folder, "corpus")).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    public static TheoryData<string> Ids(IEnumerable<MessageVector> vectors) => new(vectors.Select(v => v.Id));

    public static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "SipEmbedded.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }

    private static List<MessageVector> ReadManifest(string folder) =>
        [.. File.ReadLines(Path.Combine(Folder, folder, "manifest.jsonl")).Where(l => l.Length > 0).Select(l => JsonSerializer.Deserialize<MessageVector>(l)!)];
}
