// Chains of supplements driven by hand, as the call layer drives them: order, filters, who stops a request, cookies from the beginning of a call to its end.
using System.Text;
using SipEmbedded.Calls;
using SipEmbedded.Generation;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using Xunit;

namespace SipEmbedded.Tests.Calls;

/// <summary>What the supplements below write to, in the order in which they are called.</summary>
public sealed class StepLog
{
    public List<string> Lines { get; } = [];
}

[Supplement(Order = 30)]
public sealed class LogsEverything(StepLog log)
{
    public void SessionBegan(in CallSession call) => log.Lines.Add($"all: began {call.User}");

    public void SessionEnded(in CallSession call) => log.Lines.Add($"all: ended {call.User}");

    public bool IncomingRequest(in CallSession call, SipMessage request, ref RequestReply reply)
    {
        log.Lines.Add("all: request in");
        return true;
    }

    public void IncomingResponse(in CallSession call, SipMessage response) => log.Lines.Add("all: response in");

    public void OutgoingRequest(in CallSession call, Method method, ref MessageBuilder request) => log.Lines.Add($"all: request out {method}");

    public void OutgoingResponse(in CallSession call, Method method, int status, ref MessageBuilder response) =>
        log.Lines.Add($"all: response out {method} {status}");
}

[Supplement(Method = "INVITE", Order = -5)]
public sealed class LogsInvites(StepLog log)
{
    public void SessionBegan(in CallSession call) => log.Lines.Add("invite: began");

    public bool IncomingRequest(in CallSession call, SipMessage request, ref RequestReply reply)
    {
        log.Lines.Add("invite: request in");
        return true;
    }

    public void IncomingResponse(in CallSession call, SipMessage response) => log.Lines.Add("invite: response in");

    public void OutgoingRequest(in CallSession call, Method method, ref MessageBuilder request) => log.Lines.Add("invite: request out");

    public void OutgoingResponse(in CallSession call, Method method, int status, ref MessageBuilder response) => log.Lines.Add("invite: response out");
}

/// <summary>A method that no grammar lists.</summary>
[Supplement(Method = "KNOCK", Order = 7)]
public sealed class AnswersKnocks(StepLog log)
{
    public bool IncomingRequest(in CallSession call, SipMessage request, ref RequestReply reply)
    {
        log.Lines.Add("knock: request in");
        reply.Answer(480, "Nobody hears"u8);
        reply.Header("X-Door"u8, "shut"u8);
        return false;
    }

    public void OutgoingRequest(in CallSession call, Method method, ref MessageBuilder request) => log.Lines.Add("knock: request out");

    public void OutgoingResponse(in CallSession call, Method method, int status, ref MessageBuilder response) => log.Lines.Add("knock: response out");
}

/// <summary>Counts requests, and gives back what it took when the call ends.</summary>
[Supplement(Order = 1)]
public sealed class CountsRequests
{
    [Cookie]
    public struct Figures
    {
        public int Requests;
        public int Lent;
    }

    /// <summary>How many things are lent to calls, of a pool that would run dry.</summary>
    public int Lent { get; private set; }

    /// <summary>A call began with what another had left.</summary>
    public bool BeganDirty { get; private set; }

    public void SessionBegan(in CallSession call, ref Figures figures)
    {
        BeganDirty |= figures.Requests != 0 || figures.Lent != 0;
        figures.Lent = 1;
        Lent++;
    }

    public bool IncomingRequest(in CallSession call, SipMessage request, ref RequestReply reply, ref Figures figures)
    {
        figures.Requests++;
        return true;
    }

    public void Release(ref Figures figures) => Lent -= figures.Lent;
}

/// <summary>Reads another's cookie: too many requests, and the call is told so.</summary>
[Supplement(Order = 2)]
public sealed class LimitsRequests
{
    public const int Most = 3;

    public bool IncomingRequest(in CallSession call, SipMessage request, ref RequestReply reply, ref CountsRequests.Figures figures)
    {
        if (figures.Requests <= Most)
            return true;
        reply.Answer(503);
        reply.Header(HeaderName.RetryAfter, "10"u8);
        return false;
    }
}

