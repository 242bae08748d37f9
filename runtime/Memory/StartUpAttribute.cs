// The one way out of the allocation analyzer's reach: code that runs before the process declares itself started
// (generator/Allocation, docs/diagnostics/SIPA001.md onward).

using System;

namespace SipEmbedded.Memory;

/// <summary>
/// Marks code that runs only while the process starts, where it may allocate: the constructor that sets up the pools,
/// the reading of the configuration.
/// </summary>
/// <remarks>
/// <para>The mark covers the member, or every member of the type. It covers a lambda inside only where the lambda is an
/// argument of a call into an assembly without the promise, hence presumably run by it (LINQ, for one); a lambda that
/// start-up code keeps (assigns, returns, hands to its own code or to a constructor) runs later and is held to the promise,
/// unless it carries the mark itself.</para>
/// <para>Static constructors, static field initialisers, module initialisers and the arguments of attributes are start-up
/// code by nature and need no mark. Instance field initialisers are, when every constructor of the type is marked.</para>
/// <para>Running code may not call start-up code: the analyzer reports the call (SIPA012).</para>
/// </remarks>
[AttributeUsage(
    AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface | AttributeTargets.Constructor
        | AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Event,
    Inherited = false)]
public sealed class StartUpAttribute : Attribute
{
    /// <summary>Why this code runs at start only, in a few words for the reader. Required: an empty reason is a build error.</summary>
    public required string Because { get; init; }
}
