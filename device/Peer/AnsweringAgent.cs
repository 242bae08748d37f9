// A callee that answers whatever it is sent, to test others with: a user of the calls layer that rings, answers, and hangs up after a time. It has no media:
// one audio stream is inactive, any other is refused. OPTIONS, re-INVITE, UPDATE and session timers are the layer's.
//
//      INVITE          ring time             ACK
//    ---------> Ringing ------> Answered -------> Confirmed --- BYE of either side --->
//          180     |       200      |                 |
//                  CANCEL: 487      no ACK: BYE       longest call: BYE
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transport;

namespace SipEmbedded.Peer;

/// <summary>Answers OPTIONS and calls. A host or a simulation drives it as any engine.</summary>
public sealed class AnsweringAgent : AgentUser
{
    // A call as the layer has it in the slot of the same number.
    private struct Taken
    {
        public Handle<Call> Call;
        public bool IsAnswered;
    }

    private readonly CallLayer _calls;
    private readonly TimeSpan _ringTime;
    private readonly TimeSpan _longestCall;
    private readonly Taken[] _taken;
    private readonly TimerWheel _timers;
    private AnsweringCounters _counters;
    private bool _isStopping;

    /// <summary><see cref="AnsweringOptions.Agent"/> has calls, as <see cref="AnsweringOptions.AgentFor"/> makes it.</summary>
    [StartUp(Because = "an agent is made before start")]
    public AnsweringAgent(StartGate gate, AnsweringOptions options, IEntropySource entropy)
        : base(new(gate, options.Agent, entropy))
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.RingTime, AnsweringOptions.LongestRing);
        _calls = base.Agent.Calls ?? throw new ArgumentException("A callee has calls.", nameof(options));
        _ringTime = options.RingTime;
        _longestCall = options.LongestCall;
        const string Calls = "answered calls";
        _taken = gate.Take<Taken>(Calls, _calls.Capacity);
        _timers = new(gate, Calls, _calls.Capacity);
    }

    /// <summary>The agent below: its counters and what it has in use.</summary>
    public new SipAgent Agent => base.Agent;

    /// <summary>Calls at this moment, and the most there ever were.</summary>
    public int CallCount => _calls.Count;

    public int CallHighWater => _calls.HighWater;

    /// <summary>After <see cref="Stop"/>: true once no call is left and every BYE of ours has its answer.</summary>
    public bool IsDrained => _isStopping && _calls.Count == 0;

    /// <summary>What was counted here and in the layer below.</summary>
    public AnsweringCounters Counters
    {
        get
        {
            ref readonly var below = ref _calls.Counters;
            return _counters with
            {
                OptionsAnswered = below.OptionsAnswered,
                BusyRefusals = _counters.BusyRefusals + below.NoRoom,
                InvitesRefused = below.InvitesRefused + below.OffersRefused,
                OutsideCalls = below.OutsideDialogs,
                OutOfOrder = below.OutOfOrder,
                ReInvites = below.PeerRefreshes,
                Refreshes = below.Refreshes,
            };
        }
    }

    /// <summary>Takes no more calls and ends those that there are, one by one as time is handed in.</summary>
    public void Stop(Instant now)
    {
        _isStopping = true;
        for (int i = 0; _calls.TryNext(ref i, out var call);)
            _timers.Arm(call.Index, now);
    }

    public override void HandleTimeout(Instant now)
    {
        // One timer of ours is one input, as one of the agent's is.
        if (_timers.TryPop(now, out int timer))
            TimeIsUp(now, _taken[timer].Call);
        else
            base.HandleTimeout(now);
    }

    public override Instant PollTimeout() => Instant.Earlier(base.PollTimeout(), _timers.NextDeadline);

    protected override void React(Instant now, in AgentEvent happened)
    {
        if (happened.Kind != AgentEventKind.Call)
            return;
        switch (happened.Call.Kind)
        {
            case CallEventKind.Incoming:
                Begin(now, happened.Call.Call);
                break;
            case CallEventKind.Confirmed:
                _counters.CallsConfirmed++;
                break;
            case CallEventKind.Ended:
                End(happened.Call);
                break;
        }
    }

    private void Begin(Instant now, Handle<Call> call)
    {
        if (_isStopping)
        {
            _counters.BusyRefusals++;
            _calls.Answer(now, call, 480);
            return;
        }
        _counters.CallsBegun++;
        _taken[call.Index] = new() { Call = call };
        _calls.Answer(now, call, 180);
        if (_ringTime > TimeSpan.Zero)
            _timers.Arm(call.Index, now + _ringTime);
        else
            Answer(now, call);
    }

    private void Answer(Instant now, Handle<Call> call)
    {
        if (_calls.Answer(now, call, 200) != CallResult.Done)
        {
            // No buffer, or too large: a refusal takes less. Where that finds no room either the caller's patience ends it.
            _calls.HangUp(now, call, 500);
            return;
        }
        _taken[call.Index].IsAnswered = true;
        _counters.CallsAnswered++;
        _timers.Arm(call.Index, now + _longestCall);
    }

    private void TimeIsUp(Instant now, Handle<Call> call)
    {
        if (_taken[call.Index].IsAnswered || _isStopping)
            _calls.HangUp(now, call, 480);
        else
            Answer(now, call);
    }

    private void End(in CallEvent ended)
    {
        ref var taken = ref _taken[ended.Call.Index];
        // One that was refused when it came.
        if (taken.Call != ended.Call)
            return;
        switch (ended.End)
        {
            case CallEnd.ByPeer:
                _counters.CallsEnded++;
                break;
            case CallEnd.Cancelled:
                _counters.CallsCancelled++;
                break;
            case CallEnd.ByUs when taken.IsAnswered || _isStopping:
                _counters.CallsHungUp++;
                break;
            case CallEnd.Unacknowledged:
                _counters.CallsUnacknowledged++;
                break;
            case CallEnd.ByUs or CallEnd.Unanswered:
                _counters.CallsUnanswered++;
                break;
            case CallEnd.Expired:
                _counters.CallsExpired++;
                break;
            default:
                _counters.CallsLost++;
                break;
        }
        // Those that the peer did not end were ended by a BYE of ours, if they were answered; its status came with the end.
        if (taken.IsAnswered && ended.End != CallEnd.ByPeer)
        {
            _counters.ByesSent++;
            _counters.ByesUnanswered += ended.Status is 408 or 503 ? 1 : 0;
        }
        _timers.Cancel(ended.Call.Index);
        taken = default;
    }
}
