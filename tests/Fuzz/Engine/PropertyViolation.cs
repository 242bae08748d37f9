// What a fuzz body says when a property does not hold.
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SipEmbedded.Text;

namespace SipEmbedded.Fuzz;

/// <summary>A property of note [what is checked] does not hold for the text at hand. The message names it.</summary>
internal sealed class PropertyViolation(string property) : Exception(property)
{
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fail(string property) => throw new PropertyViolation(property);

    [StackTraceHidden]
    public static void Unless([DoesNotReturnIf(false)] bool holds, string property)
    {
        if (!holds)
            Fail(property);
    }

    /// <summary>A fault lies within the text (its end included) and names a rule or a header.</summary>
    [StackTraceHidden]
    public static void UnlessWithin(in ParseFault fault, ReadOnlySpan<byte> text)
    {
        Unless(fault.IsFault, "what is refused has a fault");
        Unless(fault.Offset >= 0 && fault.Offset <= text.Length, "the fault's offset lies in the text");
        Unless(fault.Rule.Length > 0, "the fault names a rule");
    }

    [StackTraceHidden]
    public static void UnlessWithin(Slice slice, ReadOnlySpan<byte> text) => Unless(slice.End <= text.Length, "every slice lies in the text");
}