/// <summary>A private type beside the tests would not do: a chain sees what its assembly sees.</summary>
[SupplementChain(typeof(LogsEverything), typeof(LogsInvites), typeof(AnswersKnocks))]
public sealed partial class LoggingChain;

[SupplementChain(typeof(LimitsRequests), typeof(CountsRequests))]
public sealed partial class CountingChain;

public sealed class SupplementTests
{
    private const int Calls = 4;

    private readonly StepLog _log = new();
    private readonly SlotMap<Call> _calls = new(new StartGate(), "calls", Calls);
    private readonly byte[] _buffer = new byte[512];

    private LoggingChain Logging() => new(new LogsInvites(_log), new AnswersKnocks(_log), new LogsEverything(_log));

    private Handle<Call> NewCall()
    {
        Assert.True(_calls.TryAdd(out var call));
        return call;
    }

    private static T Attached<T>(T chain, int calls = Calls)
        where T : ISupplements
    {
        var gate = new StartGate();
        chain.Attach(gate, calls);
        gate.Close();
        return chain;
    }

    private static byte[] Request(string method) => Encoding.ASCII.GetBytes(
        $"{method} sip:door@b SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:door@b>\r\nCall-ID: 1\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n");

    private static byte[] Response(string method) => Encoding.ASCII.GetBytes(
        $"SIP/2.0 200 OK\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:door@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n");

    private static SipMessage Read(byte[] text, ref MessageIndex index)
    {
        Assert.True(SipMessage.TryRead(text, Framing.Datagram, ref index, out var message, out _));
        return message;
    }

    [Fact]
    public void Supplements_are_called_in_their_order_and_for_their_method()
    {
        ISupplements chain = Attached(Logging());
        var call = new CallSession(NewCall(), user: 7);
        var index = new MessageIndex();

        chain.SessionBegan(call);
        foreach (string method in (string[])["INVITE", "INFO"])
        {
            var reply = new RequestReply(_buffer, Methods.Parse(Encoding.ASCII.GetBytes(method)));
            Assert.True(chain.IncomingRequest(call, Read(Request(method), ref index), ref reply));
            chain.IncomingResponse(call, Read(Response(method), ref index));
            var builder = new MessageBuilder(new byte[64]);
            chain.OutgoingRequest(call, Methods.Parse(Encoding.ASCII.GetBytes(method)), ref builder);
            chain.OutgoingResponse(call, Methods.Parse(Encoding.ASCII.GetBytes(method)), 180, ref builder);
        }
        chain.SessionEnded(call);

        Assert.Equal(
            [
                "invite: began", "all: began 7",
                "invite: request in", "all: request in",
                "invite: response in", "all: response in",
                "invite: request out", "all: request out Invite",
                "invite: response out", "all: response out Invite 180",
                "all: request in", "all: response in", "all: request out Info", "all: response out Info 180",
                "all: ended 7",
            ], _log.Lines);
    }

    [Theory]
    [InlineData("invite")] // RFC 3261 §7.1: methods are case-sensitive
    [InlineData("INVITES")]
    [InlineData("INVIT")]
    [InlineData("KNOCK2")]
    public void A_method_that_is_nearly_a_filters_passes_it_by(string method)
    {
        ISupplements chain = Attached(Logging());
        var index = new MessageIndex();
        var reply = new RequestReply(_buffer, Method.Other);

        Assert.True(chain.IncomingRequest(new CallSession(NewCall(), 0), Read(Request(method), ref index), ref reply));
        Assert.Equal(["all: request in"], _log.Lines);
    }

    [Fact]
    public void A_supplement_that_stops_a_request_has_answered_it_and_those_behind_are_not_asked()
    {
        ISupplements chain = Attached(Logging());
        var index = new MessageIndex();
        var reply = new RequestReply(_buffer, Method.Other);

        Assert.False(chain.IncomingRequest(new CallSession(NewCall(), 0), Read(Request("KNOCK"), ref index), ref reply));

        Assert.Equal(["knock: request in"], _log.Lines);
        Assert.Equal("SIP/2.0 480 Nobody hears\r\nX-Door: shut\r\n", Sent(reply));
    }

