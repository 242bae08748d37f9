// The table of constructs: a body, the members it needs, and where the analyzer has to speak. A row without a mark must
// stay silent. AllocationVerdictTests holds the analyzer to the marks, AllocationTruthTests holds the marks to the runtime.
// A row is one line, however long: it is read across, and compared with its neighbours.
namespace SipEmbedded.Generator.Tests.Allocation;

/// <param name="Name">The construct.</param>
/// <param name="Body">Statements of a static method; Sink, Number, Sum and Text are fields beside it.</param>
/// <param name="Members">Members beside the method.</param>
/// <param name="Untrue">Why the runtime disagrees with the verdict on this row; null where it has to agree.</param>
internal sealed record AllocationConstruct(string Name, string Body, string Members = "", string? Untrue = null);

internal static partial class AllocationConstructs
{
    private const string CachedOnce = "the compiler keeps the delegate in a static field: one allocation, in the warm-up";

    public static IEnumerable<AllocationConstruct> All =>
    [
        .. Objects, .. Arrays, .. Boxing, .. Delegates, .. Strings, .. Loops, .. Machines, .. Calls, .. Language, .. Extensions,
    ];

    private static readonly AllocationConstruct[] Objects =
    [
        new("new of a class", "Sink = {|SIPA001:new object()|};"),
        new("target-typed new", "C c = {|SIPA001:new()|}; Sink = c;", "class C;"),
        new("new of a class with an initialiser", "Sink = {|SIPA001:new C|} { A = 1 };", "class C { public int A; }"),
        new("new of a class with arguments and an initialiser", "Sink = {|SIPA001:new C(1)|} { B = 2 };", "class C(int a) { public int A = a; public int B; }"),
        new("new of a record class", "Sink = {|SIPA001:new R(1)|};", "record R(int A);"),
        new("with on a record class", "Sink = Kept {|SIPA001:with|} { A = 2 };", "record R(int A); static readonly R Kept = new(1);"),
        new("anonymous object", "Sink = {|SIPA001:new { A = 1 }|};"),
        new("new T() of a class", "Make<object>();", "static void Make<T>() where T : class, new() => Sink = {|SIPA001:new T()|};"),
        new("new T() of a struct", "Sum += Make<S>().A;", "struct S { public int A; } static T Make<T>() where T : struct => new T();"),
        new("new of a struct", "var s = new S(Number) { B = 2 }; Sum += s.A + s.B;", "struct S(int a) { public int A = a; public int B; }"),
        new("with on a record struct", "var s = new R(Number); s = s with { A = 3 }; Sum += s.A;", "record struct R(int A);"),
        new("new of a ref struct", "var s = new S(ref Number); s.A++;", "ref struct S { public ref int A; public S(ref int a) => A = ref a; }"),
        new("collection initialiser", "Sink = {|SIPA001:new L|} { 1, 2 };", "class L : IEnumerable { int _sum; public void Add(int n) => _sum += n; IEnumerator IEnumerable.GetEnumerator() => null!; }"),
        new("throw caught at once", "try { {|SIPA010:throw new InvalidOperationException()|}; } catch (InvalidOperationException) { Sum++; }"),
        new("throw expression", "try { Sum += (Null ?? {|SIPA010:throw new Exception(\"a\" + Number)|}).Length; } catch (Exception) { }", "static string? Null;"),
        new("throw of a kept exception", "try { {|SIPA010:throw Kept|}; } catch (Exception) { Sum++; }", "static readonly Exception Kept = new();"),
        new("throw behind DoesNotReturn, not taken", "if (Number == 0) Fail(Number);", "[DoesNotReturn] static void Fail(int n) => throw new ArgumentException($\"bad {n}\");"),
        new("allocation in DoesNotReturn outside the throw", "if (Number == 0) Fail();", "[DoesNotReturn] static void Fail() { var e = {|SIPA001:new Exception()|}; throw e; }", "the failing branch is not taken"),
        new("FailFast in DoesNotReturn", "if (Number == 0) Fail(Number);", "[DoesNotReturn] static void Fail(int n) => Environment.FailFast($\"bad {n}\");"),
        new("FailFast with a built message", "if (Number == 0) Environment.FailFast({|SIPA006:$\"bad {Number}\"|});", Untrue: "the failing branch is not taken"),
    ];

