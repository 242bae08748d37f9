// Objects, exceptions and arrays: new, with, anonymous objects, throw, array creation, params, collection expressions,
// and ranges that copy.
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace SipEmbedded.Generator.Allocation;

internal sealed partial class AllocationWalker
{
    public override void VisitObjectCreation(IObjectCreationOperation operation)
    {
        if (_running && operation.Type is { } type)
        {
            if (type.IsReferenceType)
                ReportObject(operation.Syntax, "'new'", type);
            else if (operation.Constructor is { } constructor)
                ReportCall(constructor, operation.Syntax);
        }

        base.VisitObjectCreation(operation);
    }

    public override void VisitTypeParameterObjectCreation(ITypeParameterObjectCreationOperation operation)
    {
        if (_running && operation.Type is { IsValueType: false } type)
            ReportObject(operation.Syntax, "'new', where the type argument is a class,", type);
        base.VisitTypeParameterObjectCreation(operation);
    }

    public override void VisitAnonymousObjectCreation(IAnonymousObjectCreationOperation operation)
    {
        if (_running)
            ReportObject(operation.Syntax, "The anonymous object", operation.Type);
        base.VisitAnonymousObjectCreation(operation);
    }

    public override void VisitWith(IWithOperation operation)
    {
        if (_running && operation.Type is { IsReferenceType: true } type)
            ReportObject(operation.Syntax, "'with'", type);
        base.VisitWith(operation);
    }

    // One report for the whole statement: what builds the exception is not worth naming apart. Inside [DoesNotReturn] the
    // process ends or a programming error is reported, and the exception may take what it needs.
    public override void VisitThrow(IThrowOperation operation)
    {
        if (!_running)
        {
            base.VisitThrow(operation);
            return;
        }

        if (!_neverReturns)
            Report(AllocationDescriptors.Thrown, operation.Syntax, ThrownName(operation));
    }

    private static string ThrownName(IThrowOperation operation)
    {
        var thrown = operation.Exception;
        while (thrown is IConversionOperation { IsImplicit: true } conversion)
            thrown = conversion.Operand;
        return thrown?.Type is { } type ? CallJudge.Show(type) : "Exception";
    }

    public override void VisitArrayCreation(IArrayCreationOperation operation)
    {
        if (_running && !IsConstantData(operation))
        {
            bool isParams = operation.Parent is IArgumentOperation { ArgumentKind: ArgumentKind.ParamArray };
            if (!isParams)
                ReportArray(operation.Syntax, "'new'", operation.Type);
            else if (operation.Initializer is { ElementValues.Length: > 0 }) // an empty one is the shared Array.Empty
                ReportArray(operation.Syntax, "The 'params' list", operation.Type);
        }

        base.VisitArrayCreation(operation);
    }

    // `ReadOnlySpan<byte> s = new byte[] { 1, 2 }` and `new ReadOnlySpan<byte>(new byte[] { 1, 2 })` become a view of the
    // program's constant data, for element types of a fixed size.
    private static bool IsConstantData(IArrayCreationOperation array)
    {
        if (array.Type is not IArrayTypeSymbol { Rank: 1, ElementType: var element } || !HasFixedSize(element))
            return false;
        bool isEmpty = array.Initializer is null && array.DimensionSizes[0].ConstantValue is { HasValue: true, Value: 0 };
        bool isConstant = array.Initializer is { } elements && elements.ElementValues.All(value => value.ConstantValue.HasValue);
        if (!isEmpty && !isConstant)
            return false;
        return array.Parent switch
        {
            IConversionOperation { Type: { } to } => IsReadOnlySpan(to),
            IArgumentOperation { Parent: IObjectCreationOperation { Type: { } created, Arguments.Length: 1 } } =>
                IsReadOnlySpan(created),
            _ => false,
        };
    }

    private static bool HasFixedSize(ITypeSymbol element)
    {
        var type = element is INamedTypeSymbol { EnumUnderlyingType: { } underlying } ? underlying : element;
        return type.SpecialType is SpecialType.System_Boolean or SpecialType.System_Char
            or (>= SpecialType.System_SByte and <= SpecialType.System_UInt64)
            or SpecialType.System_Single or SpecialType.System_Double;
    }

