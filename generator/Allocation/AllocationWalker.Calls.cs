// Calls in all their forms: methods, properties, operators, foreach, using, deconstruction. Each target goes to CallJudge.
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace SipEmbedded.Generator.Allocation;

internal sealed partial class AllocationWalker
{
    private void ReportCall(ISymbol target, SyntaxNode at)
    {
        if (_calls.Judge(target) is { } fault)
            Report(fault.Descriptor, at, fault.First, fault.Second);
    }

    public override void VisitInvocation(IInvocationOperation operation)
    {
        var target = operation.TargetMethod;
        // The compiler leaves the call out, arguments included.
        if (IsLeftOut(target, operation.Syntax.SyntaxTree))
            return;
        if (_running)
        {
            // The way to the end of the process, or to the exception, may take what it needs.
            if (_neverReturns && AllocationMarks.NeverReturns(target))
                return;
            if (!ReportBoxingCall(operation))
                ReportCall(target, operation.Syntax);
        }

        base.VisitInvocation(operation);
    }

    private static bool IsLeftOut(IMethodSymbol target, SyntaxTree tree)
    {
        var conditions = target.GetAttributes()
            .Where(a => a.AttributeClass is { Name: "ConditionalAttribute", ContainingNamespace.Name: "Diagnostics" })
            .Select(a => a.ConstructorArguments.FirstOrDefault().Value as string)
            .ToList();
        if (conditions.Count == 0)
            return false;
        var defined = tree.Options.PreprocessorSymbolNames.ToImmutableHashSet();
        // #define stands before the file's first token.
        var head = tree.GetRoot().GetFirstToken(includeZeroWidth: true).LeadingTrivia;
        foreach (var directive in head.Select(trivia => trivia.GetStructure()))
        {
            if (directive is DefineDirectiveTriviaSyntax define)
                defined = defined.Add(define.Name.ValueText);
            else if (directive is UndefDirectiveTriviaSyntax undefine)
                defined = defined.Remove(undefine.Name.ValueText);
        }

        return !conditions.Any(condition => condition is not null && defined.Contains(condition));
    }

    public override void VisitPropertyReference(IPropertyReferenceOperation operation)
    {
        if (_running && !ReportDefaultBody(operation.Property, operation.Instance?.Type, NameIn(operation.Syntax)))
            ReportCall(operation.Property, NameIn(operation.Syntax));
        base.VisitPropertyReference(operation);
    }

    // A function pointer costs nothing to take, but its target runs unseen behind it.
    public override void VisitMethodReference(IMethodReferenceOperation operation)
    {
        if (_running)
            ReportCall(operation.Method, NameIn(operation.Syntax));
        base.VisitMethodReference(operation);
    }

    private static SyntaxNode NameIn(SyntaxNode node) => node is MemberAccessExpressionSyntax access ? access.Name : node;

    public override void VisitUnaryOperator(IUnaryOperation operation)
    {
        if (_running && operation.OperatorMethod is { } method)
            ReportCall(method, operation.Syntax);
        base.VisitUnaryOperator(operation);
    }

    public override void VisitIncrementOrDecrement(IIncrementOrDecrementOperation operation)
    {
        if (_running && operation.OperatorMethod is { } method)
            ReportCall(method, operation.Syntax);
        base.VisitIncrementOrDecrement(operation);
    }

    public override void VisitForEachLoop(IForEachLoopOperation operation)
    {
        if (_running && operation.Syntax is CommonForEachStatementSyntax loop)
            ReportForEach(operation, loop);
        base.VisitForEachLoop(operation);
    }

