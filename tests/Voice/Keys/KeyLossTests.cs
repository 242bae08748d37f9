// Keys sent by a sender over a network that loses, doubles and reorders, against a plain model: a press of which one packet came is told once, another never.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Rtp;
using Xunit;
using Xunit.Abstractions;

namespace SipEmbedded.Voice.Tests.Keys;

public class KeyLossTests(ITestOutputHelper output)
{
    private sealed record Sent(RtpHeader Header, byte[] Payload, int Press, long AtMs);

    private sealed record Network(string Name, double Loss, double Doubled, int DelayMs, int IntervalMs, int ClockRate, bool CountsUp = false, bool WithLongKeys = false);

    public static TheoryData<string, double, double, int, int, int, bool, bool> Networks => new()
    {
        { "nothing amiss", 0, 0, 0, 20, 8_000, false, false },
        { "5 % lost", 0.05, 0, 0, 20, 8_000, false, false },
        { "30 % lost", 0.3, 0, 0, 20, 8_000, false, false },
        { "70 % lost", 0.7, 0, 0, 20, 8_000, false, false },
        { "95 % lost", 0.95, 0, 0, 20, 8_000, false, false },
        { "all doubled", 0, 1, 0, 20, 8_000, false, false },
        { "up to 60 ms late", 0, 0, 60, 20, 8_000, false, false },
        { "up to 400 ms late", 0, 0, 400, 20, 8_000, false, false },
        { "all of it", 0.3, 0.3, 200, 20, 8_000, false, false },
        { "all of it, 10 ms, 48 kHz", 0.4, 0.2, 200, 10, 48_000, false, false },
        { "all of it, 60 ms, 16 kHz", 0.3, 0.2, 300, 60, 16_000, false, false },
        { "long keys, all of it", 0.3, 0.2, 100, 20, 8_000, false, true },
        { "long keys, 80 % lost, 48 kHz", 0.8, 0.1, 100, 20, 48_000, false, true },
        { "timestamps count up, 20 % lost", 0.2, 0.1, 0, 20, 8_000, true, false },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_press_of_which_a_packet_came_is_told_exactly_once(
        string name, double loss, double doubled, int delayMs, int intervalMs, int clockRate, bool countsUp, bool withLongKeys)
    {
        var network = new Network(name, loss, doubled, delayMs, intervalMs, clockRate, countsUp, withLongKeys);
        long presses = 0, arrived = 0, told = 0;
        for (int seed = 0; seed < (withLongKeys ? 10 : 100); seed++)
        {
            var random = new Random(seed);
            var sent = Send(random, network, out var keys);
            var coming = Carry(random, network, sent);
            var expected = coming.Select(packet => packet.Press).Distinct().GroupBy(press => keys[press]).ToDictionary(group => group.Key, group => group.Count());
            var heard = Receive(network, coming);
            presses += keys.Count;
            arrived += expected.Values.Sum();
            told += heard.Values.Sum();
            foreach (byte key in keys.Distinct())
            {
                Assert.True(
                    expected.GetValueOrDefault(key) == heard.GetValueOrDefault(key),
                    $"{name}, seed {seed}: '{(char)key}' came {expected.GetValueOrDefault(key)} times and was told {heard.GetValueOrDefault(key)} times");
            }
        }
        output.WriteLine($"{name,-36} pressed {presses,6}  arrived {arrived,6}  told {told,6}");
        Assert.Equal(arrived, told);
    }

    private static List<Sent> Send(Random random, Network network, out List<byte> keys)
    {
        var sender = new KeySender(new StartGate(), new KeySenderOptions { Queued = 64, Pause = TimeSpan.FromMilliseconds(random.Next(50, 150)) });
        sender.Reset(network.ClockRate);
        keys = [];
        for (int i = random.Next(10, 30); i > 0; i--)
        {
            // Few keys, so that the same ones follow each other.
            byte key = (byte)"12#"[random.Next(3)];
            keys.Add(key);
            int most = network.WithLongKeys && random.Next(4) == 0 ? 20_000 : 300;
            Assert.True(sender.TryBegin(key, TimeSpan.FromMilliseconds(random.Next(70, most))));
        }
        var sent = new List<Sent>();
        ushort sequence = (ushort)random.Next();
        uint timestamp = (uint)random.NextInt64();
        uint units = (uint)(network.ClockRate * network.IntervalMs / 1_000);
        Span<byte> payload = stackalloc byte[TelephoneEvent.Length];
        int press = -1;
        for (long now = 0; ; now += network.IntervalMs, timestamp += units)
        {
            bool isKey = sender.Advance(timestamp, units);
            if (!isKey)
            {
                sequence++;
                if (!sender.IsBusy)
                    return sent;
            }
            while (sender.TryTake(payload, out var packet))
            {
                press += packet.IsMarked ? 1 : 0;
                var header = new RtpHeader
                {
                    Sequence = sequence++, Timestamp = network.CountsUp ? timestamp : packet.Timestamp, IsMarked = packet.IsMarked, Source = 7,
                };
                sent.Add(new(header, payload.ToArray(), press, now));
            }
        }
    }

    private static List<Sent> Carry(Random random, Network network, List<Sent> sent)
    {
        var coming = new List<Sent>();
        // What a peer's timestamps do is seen in its first key.
        foreach (var packet in sent)
        {
            if (network.CountsUp && packet.Press == 0)
            {
                coming.Add(packet);
                continue;
            }
            for (int copies = random.NextDouble() < network.Doubled ? 2 : 1; copies > 0; copies--)
            {
                if (random.NextDouble() >= network.Loss)
                    coming.Add(packet with { AtMs = packet.AtMs + random.Next(network.DelayMs + 1) });
            }
        }
        // OrderBy keeps the order of what comes at one time.
        return [.. coming.OrderBy(packet => packet.AtMs)];
    }

    private static Dictionary<byte, int> Receive(Network network, List<Sent> coming)
    {
        var receiver = new KeyReceiver(new StartGate(), new KeyReceiverOptions());
        receiver.Reset(network.ClockRate);
        var pressed = new Dictionary<byte, int>();
        var released = new Dictionary<byte, int>();
        var end = Instant.FromMilliseconds(coming.Count == 0 ? 0 : coming[^1].AtMs + 5_000);
        foreach (var packet in coming)
        {
            var now = Instant.FromMilliseconds(packet.AtMs);
            if (receiver.NextDeadline <= now)
                receiver.Tick(now);
            receiver.Receive(now, packet.Header, packet.Payload);
            Drain();
        }
        receiver.Tick(end);
        Drain();
        Assert.Equal(pressed, released);
        return pressed;

        void Drain()
        {
            while (receiver.TryTake(out var happened))
            {
                var told = happened.Kind == KeyEventKind.Pressed ? pressed : released;
                told[happened.Key] = told.GetValueOrDefault(happened.Key) + 1;
            }
        }
    }
}
