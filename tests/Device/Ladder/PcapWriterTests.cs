// What a host writes down of its traffic: read again by this project's reader, and by tshark, which knows captures better.
using System.Diagnostics;
using SipEmbedded.Device.Ladder;
using SipEmbedded.Host;
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using SipEmbedded.Tests;
using Xunit;
using static SipEmbedded.Device.Tests.Ladders.Messages;

namespace SipEmbedded.Device.Tests.Ladders;

public class PcapWriterTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Flow s_udp = new(Protocol.Udp, Door, House);
    private static readonly Flow s_opened = new(Protocol.Tcp, Door.WithPort(41_000), House);
    private static readonly Flow s_accepted = new(Protocol.Tcp, Door, House.WithPort(42_000));
    private static readonly Flow s_tls = new(Protocol.Tls, Messages.V6(1, 43_000), Messages.V6(2, 5061));
    private static readonly Flow s_udp6 = new(Protocol.Udp, Messages.V6(1, 5060), Messages.V6(2, 5060));

    private static PcapWriter Writer(ICaptureOutput output, long maxOctets = 1 << 20, int connections = 8) =>
        new(new StartGate(), output, new() { Start = At(0), StartTime = s_noon, MaxOctets = maxOctets, Connections = connections });

    // A call over everything: datagrams and streams, both versions, both directions, a message in pieces and one larger than a segment.
    private static void Talk(PcapWriter writer)
    {
        byte[] invite = Request("INVITE", hasSdp: true);
        writer.Sent(At(0), s_udp, invite);
        writer.Received(At(20), s_udp, Response("100 Trying", "INVITE"));
        writer.Received(At(21), s_udp6, Request("OPTIONS", 5, "six@house"));
        writer.Sent(At(22), s_udp6, Response("200 OK", "OPTIONS", 5, "six@house"));
        writer.Sent(At(30), s_opened, Request("MESSAGE", 2, "stream@door")[..100]);
        writer.Sent(At(31), s_opened, Request("MESSAGE", 2, "stream@door")[100..]);
        writer.Received(At(40), s_opened, Response("200 OK", "MESSAGE", 2, "stream@door"));
        writer.Received(At(50), s_accepted, Request("INFO", 3, "large@house", extra: $"Subject: {new string('x', 4_000)}\r\n"));
        writer.Sent(At(51), s_accepted, Response("200 OK", "INFO", 3, "large@house"));
        writer.Sent(At(60), s_tls, Request("REGISTER", 4, "tls@door"));
        writer.Received(At(70), s_tls, Response("401 Unauthorized", "REGISTER", 4, "tls@door"));
        writer.Closed(s_opened);
        writer.Received(At(90), s_udp, Response("180 Ringing", "INVITE"));
        writer.CloseAll();
    }

    private static readonly string[] s_talk =
    [
        "INVITE 1, SDP", "100 Trying (INVITE 1)", "OPTIONS 5", "200 OK (OPTIONS 5)", "MESSAGE 2", "200 OK (MESSAGE 2)", "INFO 3", "200 OK (INFO 3)", "REGISTER 4",
        "401 Unauthorized (REGISTER 4)", "180 Ringing (INVITE 1)",
    ];

    [Fact]
    public void What_is_written_is_read_again()
    {
        using var file = new MemoryStream();
        var writer = Writer(new StreamCapture(file));
        Talk(writer);
        file.Position = 0;
        var reading = CaptureLadder.Read(file, []);

        Assert.Null(reading.Fault);
        var view = reading.Ladder.View();
        Assert.Equal(s_talk, view.Rows.Select(row => row.Label));
        Assert.Equal(Request("INVITE", hasSdp: true), view.Rows[0].Octets.ToArray());
        Assert.Equal(s_noon, view.StartOfDay);
        Assert.Equal(TimeSpan.FromMilliseconds(90), view.Rows[^1].SinceStart);
        Assert.Equal(["192.0.2.1:5060", "192.0.2.2:5060"], reading.Ladder.Participants.Take(2));
        Assert.Equal((file.Length, reading.Packets, 1), (writer.Counters.Octets, (int)writer.Counters.Packets, writer.Counters.Pieces));
    }

    [Fact]
    public void Large_pieces_of_streams_are_segments_that_fit()
    {
        using var file = new MemoryStream();
        var writer = Writer(new StreamCapture(file));
        byte[] large = Request("MESSAGE", extra: string.Concat(Enumerable.Repeat($"X-Filler: {new string('x', 200)}\r\n", 60)));
        byte[] stream = [.. Enumerable.Repeat(large, 6).SelectMany(message => message)];
        writer.Sent(At(0), s_opened, stream[..ushort.MaxValue]);
        writer.Sent(At(1), s_opened, stream[ushort.MaxValue..]);
        file.Position = 0;

        Assert.Equal(Enumerable.Repeat(large, 6), CaptureLadder.Read(file, []).Ladder.View().Rows.Select(row => row.Octets.ToArray()));
    }

    [Fact]
    public void A_datagram_that_no_packet_carries_is_counted()
    {
        using var file = new MemoryStream();
        var writer = Writer(new StreamCapture(file));
        writer.Sent(At(0), s_udp, new byte[65_508]);
        writer.Sent(At(0), s_udp, new byte[65_507]);
        writer.Sent(At(0), s_udp6, new byte[65_528]);
        writer.Sent(At(0), s_udp6, new byte[65_527]);

        Assert.Equal((2, 2), (writer.Counters.TooLong, writer.Counters.Packets));
    }

    [Fact]
    public void At_its_size_a_capture_ends_and_counts_on()
    {
        using var file = new MemoryStream();
        var writer = Writer(new StreamCapture(file), PcapOptions.LeastOctets);
        for (int i = 0; i < 1_000; i++)
            writer.Sent(At(i), s_udp, Request("OPTIONS", i));

        Assert.True(writer.HasEnded);
        Assert.InRange(file.Length, PcapOptions.LeastOctets / 2, PcapOptions.LeastOctets);
        Assert.Equal(1_000, writer.Counters.Packets + writer.Counters.NotWritten);
        file.Position = 0;
        Assert.Equal(writer.Counters.Packets, CaptureLadder.Read(file, []).Messages);
    }

    [Fact]
    public void An_output_that_fails_ends_the_capture()
    {
        var output = new Full(afterOctets: 3_000);
        var writer = Writer(output);
        for (int i = 0; i < 20; i++)
            writer.Sent(At(i), s_udp, Request("OPTIONS", i));

        Assert.True(writer.HasEnded);
        Assert.Equal(20, writer.Counters.Packets + writer.Counters.NotWritten);
        Assert.InRange(writer.Counters.Octets, 2_000, 3_000);
    }

    private sealed class Full(int afterOctets) : ICaptureOutput
    {
        private int _written;

        public bool TryWrite(ReadOnlySpan<byte> octets) => (_written += octets.Length) <= afterOctets;

        public bool TryBeginNext() => false;
    }

    [Fact]
    public void One_connection_too_many_displaces_the_one_that_was_silent_for_longest()
    {
        using var file = new MemoryStream();
        var writer = Writer(new StreamCapture(file), connections: 2);
        for (int i = 0; i < 3; i++)
        {
            writer.Sent(At(i), s_opened, Request("OPTIONS", 100 + i));
            writer.Sent(At(i), new Flow(Protocol.Tcp, Door.WithPort((ushort)(50_000 + i)), House), Request("OPTIONS", i));
        }
        file.Position = 0;

        Assert.Equal(2, writer.Counters.Displaced);
        Assert.Equal(6, CaptureLadder.Read(file, []).Messages);
    }

    // ---- On disk ------------------------------------------------------------------------------------------------------------------

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("ladder").FullName;

        public string File(string name) => System.IO.Path.Combine(Path, name);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }

    [Fact]
    public void A_rotating_capture_keeps_the_last_traffic_in_two_files_that_can_be_read_alone()
    {
        using var folder = new Folder();
        var labels = new List<string>();
        using (var output = new CaptureFile(folder.File("door.pcap"), isRotating: true))
        {
            var writer = Writer(output, PcapOptions.LeastOctets);
            for (int i = 0; i < 2_000; i++)
                writer.Sent(At(i), i % 2 == 0 ? s_udp : s_opened, Request("OPTIONS", i));
            Assert.InRange(writer.Counters.Pieces, 4, 10);
            Assert.Equal(0, writer.Counters.NotWritten);
        }
        foreach (string name in (string[])["door.pcap", "door.2.pcap"])
        {
            Assert.InRange(new FileInfo(folder.File(name)).Length, 1_000, PcapOptions.LeastOctets);
            using var file = File.OpenRead(folder.File(name));
            var reading = CaptureLadder.Read(file, []);
            Assert.Null(reading.Fault);
            labels.AddRange(reading.Ladder.View().Rows.Select(row => row.Label));
        }
        Assert.InRange(labels.Count, 200, 1_000);
        Assert.Equal(Enumerable.Range(2_000 - labels.Count, labels.Count).Select(i => $"OPTIONS {i}"), labels.OrderBy(label => label.Length).ThenBy(label => label));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Only_the_owner_may_read_a_capture()
    {
        using var folder = new Folder();
        using var output = new CaptureFile(folder.File("door.pcap"), isRotating: false);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("door.pcap")));
    }

    [Fact]
    public void A_full_disk_is_an_answer()
    {
        using var output = new CaptureFile("/dev/full", isRotating: false);
        var writer = Writer(output);

        Assert.True(writer.HasEnded);
        writer.Sent(At(0), s_udp, Request("OPTIONS"));
        Assert.Equal((0, 1), (writer.Counters.Packets, writer.Counters.NotWritten));
    }

    [Fact]
    public void Writing_allocates_nothing()
    {
        using var folder = new Folder();
        using var output = new CaptureFile(folder.File("door.pcap"), isRotating: true);
        var writer = Writer(output, PcapOptions.LeastOctets, connections: 2);
        byte[] message = Request("OPTIONS");
        var other = new Flow(Protocol.Tcp, Door.WithPort(50_000), House);
        void Write(int count)
        {
            for (int i = 0; i < count; i++)
            {
                writer.Sent(At(i), s_udp, message);
                writer.Received(At(i), s_tls, message);
                writer.Sent(At(i), s_opened, message);
                writer.Sent(At(i), other, message);
                writer.Closed(s_opened);
            }
        }
        Write(100);
        long before = HeapCount.Begin();
        Write(2_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.False(writer.HasEnded);
        Assert.True(writer.Counters.Displaced > 1_000);
    }

    // ---- tshark -------------------------------------------------------------------------------------------------------------------

    [TsharkFact]
    public void Tshark_finds_nothing_wrong()
    {
        using var folder = new Folder();
        using (var output = new CaptureFile(folder.File("talk.pcap"), isRotating: false))
            Talk(Writer(output));

        string wrong = "_ws.malformed || tcp.analysis.flags || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0 || _ws.expert.severity >= 6291456";
        Assert.Equal("", Tshark.Fields(folder.File("talk.pcap"), wrong, "frame.number", "_ws.expert.message"));
        Assert.Equal(
            """
            0.000000000 INVITE
            0.020000000 100
            0.021000000 OPTIONS
            0.022000000 200
            0.031000000 MESSAGE
            0.040000000 200
            0.050000000 INFO
            0.051000000 200
            0.060000000 REGISTER
            0.070000000 401
            0.090000000 180

            """.ReplaceLineEndings("\n"),
            Tshark.Fields(folder.File("talk.pcap"), "sip", "frame.time_relative", "sip.Method", "sip.Status-Code"));
        // Every connection has its end.
        Assert.Equal(6, Tshark.Fields(folder.File("talk.pcap"), "tcp.flags.fin == 1", "frame.number").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }
}

internal static class Tshark
{
    private const string Program = "tshark";

    // It says its version at once; a capture of a few packets takes seconds on a slow machine.
    private const int MaxMilliseconds = 60_000;

    /// <summary>Why it cannot be asked, or null.</summary>
    public static string? WhyNot { get; } = IsThere() ? null : "tshark is not there (Debian package tshark)";

    private static bool IsThere() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, Program)));

    /// <summary>The fields of the packets that a display filter lets through, a line each; fields that are not there leave nothing.</summary>
    public static string Fields(string file, string filter, params string[] fields)
    {
        string[] arguments =
        [
            "-r", file, "-Y", filter, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
            "-d", "tcp.port==5061,sip", "-T", "fields", "-E", "separator= ", .. fields.SelectMany(field => (string[])["-e", field]),
        ];
        using var process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(MaxMilliseconds));
        Assert.True(process.ExitCode == 0, errors.Result);
        return string.Concat(output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)) + "\n"));
    }
}

internal sealed class TsharkFactAttribute : FactAttribute
{
    public TsharkFactAttribute() => Skip = Tshark.WhyNot;
}
