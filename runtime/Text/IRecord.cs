// What generated records offer to code that handles any of them.
namespace SipEmbedded.Text;

/// <summary>A typed value read from a text by a grammar's rule.</summary>
public interface IRecord<TSelf>
    where TSelf : struct, IRecord<TSelf>
{
    /// <summary>
    /// Matches the record's rule at <paramref name="offset"/>. The end of the match, or a negative result (<see cref="MatchResult"/>).
    /// <paramref name="allow"/> holds the leniencies that may be used. A match must end within <see cref="Slice.MaxTextLength"/> octets, which the
    /// readers of messages and descriptions see to: offsets beyond it are cut to 16 bits.
    /// </summary>
    static abstract int Match(ReadOnlySpan<byte> text, int offset, uint allow, out TSelf value);

    /// <summary>What a negative result means.</summary>
    static abstract ParseFault FaultOf(int result);

    /// <summary>All that was matched.</summary>
    Slice Extent { get; }

    /// <summary>Hands the fields that are there to a visitor.</summary>
    void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : IFieldVisitor, allows ref struct;

    /// <summary>Writes the value in its canonical spelling; <paramref name="text"/> is the text it was read from.</summary>
    void Write(ref ByteWriter writer, ReadOnlySpan<byte> text);
}

/// <summary>How a header's values stand on its lines.</summary>
[Flags]
public enum HeaderForm : byte
{
    /// <summary>One value, once.</summary>
    Single = 0,

    /// <summary>Values separated by commas.</summary>
    List = 1,

    /// <summary>The line may be without a value.</summary>
    CanBeEmpty = 2,

    /// <summary>The header may stand on several lines (RFC 3261 §7.3.1).</summary>
    Repeatable = 4,
}

/// <summary>A typed value of a header line.</summary>
public interface IHeader<TSelf> : IRecord<TSelf>
    where TSelf : struct, IHeader<TSelf>
{
    /// <summary>The header's number in its assembly's header enum; 0 for a header that only a user's assembly declares.</summary>
    static abstract int Id { get; }

    /// <summary>The name as its RFC writes it.</summary>
    static abstract ReadOnlySpan<byte> HeaderName { get; }

    /// <summary>The header's rule in the grammar, for faults.</summary>
    static abstract string RuleName { get; }

    /// <summary>The compact form, or 0.</summary>
    static abstract byte CompactName { get; }

    static abstract HeaderForm Form { get; }

    /// <summary>Matches what stands between two values; negative where nothing does.</summary>
    static abstract int MatchSeparator(ReadOnlySpan<byte> text, int offset, uint allow);

    /// <summary>Matches a value that must stand alone (Contact's <c>*</c>); negative where there is none.</summary>
    static abstract int MatchSole(ReadOnlySpan<byte> text, int offset, uint allow);
}
