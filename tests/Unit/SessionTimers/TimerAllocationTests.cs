// Calls set up, refreshed, refused and ended, and not one octet on the heap.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.SessionTimers;
using Xunit;

namespace SipEmbedded.Tests.SessionTimers;

public sealed class TimerAllocationTests
{
    private const int Rounds = 20_000;

    private readonly byte[] _buffer = new byte[1024];
    private readonly Entropy _entropy = new(new StartGate(), new Zeros());
    private MessageIndex _index;

    private sealed class Zeros : IEntropySource
    {
        public void Fill(Span<byte> octets) => octets.Clear();
    }

    [Fact]
    public void A_session_and_its_refreshes_allocate_nothing()
    {
        int refreshes = Round() + Round();
        long before = HeapCount.Begin();
        for (int i = 0; i < Rounds; i++)
            refreshes += Round();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2 * (Rounds + 2), refreshes);
    }

    // A call of ours to one of the peer's own timer, which refreshes twice: once refused for the moment, once accepted.
    private int Round()
    {
        var settings = new SessionTimerSettings();
        var caller = new SessionTimer(settings, isCaller: true);
        var callee = new SessionTimer(settings, isCaller: false);
        var now = Instant.FromMilliseconds(0);
        int refreshes = 0;

        caller.TakeResponse(now, Write(ref caller, 0));
        caller.TakeResponse(now, Read("SIP/2.0 422 Too Small\r\nMin-SE: 2000\r\n\r\n"u8));
        callee.TakeRequest(Write(ref caller, 0), isInitial: true);
        caller.TakeResponse(now, Write(ref callee, 200));
        callee.ResponseSent(now);
        caller.TakeAllow(Read("SIP/2.0 200 OK\r\nAllow: INVITE, ACK, UPDATE\r\n\r\n"u8));
        while (refreshes < 2)
        {
            now = caller.Deadline;
            if (caller.TimeIsUp(now) != TimerAction.Refresh)
                return -1;
            refreshes++;
            caller.Postpone(now, _entropy);
            now = caller.Deadline;
            caller.TimeIsUp(now);
            callee.TakeRequest(Write(ref caller, 0), isInitial: false);
            if (refreshes == 1)
            {
                callee.RequestRefused();
                caller.RefreshFailed(now, 491, Read("SIP/2.0 491 Request Pending\r\nRetry-After: 3\r\n\r\n"u8), caller.PrefersUpdate, _entropy);
                continue;
            }
            caller.TakeResponse(now, Write(ref callee, 200));
            callee.ResponseSent(now);
        }
        bool isWell = caller.IsRefresher && !callee.IsRefresher && callee.IntervalSeconds == 2000 && callee.TimeIsUp(callee.Deadline) == TimerAction.End;
        caller.RefreshUnanswered();
        return isWell ? refreshes : -1;
    }

    // A request of the timer's, or its response.
    private SipMessage Write(ref SessionTimer timer, int status)
    {
        var builder = new MessageBuilder(_buffer);
        if (status == 0)
        {
            builder.StartRequest(Method.Update, "sip:door@192.0.2.1"u8);
            builder.Header(HeaderName.Supported, "100rel, timer"u8);
            timer.WriteRequest(ref builder);
        }
        else
        {
            builder.StartResponse(status);
            timer.WriteResponse(ref builder, out _);
        }
        builder.Finish();
        return Read(builder.Written);
    }

    private SipMessage Read(ReadOnlySpan<byte> text)
    {
        SipMessage.TryRead(text, Framing.Datagram, ref _index, out var message, out _);
        return message;
    }
}
