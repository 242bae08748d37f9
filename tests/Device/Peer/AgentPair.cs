// A caller and a callee in one thread, as fast as it goes.
using SipEmbedded.Memory;
using SipEmbedded.Peer;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Tests.Peer;

/// <summary>Two agents and a wire between them, which loses what it is told to. It allocates nothing when it runs.</summary>
internal sealed class AgentPair
{
    private readonly byte[] _buffer = new byte[65535];
    private readonly Line _toCallee = new();
    private readonly Line _toCaller = new();
    private readonly Random _random = new(20_261);
    private readonly int _lossPercent;
    private long _nowMs;

    public AgentPair(AttemptKind kind, long count, int lossPercent = 0)
    {
        _lossPercent = lossPercent;
        const int Concurrency = 16, PerSecond = 20;
        var gate = new StartGate();
        const int Calls = Concurrency * 8;
        var below = AnsweringOptions.AgentFor([new(Protocol.Udp, Bench.Theirs)], Calls, PerSecond, connections: 0);
        Callee = new(gate, new() { Agent = below }, new SeededEntropy(1));
        Caller = new(gate, new()
        {
            Uri = "sip:peer@192.0.2.2"u8.ToArray(),
            Flow = Bench.Udp,
            Kind = kind,
            Count = count,
            Concurrency = Concurrency,
            HoldTime = TimeSpan.FromMilliseconds(50),
            Interval = TimeSpan.FromSeconds(1.0 / PerSecond),
            Agent = CallingOptions.AgentFor(Bench.Points, Concurrency, PerSecond),
        }, new SeededEntropy(2));
        gate.Close();
        Caller.Start(Instant.FromMilliseconds(0));
    }

    public AnsweringAgent Callee { get; }

    public CallingAgent Caller { get; }

    public void RunUntil(Func<AgentPair, bool> isOver)
    {
        while (!isOver(this))
        {
            var due = Instant.Earlier(Caller.PollTimeout(), Callee.PollTimeout());
            if (due == Instant.Never)
                throw new InvalidOperationException("nothing is left to happen");
            _nowMs = Math.Max(_nowMs, due.Milliseconds);
            var now = Instant.FromMilliseconds(_nowMs);
            if (Caller.PollTimeout() <= now)
                Caller.HandleTimeout(now);
            Carry(now);
            if (Callee.PollTimeout() <= now)
                Callee.HandleTimeout(now);
            Carry(now);
            while (Caller.PollResult(out _))
            {
            }
        }
    }

    private void Carry(Instant now)
    {
        do
        {
            Load(Caller, _toCallee);
            Load(Callee, _toCaller);
            // One datagram, then what comes of it, then the next.
            if (_toCallee.TryTake(_buffer, out int length))
                Callee.HandleDatagram(now, new(Protocol.Udp, Bench.Theirs, Bench.Ours), _buffer.AsSpan(0, length));
            else if (_toCaller.TryTake(_buffer, out length))
                Caller.HandleDatagram(now, Bench.Udp, _buffer.AsSpan(0, length));
            else
                return;
        }
        while (true);
    }

    private void Load(ISipEngine agent, Line line)
    {
        while (agent.PollTransmit(_buffer, out var transmit))
        {
            if (_random.Next(100) >= _lossPercent)
                line.Add(_buffer.AsSpan(0, transmit.Length));
        }
    }

    // Thousands of tags, none twice.
    private sealed class SeededEntropy(int seed) : IEntropySource
    {
        private readonly Random _random = new(seed);

        public void Fill(Span<byte> octets) => _random.NextBytes(octets);
    }

    /// <summary>Datagrams on their way, one way.</summary>
    private sealed class Line
    {
        private const int Places = 256;
        private const int Octets = 2048;

        private readonly byte[] _octets = new byte[Places * Octets];
        private readonly int[] _lengths = new int[Places];
        private int _first;
        private int _count;

        public void Add(ReadOnlySpan<byte> datagram)
        {
            if (_count == Places)
                throw new InvalidOperationException("more datagrams than one step can cause");
            int place = (_first + _count++) % Places;
            datagram.CopyTo(_octets.AsSpan(place * Octets, Octets));
            _lengths[place] = datagram.Length;
        }

        public bool TryTake(Span<byte> datagram, out int length)
        {
            length = _count == 0 ? 0 : _lengths[_first];
            if (_count == 0)
                return false;
            _octets.AsSpan(_first * Octets, length).CopyTo(datagram);
            _first = (_first + 1) % Places;
            _count--;
            return true;
        }
    }
}
