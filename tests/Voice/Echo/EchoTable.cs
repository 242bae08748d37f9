// tests/Voice/run echo: what is left of echoes in simulated rooms, and of voices beside them. Writes bench/results/echo.md and the plots beside it.
using System.Globalization;
using System.Text;
using SipEmbedded.Audio;
using SipEmbedded.NativeAudio;

namespace SipEmbedded.Voice.Tests.Echo;

internal static class EchoTable
{
    private const double Seconds = 20, SettledFrom = 10;

    // When both talk.
    private const double BothFrom = 10, BothTo = 15;

    private static readonly int[] s_tails = [60, 100, 130, 200, 260];

    public static int Print(TextWriter output, string? folder)
    {
        if (!SpeexEcho.TryLoad(new(), out _, out string why))
        {
            output.WriteLine(why);
            return 1;
        }
        var text = new StringBuilder();
        text.AppendLine("# Echo").AppendLine();
        text.AppendLine("Written by `tests/Voice/run echo --record bench/results`: simulated rooms, speech-like signals, 16 kHz. The echo is louder than the visitor's voice by the dB that are named; the");
        text.AppendLine("voice is at -26 dBov. ERLE is what is left less than captured, over the last 10 of 20 seconds of the far side alone; \"filter\" is the adaptive filter");
        text.AppendLine("without suppression. What it costs stands in [voice.md](voice.md).").AppendLine();
        Rooms(text);
        Troubles(text);
        Both(text);
        Ducking(text);
        text.AppendLine("![ERLE over time by tail](echo-tails.svg)").AppendLine();
        text.AppendLine("![ERLE over time in harder conditions](echo-conditions.svg)").AppendLine();
        text.AppendLine("![What a call hears while both talk](echo-double-talk.svg)");
        output.Write(text);
        if (folder is not null)
        {
            File.WriteAllText(Path.Combine(folder, "echo.md"), text.ToString());
            Plots(folder);
        }
        return 0;
    }

    private static void Rooms(StringBuilder text)
    {
        text.AppendLine("## Rooms, tails and frames").AppendLine();
        text.AppendLine("The far side alone, an echo 6 dB above a voice.").AppendLine();
        Head(text, "RT60 ms", "frame ms", "tail ms", "filter dB", "all dB", "20 dB after s");
        foreach (double rt60 in (double[])[0.2, 0.3, 0.4])
        {
            foreach (int frame in (int[])[10, 20])
            {
                foreach (int tail in s_tails)
                {
                    var scene = new EchoScene { Seconds = Seconds, Rt60 = rt60, FrameMs = frame };
                    var filter = scene.Run(Filter(tail));
                    var all = scene.Run(All(tail));
                    Line(text, rt60 * 1000, frame, tail, Decibels(filter.Erle(SettledFrom, Seconds)), Decibels(all.Erle(SettledFrom, Seconds)), Time(all.TimeTo(20)));
                }
            }
        }
        text.AppendLine();
    }

    private static void Troubles(StringBuilder text)
    {
        text.AppendLine("## Conditions").AppendLine();
        text.AppendLine($"The far side alone, RT60 300 ms, frames of 10 ms, the default tail of {new SpeexEchoOptions().Tail.TotalMilliseconds} ms.").AppendLine();
        Head(text, "condition", "filter dB", "all dB", "20 dB after s");
        foreach (var (name, scene) in Conditions())
        {
            var filter = scene.Run(Filter(DefaultTail));
            var all = scene.Run(All(DefaultTail));
            Line(text, name, Decibels(filter.Erle(SettledFrom, Seconds)), Decibels(all.Erle(SettledFrom, Seconds)), Time(all.TimeTo(20)));
        }
        text.AppendLine();
    }

    private static void Both(StringBuilder text)
    {
        text.AppendLine("## Both talk").AppendLine();
        text.AppendLine($"From second {BothFrom} to {BothTo}. \"Kept\" is how much louder the visitor's voice leaves than it came, segment SNR compares with the visitor alone through the same");
        text.AppendLine("canceller (20 ms, at most 35 dB), \"after\" is the ERLE in the two seconds behind.").AppendLine();
        Head(text, "condition", "kept dB", "segment SNR dB", "SNR untreated dB", "after dB");
        foreach (var (name, scene) in Conditions())
        {
            var both = scene with { Near = (BothFrom, BothTo) };
            var result = both.Run(All(DefaultTail));
            var alone = (both with { Far = (0, 0) }).Run(All(DefaultTail));
            var untreated = both.Run(Untouched());
            var aloneUntreated = (both with { Far = (0, 0) }).Run(Untouched());
            Line(text, name, Decibels(result.KeptDb(BothFrom, BothTo)), Decibels(result.SegmentSnr(alone, BothFrom, BothTo)),
                Decibels(untreated.SegmentSnr(aloneUntreated, BothFrom, BothTo)), Decibels(result.Erle(BothTo + 0.5, BothTo + 2.5)));
        }
        text.AppendLine();
    }