    public override void VisitCollectionExpression(ICollectionExpressionOperation operation)
    {
        if (_running && operation.Type is { } type)
            ReportCollection(operation, type);
        base.VisitCollectionExpression(operation);
    }

    private void ReportCollection(ICollectionExpressionOperation operation, ITypeSymbol type)
    {
        bool spreads = operation.Elements.Any(element => element is ISpreadOperation);
        if (IsSpan(type) || IsReadOnlySpan(type))
        {
            // Without a spread the elements lie on the stack, or in constant data.
            if (spreads)
                ReportArray(operation.Syntax, "The spread, which copies to an array,", type);
            return;
        }

        // The shared Array.Empty serves these.
        bool canBeEmptyArray = type.TypeKind == TypeKind.Array || type.OriginalDefinition.SpecialType is
            SpecialType.System_Collections_Generic_IEnumerable_T or SpecialType.System_Collections_Generic_IReadOnlyList_T
            or SpecialType.System_Collections_Generic_IReadOnlyCollection_T;
        if (operation.Elements.Length == 0 && canBeEmptyArray)
            return;

        if (type.IsReferenceType || (operation.ConstructMethod is null && !_calls.IsPromised(type)) || IsImmutableArray(type))
        {
            if (operation.Elements.Length > 0 || !IsImmutableArray(type))
                ReportArray(operation.Syntax, "The collection expression", type);
        }
        else if (operation.ConstructMethod is { } construct)
        {
            // A builder takes the elements as a span.
            if (spreads && construct.MethodKind != MethodKind.Constructor)
                ReportArray(operation.Syntax, "The spread, which copies to an array,", type);
            ReportCall(construct, operation.Syntax);
        }
    }

    public override void VisitArrayElementReference(IArrayElementReferenceOperation operation)
    {
        if (_running && operation.Indices.Length == 1 && IsRange(operation.Indices[0].Type))
            ReportArray(operation.Syntax, "The range, which copies part of an array,", operation.Type);
        base.VisitArrayElementReference(operation);
    }

    public override void VisitImplicitIndexerReference(IImplicitIndexerReferenceOperation operation)
    {
        if (_running)
            ReportSlice(operation.IndexerSymbol, operation.Syntax, operation.Type);
        base.VisitImplicitIndexerReference(operation);
    }

    public override void VisitListPattern(IListPatternOperation operation)
    {
        if (_running)
        {
            foreach (var used in new[] { operation.LengthSymbol, operation.IndexerSymbol })
            {
                if (used is IMethodSymbol or IPropertySymbol)
                    ReportCall(used, operation.Syntax);
            }
        }

        base.VisitListPattern(operation);
    }

    public override void VisitSlicePattern(ISlicePatternOperation operation)
    {
        // Without a pattern of its own the slice is only skipped, not made.
        if (_running && operation.Pattern is not null)
            ReportSlice(operation.SliceSymbol, operation.Syntax, operation.InputType);
        base.VisitSlicePattern(operation);
    }

    private void ReportSlice(ISymbol? slice, SyntaxNode at, ITypeSymbol? type)
    {
        if (type is IArrayTypeSymbol)
            ReportArray(at, "The range, which copies part of an array,", type);
        else if (slice is IMethodSymbol && type is { SpecialType: SpecialType.System_String })
            Report(AllocationDescriptors.StringBuilt, at, "The range of a string");
        else if (slice is not null)
            ReportCall(slice, at);
    }

    private static bool IsRange(ITypeSymbol? type) => type is { Name: "Range", ContainingNamespace.Name: "System" };

    private static bool IsSpan(ITypeSymbol type) =>
        type.OriginalDefinition is { MetadataName: "Span`1", ContainingNamespace.Name: "System" };

    private static bool IsReadOnlySpan(ITypeSymbol type) =>
        type.OriginalDefinition is { MetadataName: "ReadOnlySpan`1", ContainingNamespace.Name: "System" };

    private static bool IsImmutableArray(ITypeSymbol type) =>
        type.OriginalDefinition is { MetadataName: "ImmutableArray`1", ContainingNamespace.Name: "Immutable" };
}