    private static readonly AllocationConstruct[] Arrays =
    [
        new("new array", "Sink = {|SIPA002:new int[4]|};"),
        new("new empty array", "Sink = {|SIPA002:new int[0]|};"),
        new("new array with elements", "Sink = {|SIPA002:new int[]|} { Number, 2 };"),
        new("implicitly typed array", "Sink = {|SIPA002:new[]|} { Number, 2 };"),
        new("array initialiser", "int[] a = {|SIPA002:{ Number, 2 }|}; Sink = a;"),
        new("two-dimensional array", "Sink = {|SIPA002:new int[2, 2]|};"),
        new("jagged array", "Sink = {|SIPA002:new int[1][]|};"),
        new("params array", "{|SIPA002:Take|}(Number, 2);", "static void Take(params int[] a) => Sink = a;"),
        new("params array, empty", "Take();", "static void Take(params int[] a) => Sink = a;"),
        new("params array, given whole", "Take(Kept);", "static void Take(params int[] a) => Sink = a; static readonly int[] Kept = [1];"),
        new("params span", "Take(Number, 2);", "static void Take(params ReadOnlySpan<int> a) => Sum += a[0];"),
        new("params List", "{|SIPA002:Take|}(Number, 2);", "static void Take(params List<int> a) => Sink = a;"),
        new("collection expression as array", "int[] a = {|SIPA002:[Number, 2]|}; Sink = a;"),
        new("collection expression as List", "List<int> a = {|SIPA002:[Number]|}; Sink = a;"),
        new("collection expression as empty List", "List<int> a = {|SIPA002:[]|}; Sink = a;"),
        new("collection expression as IEnumerable", "IEnumerable<int> a = {|SIPA002:[Number, 2]|}; Sink = a;"),
        new("collection expression as IReadOnlyList", "IReadOnlyList<int> a = {|SIPA002:[Number, 2]|}; Sink = a;"),
        new("collection expression as IList", "IList<int> a = {|SIPA002:[]|}; Sink = a;"),
        new("collection expression as ImmutableArray", "Held = {|SIPA002:[Number]|};", "static ImmutableArray<int> Held;"),
        new("empty collection expression as array", "int[] a = []; Sink = a;"),
        new("empty collection expression as IEnumerable", "IEnumerable<int> a = []; Sink = a;"),
        new("empty collection expression as ImmutableArray", "ImmutableArray<int> a = []; Sum += a.Length;"),
        new("collection expression as Span", "Span<int> a = [Number, 2, 3]; Sum += a[0];"),
        new("collection expression as Span of references", "Span<string> a = [Text, Text]; Sum += a[0].Length;"),
        new("collection expression as ReadOnlySpan", "ReadOnlySpan<int> a = [Number, 2]; Sum += a[1];"),
        new("constant collection expression as ReadOnlySpan", "ReadOnlySpan<int> a = [1, 2, 3]; Sum += a[Number & 1];"),
        new("constant strings as ReadOnlySpan", "ReadOnlySpan<string> a = [\"INVITE\", \"ACK\"]; Sum += a[Number & 1].Length;"),
        new("spread into a Span", "Span<int> a = {|SIPA002:[Number, .. Kept]|}; Sum += a[1];", "static readonly int[] Kept = [1, 2];"),
        new("spread into a List", "List<int> a = {|SIPA002:[.. Kept]|}; Sink = a;", "static readonly int[] Kept = [1, 2];"),
        new("collection builder of our own", "Set s = [Number, 2]; Sum += s.First;", """
            [CollectionBuilder(typeof(SetBuilder), "Create")] public struct Set { public int First; public IEnumerator<int> GetEnumerator() => null!; }
            public static class SetBuilder { public static Set Create(ReadOnlySpan<int> items) => new Set { First = items[0] }; }
            """),
        new("collection builder of our own, with a spread", "Set s = {|SIPA002:[Number, .. Kept]|}; Sum += s.First;", """
            [CollectionBuilder(typeof(SetBuilder), "Create")] public struct Set { public int First; public IEnumerator<int> GetEnumerator() => null!; }
            public static class SetBuilder { public static Set Create(ReadOnlySpan<int> items) => new Set { First = items[0] }; }
            static readonly int[] Kept = [1, 2];
            """),
        new("stackalloc", "Span<byte> a = stackalloc byte[16]; a[Number] = 1; Sum += a[7];"),
        new("stackalloc with elements", "Span<int> a = stackalloc[] { Number, 2 }; Sum += a[0];"),
        new("stackalloc within an expression", "Sum += Take(stackalloc int[] { Number, 2 });", "static int Take(Span<int> a) => a[0];"),
        new("stackalloc to a pointer", "byte* p = stackalloc byte[8]; p[0] = 1; Sum += p[0];"),
        new("constant array as ReadOnlySpan", "ReadOnlySpan<byte> a = new byte[] { 1, 2, 3 }; Sum += a[Number & 1];"),
        new("constant wide array as ReadOnlySpan", "ReadOnlySpan<int> a = new[] { 1, 2, 3 }; Sum += a[Number & 1];"),
        new("constant array in a span constructor", "var a = new ReadOnlySpan<byte>(new byte[] { 1, 2 }); Sum += a[Number & 1];"),
        new("empty array as ReadOnlySpan", "ReadOnlySpan<byte> a = new byte[0]; Sum += a.Length;"),
        new("varying array as ReadOnlySpan", "Take({|SIPA002:new byte[]|} { (byte)Number, 2 });", "[MethodImpl(MethodImplOptions.NoInlining)] static void Take(ReadOnlySpan<byte> a) => Sum += a[0];"),
        new("constant array as Span", "Take({|SIPA002:new byte[]|} { 1, 2 });", "[MethodImpl(MethodImplOptions.NoInlining)] static void Take(Span<byte> a) => Sum += a[0];"),
        new("UTF-8 literal", "Sum += \"INVITE\"u8[Number & 1];"),
        new("range of an array", "Sink = {|SIPA002:Kept[1..3]|};", "static readonly int[] Kept = [1, 2, 3, 4];"),
        new("range kept in a variable", "Range r = 1..3; Sink = {|SIPA002:Kept[r]|};", "static readonly int[] Kept = [1, 2, 3, 4];"),
        new("index from the end of an array", "Sum += Kept[^1];", "static readonly int[] Kept = [1, 2, 3, 4];"),
        new("range of a span", "Sum += Kept.AsSpan()[1..3].Length;", "static readonly int[] Kept = [1, 2, 3, 4];"),
        new("slice pattern on an array", "if (Kept is [_, {|SIPA002:.. var rest|}]) Sink = rest;", "static readonly int[] Kept = [1, 2, 3];"),
        new("slice pattern on a string", "if (Text is [_, {|SIPA006:.. var rest|}]) Sink = rest;"),
        new("slice pattern on a span", "if (Kept.AsSpan() is [_, .. var rest]) Sum += rest.Length;", "static readonly int[] Kept = [1, 2, 3];"),
        new("slice pattern, discarded", "if (Kept is [1, ..]) Sum++;", "static readonly int[] Kept = [1, 2, 3];"),
        new("inline array", "Four f = default; f[1] = Number; Span<int> s = f; foreach (int n in f) Sum += n + s[1];", "[InlineArray(4)] struct Four { private int _first; }"),
        new("Clone of an array", "Sink = Kept.{|SIPA011:Clone|}();", "static readonly int[] Kept = [1, 2, 3];"),
        new("ToArray of a span", "Sink = Kept.AsSpan().{|SIPA011:ToArray|}();", "static readonly int[] Kept = [1, 2, 3];"),
        new("Array.Empty", "Sink = Array.Empty<int>();"),
    ];
}
