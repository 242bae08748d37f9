// Rows whose declarations stand outside the class: extension members, partial constructors and events.
namespace SipEmbedded.Generator.Tests.Allocation;

internal static partial class AllocationConstructs
{
    // Closes the class and opens another at the end, so that the members may be top-level types.
    private static string TopLevel(string declarations) => "}\n" + declarations + "\npublic static class Rest {";

    private static readonly AllocationConstruct[] Extensions =
    [
        new("extension enumerator", "foreach (int n in 3) Sum += n;", TopLevel("static class E { public static Up GetEnumerator(this int n) => new Up(n); } struct Up(int n) { int _i; public int Current => _i; public bool MoveNext() => ++_i < n; }")),
        new("extension members", "Sum += Text.Half + Text.Len();", TopLevel("static class E { extension(string s) { public int Half => s.Length / 2; public int Len() => s.Length; } }")),
        new("extension member that allocates", "Sink = Text.Twice;", TopLevel("static class E { extension(string s) { public string Twice => {|SIPA006:s + s|}; } }")),
        new("partial constructor", "Sink = {|SIPA001:new P(1)|};", TopLevel("partial class P { public partial P(int n); public partial P(int n) { A = {|SIPA002:new int[n]|}; } public int[] A; }")),
    ];
}
