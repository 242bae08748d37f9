// What becomes of a bug of our own that would spoil a pool: the process stops there, since a free list that names a slot twice would hand one peer's message
// to another. Bad input never comes here; it is a value.
using System.Diagnostics.CodeAnalysis;

namespace SipEmbedded.Memory;

internal static class BrokenInvariant
{
    /// <summary>Throws <see cref="InvalidOperationException"/>, which nobody catches.</summary>
    [DoesNotReturn]
    public static void Stop(string what) => throw new InvalidOperationException(what);
}
