// The frequencies of push-button telephones (ITU-T Q.23 §3), in the order of the events of RFC 4733 §3.2.
namespace SipEmbedded.Audio;

/// <summary>Four rows and four columns of frequencies, a key where two cross.</summary>
internal static class TouchTone
{
    /// <summary>Keys with tones: events 0 to 15.</summary>
    public const int Keys = 16;

    public const int Rows = 4;

    // The keypad, row by row.
    private static ReadOnlySpan<byte> Pad => [1, 2, 3, 12, 4, 5, 6, 13, 7, 8, 9, 14, 10, 0, 11, 15];

    private static ReadOnlySpan<float> RowFrequencies => [697, 770, 852, 941];

    private static ReadOnlySpan<float> ColumnFrequencies => [1_209, 1_336, 1_477, 1_633];

    /// <summary>Row <paramref name="index"/> from above, in Hz.</summary>
    public static float Row(int index) => RowFrequencies[index];

    /// <summary>Column <paramref name="index"/> from the left, in Hz.</summary>
    public static float Column(int index) => ColumnFrequencies[index];

    /// <summary>The event of the key in a row and a column.</summary>
    public static byte EventAt(int row, int column) => Pad[Rows * row + column];

    public static float RowOf(byte code) => RowFrequencies[Pad.IndexOf(code) / Rows];

    public static float ColumnOf(byte code) => ColumnFrequencies[Pad.IndexOf(code) % Rows];
}
