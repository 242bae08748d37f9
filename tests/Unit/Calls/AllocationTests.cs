// Twenty thousand complete calls with a refresh of the session put nothing on the heap: offers, reliable early media, holds, keys, refusals, cancellations on both
// sides. CALLS=1000000 dotnet test tests/Unit -c Release --filter CallAllocation runs a million and writes artifacts/call-allocation.txt.
using System.Globalization;
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.SessionTimers;
using SipEmbedded.Tests.Transactions;
using SipEmbedded.Tests.Vectors;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Calls;

public class CallAllocationTests
{
    private const int WarmUp = 200;
    private const int UsualCalls = 20_000;

    /// <summary>A session of 90 s is refreshed at 45 s.</summary>
    private const long RefreshMs = 46_000;

    private static readonly byte[] s_target = "sip:bob@192.0.2.2"u8.ToArray();
    private static readonly byte[] s_from = "sip:alice@192.0.2.1"u8.ToArray();
    private static readonly Flow s_flow = new(Protocol.Udp, CallBench.AlicesAddress, CallBench.BobsAddress);

    private readonly byte[] _buffer = new byte[65535];
    private readonly SipAgent _alice = Make(CallBench.AlicesAddress);
    private readonly SipAgent _bob = Make(CallBench.BobsAddress);
    private Handle<Call> _incoming;
    private long _nowMs;
    private int _confirmed;
    private int _ended;

    private static SipAgent Make(IpEndpoint own)
    {
        var gate = new StartGate();
        var options = new SipAgentOptions
        {
            Calls = new()
            {
                SessionTimer = new() { Mode = SessionTimerMode.Always, IntervalSeconds = 90 },
                Streams = [new AudioStreamHandler(new(), new AudioSessions(gate, 8, 40000))],
            },
            Transactions = new()
            {
                AllowedMethods = CallSide.Transactions.AllowedMethods, SupportedExtensions = CallSide.Transactions.SupportedExtensions,
            },
            Transport = new() { ListeningPoints = [new(Protocol.Udp, own), new(Protocol.Tcp, own)], PathLimitOctets = 0 },
        };
        var agent = new SipAgent(gate, options, new Element.CountingEntropy());
        gate.Close();
        return agent;
    }

    private Instant Now => Instant.FromMilliseconds(_nowMs);

    [Fact]
    public void Complete_calls_with_a_refresh_allocate_nothing()
    {
        bool isAsked = int.TryParse(Environment.GetEnvironmentVariable("CALLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted);
        int calls = isAsked ? wanted : UsualCalls;
        Run(WarmUp);
        (_confirmed, _ended) = (0, 0);
        long refreshes = _alice.Calls!.Counters.Refreshes + _bob.Calls!.Counters.Refreshes;

        var processor = Environment.CpuUsage.TotalTime;
        long before = HeapCount.Begin();
        Run(calls);
        long octets = GC.GetAllocatedBytesForCurrentThread() - before;
        processor = Environment.CpuUsage.TotalTime - processor;
        Assert.Equal(0, octets);

        // Of eight calls one is refused and one is given up; each side is told of each.
        Assert.Equal(2 * (calls / 8 * 6 + Math.Min(calls % 8, 6)), _confirmed);
        Assert.Equal(2 * calls, _ended);
        refreshes = _alice.Calls.Counters.Refreshes + _bob.Calls.Counters.Refreshes - refreshes;
        Assert.True(refreshes >= calls / 8 * 6);
        Pass(120_000);
        Assert.True(_alice.Use.IsEmpty, _alice.Use.ToString());
        Assert.True(_bob.Use.IsEmpty, _bob.Use.ToString());
        if (isAsked)
            Write(string.Create(CultureInfo.InvariantCulture, $"{calls} complete calls, {refreshes} refreshes, {octets} octets on the heap, {processor.TotalSeconds:0} s of processor time"));
    }

    private static void Write(string text)
    {
        string folder = Path.Combine(MessageVectors.RepositoryRoot(), "artifacts");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "call-allocation.txt"), text + "\n");
    }

    private void Run(int calls)
    {
        for (int i = 0; i < calls; i++)
            CallOnce(i % 8);
    }

    private void CallOnce(int kind)
    {
        var request = new CallRequest { Target = s_target, From = s_from, Flow = s_flow, IsOfferless = kind == 1 };
        _alice.Calls!.Place(Now, request, out var call);
        Pass(10);
        bool hasEarlyMedia = kind is 2 or 3;
        _bob.Calls!.Answer(Now, _incoming, hasEarlyMedia ? 183 : 180, withMedia: hasEarlyMedia);
        Pass(10);
        if (kind == 6)
            _bob.Calls.Answer(Now, _incoming, 486);
        else if (kind == 7)
            _alice.Calls.HangUp(Now, call);
        else
            _bob.Calls.Answer(Now, _incoming, 200);
        Pass(10);
        if (kind >= 6)
        {
            Pass(RefreshMs);
            return;
        }
        if (kind == 4)
        {
            _bob.Calls.Hold(Now, _incoming);
            Pass(10);
            _alice.Calls.SendDigit(Now, call, (byte)'5', TimeSpan.FromMilliseconds(100));
            Pass(10);
            _bob.Calls.Resume(Now, _incoming);
        }
        Pass(RefreshMs);
        if (kind % 2 == 0)
            _alice.Calls.HangUp(Now, call);
        else
            _bob.Calls.HangUp(Now, _incoming);
        Pass(10);
    }

    private void Pass(long ms)
    {
        long end = _nowMs + ms;
        Settle();
        while (Instant.Earlier(_alice.PollTimeout(), _bob.PollTimeout()) is var due && due <= Instant.FromMilliseconds(end))
        {
            _nowMs = Math.Max(_nowMs, due.Milliseconds);
            if (_alice.PollTimeout() <= Now)
                _alice.HandleTimeout(Now);
            else
                _bob.HandleTimeout(Now);
            Settle();
        }
        _nowMs = end;
    }

    private void Settle()
    {
        while (Carry(_alice, _bob, CallBench.BobsAddress, CallBench.AlicesAddress) || Carry(_bob, _alice, CallBench.AlicesAddress, CallBench.BobsAddress))
        {
        }
    }

    // One message of one side to the other; what it makes there goes out with the next.
    private bool Carry(SipAgent from, SipAgent to, in IpEndpoint there, in IpEndpoint here)
    {
        Take(from);
        if (!from.PollTransmit(_buffer, out var transmit))
            return false;
        to.HandleDatagram(Now, new(Protocol.Udp, there, here), _buffer.AsSpan(0, transmit.Length));
        Take(to);
        return true;
    }

    private void Take(SipAgent agent)
    {
        if (!agent.PollEvent(out var happened) || happened.Kind != AgentEventKind.Call)
            return;
        switch (happened.Call.Kind)
        {
            case CallEventKind.Incoming:
                _incoming = happened.Call.Call;
                break;
            case CallEventKind.Confirmed:
                _confirmed++;
                break;
            case CallEventKind.Ended:
                _ended++;
                break;
        }
    }
}
