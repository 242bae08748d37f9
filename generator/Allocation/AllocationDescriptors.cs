// The allocation analyzer's diagnostics. One id a kind of construct, so that each can be read up (docs/diagnostics) and
// configured alone. All are errors: the promise "nothing on the heap after start" is either kept or it is not.
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace SipEmbedded.Generator.Allocation;

internal static class AllocationDescriptors
{
    public static readonly DiagnosticDescriptor ObjectCreated = Describe(
        "SIPA001", "Object created on the heap", "{0} allocates an object of type '{1}' on the heap");

    public static readonly DiagnosticDescriptor ArrayCreated = Describe(
        "SIPA002", "Array or collection created on the heap", "{0} allocates '{1}' on the heap");

    public static readonly DiagnosticDescriptor Boxed = Describe(
        "SIPA003", "Value boxed on the heap", "{0} boxes '{1}' on the heap");

    public static readonly DiagnosticDescriptor DelegateCreated = Describe(
        "SIPA004", "Delegate created on the heap", "{0}, which allocates '{1}' on the heap");

    public static readonly DiagnosticDescriptor DelegateCached = Describe(
        "SIPA005", "Delegate created at its first use", "{0} is created at its first use, after start: it allocates '{1}' once");

    public static readonly DiagnosticDescriptor StringBuilt = Describe(
        "SIPA006", "String built on the heap", "{0} builds a new string on the heap");

    public static readonly DiagnosticDescriptor EnumeratorCreated = Describe(
        "SIPA007", "Enumerator created on the heap", "'foreach' over '{0}' allocates its enumerator '{1}' on the heap");

    public static readonly DiagnosticDescriptor StateMachineCreated = Describe(
        "SIPA008", "Async or iterator state machine", "{0} allocates its state machine on the heap");

    public static readonly DiagnosticDescriptor RuntimeBinding = Describe(
        "SIPA009", "Dynamic operation, expression tree or query", "{0} allocates on the heap when it runs");

    public static readonly DiagnosticDescriptor Thrown = Describe(
        "SIPA010",
        "Exception thrown by running code",
        "Throwing '{0}' allocates on the heap: return the fault as a value, or throw from a [DoesNotReturn] method");

    public static readonly DiagnosticDescriptor UnknownCall = Describe(
        "SIPA011", "Call that is not known to be allocation-free", "Calls '{0}', which is not known to be allocation-free");

    public static readonly DiagnosticDescriptor StartUpCalled = Describe(
        "SIPA012", "Running code calls start-up code", "Running code calls '{0}', which is start-up code and may allocate");

    public static readonly DiagnosticDescriptor BadListLine = Describe(
        "SIPA013",
        "Unreadable line in AllocationFree.txt",
        "'{0}' names no API: write Namespace.Type.Member, Namespace.Type.* or a documentation id (M:Namespace.Type.Member)");

    public static readonly DiagnosticDescriptor StartUpWithoutReason = Describe(
        "SIPA014", "Start-up mark without a reason", "The start-up mark on '{0}' gives no reason: fill Because");

    public static ImmutableArray<DiagnosticDescriptor> All { get; } =
    [
        ObjectCreated, ArrayCreated, Boxed, DelegateCreated, DelegateCached, StringBuilt, EnumeratorCreated,
        StateMachineCreated, RuntimeBinding, Thrown, UnknownCall, StartUpCalled, BadListLine, StartUpWithoutReason,
    ];

    private static DiagnosticDescriptor Describe(string id, string title, string message) => new(
        id, title, message, "Allocation", DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: $"docs/diagnostics/{id}.md");
}
