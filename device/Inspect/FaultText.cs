// What is wrong, in words for people.
using SipEmbedded.Device.Inspect.Reports;
using SipEmbedded.Text;

namespace SipEmbedded.Device.Inspect;

internal static class FaultText
{
    // Enough to recognise the place, short enough for a line.
    private const int MaxQuotedOctets = 24;

    public static string KindOf(FaultKind kind) => kind switch
    {
        FaultKind.Syntax => "syntax",
        FaultKind.Range => "range",
        FaultKind.Missing => "missing",
        FaultKind.Duplicate => "duplicate",
        FaultKind.Mismatch => "mismatch",
        FaultKind.Length => "length",
        FaultKind.Limit => "limit",
        FaultKind.Version => "version",
        _ => kind.ToString(),
    };

    /// <summary>Explains a fault; <paramref name="behind"/> are the octets from its offset on, up to the end of its line.</summary>
    public static string Explain(FaultKind kind, string rule, ReadOnlySpan<byte> behind)
    {
        string found = behind.IsEmpty ? "the end" : "'" + Quote(behind) + "'";
        return kind switch
        {
            FaultKind.Syntax => $"what stands here does not match the grammar: {found}",
            FaultKind.Range => $"the number is outside its range: {found}",
            FaultKind.Missing => $"{rule} must be there and is not",
            FaultKind.Duplicate => $"{rule} may stand once and stands again",
            FaultKind.Mismatch => $"this contradicts another part of the message: {found}",
            FaultKind.Length => "the body is shorter than the length given",
            FaultKind.Limit => $"more than this program takes ({rule})",
            FaultKind.Version => $"a version that is not spoken here: {found}",
            _ => found,
        };
    }

    private static string Quote(ReadOnlySpan<byte> octets) =>
        EscapedText.Of(octets[..Math.Min(octets.Length, MaxQuotedOctets)], onlyAscii: true) + (octets.Length > MaxQuotedOctets ? "…" : "");
}
