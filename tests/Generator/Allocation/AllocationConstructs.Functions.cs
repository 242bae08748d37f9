// Rows of delegates, lambdas, local functions, events, state machines and run-time binding.
namespace SipEmbedded.Generator.Tests.Allocation;

internal static partial class AllocationConstructs
{
    private static readonly AllocationConstruct[] Delegates =
    [
        new("lambda that captures a local", "int n = Number; Func<int> f = {|SIPA004:() =>|} n; Sink = f;"),
        new("lambda that captures a parameter", "M(1);", "static void M(int n) { Func<int> f = {|SIPA004:() =>|} n; Sink = f; }"),
        new("lambda that captures this", "Kept.M();", "class C { int _n; public void M() { Func<int> f = {|SIPA004:() =>|} _n; Sink = f; } } static readonly C Kept = new();"),
        new("lambda that captures a primary constructor parameter", "Kept.M();", "class C(int n) { public void M() { Func<int> f = {|SIPA004:() =>|} n; Sink = f; } } static readonly C Kept = new(1);"),
        new("anonymous method that captures", "int n = Number; Func<int> f = {|SIPA004:delegate|} { return n; }; Sink = f;"),
        new("lambda that captures only a constant", "const int n = 3; Func<int> f = {|SIPA005:() =>|} n; Sink = f;", Untrue: CachedOnce),
        new("lambda that captures nothing", "Func<int, int> f = {|SIPA005:n =>|} n + 1; Sink = f;", Untrue: CachedOnce),
        new("static lambda", "Func<int, int> f = {|SIPA005:static n =>|} n + 1; Sink = f;", Untrue: CachedOnce),
        new("lambda with a block, declaring and nesting inside", "Action f = {|SIPA005:() =>|} { int n = 1; Func<int> g = {|SIPA004:() =>|} n; Sink = g; }; f();"),
        new("lambda kept in a static field", "Sum += Kept(Number);", "static readonly Func<int, int> Kept = n => n + 1;"),
        new("allocation in a lambda kept in a static field", "Kept();", "static readonly Action Kept = () => Sink = {|SIPA001:new object()|};"),
        new("lambda of a natural type", "var f = {|SIPA005:(int n) =>|} n + 1; Sink = f;", Untrue: CachedOnce),
        new("lambda that calls a capturing local function", "int n = Number; int Local() => n; Func<int> f = {|SIPA004:() =>|} Local(); Sink = f;"),
        new("local function that captures, called", "int n = Number; int Local() => n + 1; Sum += Local();"),
        new("local function that captures, as a delegate", "int n = Number; int Local() => n + 1; Func<int> f = {|SIPA004:Local|}; Sink = f;"),
        new("local function without captures, as a delegate", "static int Local() => 1; Func<int> f = {|SIPA005:Local|}; Sink = f;", Untrue: CachedOnce),
        new("allocation in a local function", "Local(); static void Local() => Sink = {|SIPA001:new object()|};"),
        new("static method group", "Func<int> f = {|SIPA005:M|}; Sink = f;", "static int M() => 1;", CachedOnce),
        new("static method group as an argument", "Take({|SIPA005:M|});", "static int M() => 1; static void Take(Func<int> f) => Sum += f();", CachedOnce),
        new("instance method group", "Func<int> f = {|SIPA004:Kept.M|}; Sink = f;", "class C { public int M() => 1; } static readonly C Kept = new();"),
        new("instance method group of a struct", "Func<int> f = {|SIPA004:Kept.M|}; Sink = f;", "struct S { public int M() => 1; } static S Kept;"),
        new("extension method group", "Func<int> f = {|SIPA004:Text.{|SIPA011:Count|}|}; Sink = f;"),
        new("new of a delegate", "Sink = {|SIPA004:new Func<int>(Kept.M)|};", "class C { public int M() => 1; } static readonly C Kept = new();"),
        new("delegate wrapped in another", "Sink = {|SIPA004:new Other(Kept)|};", "delegate int Other(); static readonly Func<int> Kept = () => 1;"),
        new("function pointer", "delegate*<int> f = &M; Sum += f();", "static int M() => 1;"),
        new("call of a kept delegate", "Sum += Kept(); Kept?.Invoke();", "static readonly Func<int> Kept = () => 1;"),
        new("delegates combined", "Action a = {|SIPA004:Kept + Kept|}; Sink = a;", "static readonly Action Kept = () => { };"),
        new("delegate += and -=", "{|SIPA004:List += Kept|}; {|SIPA004:List -= Kept|};", "static readonly Action Kept = () => { }; static Action? List = () => { };"),
        new("event += and -=", "{|SIPA004:E += Kept|}; {|SIPA004:E -= Kept|};", "static event Action? E = () => { }; static readonly Action Kept = () => { };"),
        new("event += with a lambda", "{|SIPA004:E += {|SIPA005:() =>|} { }|}; E = Kept;", "static event Action? E = () => { }; static readonly Action Kept = () => { };"),
        new("event with accessors of its own", "E += Kept;", "static Action? _e; static event Action E { add => _e = value; remove => _e = null; } static readonly Action Kept = () => { };"),
        new("raising an event", "E?.Invoke();", "static event Action? E = () => Sum++;"),
        new("lambda given to LINQ in running code", "Sum += Kept.{|SIPA011:Any|}({|SIPA005:n =>|} n == 3) ? 1 : 0;", "static readonly List<int> Kept = [1, 2];", "Any walks a List without an enumerator on the heap; the list does not know it"),
    ];

    private static readonly AllocationConstruct[] Machines =
    [
        new("iterator", "Sink = Each();", "static IEnumerable<int> {|SIPA008:Each|}() { yield return 1; }"),
        new("iterator property", "Sink = Each;", "static IEnumerable<int> Each { {|SIPA008:get|} { yield return 1; } }"),
        new("iterator with only a yield break", "Sink = Each();", "static IEnumerator<int> {|SIPA008:Each|}() { yield break; }"),
        new("local iterator", "Sink = Each(); static IEnumerable<int> {|SIPA008:Each|}() { yield return 1; }"),
        new("async method", "Sink = Each();", "static async Task {|SIPA008:Each|}() => await Task.{|SIPA011:Yield|}();"),
        new("async method that completes at once", "_ = Each();", "static async ValueTask<int> {|SIPA008:Each|}() => 1;", "completes without suspending; one that waits allocates, and a debug build always does"),
        new("async lambda", "Kept();", "static readonly Func<Task> Kept = {|SIPA008:async () =>|} await Task.{|SIPA011:Yield|}();"),
        new("async iterator", "Sink = Each();", "static async IAsyncEnumerable<int> {|SIPA008:Each|}() { yield return 1; await Task.{|SIPA011:Yield|}(); }"),
        new("dynamic operation", "Sink = {|SIPA009:D + 1|};", "static readonly dynamic D = 1;"),
        new("dynamic call", "Sink = D.{|SIPA009:ToString|}();", "static readonly dynamic D = 1000;"),
        new("dynamic conversion", "Sum += {|SIPA009:(int)D|};", "static readonly dynamic D = 1;", "a call site kept by the compiler binds once; every new type binds anew"),
        new("expression tree", "Expression<Func<int, int>> e = {|SIPA009:n =>|} n + 1; Sink = e;"),
        new("query expression", "Sink = {|SIPA009:from n in Kept where n > 1 select n + 1|};", "static readonly int[] Kept = [1, 2];"),
    ];
}
