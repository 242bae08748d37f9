// A configuration file as JSON values that know their lines (RFC 8259, with comments and commas behind the last member).
//
// note [why not a deserializer]
// JsonSerializer stops at the first mistake, and a value that it took has no line any more, which a mistake found later needs. So the text is read by
// Utf8JsonReader into these nodes, and each section takes its members from them. Nothing here reflects, so it is compiled ahead of time as it is.
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace SipEmbedded.Device.Configuration;

internal enum ConfigurationKind
{
    Null,
    Flag,
    Number,
    Text,
    List,
    Section,
}

/// <summary>A value and where it stands.</summary>
internal sealed class ConfigurationNode
{
    // A file of a device has five levels.
    private const int MaxDepth = 16;

    private static readonly byte[] s_byteOrderMark = [0xEF, 0xBB, 0xBF];

    private readonly List<ConfigurationNode> _items = [];
    private readonly List<(string Name, int Line, ConfigurationNode Value)> _members = [];

    private ConfigurationNode(ConfigurationKind kind, int line, string text)
    {
        Kind = kind;
        Line = line;
        Text = text;
    }

    public ConfigurationKind Kind { get; }

    /// <summary>From 1.</summary>
    public int Line { get; }

    /// <summary>Of a text what it says, of a number or a flag its letters, otherwise empty.</summary>
    public string Text { get; }

    public IReadOnlyList<ConfigurationNode> Items => _items;

    public IReadOnlyList<(string Name, int Line, ConfigurationNode Value)> Members => _members;

    /// <summary>What stands there, in words for a fault.</summary>
    public string Shown => Kind switch
    {
        ConfigurationKind.Text => $"\"{Text}\"",
        ConfigurationKind.Section => "a section {…}",
        ConfigurationKind.List => "a list […]",
        _ => Text,
    };

    /// <summary>Reads a file's octets; null where they are no JSON, with one fault: behind it nothing is sure.</summary>
    public static ConfigurationNode? Read(ReadOnlySpan<byte> octets, List<ConfigurationFault> faults)
    {
        if (octets.StartsWith(s_byteOrderMark))
            octets = octets[s_byteOrderMark.Length..];
        if (!Utf8.IsValid(octets))
        {
            faults.Add(new(LineOf(octets, BadOctet(octets)), "", "the text is not UTF-8"));
            return null;
        }
        var reader = new Utf8JsonReader(octets, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            var root = Value(octets, ref reader, "", faults);
            // What stands behind it is a fault of its own kind.
            reader.Read();
            return root;
        }
        catch (JsonException failure)
        {
            // The message ends with a line that counts from 0.
            string message = failure.Message;
            int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            faults.Add(new((int)(failure.LineNumber ?? 0) + 1, "", $"this is no JSON: {(end < 0 ? message : message[..end])}"));
            return null;
        }
    }

    private static ConfigurationNode Value(ReadOnlySpan<byte> octets, ref Utf8JsonReader reader, string place, List<ConfigurationFault> faults)
    {
        int line = LineOf(octets, (int)reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var section = new ConfigurationNode(ConfigurationKind.Section, line, "");
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                    section.AddMember(octets, ref reader, place, faults);
                return section;
            case JsonTokenType.StartArray:
                var list = new ConfigurationNode(ConfigurationKind.List, line, "");
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    list._items.Add(Value(octets, ref reader, $"{place}[{list._items.Count}]", faults));
                return list;
            case JsonTokenType.String:
                return new(ConfigurationKind.Text, line, TextOf(ref reader, line, place, faults));
            case JsonTokenType.Number:
                return new(ConfigurationKind.Number, line, Encoding.ASCII.GetString(reader.ValueSpan));
            case JsonTokenType.Null:
                return new(ConfigurationKind.Null, line, "null");
            default:
                return new(ConfigurationKind.Flag, line, reader.TokenType == JsonTokenType.True ? "true" : "false");
        }
    }

    private void AddMember(ReadOnlySpan<byte> octets, ref Utf8JsonReader reader, string place, List<ConfigurationFault> faults)
    {
        int line = LineOf(octets, (int)reader.TokenStartIndex);
        string name = TextOf(ref reader, line, place, faults);
        string inner = place.Length == 0 ? name : $"{place}.{name}";
        reader.Read();
        var value = Value(octets, ref reader, inner, faults);
        foreach (var (known, first, _) in _members)
        {
            if (known != name)
                continue;
            faults.Add(new(line, inner, $"it stands here a second time; the first is on line {first}"));
            return;
        }
        _members.Add((name, line, value));
    }

    // Half of a surrogate pair can be written by an escape, and is no character.
    private static string TextOf(ref Utf8JsonReader reader, int line, string place, List<ConfigurationFault> faults)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            faults.Add(new(line, place, "an escape \\u… of half a character is no text"));
            return "";
        }
    }

    private static int LineOf(ReadOnlySpan<byte> octets, int offset) => octets[..offset].Count((byte)'\n') + 1;

    private static int BadOctet(ReadOnlySpan<byte> octets)
    {
        int good = 0;
        while (Rune.DecodeFromUtf8(octets[good..], out _, out int length) == System.Buffers.OperationStatus.Done)
            good += length;
        return good;
    }
}