    private void ReportForEach(IForEachLoopOperation operation, CommonForEachStatementSyntax loop)
    {
        var info = operation.SemanticModel!.GetForEachStatementInfo(loop);
        if (info.ElementType is { } element && (info.ElementConversion.IsBoxing || info.CurrentConversion.IsBoxing))
            ReportBoxed(LoopVariable(loop), "The loop variable's conversion", element);
        else if (info.ElementConversion is { IsUserDefined: true, MethodSymbol: { } convert })
            ReportCall(convert, loop);

        if (loop is ForEachVariableStatementSyntax deconstruction)
            ReportDeconstruction(operation.SemanticModel!.GetDeconstructionInfo(deconstruction), deconstruction.Variable);

        var collection = operation.Collection is IConversionOperation { IsImplicit: true } conversion
            ? conversion.Operand.Type
            : operation.Collection.Type;
        // The compiler walks arrays and strings by index.
        bool isIndexed = collection is IArrayTypeSymbol or { SpecialType: SpecialType.System_String };
        if (isIndexed || info.GetEnumeratorMethod is not { } getEnumerator)
            return;
        if (_calls.Judge(getEnumerator) is not { } fault)
        {
            if (info.MoveNextMethod is { } moveNext)
                ReportCall(moveNext, loop);
            return;
        }

        if (fault.Descriptor == AllocationDescriptors.UnknownCall && getEnumerator.ReturnType.IsReferenceType)
            Report(AllocationDescriptors.EnumeratorCreated, loop, ShowType(collection), ShowType(getEnumerator.ReturnType));
        else
            Report(fault.Descriptor, loop, fault.First, fault.Second);
    }

    private static SyntaxNode LoopVariable(CommonForEachStatementSyntax loop) =>
        loop is ForEachStatementSyntax single ? single.Type : ((ForEachVariableStatementSyntax)loop).Variable;

    public override void VisitUsing(IUsingOperation operation)
    {
        var resource = operation.Resources is IVariableDeclarationGroupOperation group
            ? group.Declarations.FirstOrDefault()?.Declarators.FirstOrDefault()?.Symbol.Type
            : operation.Resources.Type;
        ReportDispose(resource, operation.Resources.Syntax);
        base.VisitUsing(operation);
    }

    public override void VisitUsingDeclaration(IUsingDeclarationOperation operation)
    {
        var declared = operation.DeclarationGroup.Declarations.FirstOrDefault()?.Declarators.FirstOrDefault();
        ReportDispose(declared?.Symbol.Type, declared?.Syntax ?? operation.Syntax);
        base.VisitUsingDeclaration(operation);
    }

    private void ReportDispose(ITypeSymbol? resource, SyntaxNode at)
    {
        if (!_running || resource is null)
            return;
        var types = ImmutableArray.CreateBuilder<ITypeSymbol>();
        for (var type = resource; type is not null; type = type.BaseType)
            types.Add(type);
        // Last the interfaces: one that the resource implements explicitly, or is.
        types.AddRange(resource.AllInterfaces);
        var dispose = types.SelectMany(type => type.GetMembers("Dispose")).OfType<IMethodSymbol>()
            .FirstOrDefault(m => m.Parameters.IsEmpty);
        if (dispose is not null)
            ReportCall(resource.FindImplementationForInterfaceMember(dispose) ?? dispose, at);
    }

    public override void VisitDeconstructionAssignment(IDeconstructionAssignmentOperation operation)
    {
        if (_running && operation.Syntax is AssignmentExpressionSyntax assignment)
        {
            var info = operation.SemanticModel!.GetDeconstructionInfo(assignment);
            ReportDeconstruction(info, operation.Syntax);
            // A literal's elements are operations of their own; what a Deconstruct method gives is converted out of sight.
            if (operation.Value is not ITupleOperation && HasBoxing(info))
                ReportBoxed(operation.Syntax, "The deconstruction into objects", operation.Value.Type);
        }

        base.VisitDeconstructionAssignment(operation);
    }

    private static bool HasBoxing(DeconstructionInfo info) => info.Conversion is { IsBoxing: true } || info.Nested.Any(HasBoxing);

    private void ReportDeconstruction(DeconstructionInfo info, SyntaxNode at)
    {
        if (info.Method is { } method)
            ReportCall(method, at);
        foreach (var nested in info.Nested)
            ReportDeconstruction(nested, at);
    }
}
