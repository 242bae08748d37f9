// Walks the operations of one member and reports what allocates. It works on operations and not on syntax, so that
// conversions, params arrays and other hidden constructs are met where the compiler puts them. This file keeps the state
// of the walk (is the code running or start-up code?); the constructs are in the other parts:
//   AllocationWalker.Objects.cs     new, with, throw, arrays, collection expressions, ranges
//   AllocationWalker.Boxing.cs      conversions, patterns, calls on values
//   AllocationWalker.Delegates.cs   lambdas, method groups, events, state machines, dynamic, queries
//   AllocationWalker.Strings.cs     concatenation, interpolation
//   AllocationWalker.Calls.cs       calls, properties, operators, foreach, using
using System;
using System.Collections.Generic;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis.Text;

namespace SipEmbedded.Generator.Allocation;

internal sealed partial class AllocationWalker : OperationWalker
{
    private readonly CallJudge _calls;
    private readonly AllocationMarks _marks;
    private readonly ISymbol _owner;
    private readonly Action<Diagnostic> _report;
    private readonly CancellationToken _cancel;
    private readonly HashSet<ISymbol> _stateMachines = new(SymbolEqualityComparer.Default);

    // The function whose body is being walked: the member, or a local function or lambda inside it.
    private ISymbol _function;
    private bool _running;
    private bool _neverReturns;
    private IOperation? _root;

    public AllocationWalker(
        CallJudge calls, AllocationMarks marks, ISymbol owner, Action<Diagnostic> report, CancellationToken cancel)
    {
        _calls = calls;
        _marks = marks;
        _owner = owner;
        _report = report;
        _cancel = cancel;
        _function = owner;
        _running = !marks.IsStartUp(owner);
        _neverReturns = AllocationMarks.NeverReturns(owner);
    }

    public void VisitBlock(IOperation block)
    {
        // Attribute arguments and default values are metadata, not code.
        if (block is IAttributeOperation or IParameterInitializerOperation)
            return;
        _root = block;
        if (_running && _owner is IMethodSymbol { IsAsync: true } method)
            ReportStateMachine(method, "async method");
        Visit(block);
    }

    public override void Visit(IOperation? operation)
    {
        _cancel.ThrowIfCancellationRequested();
        // A constant is computed by the compiler: nameof, "a" + "b", $"{nameof(X)}".
        if (operation is null or { ConstantValue.HasValue: true } or INameOfOperation)
            return;
        if (_running && ReportRuntimeBinding(operation))
            return;
        base.Visit(operation);
    }

    // Walks a lambda or local function with the state that its own marks give it, then returns to the outer state.
    private void VisitFunction(IMethodSymbol function, bool running, IOperation body)
    {
        var (outer, wasRunning, neverReturned) = (_function, _running, _neverReturns);
        _function = function;
        _running = running && _marks.FindStartUp(function) is null;
        _neverReturns = AllocationMarks.NeverReturns(function);
        if (_running && function.IsAsync)
            ReportStateMachine(function, function.MethodKind == MethodKind.AnonymousFunction ? "async lambda" : "async method");
        foreach (var child in body.ChildOperations)
            Visit(child);
        (_function, _running, _neverReturns) = (outer, wasRunning, neverReturned);
    }

    private void Report(DiagnosticDescriptor descriptor, SyntaxNode at, params object[] arguments) =>
        _report(Diagnostic.Create(descriptor, LocationOf(at), arguments));

    private void ReportObject(SyntaxNode at, string what, ITypeSymbol? type) =>
        Report(AllocationDescriptors.ObjectCreated, at, what, ShowType(type));

    private void ReportArray(SyntaxNode at, string what, ITypeSymbol? type) =>
        Report(AllocationDescriptors.ArrayCreated, at, what, ShowType(type));

    private void ReportBoxed(SyntaxNode at, string what, ITypeSymbol? type) =>
        Report(AllocationDescriptors.Boxed, at, what, ShowType(type));

    private static string ShowType(ITypeSymbol? type) => type is null ? "?" : CallJudge.Show(type);

    // The part that names the construct: the called name of a call, an object creation without its initialiser.
    private static Location LocationOf(SyntaxNode node) => node switch
    {
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } => access.Name.GetLocation(),
        InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax binding } => binding.Name.GetLocation(),
        InvocationExpressionSyntax invocation => invocation.Expression.GetLocation(),
        ObjectCreationExpressionSyntax { Initializer: not null } creation =>
            UpTo(creation, creation.ArgumentList?.Span.End ?? creation.Type.Span.End),
        ImplicitObjectCreationExpressionSyntax { Initializer: not null } creation =>
            UpTo(creation, creation.ArgumentList.Span.End),
        ArrayCreationExpressionSyntax { Initializer: not null } creation => UpTo(creation, creation.Type.Span.End),
        ImplicitArrayCreationExpressionSyntax creation => UpTo(creation, creation.CloseBracketToken.Span.End),
        LocalFunctionStatementSyntax function => function.Identifier.GetLocation(),
        ParenthesizedLambdaExpressionSyntax lambda => UpTo(lambda, lambda.ArrowToken.Span.End),
        SimpleLambdaExpressionSyntax lambda => UpTo(lambda, lambda.ArrowToken.Span.End),
        AnonymousMethodExpressionSyntax anonymous => anonymous.DelegateKeyword.GetLocation(),
        WithExpressionSyntax with => with.WithKeyword.GetLocation(),
        ThrowStatementSyntax { Expression: { } thrown } => UpTo(thrown.Parent!, thrown.Span.End),
        CommonForEachStatementSyntax loop => loop.Expression.GetLocation(),
        _ => node.GetLocation(),
    };

    private static Location UpTo(SyntaxNode node, int end) =>
        Location.Create(node.SyntaxTree, TextSpan.FromBounds(node.SpanStart, end));
}
