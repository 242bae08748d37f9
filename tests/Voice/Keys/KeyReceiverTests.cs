// Keys as they come in, as peers of all kinds send them: the packets, then what is told (RFC 4733 §2.5.2). The cases are a table that the test prints.
using System.Globalization;
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Rtp;
using Xunit;
using Xunit.Abstractions;

namespace SipEmbedded.Voice.Tests.Keys;

public class KeyReceiverTests(ITestOutputHelper output)
{
    private const uint Source = 0x5234A8;

    private readonly KeyReceiver _receiver = new(new StartGate(), new KeyReceiverOptions());

    // A packet a line: sequence, "M" for the marker, timestamp, key, duration, "E" for the end, and volume or 10; packets with several reports divide them by "+".
    // "wait 200" lets milliseconds pass; otherwise each packet comes 20 ms after the one before. What is told: "+5" is down, "-5(100)" up after 100 ms.
    private static string Tell(KeyReceiver receiver, string packets)
    {
        var now = Instant.FromMilliseconds(10_000);
        var told = new List<string>();
        foreach (string line in packets.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("wait ", StringComparison.Ordinal))
            {
                var end = now + TimeSpan.FromMilliseconds(int.Parse(line[5..], CultureInfo.InvariantCulture));
                if (receiver.NextDeadline <= end)
                    receiver.Tick(receiver.NextDeadline);
                now = end;
            }
            else
            {
                string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                var header = new RtpHeader
                {
                    Sequence = ushort.Parse(words[0], CultureInfo.InvariantCulture),
                    IsMarked = words[1] == "M",
                    Timestamp = uint.Parse(words[2], CultureInfo.InvariantCulture),
                    Source = Source,
                };
                var payload = new List<byte>();
                foreach (string report in string.Join(' ', words[3..]).Split('+'))
                    payload.AddRange(ReportOf(report.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
                receiver.Receive(now, header, payload.ToArray());
                now += TimeSpan.FromMilliseconds(20);
            }
            while (receiver.TryTake(out var happened))
                told.Add(happened.Kind == KeyEventKind.Pressed ? $"+{(char)happened.Key}" : $"-{(char)happened.Key}({happened.DurationMs})");
        }
        return string.Join(' ', told);
    }

    private static byte[] ReportOf(string[] words)
    {
        Assert.True(TelephoneKeys.TryGetEvent((byte)words[0][0], out byte code));
        byte[] octets = new byte[TelephoneEvent.Length];
        new TelephoneEvent
        {
            Event = code,
            Duration = ushort.Parse(words[1], CultureInfo.InvariantCulture),
            IsEnd = words.Contains("E"),
            Volume = words.Length > 2 && words[^1] != "E" ? byte.Parse(words[^1], CultureInfo.InvariantCulture) : (byte)10,
        }.Write(octets);
        return octets;
    }

    public static TheoryData<string, string, string> Cases => new()
    {
        { "as the RFC has it", "1 M 800 5 160; 2 - 800 5 320; 3 - 800 5 480 E; 4 - 800 5 480 E; 5 - 800 5 480 E", "+5 -5(60)" },
        { "start missing", "2 - 800 5 320; 3 - 800 5 480 E; 4 - 800 5 480 E", "+5 -5(60)" },
        { "only one end comes", "5 - 800 5 480 E", "+5 -5(60)" },
        { "end without start, as some send nothing else", "1 M 800 5 480 E; 2 - 800 5 480 E; 3 - 800 5 480 E", "+5 -5(60)" },
        { "end missing, time-out", "1 M 800 5 160; 2 - 800 5 320; wait 200", "+5 -5(40)" },
        { "end missing, another key", "1 M 800 5 160; 2 - 800 5 320; 7 M 2400 6 160; 8 - 2400 6 320 E", "+5 -5(40) +6 -6(40)" },
        { "end missing, the same key", "1 M 800 5 160; 2 - 800 5 320; 7 M 2400 5 160; 8 - 2400 5 320 E", "+5 -5(40) +5 -5(40)" },
        { "ends missing, then start missing, the same key", "1 M 800 5 160; 2 - 800 5 320; 9 - 2400 5 480; 10 - 2400 5 640 E", "+5 -5(40) +5 -5(80)" },
        { "goes on after the time-out", "1 M 800 5 160; wait 200; 9 - 800 5 1440; 10 - 800 5 1600 E", "+5 -5(20)" },
        { "each packet twice", "1 M 800 5 160; 1 M 800 5 160; 2 - 800 5 320; 2 - 800 5 320; 3 - 800 5 480 E; 3 - 800 5 480 E", "+5 -5(60)" },
        { "first two in wrong order", "2 - 800 5 320; 1 M 800 5 160; 3 - 800 5 480 E", "+5 -5(60)" },
        { "end in front of all", "3 - 800 5 480 E; 1 M 800 5 160; 2 - 800 5 320", "+5 -5(60)" },
        { "a key behind the next one", "7 M 2400 6 160; 3 - 800 5 480 E; 8 - 2400 6 320 E", "+6 +5 -5(60) -6(40)" },
        { "late packets of a key behind the next one", "3 - 800 5 480 E; 7 M 2400 6 160; 4 - 800 5 480 E; 5 - 800 5 480 E; 8 - 2400 6 320 E", "+5 -5(60) +6 -6(40)" },
        { "the same key twice", "1 M 800 5 480 E; 2 - 800 5 480 E; 9 M 2400 5 480 E; 10 - 2400 5 480 E", "+5 -5(60) +5 -5(60)" },
        { "overlapping keys", "1 M 800 5 160; 2 M 960 6 160; 3 - 800 5 320; 4 - 960 6 320; 5 - 800 5 480 E; 6 - 960 6 480 E", "+5 -5(20) +6 -6(60)" },
        { "two keys in a packet", "1 M 800 5 480 E + 6 320; 2 - 1280 6 480 E", "+5 -5(60) +6 -6(60)" },
        { "a long key in segments", "1 M 800 5 65440; 2 - 800 5 65535; 3 - 66335 5 160; 4 - 800 5 65535; 5 - 66335 5 320 E", "+5 -5(8231)" },
        { "a long key, ends of its segment missing", "1 M 800 5 64000; 9 - 66335 5 160; 10 - 66335 5 320 E", "+5 -5(8231)" },
        { "a long key, a whole segment missing", "1 M 800 5 160; wait 20; 900 - 131870 5 160; 901 - 131870 5 320 E", "+5 -5(16423)" },
        { "a long key, its first segment late", "3 - 66335 5 160; 2 - 800 5 65535; 4 - 66335 5 320 E", "+5 -5(8231)" },
        { "segments of a quarter, as redundancy needs", "1 M 800 5 16000; 2 - 800 5 16383; 3 - 17183 5 160; 4 - 17183 5 320 E", "+5 -5(2087)" },
        { "duration 0 at the start", "1 M 800 5 0; 2 - 800 5 160; 3 - 800 5 320 E", "+5 -5(40)" },
        { "duration 0 always", "1 M 800 5 0; 2 - 800 5 0; 3 - 800 5 0 E; 4 - 800 5 0 E", "+5 -5(0)" },
        { "duration 0 and never an end", "1 M 800 5 0; wait 200", "+5 -5(0)" },
        { "timestamp counts up with the duration", "1 M 800 5 160; 2 - 960 5 320; 3 - 1120 5 480; 4 - 1280 5 640 E; 5 - 1440 5 640 E; 6 - 1600 5 640 E", "+5 -5(80)" },
        { "timestamp counts up, each packet its own duration", "1 M 800 5 160; 2 - 960 5 160; 3 - 1120 5 160; 4 - 1280 5 160 E; 5 - 1440 5 160 E", "+5 -5(80)" },
        { "timestamp counts up, packets missing", "1 M 800 5 160; 4 - 1280 5 640; 20 - 3840 5 3200; 21 - 4000 5 3360 E; 23 - 4320 5 3360 E", "+5 -5(420)" },
        { "timestamp counts up, first two in wrong order", "2 - 960 5 320; 1 M 800 5 160; 3 - 1120 5 480 E", "+5 -5(60)" },
        { "timestamp counts up, the key twice", "1 M 800 5 160; 2 - 960 5 320 E; 3 - 1120 5 320 E; 9 M 2240 5 160; 10 - 2400 5 320 E; 11 - 2560 5 320 E", "+5 -5(40) +5 -5(40)" },
        { "a marker in each packet", "1 M 800 5 160; 2 M 800 5 320; 3 M 800 5 480 E; 4 M 800 5 480 E", "+5 -5(60)" },
        { "never a marker", "1 - 800 5 160; 2 - 800 5 320 E; 9 - 2080 5 160; 10 - 2080 5 320 E", "+5 -5(40) +5 -5(40)" },
        { "the clock stands still while keys are sent", "1 M 800 5 160; 2 - 800 5 320 E; 3 - 800 5 320 E; 9 M 800 5 160; 10 - 800 5 320 E", "+5 -5(40) +5 -5(40)" },
        { "the sequence began anew", "500 M 800 5 160 E; 20000 M 90000 6 160; 20001 - 90000 6 320; 20002 - 90000 6 480 E", "+5 -5(20) +6 -6(60)" },
        { "the sequence runs over", "65535 M 800 5 160; 0 - 800 5 320; 1 - 800 5 480 E", "+5 -5(60)" },
        { "the timestamp runs over", "1 M 4294967200 5 65440; 2 - 4294967200 5 65535; 3 - 65439 5 160 E", "+5 -5(8211)" },
        { "minutes of audio between keys", "1 M 800 5 160 E; wait 700000; 35001 M 5600800 5 160 E", "+5 -5(20) +5 -5(20)" },
        { "the flash", "1 M 800 ! 160 E 0", "+! -!(20)" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_press_is_told_once(string scenario, string packets, string told)
    {
        _receiver.Reset(8_000);
        string heard = Tell(_receiver, packets);
        output.WriteLine($"{scenario,-52} {packets.Count(c => c == ';') + 1,3} lines  {heard}");
        Assert.Equal(told, heard);
    }

    [Fact]
    public void A_quiet_key_is_ignored_where_that_is_asked_for()
    {
        var receiver = new KeyReceiver(new StartGate(), new KeyReceiverOptions { QuietestVolume = 36 });
        receiver.Reset(8_000);
        Assert.Equal("", Tell(receiver, "1 M 800 5 160 40; 2 - 800 5 320 E 40"));
        Assert.Equal(2, receiver.Counters.TooQuiet);
        // What began loud enough may fade.
        Assert.Equal("+6 -6(40)", Tell(receiver, "9 M 1800 6 160 36; 10 - 1800 6 320 E 50"));
    }

    [Fact]
    public void Durations_are_told_in_milliseconds_of_the_stream_s_clock()
    {
        _receiver.Reset(48_000);
        Assert.Equal("+5 -5(100)", Tell(_receiver, "1 M 800 5 960; 2 - 800 5 4800 E"));
    }

    [Fact]
    public void A_key_that_is_down_while_something_is_agreed_anew_is_released_once()
    {
        _receiver.Reset(8_000);
        Assert.Equal("+5", Tell(_receiver, "1 M 800 5 160; 2 - 800 5 320"));
        _receiver.SetClockRate(8_000);
        Assert.Equal("-5(60)", Tell(_receiver, "3 - 800 5 480 E; 4 - 800 5 480 E"));
        _receiver.SetClockRate(16_000);
        Assert.Equal("", Tell(_receiver, "5 - 800 5 480 E"));
        Assert.Equal("+6 -6(60)", Tell(_receiver, "9 M 4000 6 320; 10 - 4000 6 960 E"));
    }

    [Fact]
    public void The_time_out_follows_the_interval_of_the_reports()
    {
        _receiver.Reset(8_000);
        // Reports each 100 ms: 300 ms are waited.
        Assert.Equal("+5", Tell(_receiver, "1 M 800 5 800; 2 - 800 5 1600; wait 270"));
        _receiver.Tick(_receiver.NextDeadline);
        Assert.True(_receiver.TryTake(out var happened));
        Assert.Equal(200u, happened.DurationMs);
        Assert.Equal(Instant.Never, _receiver.NextDeadline);
    }

    [Fact]
    public void Another_source_has_presses_of_its_own()
    {
        _receiver.Reset(8_000);
        byte[] report = [5, 0x80 | 10, 0, 160];
        var now = Instant.FromMilliseconds(0);
        for (int i = 0; i < 10; i++)
        {
            _receiver.Receive(now, new RtpHeader { Sequence = 7, Timestamp = 800, Source = 1, IsMarked = true }, report);
            _receiver.Receive(now, new RtpHeader { Sequence = 9_000, Timestamp = 800, Source = 2, IsMarked = true }, report);
        }
        Assert.Equal(2, _receiver.Counters.Pressed);
    }

    [Fact]
    public void Events_that_are_no_keys_are_counted()
    {
        _receiver.Reset(8_000);
        _receiver.Receive(Instant.FromMilliseconds(0), new RtpHeader { IsMarked = true }, [70, 10, 0, 160]);
        Assert.False(_receiver.TryTake(out _));
        Assert.Equal(1, _receiver.Counters.Unknown);
    }

    [Fact]
    public void No_payload_does_harm()
    {
        var random = new Random(4733);
        byte[] payload = new byte[80];
        var now = Instant.FromMilliseconds(0);
        long told = 0;
        for (int i = 0; i < 300_000; i++)
        {
            if (i % 1_000 == 0)
                _receiver.Reset(8_000);
            random.NextBytes(payload);
            int length = random.Next(payload.Length + 1);
            // Half of it are events that exist.
            if (random.Next(2) == 0)
                payload[0] = (byte)random.Next(17);
            bool isNear = random.Next(4) != 0;
            var header = new RtpHeader
            {
                Sequence = isNear ? (ushort)i : (ushort)random.Next(),
                Timestamp = isNear ? (uint)(i * 40) : (uint)random.NextInt64(),
                Source = (uint)random.Next(3),
                IsMarked = random.Next(3) == 0,
            };
            now += TimeSpan.FromMilliseconds(random.Next(60));
            if (random.Next(8) == 0)
                _receiver.Tick(now);
            _receiver.Receive(now, header, payload.AsSpan(0, length));
            while (_receiver.TryTake(out var happened))
            {
                told++;
                Assert.True(TelephoneKeys.TryGetEvent(happened.Key, out _));
            }
        }
        Assert.True(told > 1_000);
        Assert.Equal(0, _receiver.Counters.NotTold);
    }
}
