// The table of calls with sound, for people: each codec with baresip over networks that lose, delay and reorder, and two of ours with each other.
using System.Collections.Concurrent;
using System.Globalization;
using SipEmbedded.Audio;

namespace SipEmbedded.Interop.Tests.Voice;

/// <summary>tests/Interop/run calls: the table codec by network, of calls with baresip and with ourselves.</summary>
internal static class VoiceTable
{
    private const int Seconds = 12;

    // A call takes a few percent of a processor; more at once would be late for each other's sake.
    private const int AtOnce = 3;

    // A call in which a phone did not get its processor is made again.
    private const int MostRepetitions = 3;

    private const int TextColumns = 4;

    private static readonly string[] s_columns =
    [
        "peer", "codec", "loss %", "jitter", "dB", "kept %", "delay ms", "lost", "late", "made up %", "there: dB", "kept %", "delay ms", "lost on the way here, there",
    ];

    private static IEnumerable<Impairment> Networks()
    {
        foreach (int loss in (int[])[0, 5, 20])
        {
            yield return new("none") { LossPercent = loss };
            yield return new("0..50 ms") { LossPercent = loss, JitterMs = 50 };
            yield return new("0..200 ms in order") { LossPercent = loss, JitterMs = 200, IsInOrder = true };
        }
        yield return new("0..200 ms") { JitterMs = 200 };
        yield return new("10 % 60 ms later") { LatePercent = 10, LateMs = 60 };
    }

    /// <param name="names">Codecs; none for all.</param>
    public static int Print(TextWriter output, string[] names)
    {
        var codecs = VoiceCall.Codecs.Where(codec => names.Length == 0 || names.Contains(codec.ToString(), StringComparer.OrdinalIgnoreCase)).ToList();
        if (names.Length > 0 && codecs.Count != names.Length)
            return 2;
        var calls = new List<VoiceCall>();
        foreach (var peer in Enum.GetValues<VoicePeer>())
        {
            if (peer == VoicePeer.Baresip && Peers.WhyNot(["baresip"]) is { } missing)
            {
                output.WriteLine($"no calls with baresip: {missing}");
                continue;
            }
            // The side that calls alternates, so that each stands in half of the rows.
            foreach (var codec in codecs.Where(codec => peer == VoicePeer.Baresip || codec is AudioCodec.Pcmu or AudioCodec.Opus))
                calls.AddRange(Networks().Select((network, i) => new VoiceCall(codec) { Peer = peer, Network = network, PeerCalls = i % 2 != 0, Seconds = Seconds }));
        }
        output.WriteLine(string.Join(" | ", s_columns));
        output.WriteLine(string.Join(" | ", s_columns.Select((_, i) => i < TextColumns ? "---" : "---:")));
        var rows = new ConcurrentDictionary<int, string>();
        int failed = 0, next = -1, printed = 0;
        var threads = Enumerable.Range(0, AtOnce).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return failed == 0 ? 0 : 1;

        void Work()
        {
            for (int i; (i = Interlocked.Increment(ref next)) < calls.Count;)
            {
                rows[i] = Row(calls[i]);
                // In their order, each as soon as it is known.
                lock (rows)
                {
                    for (; rows.TryGetValue(printed, out string? row); printed++)
                        output.WriteLine(row);
                }
            }
        }

        string Row(VoiceCall call)
        {
            var network = call.Network;
            string begin = $"{(call.Peer == VoicePeer.Baresip ? "baresip" : "ourselves")}{(call.PeerCalls ? " calls" : "")} | {call.Codec} | {network.LossPercent} | {network.Name} |";
            try
            {
                var it = call.Make();
                for (int again = 0; it.HasStood && again < MostRepetitions; again++)
                    it = call.Make();
                if (it.Here.Pieces == 0 || it.There.Pieces == 0)
                    Interlocked.Increment(ref failed);
                return string.Create(CultureInfo.InvariantCulture,
                    $"{begin} {it.Here.MeanDb:0.0} | {it.Here.KeptPercent:0} | {it.DelayMs:0} | {it.Lost} | {it.Late} | {it.ConcealedPercent:0.0} | {it.There.MeanDb:0.0} | {it.There.KeptPercent:0} | {it.FarDelayMs:0} | {it.LostOnTheWayHere}, {it.LostOnTheWayThere}");
            }
            catch (Exception fault) when (fault is Xunit.Sdk.XunitException or InvalidOperationException or IOException)
            {
                Interlocked.Increment(ref failed);
                return $"{begin} failed: {fault.Message.ReplaceLineEndings(" ")}";
            }
        }
    }
}
