// Boxing: conversions of a value to object or an interface, patterns that bind one so, and calls on a value of a method
// that only object, ValueType or Enum implements.
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Operations;

namespace SipEmbedded.Generator.Allocation;

internal sealed partial class AllocationWalker
{
    public override void VisitConversion(IConversionOperation operation)
    {
        if (_running && operation.Operand is IAnonymousFunctionOperation && operation.Type is { TypeKind: not TypeKind.Delegate })
        {
            Report(AllocationDescriptors.RuntimeBinding, operation.Syntax, "The expression tree");
            return;
        }

        if (_running)
        {
            if (operation.OperatorMethod is { } conversion)
                ReportCall(conversion, operation.Syntax);
            else if (operation.Operand.Type is { } from && operation.Type is { } to)
                ReportConversion(operation, from, to);
        }

        base.VisitConversion(operation);
    }

    private void ReportConversion(IConversionOperation operation, ITypeSymbol from, ITypeSymbol to)
    {
        if (!IsBoxedAs(from, to))
        {
            if (operation.Operand is not ITupleOperation && FindBoxedElement(from, to) is { } element)
                ReportBoxed(operation.Syntax, "The conversion of a tuple's element", element);
            return;
        }

        // A part of a concatenation is converted by ToString, and the concatenation is reported itself.
        if (operation.Parent is IBinaryOperation { Type.SpecialType: SpecialType.System_String }
            or ICompoundAssignmentOperation { Type.SpecialType: SpecialType.System_String })
            return;
        // `value == null` on a type parameter asks for the type only: every compiler drops the box.
        if (operation.Parent is IBinaryOperation comparison
            && comparison.OperatorKind is BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals
            && (IsNull(comparison.LeftOperand) || IsNull(comparison.RightOperand)))
            return;
        string target = $"The conversion to '{CallJudge.Show(to)}'";
        ReportBoxed(operation.Syntax, target, from);

        static bool IsNull(IOperation operand) => operand.ConstantValue is { HasValue: true, Value: null };
    }

    private static bool IsBoxedAs(ITypeSymbol from, ITypeSymbol to) => MayBeValue(from) && to.IsReferenceType;

    // Pointers count as value types but never turn into objects; a ref struct cannot be boxed.
    private static bool MayBeValue(ITypeSymbol type) => type switch
    {
        ITypeParameterSymbol parameter => !parameter.IsReferenceType,
        _ => type is { IsValueType: true, IsRefLikeType: false, TypeKind: not (TypeKind.Pointer or TypeKind.FunctionPointer) },
    };

    // (int, string) to (object, string) converts element by element, out of sight.
    private static ITypeSymbol? FindBoxedElement(ITypeSymbol from, ITypeSymbol to)
    {
        if (from is not INamedTypeSymbol { IsTupleType: true } source || to is not INamedTypeSymbol { IsTupleType: true } target)
            return null;
        for (int i = 0; i < source.TupleElements.Length && i < target.TupleElements.Length; i++)
        {
            var (a, b) = (source.TupleElements[i].Type, target.TupleElements[i].Type);
            if (IsBoxedAs(a, b))
                return a;
            if (FindBoxedElement(a, b) is { } inner)
                return inner;
        }

        return null;
    }

    public override void VisitCoalesce(ICoalesceOperation operation)
    {
        // `object o = number ?? other`: the left side's conversion has no operation of its own.
        if (_running && operation.Value.Type is { } from && operation.Type is { } to && IsBoxedAs(from, to))
            ReportBoxed(operation.Value.Syntax, $"The conversion to '{CallJudge.Show(to)}'", from);
        base.VisitCoalesce(operation);
    }

    public override void VisitDeclarationPattern(IDeclarationPatternOperation operation)
    {
        if (_running && operation.DeclaredSymbol is not null && operation.MatchedType is { } matched)
            ReportPattern(operation, matched);
        base.VisitDeclarationPattern(operation);
    }

    public override void VisitRecursivePattern(IRecursivePatternOperation operation)
    {
        if (_running)
        {
            bool looksInside = !operation.PropertySubpatterns.IsEmpty || !operation.DeconstructionSubpatterns.IsEmpty;
            if (operation.DeclaredSymbol is not null || looksInside)
                ReportPattern(operation, operation.MatchedType);
            if (operation.DeconstructSymbol is IMethodSymbol deconstruct)
                ReportCall(deconstruct, operation.Syntax);
            else if (operation.DeconstructSymbol is ITypeSymbol { Name: "ITuple" })
                ReportBoxed(operation.Syntax, "The pattern, which reads a tuple through 'ITuple',", operation.InputType);
        }

        base.VisitRecursivePattern(operation);
    }

    // A bare type test (`value is IDisposable`) needs no object; one that binds the result, or looks into it, does.
    private void ReportPattern(IPatternOperation operation, ITypeSymbol matched)
    {
        if (IsBoxedAs(operation.InputType, matched))
            ReportBoxed(operation.Syntax, $"The pattern of type '{CallJudge.Show(matched)}'", operation.InputType);
    }

    // True if the call is reported: object's, ValueType's or Enum's own method has no way to run on an unboxed value.
    private bool ReportBoxingCall(IInvocationOperation operation)
    {
        // `base` in a struct has the type ValueType, which is a class.
        var receiver = operation.Instance is IInstanceReferenceOperation && _owner.ContainingType is { IsValueType: true } self
            ? self
            : operation.Instance?.Type;
        if (receiver is null || !MayBeValue(receiver) || operation.TargetMethod.IsStatic)
            return false;
        var declaring = operation.TargetMethod.ContainingType;
        bool isObjects = declaring.SpecialType is
            SpecialType.System_Object or SpecialType.System_ValueType or SpecialType.System_Enum;
        if (!isObjects)
            return ReportDefaultBody(operation.TargetMethod, receiver, operation.Syntax);
        bool isOverridable = operation.TargetMethod is { IsVirtual: true } or { IsOverride: true };
        string reason = receiver is ITypeParameterSymbol ? "which the type argument may not override,"
            : isOverridable ? $"which '{CallJudge.Show(receiver)}' does not override,"
            : "which takes an object,";
        ReportBoxed(operation.Syntax, $"The call of '{operation.TargetMethod.Name}', {reason}", receiver);
        return true;
    }

    // A body that the interface itself gives runs on an object; whether the type argument has its own is not known here.
    private bool ReportDefaultBody(ISymbol member, ITypeSymbol? receiver, SyntaxNode at)
    {
        bool hasBody = member is { IsAbstract: false, IsStatic: false, ContainingType.TypeKind: TypeKind.Interface };
        if (receiver is null || !MayBeValue(receiver) || !hasBody)
            return false;
        // The class library's numeric interfaces have such bodies too, which its numbers replace: the list answers for them.
        if (!_calls.IsPromised(member))
            return false;
        ReportBoxed(at, $"The call of '{member.Name}', whose body the interface gives,", receiver);
        return true;
    }
}