    private static void Ducking(StringBuilder text)
    {
        text.AppendLine("## Half duplex, without the library").AppendLine();
        text.AppendLine("The far side talks to second 8, the visitor from second 9 to 14, then the far side again.").AppendLine();
        Head(text, "condition", "far side alone, ERLE dB", "visitor kept dB", "loudspeaker while far talks dB");
        foreach (var (name, scene) in Conditions())
        {
            var first = (scene with { Far = (0, 8), Near = (9, 14) }).Run(Ducked());
            Line(text, name, Decibels(first.Erle(2, 8)), Decibels(first.KeptDb(10, 14)), Decibels(first.HeardDb(2, 8)));
        }
        text.AppendLine();
    }

    private static void Plots(string folder)
    {
        var room = new EchoScene { Seconds = Seconds };
        Plot(folder, "echo-tails.svg", "ERLE over time, echo 6 dB above a voice, RT60 300 ms", [.. s_tails.Select(tail => ($"{tail} ms", room.Run(All(tail)))), ("100 ms, filter alone", room.Run(Filter(100)))]);
        Plot(folder, "echo-conditions.svg", "ERLE over time in harder conditions", [.. Conditions().Select(pair => (pair.Name, pair.Scene.Run(All(DefaultTail))))]);
        var both = room with { Near = (BothFrom, BothTo) };
        Plot(folder, "echo-double-talk.svg", $"What is less than captured; both talk from {BothFrom} s to {BothTo} s", [("canceller", both.Run(All(DefaultTail))), ("filter alone", both.Run(Filter(DefaultTail))), ("half duplex", both.Run(Ducked()))]);
    }

    private static void Plot(string folder, string file, string title, (string Name, EchoResult Result)[] curves) =>
        File.WriteAllText(Path.Combine(folder, file), SvgPlot.Of(title, "s", "dB", [.. curves.Select(curve => (curve.Name, curve.Result.Windows().ToList()))]));

    private static IEnumerable<(string Name, EchoScene Scene)> Conditions()
    {
        var plain = new EchoScene { Seconds = Seconds };
        yield return ("echo as loud as a voice", plain with { EchoDb = 0 });
        yield return ("echo 6 dB louder", plain);
        yield return ("echo 12 dB louder", plain with { EchoDb = 12 });
        yield return ("loudspeaker overdriven", plain with { Drive = 1 });
        yield return ("loudspeaker badly overdriven", plain with { Drive = 3 });
        yield return ("street 20 dB below a voice", plain with { NoiseDb = -20 });
        yield return ("street 10 dB below a voice", plain with { NoiseDb = -10 });
        yield return ("delay told 5 ms too long", plain with { ToldTooLongMs = 5 });
        yield return ("delay told 10 ms too short", plain with { ToldTooLongMs = -10 });
        yield return ("delay told 20 ms too short", plain with { ToldTooLongMs = -20 });
        yield return ("clocks 20 ppm apart", plain with { DriftPpm = 20 });
        yield return ("clocks 100 ppm apart", plain with { DriftPpm = 100 });
        yield return ("the card stops for 30 ms", plain with { Stop = (SettledFrom + 2, 30) });
    }

    private static int DefaultTail => (int)new SpeexEchoOptions().Tail.TotalMilliseconds;

    /// <summary>The canceller as a door-phone has it, but for the gain, which would be measured with it.</summary>
    public static EchoOptions All(int tailMs) => Speex(new() { Tail = TimeSpan.FromMilliseconds(tailMs), HasGain = false });

    public static EchoOptions Filter(int tailMs) =>
        Speex(new() { Tail = TimeSpan.FromMilliseconds(tailMs), HasGain = false, HasResidualSuppression = false, NoiseSuppressionDb = 0 });

    public static EchoOptions Ducked() => new() { HasGain = false };

    private static EchoOptions Untouched() => new() { HasGain = false, HasHighPass = false, Cancellation = new Nothing() };

    private static EchoOptions Speex(SpeexEchoOptions options) =>
        new() { HasGain = false, Cancellation = SpeexEcho.TryLoad(options, out var echo, out string why) ? echo! : throw new InvalidOperationException(why) };

    private static void Head(StringBuilder text, params string[] names)
    {
        text.AppendLine($"| {string.Join(" | ", names)} |");
        text.AppendLine($"| --- |{string.Concat(names.Skip(1).Select(_ => " ---: |"))}");
    }

    private static void Line(StringBuilder text, params object[] cells) =>
        text.AppendLine($"| {string.Join(" | ", cells.Select(cell => Convert.ToString(cell, CultureInfo.InvariantCulture)))} |");

    private static string Decibels(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Time(double seconds) => double.IsInfinity(seconds) ? "never" : seconds.ToString("0.0#", CultureInfo.InvariantCulture);

    // For what a call hears without any canceller.
    private sealed class Nothing : IEchoCancellation
    {
        public IEchoCanceller Create(SipEmbedded.Memory.StartGate gate, int sampleRate, int frameSamples) => new Wire(frameSamples);
    }

    private sealed class Wire(int frameSamples) : IEchoCanceller
    {
        public int FrameSamples => frameSamples;

        public int DelaySamples => 0;

        public bool HasGain => false;

        public EchoFigures Figures => default;

        public void Reset()
        {
        }

        public void Process(ReadOnlySpan<short> captured, ReadOnlySpan<short> played, Span<short> cleaned) => captured.CopyTo(cleaned);
    }
}
