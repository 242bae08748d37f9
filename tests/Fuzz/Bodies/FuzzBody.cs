// What is fuzzed: one body is one entry of the library that takes text.
//
// note [what is checked]
// On every execution: no exception; every slice and every fault's offset within the text; a refusal has a fault that names a
// rule; TryParse
// agrees with Match, and the walk that hands out values with the walk that only matches; what the RFCs' grammar accepts the
// leniencies accept
// as well; a value that was accepted can be written, is read again, with the same fields, and is written again as the same
// octets. The
// campaign adds: the same answer a second time, with other octets in front of the text and behind it, and no allocation.
namespace SipEmbedded.Fuzz;

internal abstract class FuzzBody(string name)
{
    public string Name { get; } = name;

    /// <summary>
    /// Executions in proportion to the other bodies': larger for what peers send first and what has most branches.
    /// </summary>
    public virtual int Weight => 1;

    /// <summary>Texts are cut to this many octets.</summary>
    public virtual int MaxOctets => 1024;

    /// <summary>
    /// True where texts are messages: half of the mutants then get a Content-Length that fits, so that bodies are reached.
    /// </summary>
    public virtual bool HasContentLength => false;

    /// <summary>Texts to begin with; asked for once.</summary>
    public abstract List<byte[]> Seeds(int seed);

    /// <summary>Checks every property of note [what is checked] that one text can have; allocates nothing.</summary>
    /// <exception cref="PropertyViolation">One does not hold.</exception>
    public abstract Outcome Execute(ReadOnlySpan<byte> text);
}
