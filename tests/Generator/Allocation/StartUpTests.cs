// Where the promise ends and begins: unmarked assemblies, start-up code, what start-up code leaves behind, other assemblies.
using Microsoft.CodeAnalysis;
using Xunit;

namespace SipEmbedded.Generator.Tests.Allocation;

public class StartUpTests
{
    [Fact]
    public void Unmarked_assembly_is_silent() =>
        Assert.Empty(AllocationSnippet.OfUnmarkedSource("class C { object M() => new object(); string S(int n) => $\"{n}\" + n; }").Analyse());

    [Theory]
    [InlineData("class C { [StartUp(Because = \"pool\")] object M() => new object(); }")]
    [InlineData("class C { [StartUp(Because = \"pool\")] public C() { _a = new int[4]; } int[] _a; }")]
    [InlineData("class C { [StartUp(Because = \"pool\")] public C() { } int[] _a = new int[4]; int[] B { get; } = new int[2]; }")]
    [InlineData("[method: StartUp(Because = \"pool\")] class C(int n) { int[] _a = new int[n]; }")]
    [InlineData("class C { [StartUp(Because = \"pool\")] object P { get { return new object(); } set { _ = new object(); } } }")]
    [InlineData("class C { [StartUp(Because = \"pool\")] object P => new object(); }")]
    [InlineData("class C { object P { [StartUp(Because = \"pool\")] get => new object(); } }")]
    [InlineData("class C { [StartUp(Because = \"set up\")] event Action E { add { _ = new object(); } remove { } } }")]
    [InlineData("[StartUp(Because = \"configuration\")] class C { object M() => new object(); class Inner { object M() => $\"{1 + DateTime.Now.Day}\"; } }")]
    [InlineData("partial class C { [StartUp(Because = \"pool\")] partial void M(); partial void M() => _ = new object(); }")]
    [InlineData("partial class C { partial void M(); [StartUp(Because = \"pool\")] partial void M() => _ = new object(); }")]
    [InlineData("class C { static readonly object A = new object(); static object B { get; } = new object(); static event Action E = () => { }; static C() => _ = new int[3]; }")]
    [InlineData("class C { [ModuleInitializer] internal static void M() => _ = new object(); }")]
    [InlineData("class C { [StartUp(Because = \"pool\")] static async Task<int> M() { await Task.Yield(); return 1; } }")]
    [InlineData("class C { [StartUp(Because = \"pool\")] static IEnumerable<int> M() { yield return 1; } }")]
    [InlineData("class C { [StartUp(Because = \"pool\")] static int M() { throw new Exception(\"a\" + 1.ToString()); } }")]
    [InlineData("class C { [StartUp(Because = \"pool\")] static void M() { L(); void L() => _ = new object(); } }")]
    [InlineData("class C { [StartUp(Because = \"pool\")] static object[] M() => Enumerable.Range(0, 4).Select(n => new object()).ToArray(); }")]
    [InlineData("class C { static readonly object[] A = Enumerable.Range(0, 4).Select(n => new object()).ToArray(); }")]
    [InlineData("class C { [StartUp(Because = \"pool\")] static void M() { Expression<Func<int>> e = () => new List<int>().Count; dynamic d = 1; d++; } }")]
    public void Start_up_code_is_silent(string source) => Check(source);

    [Theory]
    [InlineData("class C { int[] _a = {|SIPA002:new int[4]|}; [StartUp(Because = \"pool\")] public C() { } public C(int n) { } }")]
    [InlineData("class C { int[] _a = {|SIPA002:new int[4]|}; }")]
    [InlineData("class C { [StartUp(Because = \"pool\")] void A() { } object M() => {|SIPA001:new object()|}; }")]
    public void Mark_covers_only_its_own_member(string source) => Check(source);

    [Theory]
    [InlineData("static Action F = null!; [StartUp(Because = \"wiring\")] static void M() { F = () => S = {|SIPA001:new object()|}; }")]
    [InlineData("static event Action? E; [StartUp(Because = \"wiring\")] static void M() { E += () => S = {|SIPA001:new object()|}; }")]
    [InlineData("[StartUp(Because = \"wiring\")] static Action M() => () => S = {|SIPA001:new object()|};")]
    [InlineData("[StartUp(Because = \"wiring\")] static void M() { _ = new Timer(_ => S = {|SIPA001:new object()|}); }")]
    [InlineData("[StartUp(Because = \"wiring\")] static void M() { Keep(() => S = {|SIPA001:new object()|}); } static Action? F; static void Keep(Action a) => F = a;")]
    [InlineData("static Action F = null!; [StartUp(Because = \"wiring\")] static void M() { F = L; void L() => S = {|SIPA001:new object()|}; }")]
    [InlineData("static Func<string, string?> F = Environment.{|SIPA011:GetEnvironmentVariable|};")]
    [InlineData("static Action F = {|SIPA012:M|}; [StartUp(Because = \"wiring\")] static void M() { }")]
    [InlineData("static readonly Action[] F = [() => S = {|SIPA001:new object()|}];")]
    public void Function_that_start_up_code_keeps_is_running_code(string members) => Check("class C { static object? S; " + members + " }");

