// Sets of octets in emitted code: a comparison where one says it, else a bit of a table that the grammar's class holds once.
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using SipEmbedded.Generator.Automata;

namespace SipEmbedded.Generator.Emit;

/// <summary>The sets that one grammar's code tests, seen from a class that reaches their tables by <paramref name="prefix"/>.</summary>
internal sealed class CharacterSets(string prefix, List<ByteSet> tested, List<ByteSet> runs)
{
    private const int SetsPerTable = 8;

    private readonly List<ByteSet> _tested = tested;
    private readonly List<ByteSet> _runs = runs;

    /// <summary>An expression that is true where <paramref name="octet"/>, a byte variable, belongs to the set.</summary>
    public string Test(ByteSet set, string octet)
    {
        var ranges = set.Ranges().ToList();
        if (ranges.Count == 1)
        {
            var (from, to) = ranges[0];
            if (from == to)
                return $"{octet} == {Names.Octet(from)}";
            if (from == 0)
                return $"{octet} <= {Names.Octet(to)}";
            if (to == 255)
                return $"{octet} >= {Names.Octet(from)}";
            return $"(uint)({octet} - {Names.Octet(from)}) <= {(to - from).ToString(CultureInfo.InvariantCulture)}";
        }
        if (set.Count == 2 && set.Octets().ToList() is var pair && (pair[0] ^ pair[1]) == 0x20)
            return $"({octet} | 0x20) == {Names.Octet(pair[1])}";
        if (set.Count <= 3)
            return "(" + string.Join(" || ", set.Octets().Select(o => $"{octet} == {Names.Octet(o)}")) + ")";
        int index = _tested.IndexOf(set);
        if (index < 0)
        {
            index = _tested.Count;
            _tested.Add(set);
        }
        return $"({prefix}Sets{Number(index / SetsPerTable)}[{octet}] & {Number(1 << index % SetsPerTable)}) != 0";
    }

    /// <summary>The end of a run of the set's ASCII octets from <paramref name="position"/>.</summary>
    public string EndOfRun(ByteSet set, string position)
    {
        if (set == ByteSet.Range((byte)'0', (byte)'9'))
            return $"Scan.EndOfDigits(s, {position})";
        set &= ByteSet.Range(0, 0x7F);
        int index = _runs.IndexOf(set);
        if (index < 0)
        {
            index = _runs.Count;
            _runs.Add(set);
        }
        return $"Scan.EndOfRun(s, {position}, {prefix}Run{Number(index)})";
    }

    public void Emit(CodeWriter code)
    {
        for (int table = 0; table * SetsPerTable < _tested.Count; table++)
        {
            var sets = _tested.Skip(table * SetsPerTable).Take(SetsPerTable).ToList();
            code.Line($"// Bit n of an octet's entry: whether it belongs to the n-th of");
            foreach (var set in sets)
                code.Line("//   " + set);
            var entries = Enumerable.Range(0, 256)
                .Select(octet => sets.Select((set, bit) => set.Contains((byte)octet) ? 1 << bit : 0).Sum());
            Table(code, $"internal static ReadOnlySpan<byte> Sets{Number(table)}", entries);
        }
        for (int index = 0; index < _runs.Count; index++)
        {
            var set = _runs[index];
            var entries = Enumerable.Range(0, 16)
                .Select(low => Enumerable.Range(0, 8).Sum(high => set.Contains((byte)(high << 4 | low)) ? 1 << high : 0));
            code.Line("// " + set);
            code.Open($"internal static Vector128<byte> Run{Number(index)}").Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
            code.Line($"get => Vector128.Create((byte){string.Join(", ", entries.Select(Number))});").Close();
            code.Line();
        }
    }

    /// <summary>A read-only table of octets, 32 a line.</summary>
    public static void Table(CodeWriter code, string head, IEnumerable<int> entries, bool local = false)
    {
        code.Line((local ? "static " : "") + head + " =>").Line("[");
        var all = entries.ToList();
        for (int i = 0; i < all.Count; i += 32)
            code.Line("    " + string.Join(", ", all.Skip(i).Take(32).Select(Number)) + ",");
        code.Line("];").Line();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
