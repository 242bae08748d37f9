// What a generated matcher returns: one int, so that success costs nothing beside the position and failure still says where and why.
using System.Runtime.CompilerServices;

namespace SipEmbedded.Text;

/// <summary>
/// The result of a matcher: the offset behind the match (0 or more), or a negative value that holds the offset where matching
/// stopped (bits 0–15), the number of the rule that stopped it (bits 16–29), and whether it was the range of a number (bit 30).
/// </summary>
public static class MatchResult
{
    private const int RangeBit = 1 << 30;
    private const int RuleMask = 0x3FFF;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Fail(int offset, int rule) => int.MinValue | rule << 16 | offset & 0xFFFF;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int OutOfRange(int offset, int rule) => int.MinValue | RangeBit | rule << 16 | offset & 0xFFFF;

    /// <summary>The same result; a failure with its rule's number replaced, where a matcher of another grammar gave it.</summary>
    public static int OfRule(int result, int rule) => result >= 0 ? result : result & ~(RuleMask << 16) | rule << 16;

    /// <summary>
    /// Of a failure and a later result, the failure that lies further on, the later one where both stop at one octet; a match that could not be used counts as a failure behind its end.
    /// </summary>
    public static int Further(int failure, int later)
    {
        // A number out of its range is what is wrong, wherever another reading came to.
        if (IsRange(failure))
            return failure;
        if (later < 0 && IsRange(later))
            return later;
        if (later >= 0)
            return (later & 0xFFFF) > OffsetOf(failure) ? Fail(later, RuleOf(failure)) : failure;
        return OffsetOf(later) >= OffsetOf(failure) ? later : failure;
    }

    public static bool IsRange(int result) => (result & RangeBit) != 0;

    public static int OffsetOf(int result) => result & 0xFFFF;

    public static int RuleOf(int result) => result >> 16 & RuleMask;
}
