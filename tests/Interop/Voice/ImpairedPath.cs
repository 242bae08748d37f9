// A network between two phones of one machine that loses, delays and reorders their sound: both talk to it, and it passes on what they say. It needs neither root
// nor netem in the kernel. Signalling passes unharmed, but for the ports of sound in session descriptions, which become this network's; what is said within a
// dialog goes by the Contact, past it.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace SipEmbedded.Interop.Tests.Voice;

internal sealed partial class ImpairedPath : IDisposable
{
    private const int MaxOctets = 4096;
    private const int LongestWaitMicroseconds = 20_000;
    private const int MuxedRtcpFrom = 192, MuxedRtcpTo = 223;

    // A phone at one end. The sockets are those that it sends its sound to.
    private sealed class End(int signallingPort, Way way)
    {
        public IPEndPoint Signalling { get; } = new(IPAddress.Loopback, signallingPort);

        /// <summary>What becomes of what it sends.</summary>
        public Way Way { get; } = way;

        public Socket[] Sockets { get; } = OpenPair();

        /// <summary>Where it wants sound; 0 while nobody knows.</summary>
        public int MediaPort { get; set; }

        public int FacingPort => ((IPEndPoint)Sockets[0].LocalEndPoint!).Port;
    }

    /// <summary>One direction: what passed, and when.</summary>
    public sealed class Way(Impairment impairment, int seed)
    {
        private readonly Random _random = new(seed);
        private readonly List<(double Seconds, uint Timestamp)> _passed = [];
        private double _lastDue;

        public int Lost { get; private set; }

        public int Passed => _passed.Count;

        /// <summary>
        /// When, by the machine's steady clock, the first sample was on its way, as the least delayed packet tells; a packet leaves when its last sample is there, so
        /// this is a packet's time later than that sample was said.
        /// </summary>
        public double BeganAt(int clockRate)
        {
            lock (_passed)
                return _passed.Min(packet => packet.Seconds - (int)(packet.Timestamp - _passed[0].Timestamp) / (double)clockRate);
        }

        // Seconds at which the packet is due; null where it is lost.
        internal double? Take(double now, ReadOnlySpan<byte> packet)
        {
            bool isSound = packet.Length >= 12 && packet[0] >> 6 == 2 && packet[1] is < MuxedRtcpFrom or > MuxedRtcpTo;
            if (isSound)
            {
                lock (_passed)
                    _passed.Add((now, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(packet[4..])));
            }
            if (_random.Next(100) < impairment.LossPercent)
            {
                Lost += isSound ? 1 : 0;
                return null;
            }
            double delayMs = _random.NextDouble() * impairment.JitterMs;
            if (_random.Next(100) < impairment.LatePercent)
                delayMs += impairment.LateMs;
            double due = now + delayMs / 1000;
            return _lastDue = impairment.IsInOrder ? Math.Max(due, _lastDue) : due;
        }
    }

    private readonly Socket _signalling = Open(0)!;
    private readonly End _caller;
    private readonly End _callee;
    private readonly PriorityQueue<(Socket From, int Port, byte[] Octets), double> _underWay = new();
    private readonly byte[] _octets = new byte[MaxOctets];
    private readonly Thread _thread;
    private volatile bool _isEnding;

    /// <summary>Between the port where the caller of the call signals, and the callee's.</summary>
    public ImpairedPath(Impairment impairment, int callerPort, int calleePort)
    {
        _caller = new(callerPort, new(impairment, impairment.Seed));
        _callee = new(calleePort, new(impairment, impairment.Seed + 1));
        _thread = new(Run) { IsBackground = true, Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    /// <summary>What the caller dials, and the callee answers to.</summary>
    public int Port => ((IPEndPoint)_signalling.LocalEndPoint!).Port;

    public Way FromCaller => _caller.Way;

    public Way FromCallee => _callee.Way;

    /// <summary>Seconds of the machine's steady clock.</summary>
    public static double Now => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

    private void Run()
    {
        Socket[] all = [_signalling, .. _caller.Sockets, .. _callee.Sockets];
        var readable = new List<Socket>();
        while (!_isEnding)
        {
            double wait = _underWay.TryPeek(out _, out double due) ? (due - Now) * 1e6 : LongestWaitMicroseconds;
            readable.Clear();
            readable.AddRange(all);
            Socket.Select(readable, null, null, (int)Math.Clamp(wait, 0, LongestWaitMicroseconds));
            foreach (var socket in readable)
                Receive(socket);
            while (_underWay.TryPeek(out var packet, out due) && due <= Now)
            {
                _underWay.Dequeue();
                Send(packet.From, packet.Octets, packet.Port);
            }
        }
    }

    private void Receive(Socket socket)
    {
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        int length;
        try
        {
            length = socket.ReceiveFrom(_octets, ref from);
        }
        catch (SocketException)
        {
            // Somebody had ended already: an ICMP error of an earlier packet.
            return;
        }
        var octets = _octets.AsSpan(0, length);
        if (socket == _signalling)
        {
            var (source, other) = ((IPEndPoint)from).Port == _caller.Signalling.Port ? (_caller, _callee) : (_callee, _caller);
            Send(_signalling, Rewritten(octets, source, other), other.Signalling.Port);
            return;
        }
        var (end, far) = Array.IndexOf(_caller.Sockets, socket) >= 0 ? (_caller, _callee) : (_callee, _caller);
        int index = Array.IndexOf(end.Sockets, socket);
        if (far.MediaPort != 0 && end.Way.Take(Now, octets) is { } due)
            _underWay.Enqueue((far.Sockets[index], far.MediaPort + index, octets.ToArray()), due);
    }

    // A phone's port becomes the one that the other phone sends to.
    private static byte[] Rewritten(ReadOnlySpan<byte> octets, End source, End other)
    {
        string text = Encoding.Latin1.GetString(octets);
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        if (end < 4 || AudioLine().Match(text, end) is not { Success: true } audio)
            return octets.ToArray();
        source.MediaPort = int.Parse(audio.Groups[1].Value, CultureInfo.InvariantCulture);
        string body = AudioLine().Replace(text[end..], $"m=audio {other.FacingPort} ");
        body = AddressLine().Replace(body, "c=IN IP4 127.0.0.1");
        string head = ContentLength().Replace(text[..end], $"Content-Length: {body.Length}");
        return Encoding.Latin1.GetBytes(head + body);
    }

    private static void Send(Socket from, ReadOnlySpan<byte> octets, int port)
    {
        try
        {
            from.SendTo(octets, new IPEndPoint(IPAddress.Loopback, port));
        }
        catch (SocketException)
        {
            // Whoever it was for has ended.
        }
    }

    // An even port, and the next one.
    private static Socket[] OpenPair()
    {
        while (true)
        {
            var first = Open(0)!;
            int port = ((IPEndPoint)first.LocalEndPoint!).Port;
            if (port % 2 == 0 && Open(port + 1) is { } second)
                return [first, second];
            first.Dispose();
        }
    }

    private static Socket? Open(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    [GeneratedRegex(@"m=audio ([1-9]\d*) ")]
    private static partial Regex AudioLine();

    [GeneratedRegex(@"c=IN IP4 [\d.]+")]
    private static partial Regex AddressLine();

    [GeneratedRegex(@"(?<=\r\n)(Content-Length|l)[ \t]*:[ \t]*\d+", RegexOptions.IgnoreCase)]
    private static partial Regex ContentLength();

    public void Dispose()
    {
        _isEnding = true;
        _thread.Join();
        _signalling.Dispose();
        foreach (var socket in _caller.Sockets.Concat(_callee.Sockets))
            socket.Dispose();
    }
}
