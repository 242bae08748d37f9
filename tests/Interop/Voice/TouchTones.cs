// Keys as tones in sound (ITU-T Q.23): made by their definition, and found by spandsp, which knows nothing of ours.
using System.Runtime.InteropServices;
using System.Text;

namespace SipEmbedded.Interop.Tests.Voice;

internal static unsafe partial class TouchTones
{
    private const int Rate = 8_000, ToneMs = 100, PauseMs = 100;
    private const double Amplitude = 6_000;

    private static readonly int[] s_rows = [697, 770, 852, 941], s_columns = [1209, 1336, 1477, 1633];

    /// <summary>Why tones cannot be looked for here, or null.</summary>
    public static string? WhyNot => NativeLibrary.TryLoad("libspandsp.so.2", out _) ? null : "not installed: libspandsp.so.2 (apt-get install libspandsp2)";

    /// <summary>The keys one after the other behind a pause, at 8 kHz.</summary>
    public static short[] Make(string keys, int beginMs)
    {
        short[] sound = new short[Rate / 1000 * (beginMs + keys.Length * (ToneMs + PauseMs) + beginMs)];
        for (int key = 0; key < keys.Length; key++)
        {
            int index = "123A456B789C*0#D".IndexOf(keys[key], StringComparison.Ordinal);
            double row = 2 * Math.PI * s_rows[index / 4] / Rate, column = 2 * Math.PI * s_columns[index % 4] / Rate;
            int from = Rate / 1000 * (beginMs + key * (ToneMs + PauseMs));
            for (int i = 0; i < Rate / 1000 * ToneMs; i++)
                sound[from + i] = (short)(Amplitude * (Math.Sin(row * i) + Math.Sin(column * i)));
        }
        return sound;
    }

    /// <summary>The keys that spandsp hears in a sound of <see cref="SoundFile.SampleRate"/>.</summary>
    public static string In(short[] sound)
    {
        short[] narrow = SoundFile.Converted(sound, SoundFile.SampleRate, Rate);
        nint state = Init(0, 0, 0);
        var heard = new StringBuilder();
        byte* keys = stackalloc byte[128];
        fixed (short* samples = narrow)
            _ = Receive(state, samples, narrow.Length);
        nuint count = Get(state, keys, 127);
        for (nuint i = 0; i < count; i++)
            heard.Append((char)keys[i]);
        _ = Free(state);
        return heard.ToString();
    }

    [LibraryImport("libspandsp.so.2", EntryPoint = "dtmf_rx_init")]
    private static partial nint Init(nint state, nint callback, nint user);

    [LibraryImport("libspandsp.so.2", EntryPoint = "dtmf_rx")]
    private static partial int Receive(nint state, short* samples, int count);

    [LibraryImport("libspandsp.so.2", EntryPoint = "dtmf_rx_get")]
    private static partial nuint Get(nint state, byte* keys, int most);

    [LibraryImport("libspandsp.so.2", EntryPoint = "dtmf_rx_free")]
    private static partial int Free(nint state);
}
