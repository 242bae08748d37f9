// bench/run host: what the host itself costs for a datagram in and one out, without a SIP stack, by how many it takes and sends with one system call.
// Measured is the processor time of the loop's thread, the kernel's part included, so other processes disturb little.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using SipEmbedded.Host;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Bench.Micro;

internal static class HostRun
{
    // Sent without waiting for answers, as a busy registrar or a test machine does; 1 is a quiet door.
    private static readonly int[] Bursts = [1, 8, 64];
    private static readonly int[] Batches = [1, 4, 16, 32];

    private const int Rounds = 9;
    private const int DatagramsEach = 12_800;
    private const int Octets = 500;

    public static int Run()
    {
        Console.WriteLine("us of the loop's thread per datagram answered; rows: datagrams sent at once, columns: DatagramBatch");
        Console.WriteLine("burst" + string.Concat(Batches.Select(batch => $"{batch,10}")));
        var last = new List<string>();
        foreach (int burst in Bursts)
        {
            var times = Batches.ToDictionary(batch => batch, _ => new List<double>());
            // In turns, so that a disturbance hits all.
            for (int round = 0; round < Rounds; round++)
            {
                foreach (int batch in Batches)
                    times[batch].Add(Measure(burst, batch));
            }
            var medians = Batches.Select(batch => times[batch].Order().ElementAt(Rounds / 2)).ToList();
            Console.WriteLine($"{burst,5}" + string.Concat(medians.Select(time => $"{Number(time),10}")));
            last.AddRange(Batches.Zip(medians, (batch, time) => $"burst{burst}_batch{batch}_us={Number(time)}"));
        }
        Console.WriteLine(string.Join(' ', last));
        return 0;
    }

    private static double Measure(int burst, int batch)
    {
        var gate = new StartGate();
        var host = new SipHost(gate, new() { Udp = [IpEndpoint.Loopback(0)], DatagramBatch = batch });
        host.Open();
        var engine = new EchoEngine();
        var thread = new Thread(() => host.Run(engine));
        thread.Start();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 1000 };
        client.Connect(IPAddress.Loopback, host.UdpSockets[0].Local.Port);
        byte[] datagram = new byte[Octets], buffer = new byte[Octets];
        Ask(DatagramsEach / 10);
        long before = engine.ProcessorTime, answeredBefore = engine.Answered;
        Ask(DatagramsEach);
        double microseconds = (engine.ProcessorTime - before) / 1000.0 / (engine.Answered - answeredBefore);
        host.RequestStop();
        thread.Join();
        host.Dispose();
        return microseconds;

        void Ask(int count)
        {
            for (int i = 0; i < count; i += burst)
            {
                for (int n = 0; n < burst; n++)
                    client.Send(datagram);
                for (int n = 0; n < burst; n++)
                    client.Receive(buffer);
            }
        }
    }

    private static string Number(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    // Answers one datagram at a time, as the boundary has it.
    private sealed class EchoEngine : ISipEngine
    {
        private readonly byte[] _datagram = new byte[Octets];
        private Flow _flow;
        private bool _isWaiting;

        /// <summary>Nanoseconds of this thread, when the last datagram came.</summary>
        public long ProcessorTime { get; private set; }

        public long Answered { get; private set; }

        public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
        {
            ProcessorTime = ThreadTime();
            Answered++;
            datagram.CopyTo(_datagram);
            _flow = flow;
            _isWaiting = true;
        }

        public bool PollTransmit(Span<byte> buffer, out Transmit transmit)
        {
            transmit = new(TransmitKind.Datagram, _flow, _datagram.Length);
            if (!_isWaiting)
                return false;
            _datagram.CopyTo(buffer);
            _isWaiting = false;
            return true;
        }

        public bool HandleAccepted(Instant now, in Flow flow, out Handle<Connection> connection)
        {
            connection = default;
            return false;
        }

        public void HandleConnected(Instant now, Handle<Connection> connection, in IpEndpoint local)
        {
        }

        public int HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets) => octets.Length;

        public void HandleClosed(Instant now, Handle<Connection> connection, TransportFault fault)
        {
        }

        public void HandleUndelivered(Instant now, in Flow flow, TransportFault fault)
        {
        }

        public void HandleTimeout(Instant now)
        {
        }

        public Instant PollTimeout() => Instant.Never;
    }

    // CLOCK_THREAD_CPUTIME_ID
    private const int ThreadClock = 3;

    private struct Time
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    [DllImport("libc.so.6", EntryPoint = "clock_gettime")]
    private static extern int GetTime(int clock, out Time time);

    private static long ThreadTime()
    {
        _ = GetTime(ThreadClock, out var time);
        return time.Seconds * 1_000_000_000L + time.Nanoseconds;
    }
}
