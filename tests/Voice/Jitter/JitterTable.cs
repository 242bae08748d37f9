// tests/Voice/run jitter: speech through networks that lose and delay, and what becomes of it.
using System.Globalization;

namespace SipEmbedded.Voice.Tests.Jitter;

internal static class JitterTable
{
    private const int SampleRate = 16_000, Seconds = 60;

    public static int Print(TextWriter output)
    {
        short[] speech = SpeechLike.Make(SampleRate, Seconds);
        output.WriteLine($"{Seconds} s of speech at {SampleRate} Hz, 20 ms a packet, clocks 100 ppm apart, by loss and jitter.");
        output.WriteLine("The delay is the buffer's, at the end of a read of 10 ms; likeness is segment SNR, at most 35 dB, at the delay that fits each 20 ms best.");
        output.WriteLine("loss  network                     delay ms: mean  most   late %  concealed %  steps/min  drift ppm  segment SNR dB");
        foreach (int loss in (int[])[0, 5, 20])
        {
            foreach (var (name, network) in Ways())
            {
                var line = new SimulatedLine(speech, SampleRate, network.Losing(loss, seed: 3)) { SenderPpm = 100 };
                double sum = 0, most = 0;
                int reads = 0;
                line.AfterRead = _ =>
                {
                    double delay = line.Buffer.Figures.CurrentDelay.TotalMilliseconds;
                    (sum, most, reads) = (sum + delay, Math.Max(most, delay), reads + 1);
                };
                line.RunUntil(Seconds);
                var figures = line.Buffer.Figures;
                double snr = Likeness.SegmentSnr(speech, line.Heard.ToArray(), SampleRate, SampleRate * 6 / 10);
                double late = 100.0 * figures.Late / figures.Packets, concealed = 100.0 * figures.ConcealedSamples / line.Heard.Count;
                double steps = (figures.Accelerations + figures.Expansions) * 60.0 / Seconds;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{loss,3} %  {name,-26}  {sum / reads,13:0}  {most,4:0}  {late,7:0.0}  {concealed,11:0.0}  {steps,9:0.0}  {figures.DriftPpm,9:0}  {snr,14:0.0}"));
            }
        }
        return 0;
    }

    private static IEnumerable<(string, Network)> Ways() =>
    [
        ("no jitter", Networks.Steady(20)),
        ("0..20 ms", Networks.Uniform(20, seed: 1)),
        ("0..60 ms", Networks.Uniform(60, seed: 1)),
        ("0..200 ms, overtaking", Networks.Uniform(200, seed: 1)),
        ("0..200 ms, in order", Networks.InOrder(200, seed: 1)),
        ("300 ms stall each 15 s", Networks.Stalls(300, 10_000, 25_000, 40_000)),
        ("300 ms stall each 6 s", Networks.Stalls(300, [.. Enumerable.Range(1, 8).Select(i => i * 6000.0)])),
        ("80 ms longer for 20 s", Networks.Uniform(10, seed: 1).Rerouted(20_000, 80).Rerouted(40_000, -80)),
    ];
}
