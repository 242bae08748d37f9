// Emits the enum of all headers declared in a compilation and the lookup of a name in a message: by length, then masked words.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using SipEmbedded.Generator.Declarations;

namespace SipEmbedded.Generator.Emit;

internal static class HeaderNamesEmitter
{
    public static string Emit(HeaderNamesDeclaration declaration, IEnumerable<(HeaderShape Shape, string Type)> headers)
    {
        var records = headers.OrderBy(h => h.Shape.Name, StringComparer.Ordinal).ToList();
        var all = records.Select(r => r.Shape).ToList();
        var code = SourceFile.Begin();
        string name = declaration.EnumName;
        var type = declaration.Type;
        if (type.Namespace.Length > 0)
            code.Open($"namespace {type.Namespace}");
        code.Line("/// <summary>The headers that have a typed record here; <see cref=\"Other\"/> is any further header.</summary>");
        code.Open($"{type.Accessibility} enum {name} : {(all.Count <= byte.MaxValue ? "byte" : "ushort")}").Line("/// <summary>None of the following.</summary>").Line("Other,");
        foreach (var header in all)
            code.Line($"/// <summary><c>{header.Name}</c>{(header.Compact == 0 ? "" : $", <c>{header.Compact}</c>")}</summary>").Line($"{Names.Pascal(header.Name)},");
        code.Close().Line();

        code.Open($"{type.Keyword} {type.Name}");
        code.Line("/// <summary>How many headers there are, <c>Other</c> aside.</summary>");
        code.Line($"public const int Count = {all.Count.ToString(CultureInfo.InvariantCulture)};").Line();
        code.Line("/// <summary>The header whose name or compact form is s[start..end], without regard to case, or Other.</summary>");
        code.Open($"public static {name} Parse(ReadOnlySpan<byte> s, int start, int end)");
        code.Open("if (end - start == 1)");
        code.Line("return (s[start] | 0x20) switch").Line("{");
        foreach (var header in all.Where(h => h.Compact != 0))
            code.Line($"    '{char.ToLowerInvariant(header.Compact)}' => {name}.{Names.Pascal(header.Name)},");
        code.Line($"    _ => {name}.Other,").Line("};").Close();
        NameMatch.Switch(code, all.Select(h => (h.Name, $"return {name}.{Names.Pascal(h.Name)};")), caseSensitive: false, "start", "end");
        code.Line($"return {name}.Other;").Close().Line();
        EmitFind(code, name, all);
        code.Line("/// <summary>The name as its RFC writes it; empty for Other.</summary>");
        code.Line($"public static ReadOnlySpan<byte> NameOf({name} header) => header switch").Line("{");
        foreach (var header in all)
            code.Line($"    {name}.{Names.Pascal(header.Name)} => {Names.Text(header.Name)},");
        code.Line("    _ => default,").Line("};");
        code.Line("/// <summary>How the values of a header stand on its lines.</summary>");
        Switch(code, $"public static HeaderForm FormOf({name} header)", records, r => $"{r.Type}.Form", "HeaderForm.Single");
        code.Line("/// <summary>Matches every value of a header's line, s[start..end]; the end, or a negative result (see <see cref=\"MatchResult\"/>).</summary>");
        Switch(code, $"public static int Match({name} header, ReadOnlySpan<byte> s, int start, int end, LineRules rules)", records,
            r => $"HeaderValues.MatchLine<{r.Type}>(s, start, end, rules)", "end");
        code.Line("/// <summary>Hands the typed values of a header's line to a visitor; the end, or a negative result.</summary>");
        code.Line($"public static int Visit<TVisitor>({name} header, ReadOnlySpan<byte> s, int start, int end, LineRules rules, ref TVisitor visitor)");
        Switch(code, "    where TVisitor : IValueVisitor, allows ref struct", records,
            r => $"HeaderValues.VisitLine<{r.Type}, TVisitor>(s, start, end, rules, ref visitor)", "end");
        code.Line("/// <summary>What a negative result of <see cref=\"Match\"/> means.</summary>");
        Switch(code, $"public static ParseFault FaultOf({name} header, int result)", records, r => $"{r.Type}.FaultOf(result)", "default");
        code.Close();
        if (type.Namespace.Length > 0)
            code.Close();
        return code.ToString();

        void Switch(CodeWriter code, string head, List<(HeaderShape Shape, string Type)> records,
            Func<(HeaderShape Shape, string Type), string> value, string other)
        {
            code.Line(head + " => header switch").Line("{");
            foreach (var record in records)
                code.Line($"    {name}.{Names.Pascal(record.Shape.Name)} => {value(record)},");
            code.Line($"    _ => {other},").Line("};").Line();
        }
    }

    private const int SlotBits = 9;
    private const int MaxTries = 100_000;