    [Theory]
    [InlineData("CSeq: 1 KNOCK\r\n", true)]
    [InlineData("Call-ID: 1\r\ncseq : 4711 KNOCK\r\nFrom: <sip:a@b>\r\n", true)]
    [InlineData("CSeq: 1 KNOCKS\r\n", false)]
    [InlineData("CSeq: KNOCK\r\n", false)]
    [InlineData("X-CSeq: 1 KNOCK\r\n", false)]
    [InlineData("", false)]
    public void A_method_without_a_name_here_is_read_from_what_is_written(string lines, bool isKnock)
    {
        ISupplements chain = Attached(Logging());
        var call = new CallSession(NewCall(), 0);
        var response = new MessageBuilder(new byte[256]);
        response.StartResponse(200);
        foreach (string line in lines.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(": ");
            // A name with a blank behind it is what a copied line may have.
            if (parts[0].Contains(' '))
            {
                var index = new MessageIndex();
                byte[] text = Encoding.ASCII.GetBytes($"KNOCK sip:a@b SIP/2.0\r\n{line}\r\n\r\n");
                response.CopyFirst(Read(text, ref index), HeaderName.CSeq);
            }
            else
                response.Header(Encoding.ASCII.GetBytes(parts[0]), Encoding.ASCII.GetBytes(parts[1]));
        }
        var request = new MessageBuilder(new byte[256]);
        request.StartRequest("KNOCK"u8, "sip:a@b"u8);

        chain.OutgoingResponse(call, Method.Other, 200, ref response);
        chain.OutgoingRequest(call, Method.Other, ref request);

        string[] knocked = isKnock ? ["knock: response out"] : [];
        Assert.Equal([.. knocked, "all: response out Other 200", "knock: request out", "all: request out Other"], _log.Lines);
    }

    [Fact]
    public void A_cookie_lives_from_the_beginning_of_its_call_to_its_end()
    {
        var counting = Attached(new CountingChain());
        ISupplements chain = counting;
        var index = new MessageIndex();
        var first = NewCall();
        var second = NewCall();
        chain.SessionBegan(new(first, 1));
        chain.SessionBegan(new(second, 2));
        Assert.Equal(2, counting.CountsRequests.Lent);

        for (int i = 0; i < LimitsRequests.Most + 1; i++)
        {
            var reply = new RequestReply(_buffer, Method.Info);
            bool goesOn = chain.IncomingRequest(new(first, 1), Read(Request("INFO"), ref index), ref reply);
            Assert.Equal(i < LimitsRequests.Most, goesOn);
            if (!goesOn)
                Assert.Equal("SIP/2.0 503 Service Unavailable\r\nRetry-After: 10\r\n", Sent(reply));
        }
        Assert.Equal(4, counting.FiguresCookies.Of(first).Requests);
        Assert.Equal(0, counting.FiguresCookies.Of(second).Requests);

        chain.SessionEnded(new(first, 1));
        Assert.Equal(1, counting.CountsRequests.Lent);
        _calls.Remove(first);
        var third = NewCall();
        Assert.Equal(first.Index, third.Index);
        chain.SessionBegan(new(third, 3));
        Assert.Equal(0, counting.FiguresCookies.Of(third).Requests);
        Assert.False(counting.CountsRequests.BeganDirty);
    }

