// Strings: concatenation and interpolation. Interpolation into a handler (span.TryWrite) writes in place and is judged
// by the handler's own methods.
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SipEmbedded.Generator.Allocation;

internal sealed partial class AllocationWalker
{
    public override void VisitBinaryOperator(IBinaryOperation operation)
    {
        if (_running)
        {
            if (operation is { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String })
            {
                // The compiler joins a whole chain in one call: one report.
                if (!IsPartOfString(operation))
                    Report(AllocationDescriptors.StringBuilt, operation.Syntax, "The concatenation");
            }
            else if (operation.Type is { TypeKind: TypeKind.Delegate } type)
            {
                ReportCombination(operation.Syntax, type);
            }
            else if (operation.OperatorMethod is { } method)
            {
                ReportCall(method, operation.Syntax);
            }
        }

        base.VisitBinaryOperator(operation);
    }

    public override void VisitCompoundAssignment(ICompoundAssignmentOperation operation)
    {
        if (_running)
        {
            if (operation.Type is { SpecialType: SpecialType.System_String })
                Report(AllocationDescriptors.StringBuilt, operation.Syntax, "The concatenation");
            else if (operation.Type is { TypeKind: TypeKind.Delegate } type)
                ReportCombination(operation.Syntax, type);
            else if (operation.OperatorMethod is { } method)
                ReportCall(method, operation.Syntax);
        }

        base.VisitCompoundAssignment(operation);
    }

    public override void VisitInterpolatedString(IInterpolatedStringOperation operation)
    {
        bool isHandled = operation.Parent is IInterpolatedStringHandlerCreationOperation or IInterpolatedStringAdditionOperation;
        if (_running && !isHandled && !IsPartOfString(operation))
            Report(AllocationDescriptors.StringBuilt, operation.Syntax, "The interpolated string");
        base.VisitInterpolatedString(operation);
    }

    public override void VisitInterpolatedStringHandlerCreation(IInterpolatedStringHandlerCreationOperation operation)
    {
        // Debug.Assert formats its message only when the assertion has failed.
        bool isDebugs = operation.Type is { ContainingType: { Name: "Debug", ContainingNamespace.Name: "Diagnostics" } };
        if (isDebugs && operation.Type!.Name is "AssertInterpolatedStringHandler" or "WriteIfInterpolatedStringHandler")
            return;
        base.VisitInterpolatedStringHandlerCreation(operation);
    }

    private static bool IsPartOfString(IOperation operation)
    {
        var parent = operation.Parent;
        while (parent is IParenthesizedOperation or IConversionOperation { IsImplicit: true })
            parent = parent.Parent;
        return parent is IBinaryOperation { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String }
            or ICompoundAssignmentOperation { Type.SpecialType: SpecialType.System_String };
    }
}