    // note [one probe a name]
    // First, middle and last octet and the length are mixed and multiplied by a number, found when the code is generated, that gives every
    // name a slot of its own. The slot's one candidate is then compared exactly, with the fold of note [mask letters only].
    private static void EmitFind(CodeWriter code, string enumName, List<HeaderShape> all)
    {
        var names = all.Where(h => h.Name.Length is > 1 and < 16).ToList();
        uint multiplier = 0x9E3779B1;
        var slots = new int[1 << SlotBits];
        // Names that agree in all that is mixed cannot be told apart so, whatever the number.
        bool told = names.Select(h => Key(h.Name)).Distinct().Count() == names.Count;
        for (int tries = 0; told; tries++)
        {
            System.Array.Clear(slots, 0, slots.Length);
            if (names.All(h => Take(slots, Slot(h.Name, multiplier), all.IndexOf(h) + 1)))
                break;
            told = tries < MaxTries;
            multiplier = unchecked(multiplier * 1664525 + 1013904223) | 1;
        }
        code.Line("/// <summary>The number of the header whose name is the first <paramref name=\"length\"/> octets (1 to 15) at <paramref name=\"name\"/>, without regard");
        code.Line("/// to case, or 0. 16 octets can be read there.</summary>");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
        code.Open("internal static nuint Find(ref byte name, nuint length)");
        if (!told)
        {
            code.Line("return (nuint)(int)Parse(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(ref name, (int)length), 0, (int)length);");
            code.Close().Line();
            return;
        }
        code.Line("uint key = name | (uint)Unsafe.Add(ref name, length >> 1) << 8 | (uint)Unsafe.Add(ref name, length - 1) << 16 | (uint)length << 24 | 0x202020u;");
        code.Line($"nuint id = Unsafe.Add(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(Slots), (nuint)(key * {multiplier.ToString(CultureInfo.InvariantCulture)}u >> {(32 - SlotBits).ToString(CultureInfo.InvariantCulture)}));");
        code.Line("ref ulong words = ref Unsafe.Add(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(Words), id * 8);");
        code.Line("ulong low = Unsafe.ReadUnaligned<ulong>(ref name), high = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref name, 8));");
        code.Line("ulong different = (low & words | Unsafe.Add(ref words, 1)) ^ Unsafe.Add(ref words, 2)");
        code.Line("    | (high & Unsafe.Add(ref words, 3) | Unsafe.Add(ref words, 4)) ^ Unsafe.Add(ref words, 5) | length ^ (nuint)Unsafe.Add(ref words, 6);");
        code.Line("return different == 0 ? id : 0;");
        code.Close().Line();
        CharacterSets.Table(code, "private static ReadOnlySpan<byte> Slots", slots);
        // Of each half of a name: the octets that count, the fold of its letters, and the folded octets; then its length. No name has length 255.
        Words(code, "private static ReadOnlySpan<ulong> Words", s_none.Concat(all.SelectMany(h => names.Contains(h)
            ? new ulong[]
            {
                Mask(h.Name.Length), Fold(h.Name, 0), Half(h.Name, 0) | Fold(h.Name, 0),
                Mask(h.Name.Length - 8), Fold(h.Name, 8), Half(h.Name, 8) | Fold(h.Name, 8), (ulong)h.Name.Length, 0,
            }
            : s_none)));
    }

    private static readonly ulong[] s_none = [0, 0, 0, 0, 0, 0, 255, 0];

    private static bool Take(int[] slots, int slot, int id)
    {
        if (slots[slot] != 0)
            return false;
        slots[slot] = id;
        return true;
    }

    private static int Slot(string name, uint multiplier) => (int)(unchecked(Key(name) * multiplier) >> (32 - SlotBits));

    private static uint Key(string name) =>
        name[0] | (uint)name[name.Length >> 1] << 8 | (uint)name[name.Length - 1] << 16 | (uint)name.Length << 24 | 0x202020u;

    private static ulong Half(string name, int from)
    {
        ulong word = 0;
        for (int i = from; i < Math.Min(name.Length, from + 8); i++)
            word |= (ulong)name[i] << (8 * (i - from));
        return word;
    }

    private static ulong Fold(string name, int from)
    {
        ulong fold = 0;
        for (int i = from; i < Math.Min(name.Length, from + 8); i++)
            fold |= (char.IsLetter(name[i]) ? 0x20UL : 0) << (8 * (i - from));
        return fold;
    }

    private static ulong Mask(int octets) => octets <= 0 ? 0 : octets >= 8 ? ulong.MaxValue : (1UL << (8 * octets)) - 1;

    private static void Words(CodeWriter code, string head, IEnumerable<ulong> words)
    {
        code.Line(head + " =>").Line("[");
        var all = words.ToList();
        for (int i = 0; i < all.Count; i += 8)
            code.Line("    " + string.Join(", ", all.Skip(i).Take(8).Select(Hex)) + ",");
        code.Line("];").Line();
    }

    private static string Hex(ulong value) => "0x" + value.ToString("X", CultureInfo.InvariantCulture) + "UL";
}