    [Fact]
    public void A_stale_handle_gives_nobodys_cookie()
    {
        var counting = Attached(new CountingChain());
        ISupplements chain = counting;
        var table = counting.FiguresCookies;
        var gone = NewCall();
        chain.SessionBegan(new(gone, 0));
        table.Of(gone).Requests = 5;
        chain.SessionEnded(new(gone, 0));
        _calls.Remove(gone);
        var live = NewCall();
        chain.SessionBegan(new(live, 0));

        Assert.False(table.IsLive(gone));
        Assert.False(table.IsLive(default));
        Assert.True(table.IsLive(live));
        table.Of(gone).Requests = 6;
        Assert.Equal(0, table.Of(gone).Requests);
        Assert.Equal(0, table.Of(default(Handle<Call>)).Requests);
        Assert.Equal(0, table.Of(live).Requests);
        // A second end releases nothing twice.
        chain.SessionEnded(new(gone, 0));
        Assert.Equal(1, counting.CountsRequests.Lent);
        Assert.Equal(1, table.Of(live).Lent);
    }

    [Fact]
    public void A_call_beyond_the_table_has_no_cookie_and_breaks_nothing()
    {
        var counting = Attached(new CountingChain(), calls: 1);
        NewCall();
        var beyond = NewCall();

        counting.FiguresCookies.Begin(new CallSession(beyond, 0));

        Assert.False(counting.FiguresCookies.IsLive(beyond));
        counting.FiguresCookies.Of(beyond).Requests = 1;
        Assert.Equal(0, counting.FiguresCookies.Of(beyond).Requests);
    }

    [Fact]
    public void Cookies_are_in_the_memory_plan()
    {
        var gate = StartGate.Rehearsal();
        ((ISupplements)new CountingChain()).Attach(gate, calls: 100);

        var entry = Assert.Single(gate.Plan().Entries.ToArray());
        Assert.Equal(("cookies CountsRequests.Figures", 100, 16), (entry.Pool, entry.Capacity, entry.BytesEach));
    }

    [Fact]
    public void Who_has_no_supplements_goes_on()
    {
        ISupplements none = Attached(new NoSupplements());
        var call = new CallSession(NewCall(), 0);
        var index = new MessageIndex();
        var reply = new RequestReply(_buffer, Method.Invite);
        var builder = new MessageBuilder(new byte[64]);

        none.SessionBegan(call);
        Assert.True(none.IncomingRequest(call, Read(Request("INVITE"), ref index), ref reply));
        none.IncomingResponse(call, Read(Response("INVITE"), ref index));
        none.OutgoingRequest(call, Method.Invite, ref builder);
        none.OutgoingResponse(call, Method.Invite, 200, ref builder);
        none.SessionEnded(call);

        Assert.True(builder.Written.IsEmpty);
    }

    [Fact]
    public void A_hundred_thousand_calls_through_a_chain_allocate_nothing()
    {
        ISupplements chain = Attached(new CountingChain());
        ISupplements adding = Attached(new DoorSupplements());
        var request = Request("INVITE");
        var index = new MessageIndex();
        var message = Read(request, ref index);
        byte[] output = new byte[256];
        Handle<Call>[] calls = [NewCall(), NewCall()];
        Run(2_000);

        long before = HeapCount.Begin();
        int stopped = Run(100_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(100_000, stopped);

        int Run(int rounds)
        {
            int stopped = 0;
            for (int i = 0; i < rounds; i++)
            {
                var call = new CallSession(calls[i & 1], (ulong)i);
                chain.SessionBegan(call);
                for (int n = 0; n <= LimitsRequests.Most; n++)
                {
                    var reply = new RequestReply(output, Method.Invite);
                    if (!chain.IncomingRequest(call, Over(request, ref index), ref reply))
                        stopped++;
                }
                var builder = new MessageBuilder(output);
                builder.StartRequest(Method.Invite, "sip:a@b"u8);
                adding.OutgoingRequest(call, Method.Invite, ref builder);
                chain.SessionEnded(call);
            }
            return stopped;
        }

        static SipMessage Over(byte[] text, ref MessageIndex index)
        {
            SipMessage.TryRead(text, Framing.Datagram, ref index, out var message, out _);
            return message;
        }
    }

    private static string Sent(RequestReply reply)
    {
        var builder = new MessageBuilder(new byte[1024]);
        builder.StartResponse(reply.Status, reply.Reason);
        reply.WriteHeaders(ref builder);
        Assert.True(builder.IsValid);
        return Encoding.ASCII.GetString(builder.Written);
    }
}
