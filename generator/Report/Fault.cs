// A fault as a value: comparable, so that the incremental pipeline can keep it, and turned into a Diagnostic only at the end.
using System.Collections.Generic;
using System.Linq;
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Generator.Report;

/// <summary>One finding: the id of its descriptor, its place in a grammar or source file, and the arguments of its message.</summary>
internal sealed class Fault(string id, AbnfLocation at, params string[] arguments) : System.IEquatable<Fault>
{
    public string Id { get; } = id;
    public AbnfLocation At { get; } = at;
    public IReadOnlyList<string> Arguments { get; } = arguments;

    public bool Equals(Fault? other) => other is not null && Id == other.Id && At == other.At && Arguments.SequenceEqual(other.Arguments);

    public override bool Equals(object? obj) => Equals(obj as Fault);

    public override int GetHashCode() => unchecked(Id.GetHashCode() * 31 + At.GetHashCode());

    public override string ToString() => $"{At.Path}({At.Line + 1},{At.Column + 1}): {Id}: {string.Join(", ", Arguments)}";
}
