// Whose transaction it is. The user number of a request names that in its top octet, so that the agent knows who is to be told of an answer.
using SipEmbedded.Memory;

namespace SipEmbedded.Transactions;

/// <summary>
/// The top octet of a transaction's user number. The rest is the owner's own. What is no module's is the agent's user's: numbers of that user keep to an
/// octet of 0, or of <see cref="FirstFree"/> and above.
/// </summary>
public static class TransactionOwner
{
    public const byte User = 0;
    public const byte Registration = 1;
    public const byte Ping = 2;
    public const byte Calls = 3;

    /// <summary>From here on no module will ever be.</summary>
    public const byte FirstFree = 0x80;

    private const int Shift = 56;
    private const int IndexShift = 32;

    // What is between the owner and a generation: more slots than any pool of a module has.
    private const int MaxIndex = 0xFFFFFF;

    public static byte Of(ulong user) => (byte)(user >> Shift);

    /// <summary>True for a number that the agent's user may give.</summary>
    public static bool IsUser(ulong user) => Of(user) is User or >= FirstFree;

    /// <summary>The number of a module's slot.</summary>
    public static ulong NumberOf<T>(byte owner, Handle<T> handle)
        where T : struct
    {
        System.Diagnostics.Debug.Assert(handle.Index <= MaxIndex);
        return (ulong)owner << Shift | (ulong)handle.Index << IndexShift | handle.Generation;
    }

    /// <summary>The slot that <see cref="NumberOf"/> named; it may be stale.</summary>
    public static Handle<T> HandleOf<T>(ulong user, SlotMap<T> pool)
        where T : struct => pool.HandleFrom((int)(user >> IndexShift) & MaxIndex, (uint)user);
}
