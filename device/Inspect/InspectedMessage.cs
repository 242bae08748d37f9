// What inspection finds in one message, for the reports to print: names are those of the records' properties, texts are pieces of the
// message as written. A report needs nothing else; in particular it never reads the message again.
using SipEmbedded.Text;

namespace SipEmbedded.Device.Inspect;

/// <summary>A typed field of a header, a URI or an SDP line.</summary>
internal abstract class Field(string name)
{
    public string Name { get; } = name;
}

/// <summary>A piece of the message.</summary>
internal sealed class TextField(string name, ReadOnlyMemory<byte> octets) : Field(name)
{
    public ReadOnlyMemory<byte> Octets { get; } = octets;
}

internal sealed class NumberField(string name, ulong value) : Field(name)
{
    public ulong Value { get; } = value;
}

/// <summary>A mark that is there.</summary>
internal sealed class FlagField(string name) : Field(name);

/// <summary>A word of a known vocabulary.</summary>
internal sealed class WordField(string name, string word) : Field(name)
{
    public string Word { get; } = word;
}

/// <summary>A list of names, each perhaps with a value: parameters, URI headers.</summary>
internal sealed class PairsField(string name, ReadOnlyMemory<byte> octets, List<Pair> pairs) : Field(name)
{
    /// <summary>The list as written.</summary>
    public ReadOnlyMemory<byte> Octets { get; } = octets;

    public List<Pair> Pairs { get; } = pairs;
}

/// <summary>A name and its value, null where there is none.</summary>
internal readonly record struct Pair(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte>? Value);

/// <summary>A nested record, such as a header's URI.</summary>
internal sealed class RecordField(string name, List<Field> fields) : Field(name)
{
    public List<Field> Fields { get; } = fields;
}

/// <summary>A line with typed values: the start line, a header line or an SDP line.</summary>
internal sealed class InspectedLine
{
    /// <summary>The line's name as its RFC writes it, or as written where it is not known here.</summary>
    public required string Name { get; init; }

    /// <summary>The name as written: perhaps a compact form or in other case.</summary>
    public ReadOnlyMemory<byte> WrittenName { get; init; }

    /// <summary>False for a header that no record here types.</summary>
    public bool IsKnown { get; init; } = true;

    /// <summary>The octet of the input that the line begins with, counted from 0.</summary>
    public required long Offset { get; init; }

    /// <summary>The line of the input, counted from 1.</summary>
    public required long LineNumber { get; init; }

    /// <summary>The value as written, folds and all.</summary>
    public required ReadOnlyMemory<byte> Text { get; init; }

    /// <summary>The fields of each value of the line.</summary>
    public List<List<Field>> Values { get; } = [];
}

internal sealed class InspectedBody
{
    public required long Offset { get; init; }

    public required ReadOnlyMemory<byte> Octets { get; init; }

    /// <summary>Type and subtype in lower case, or null where the message names none.</summary>
    public string? ContentType { get; init; }

    /// <summary>The lines of a session description, or null for another body.</summary>
    public List<InspectedLine>? Sdp { get; set; }

    /// <summary>The parts of a multipart body, or null for another body.</summary>
    public List<InspectedPart>? Parts { get; set; }
}

/// <summary>One part of a multipart body.</summary>
internal sealed class InspectedPart
{
    public List<InspectedLine> Headers { get; } = [];

    public required InspectedBody Body { get; init; }
}

/// <summary>A fault, placed in its input.</summary>
/// <param name="Offset">In octets of the input, from 0.</param>
/// <param name="LineNumber">From 1.</param>
/// <param name="Column">In octets of the line, from 1.</param>
/// <param name="Place">The header's name, or which other part of the message.</param>
internal sealed record InspectedFault(
    FaultKind Kind, string Rule, long Offset, long LineNumber, int Column, string Place, string Explanation);

internal enum InspectedKind
{
    Request,
    Response,

    /// <summary>A start line that is neither.</summary>
    Unknown,

    /// <summary>The keep-alive of RFC 5626 §4.4.1 on a stream: a double CRLF.</summary>
    Ping,

    /// <summary>Its answer: a single CRLF.</summary>
    Pong,
}

internal sealed class InspectedMessage
{
    /// <summary>The file's name as given.</summary>
    public required string Source { get; init; }

    public required InspectedKind Kind { get; init; }

    /// <summary>In octets of the input, from 0.</summary>
    public required long Offset { get; init; }

    /// <summary>In octets, as framed: what stands behind Content-Length in a datagram does not count.</summary>
    public required int Length { get; init; }

    public InspectedLine? StartLine { get; init; }

    public List<InspectedLine> Headers { get; } = [];

    public InspectedBody? Body { get; init; }

    public List<InspectedFault> Faults { get; } = [];
}
