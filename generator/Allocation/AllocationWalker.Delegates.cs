// Delegates and the compiler's classes behind functions: lambdas, method groups, combination, events; async and iterator
// state machines; and what is bound or built at run time: dynamic, expression trees, queries.
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace SipEmbedded.Generator.Allocation;

internal sealed partial class AllocationWalker
{
    public override void VisitDelegateCreation(IDelegateCreationOperation operation)
    {
        string type = CallJudge.Show(operation.Type!);
        switch (operation.Target)
        {
            case IAnonymousFunctionOperation lambda:
                if (_running)
                    ReportFunction(lambda.Syntax, type, "The lambda", FindCaptures(lambda, lambda.Symbol));
                VisitFunction(lambda.Symbol, _running || IsStored(operation), lambda);
                return;
            case IMethodReferenceOperation group when _running:
                var method = group.Method;
                string name = $"The method group '{method.Name}'";
                if (method.MethodKind == MethodKind.LocalFunction)
                    ReportFunction(operation.Syntax, type, name, FindCaptures(method));
                else if (group.Instance is not null || method.ReducedFrom is not null)
                    Report(AllocationDescriptors.DelegateCreated, operation.Syntax, $"{name} binds its receiver", type);
                else
                    Report(AllocationDescriptors.DelegateCached, operation.Syntax, name, type);
                break;
            case IMethodReferenceOperation kept when IsStored(operation):
                ReportCall(kept.Method, NameIn(operation.Syntax));
                break;
            case { } other when _running && other is not IMethodReferenceOperation:
                Report(AllocationDescriptors.DelegateCreated, operation.Syntax, "A delegate is wrapped in another", type);
                break;
        }

        base.VisitDelegateCreation(operation);
    }

    private void ReportFunction(SyntaxNode at, string type, string name, List<string> captures)
    {
        if (captures.Count > 0)
            Report(AllocationDescriptors.DelegateCreated, at, $"{name} captures {string.Join(", ", captures)}", type);
        else
            Report(AllocationDescriptors.DelegateCached, at, name, type);
    }

    // Whether start-up code keeps the lambda for later. An argument of a call into an assembly without the promise (LINQ,
    // for one) is taken as run by the call; all else (assigned, returned, handed to our own code) is taken as kept.
    private bool IsStored(IDelegateCreationOperation creation)
    {
        IOperation? parent = creation.Parent;
        while (parent is IConversionOperation or IParenthesizedOperation)
            parent = parent.Parent;
        return parent is not IArgumentOperation { Parent: IInvocationOperation call } || _calls.IsPromised(call.TargetMethod);
    }

    // The lambda is also met alone, as the operand of an expression tree in start-up code.
    public override void VisitAnonymousFunction(IAnonymousFunctionOperation operation) =>
        VisitFunction(operation.Symbol, _running, operation);

    public override void VisitLocalFunction(ILocalFunctionOperation operation) =>
        VisitFunction(operation.Symbol, _running || IsKept(operation.Symbol), operation);

    // Like a lambda: start-up code calls the local function, or keeps it for later as a delegate.
    private bool IsKept(IMethodSymbol localFunction) => _root!.Descendants().OfType<IDelegateCreationOperation>().Any(creation =>
        creation.Target is IMethodReferenceOperation { Method: var method }
        && SymbolEqualityComparer.Default.Equals(method.OriginalDefinition, localFunction)
        && IsStored(creation));

    // What the function uses of the code around it, as quoted names in source order.
    private List<string> FindCaptures(IOperation body, IMethodSymbol function)
    {
        var captures = new List<string>();
        Collect(body, function, captures, []);
        return captures;
    }

    private List<string> FindCaptures(IMethodSymbol localFunction)
    {
        var captures = new List<string>();
        if (FindLocalFunction(localFunction) is { } body)
            Collect(body, localFunction, captures, []);
        return captures;
    }

    private void Collect(IOperation body, IMethodSymbol function, List<string> captures, HashSet<IMethodSymbol> visited)
    {
        foreach (var operation in body.DescendantsAndSelf())
        {
            switch (operation)
            {
                case ILocalReferenceOperation { Local: { IsConst: false } local } when IsOutside(local):
                    Add(local.Name);
                    break;
                case IParameterReferenceOperation { Parameter: var parameter } when IsOutside(parameter):
                    Add(parameter.Name);
                    break;
                case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }:
                    Add("this");
                    break;
                case IInvocationOperation { TargetMethod: var called }:
                    CollectOf(called);
                    break;
                case IMethodReferenceOperation { Method: var named }:
                    CollectOf(named);
                    break;
            }
        }

