// The mark that puts a whole assembly under the allocation analyzer (generator/Allocation, docs/diagnostics/SIPA001.md
// onward). An attribute and not a build property, so that the promise is part of the compiled assembly: the analyzer
// lets a marked assembly call another marked one without a list of its members.

using System;

namespace SipEmbedded.Memory;

/// <summary>
/// Promises that this assembly allocates nothing on the managed heap outside start-up code (see
/// <see cref="StartUpAttribute"/>). The allocation analyzer holds the assembly to it: every allocating construct is a
/// build error SIPA001 and following, at its place in the source.
/// </summary>
/// <remarks>
/// The analyzer knows the attribute by its full name, so an assembly without a reference to this library may declare its
/// own. The promise covers generated code as well as written code.
/// </remarks>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class AllocationFreeAttribute : Attribute
{
}
