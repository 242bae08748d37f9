// A flow keeper over a transport layer, on a bench: what it sends and tells is written down with its time.
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.KeepAlive;

/// <summary>Lines of <see cref="Log"/>: <c>> stun</c>, <c>> crlf</c>, <c>> ping</c>, <c>close</c>; and <c>! 7 Dead TimedOut</c>, with the keeper's user number.</summary>
internal sealed class KeeperBench
{
    public static readonly IpEndpoint Ours = IpEndpoint.V4(0xC0000201, 5060);
    public static readonly IpEndpoint Theirs = IpEndpoint.V4(0xC0000202, 5060);
    public static readonly Flow Udp = new(Protocol.Udp, Ours, Theirs);
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(100);

    private readonly byte[] _buffer = new byte[65535];

    public KeeperBench(FlowKeeperOptions? options = null, TransportOptions? transport = null, BufferClass[]? buffers = null, IEntropySource? entropy = null)
    {
        var gate = new StartGate();
        Transport = new(gate, transport ?? new(), new(gate, "messages", buffers ?? [new(128, 16)]));
        Keeper = new(gate, options ?? new(), Transport, new(gate, entropy ?? new Element.CountingEntropy()));
        gate.Close();
    }

    public TransportLayer Transport { get; }

    public FlowKeeper Keeper { get; }

    public long NowMs { get; private set; }

    public Instant Now => Instant.FromMilliseconds(NowMs);

    public List<(long Ms, string What)> Log { get; } = [];

    /// <summary>The octets of each STUN message sent.</summary>
    public List<byte[]> Stun { get; } = [];

    public List<KeptFlowEvent> Events { get; } = [];

    public IEnumerable<string> Said => Log.Select(line => line.What);

    public long[] TimesOf(string what) => [.. Log.Where(line => line.What == what).Select(line => line.Ms)];

    public Handle<KeptFlow> Keep(in Flow flow, KeepAliveMethod method, TimeSpan? interval = null, ulong user = 7)
    {
        Assert.True(Keeper.TryKeep(Now, flow, method, interval ?? Interval, user, out var kept));
        return kept;
    }

    /// <summary>A connection of ours that is open.</summary>
    public Flow Open()
    {
        var flow = new Flow(Protocol.Tcp, Ours.WithPort(0), Theirs);
        Assert.Equal(SendResult.Sent, Transport.Send(Now, ref flow, "x"u8));
        Transport.Connected(Now, flow.Connection, Ours.WithPort(40000));
        while (Transport.PollTransmit(_buffer, out _))
        {
        }
        return Transport.FlowOf(flow.Connection);
    }

    public void Receive(ReadOnlySpan<byte> datagram, Flow? flow = null)
    {
        Assert.True(Keeper.HandleDatagram(Now, flow ?? Udp, datagram, out var happened));
        Note(happened);
    }

    /// <summary>An answer to the last Binding request, or to one of before.</summary>
    public byte[] Answer(IpEndpoint? mapped, int back = 1)
    {
        Assert.True(StunMessage.TryRead(Stun[^back], out var request));
        var writer = new StunWriter(new byte[StunWriter.MaxOctets], StunClass.Success, request.Id);
        if (mapped is { } address)
            writer.XorMappedAddress(address);
        return writer.Finish(hasFingerprint: false).ToArray();
    }

    public void Undelivered(TransportFault fault, Flow? flow = null)
    {
        if (Keeper.HandleUndelivered(Now, flow ?? Udp, fault, out var happened))
            Note(happened);
    }

    public void Pong(in Flow flow)
    {
        Keeper.HandlePong(Now, flow.Connection);
        Drain();
    }

    /// <summary>Lets time pass, each timer at its millisecond; <paramref name="each"/> is called behind whatever was said.</summary>
    public void Until(long ms, Action? each = null)
    {
        while (Instant.Earlier(Keeper.NextDeadline, Transport.NextDeadline) is var due && due <= Instant.FromMilliseconds(ms))
        {
            NowMs = Math.Max(NowMs, due.Milliseconds);
            if (Keeper.TryPopTimer(Now, out var happened))
                Note(happened);
            if (Transport.TryPopTimer(Now, out var connection, out var fault))
            {
                Keeper.HandleClosed(Now, connection, fault);
                Drain();
            }
            each?.Invoke();
        }
        NowMs = ms;
    }

    /// <summary>Lets time pass until something is sent or told.</summary>
    public void UntilSaid()
    {
        for (int said = Log.Count; Log.Count == said;)
        {
            Assert.NotEqual(Instant.Never, Keeper.NextDeadline);
            Until(Keeper.NextDeadline.Milliseconds);
        }
    }

    /// <summary>Goes on to a time and leaves what waits to be sent where it is.</summary>
    public void UntilUndrained(Instant instant) => NowMs = Math.Max(NowMs, instant.Milliseconds);

    public void Note(in KeptFlowEvent happened)
    {
        Drain();
        if (happened.Kind == KeptFlowEventKind.None)
            return;
        Events.Add(happened);
        string more = happened.Kind == KeptFlowEventKind.Dead ? happened.Fault.ToString() : happened.Mapped.Port.ToString();
        Log.Add((NowMs, $"! {happened.User} {happened.Kind} {more}"));
    }

    public void Drain()
    {
        while (Transport.PollTransmit(_buffer, out var transmit))
        {
            var octets = _buffer.AsSpan(0, transmit.Length);
            if (octets.Length >= StunMessage.HeaderOctets)
                Stun.Add(octets.ToArray());
            Log.Add((NowMs, transmit.Kind is TransmitKind.Connect or TransmitKind.Close ? transmit.Kind.ToString().ToLowerInvariant()
                : octets.SequenceEqual("\r\n\r\n"u8) ? "> ping"
                : octets.SequenceEqual("\r\n"u8) ? "> crlf"
                : "> stun"));
        }
    }
}
