// Calls through an engine without sockets, by a clock that is only counted: what a call costs the core, without the kernel.
//
// note [a steady state]
// A call leaves two transactions that end 32 s later: its INVITE's (timer L) and its BYE's (timer J). When the clock moves on by 64 s / N with every
// call, N of them are live at any time, and as many end as begin. So the cost includes their end, and the memory is as cold as N makes it.

using System.Diagnostics.CodeAnalysis;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Bench.Load;

/// <param name="Calls">Calls in the figures.</param>
/// <param name="Nanoseconds">Of processor time.</param>
/// <param name="AllocatedBytes">On the managed heap, by this thread.</param>
/// <param name="Collections">Of the managed heap, generation 0 and above.</param>
internal readonly record struct LoopResult(long Calls, double Nanoseconds, long AllocatedBytes, int Collections)
{
    public double NanosecondsEach => Nanoseconds / Calls;
}

internal sealed class CallLoop(ISipEngine engine)
{
    /// <summary>How long a transaction stays after its end on an unreliable transport (64*T1).</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(32);

    private const int TransactionsOfCall = 2;

    private static readonly Flow s_flow = new(Protocol.Udp, IpEndpoint.Loopback(5060), IpEndpoint.Loopback(40000));

    private readonly byte[] _buffer = new byte[65535];
    private readonly CallTexts _texts = new();
    private readonly byte[] _tag = new byte[CallTexts.TagLength];
    private Instant _now = Instant.FromMilliseconds(1000);
    private uint _number;

    /// <summary>Calls with <paramref name="live"/> transactions live at any time, once so many have been begun; see note [a steady state].</summary>
    public LoopResult Run(long calls, int live)
    {
        var step = Linger * TransactionsOfCall / live;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        int collections = GC.CollectionCount(0);
        double start = ThreadClock.Nanoseconds;
        for (long i = 0; i < calls; i++)
        {
            _now += step;
            Call();
        }
        double nanoseconds = ThreadClock.Nanoseconds - start;
        return new(calls, nanoseconds, GC.GetAllocatedBytesForCurrentThread() - allocated, GC.CollectionCount(0) - collections);
    }

    /// <summary>Begins so many calls and leaves them; the transactions that began them are over before the next call begins, but for a thousand.</summary>
    public void Hold(int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            _now += Linger / 1000;
            Begin();
        }
    }

    private void Call()
    {
        Begin();
        engine.HandleDatagram(_now, s_flow, _texts.Bye);
        Expect("SIP/2.0 200 "u8);
        ExpectNothing();
    }

    private void Begin()
    {
        while (engine.PollTimeout() <= _now)
        {
            engine.HandleTimeout(_now);
            // Whatever is due in these calls sends nothing: every 2xx has its ACK.
            if (engine.PollTransmit(_buffer, out _))
                Fail("a timer sent something");
        }
        _texts.WriteNumber(_number++);
        engine.HandleDatagram(_now, s_flow, _texts.Invite);
        Expect("SIP/2.0 180 "u8);
        ReadTag(Expect("SIP/2.0 200 "u8));
        ExpectNothing();
        _texts.WriteTag(_tag);
        engine.HandleDatagram(_now, s_flow, _texts.Ack);
        ExpectNothing();
    }

    private ReadOnlySpan<byte> Expect(ReadOnlySpan<byte> start)
    {
        if (!engine.PollTransmit(_buffer, out var transmit) || transmit.Kind != TransmitKind.Datagram)
            Fail("no response");
        var response = _buffer.AsSpan(0, transmit.Length);
        if (!response.StartsWith(start))
            Fail("another response");
        return response;
    }

    private void ExpectNothing()
    {
        if (engine.PollTransmit(_buffer, out _))
            Fail("one response too many");
    }

    private void ReadTag(ReadOnlySpan<byte> response)
    {
        var to = response[response.IndexOf("\r\nTo:"u8)..];
        to = to[..to.IndexOf("\r\nCall-ID"u8)];
        int at = to.IndexOf(";tag="u8) + ";tag=".Length;
        if (at < ";tag=".Length || to.Length != at + _tag.Length)
            Fail("no tag, or not as long as expected");
        to[at..].CopyTo(_tag);
    }

    [DoesNotReturn]
    private void Fail(string what) => throw new InvalidOperationException($"Call {_number}: {what}.");
}