        bool IsOutside(ISymbol symbol)
        {
            for (var owner = symbol.ContainingSymbol; owner is not null; owner = owner.ContainingSymbol)
            {
                if (SymbolEqualityComparer.Default.Equals(owner, function))
                    return false;
            }

            return true;
        }

        void Add(string name)
        {
            string quoted = $"'{name}'";
            if (!captures.Contains(quoted))
                captures.Add(quoted);
        }

        // A local function that captures passes its need on to the lambda that calls it.
        void CollectOf(IMethodSymbol called)
        {
            if (called is not { MethodKind: MethodKind.LocalFunction, IsStatic: false } || !IsOutside(called))
                return;
            called = called.OriginalDefinition;
            if (visited.Add(called) && FindLocalFunction(called) is { } calledBody)
            {
                var inner = new List<string>();
                Collect(calledBody, called, inner, visited);
                if (inner.Count > 0)
                    Add(called.Name);
            }
        }
    }

    private ILocalFunctionOperation? FindLocalFunction(IMethodSymbol function) => _root!.DescendantsAndSelf()
        .OfType<ILocalFunctionOperation>()
        .FirstOrDefault(f => SymbolEqualityComparer.Default.Equals(f.Symbol, function.OriginalDefinition));

    private void ReportCombination(SyntaxNode at, ITypeSymbol type) =>
        Report(AllocationDescriptors.DelegateCreated, at, "Combining delegates builds an invocation list", CallJudge.Show(type));

    public override void VisitEventAssignment(IEventAssignmentOperation operation)
    {
        if (_running && operation.EventReference is IEventReferenceOperation { Event: var subscribed })
        {
            // A field-like event's accessors are the compiler's and combine delegates; written ones are judged themselves.
            bool isFieldLike = subscribed is { IsAbstract: false, IsExtern: false }
                && subscribed.DeclaringSyntaxReferences.Any(r => r.GetSyntax(_cancel) is VariableDeclaratorSyntax);
            if (isFieldLike)
                ReportCombination(operation.Syntax, subscribed.Type);
            else if ((operation.Adds ? subscribed.AddMethod : subscribed.RemoveMethod) is { } accessor)
                ReportCall(accessor, operation.Syntax);
        }

        base.VisitEventAssignment(operation);
    }

    public override void VisitReturn(IReturnOperation operation)
    {
        bool yields = operation.Kind is OperationKind.YieldReturn or OperationKind.YieldBreak;
        if (_running && yields && _function is IMethodSymbol { IsAsync: false } iterator)
            ReportStateMachine(iterator, "iterator");
        base.VisitReturn(operation);
    }

    private void ReportStateMachine(IMethodSymbol function, string kind)
    {
        if (!_stateMachines.Add(function))
            return;
        if (function.MethodKind == MethodKind.AnonymousFunction)
        {
            var lambda = function.DeclaringSyntaxReferences[0].GetSyntax(_cancel);
            Report(AllocationDescriptors.StateMachineCreated, lambda, $"The {kind}");
            return;
        }

        string name = (function.AssociatedSymbol ?? function).Name;
        _report(Diagnostic.Create(AllocationDescriptors.StateMachineCreated, function.Locations[0], $"The {kind} '{name}'"));
    }

    // True if the operation is reported as a whole and its parts need no visit.
    private bool ReportRuntimeBinding(IOperation operation)
    {
        switch (operation)
        {
            case ITranslatedQueryOperation:
                Report(AllocationDescriptors.RuntimeBinding, operation.Syntax, "The query expression");
                return true;
            case IDynamicInvocationOperation or IDynamicMemberReferenceOperation:
            case IDynamicObjectCreationOperation or IDynamicIndexerAccessOperation:
            case IConversionOperation from when IsDynamic(from.Operand) && !IsDynamic(from) && !IsObject(from):
            case IBinaryOperation binary when IsDynamic(binary.LeftOperand) || IsDynamic(binary.RightOperand):
            case IUnaryOperation unary when IsDynamic(unary.Operand):
            case ICompoundAssignmentOperation compound when IsDynamic(compound.Target) || IsDynamic(compound.Value):
            case IIncrementOrDecrementOperation increment when IsDynamic(increment.Target):
                Report(AllocationDescriptors.RuntimeBinding, operation.Syntax, "The dynamic operation");
                return true;
            default:
                return false;
        }

        static bool IsObject(IOperation operand) => operand.Type is { SpecialType: SpecialType.System_Object };

        static bool IsDynamic(IOperation operand) => operand.Type is { TypeKind: TypeKind.Dynamic };
    }
}
