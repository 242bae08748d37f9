// How much machine code there is: of our parsers in each native build, and of the peers' libraries as a whole.

using System.Globalization;

namespace SipEmbedded.Bench.Peers;

internal static class CodeSizes
{
    // The native compiler names a method after its assembly first: everything of the library SipEmbedded starts so.
    private const string LibrarySymbolPrefix = "SipEmbedded_";

    // This program's own use of it, which the compiler inlines parsers into.
    private const string InterfacePointSymbol = "_OurParser__";

    public static Table Measure(Field field, string ours, string oursSize, IReadOnlyDictionary<string, string> libraryFiles)
    {
        List<string[]> rows =
        [
            .. new[] { (field.Ours.Name, ours), (field.OursSize.Name, oursSize) }.Select(build =>
                new[] { build.Item1, Bytes(LibraryCode(build.Item2)), Bytes(SectionCode(build.Item2)) }),
            .. field.Peers.Select(p => new[] { p.Contender.Name, "", Bytes(SectionCode(libraryFiles[p.Contender.Name])) }),
        ];
        return new Table("Code size, bytes", ["who", "library and generated parsers", "whole file"], rows,
        [
            $"Ours: symbols {LibrarySymbolPrefix}* and *{InterfacePointSymbol}* of this program (nm), then all its code "
                + "(sections .text and __managedcode, size -A), .NET's runtime and this program included. "
                + "Peers: the section .text of the shared library, which holds more than parsers.",
        ]);
    }

    private static long LibraryCode(string program)
    {
        long bytes = 0;
        foreach (string line in Tool.Run("nm", ["--print-size", "--defined-only", program]).Split('\n'))
        {
            // address size type name; symbols without a size have three fields
            string[] field = line.Split(' ', 4);
            if (field.Length == 4 && field[2] is "t" or "T" && IsOurs(field[3]))
                bytes += long.Parse(field[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }
        return bytes;
    }

    private static bool IsOurs(string symbol) =>
        symbol.StartsWith(LibrarySymbolPrefix, StringComparison.Ordinal)
        || symbol.Contains(InterfacePointSymbol, StringComparison.Ordinal);

    private static long SectionCode(string file) => Tool.Run("size", ["-A", file]).Split('\n')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(field => field is [".text" or "__managedcode", ..])
        .Sum(field => long.Parse(field[1], CultureInfo.InvariantCulture));

    private static string Bytes(long bytes) => bytes.ToString(CultureInfo.InvariantCulture);
}