    [Fact]
    public void Kept_lambda_can_carry_the_mark_itself() =>
        Check("class C { static object? S; static Action F = [StartUp(Because = \"fills the pool\")] () => S = new object(); }");

    [Fact]
    public void Local_function_can_carry_the_mark_but_not_be_called_by_running_code() =>
        Check("class C { static object? S; static void M() { {|SIPA012:L|}(); [StartUp(Because = \"once\")] static void L() => S = new object(); } }");

    [Theory]
    [InlineData("static void A() { {|SIPA012:B|}(); } [StartUp(Because = \"set up\")] static void B() { }")]
    [InlineData("static int A() => {|SIPA012:P|}; [StartUp(Because = \"set up\")] static int P => 1;")]
    [InlineData("static void A() { P p = {|SIPA012:new P(1)|}; } struct P { [StartUp(Because = \"set up\")] public P(int n) { } }")]
    [InlineData("static void A() => Setup.{|SIPA012:B|}(); [StartUp(Because = \"set up\")] static class Setup { public static void B() { } }")]
    [InlineData("static unsafe void A() { delegate*<void> f = &{|SIPA012:B|}; } [StartUp(Because = \"set up\")] static void B() { }")]
    public void Running_code_may_not_call_start_up_code(string members) => Check("class C { " + members + " }");

    [Fact]
    public void Start_up_code_may_call_start_up_code() =>
        Check("class C { [StartUp(Because = \"a\")] static void A() => B(); [StartUp(Because = \"b\")] static void B() { } }");

    [Theory]
    [InlineData("class C { [{|SIPA014:StartUp|}] void M() { } }")]
    [InlineData("class C { [{|SIPA014:StartUp(Because = \" \")|}] void M() { } }")]
    [InlineData("[{|SIPA014:StartUp|}] class C;")]
    public void Mark_without_a_reason_is_reported(string source) => Check(source);

    [Fact]
    public void Generated_code_is_inside_the_promise() =>
        Check("// <auto-generated/>\n[System.CodeDom.Compiler.GeneratedCode(\"tool\", \"1\")] class C { object M() => {|SIPA001:new object()|}; }");

    [Fact]
    public void Marked_assembly_may_be_called_and_unmarked_may_not()
    {
        var marked = AllocationSnippet.OfSource(
            "public static class Lib { public static void Run() { } [StartUp(Because = \"a\")] public static void SetUp() { } }");
        var unmarked = AllocationSnippet.OfUnmarkedSource("public static class Other { public static void Run() { } }");
        var caller = AllocationSnippet.OfSource("class C { void M() { Lib.Run(); Lib.{|SIPA012:SetUp|}(); Other.{|SIPA011:Run|}(); } }")
            .WithReference(marked.Compilation.ToMetadataReference())
            .WithReference(unmarked.Compilation.ToMetadataReference());
        Assert.Equal(caller.Expected, caller.Analyse());
    }

    [Fact]
    public void Conditional_call_counts_where_its_symbol_is_defined()
    {
        const string Source = "class C { void M(int n) { Trace({|SIPA006:\"a\" + n|}); } [Conditional(\"TRACED\")] static void Trace(string s) { } }";
        Assert.Empty(AllocationSnippet.OfSource(Source).Analyse());
        var traced = AllocationSnippet.OfSource(Source).WithSymbol("TRACED");
        Assert.Equal(traced.Expected, traced.Analyse());
    }

    [Fact]
    public void Assertion_message_counts_in_a_debug_build_unless_it_is_interpolated()
    {
        var debug = AllocationSnippet.OfSource(
            "class C { void M(int n) { Debug.Assert(n > 0, $\"n is {n}\"); Debug.Assert(n > 0, {|SIPA006:\"n is \" + n|}); } }").WithSymbol("DEBUG");
        Assert.Equal(debug.Expected, debug.Analyse());
    }

    private static void Check(string source)
    {
        var snippet = AllocationSnippet.OfSource(source);
        Assert.Equal(string.Join("\n", snippet.Expected), string.Join("\n", snippet.Analyse()));
    }
}
