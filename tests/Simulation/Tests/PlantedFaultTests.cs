// A fault planted in an agent is caught, and by the check that is there for it. Without the plant the same runs are clean.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class PlantedFaultTests
{
    /// <summary>A planted fault shows in one of so many runs.</summary>
    private const ulong Seeds = 12;

    private static RunOptions Options { get; } = new()
    {
        Agents = 3,
        Seconds = 5,
        Faults = NetworkFaults.None with { LatencyUs = 20_000, LossPerMille = 150 },
        Personality = _ => new() { PauseMs = 800 },
        HasSmallPools = false,
        Change = (number, _) => DrawnOptions.Usual(IpEndpoint.V4(0xC0000201 + (uint)number, 5060)),
    };

    public static TheoryData<string, string> Plants => new()
    {
        { nameof(LosesOneRetransmission), "ScheduleCheck" },
        { nameof(IsOneMillisecondLate), "ScheduleCheck" },
        { nameof(SendsTwice), "ScheduleCheck" },
        { nameof(SendsAcksTwice), "ScheduleCheck" },
        { nameof(LosesCancels), "ScheduleCheck" },
        { nameof(LosesAcks), "ScheduleCheck" },
        { nameof(ChangesWhatItRepeats), "ScheduleCheck" },
        { nameof(AnswersTwice), "AnswerCheck" },
        { nameof(AnswersResponses), "AnswerCheck" },
        { nameof(RefusesWithoutATime), "AnswerCheck" },
        { nameof(KeepsATransaction), "ScheduleCheck" },
        { nameof(KeepsABuffer), "Pools" },
        { nameof(WritesAHeaderWrong), "GrammarCheck" },
        { nameof(CountsBackwards), "SequenceCheck" },
        { nameof(TakesStaleHandles), "StaleHandle" },
        { nameof(Allocates), "Allocation" },
        { nameof(TellsTwice), "OutcomeCheck" },
        { nameof(TellsNothing), "OutcomeCheck" },
        { nameof(WantsToBeCalledForEver), "Progress" },
        { nameof(Throws), nameof(InvalidOperationException) },
    };

    [Theory]
    [MemberData(nameof(Plants))]
    public void A_planted_fault_is_caught_by_its_check(string plant, string check)
    {
        var type = typeof(PlantedFaultTests).GetNestedType(plant, System.Reflection.BindingFlags.NonPublic)!;
        // Refusals are where pools are small.
        var options = Options with
        {
            HasSmallPools = plant == nameof(RefusesWithoutATime),
            Change = plant == nameof(RefusesWithoutATime) ? null : Options.Change,
            Port = (name, agent) => (AgentPort)Activator.CreateInstance(type, name, agent)!,
        };

        string caught = "";
        for (ulong seed = 1; seed <= Seeds && caught.Length == 0; seed++)
            caught = Run.Of(seed, options).FailedCheck;

        Assert.Equal(check, caught);
    }

    [Fact]
    public void Without_a_plant_the_same_runs_are_clean()
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var result = Run.Of(seed, Options);
            Assert.True(result.Failure is null, FailureReport.Of(result));
        }
    }

    [Fact]
    public void A_failure_tells_its_seed_its_setting_and_what_happened()
    {
        var result = Run.Of(1, Options with { Port = (name, agent) => new WritesAHeaderWrong(name, agent) });

        string report = FailureReport.Of(result);

        Assert.Contains("seed 1: GrammarCheck", report);
        Assert.Contains("--seed 1", report);
        Assert.Contains("LossPerMille=150", report);
        Assert.Contains("agent3 192.0.2.3:5060: T1 500", report);
        Assert.Contains("INVITE", report);
    }

    // ---- Plants: what is sent -----------------------------------------------------------------------------------------------------

    /// <summary>Changes, drops or repeats what an agent hands out.</summary>
    private abstract class Tampering(string name, SipAgent agent) : AgentPort(name, agent)
    {
        private (byte[] Octets, Transmit Transmit)? _more;

        protected HashSet<string> Seen { get; } = [];

        /// <summary>The octets in the place of these, or null for none. <paramref name="more"/> is sent behind.</summary>
        protected abstract byte[]? Tamper(byte[] octets, out byte[]? more);

        public override bool PollTransmit(Span<byte> buffer, out Transmit transmit)
        {
            if (_more is { } waiting)
            {
                _more = null;
                return Hand(waiting.Octets, waiting.Transmit, buffer, out transmit);
            }
            while (base.PollTransmit(buffer, out transmit))
            {
                if (transmit.Kind != TransmitKind.Datagram)
                    return true;
                byte[]? octets = Tamper(buffer[..transmit.Length].ToArray(), out byte[]? more);
                if (more is not null)
                    _more = (more, transmit);
                if (octets is not null)
                    return Hand(octets, transmit, buffer, out transmit);
                if (more is not null)
                    return PollTransmit(buffer, out transmit);
            }
            return false;
        }

        private static bool Hand(byte[] octets, in Transmit of, Span<byte> buffer, out Transmit transmit)
        {
            octets.CopyTo(buffer);
            transmit = new(of.Kind, of.Flow, octets.Length);
            return true;
        }

        protected static bool Begins(byte[] octets, string start) => Encoding.Latin1.GetString(octets).StartsWith(start, StringComparison.Ordinal);
    }

    private sealed class LosesOneRetransmission(string name, SipAgent agent) : Tampering(name, agent)
    {
        private bool _isDone;

        protected override byte[]? Tamper(byte[] octets, out byte[]? more)
        {
            more = null;
            bool loses = !Seen.Add(Encoding.Latin1.GetString(octets)) && !_isDone;
            _isDone |= loses;
            return loses ? null : octets;
        }
    }

    private sealed class SendsTwice(string name, SipAgent agent) : Tampering(name, agent)
    {
        protected override byte[]? Tamper(byte[] octets, out byte[]? more) => more = octets;
    }

    private sealed class SendsAcksTwice(string name, SipAgent agent) : Tampering(name, agent)
    {
        protected override byte[]? Tamper(byte[] octets, out byte[]? more)
        {
            more = Begins(octets, "ACK") ? octets : null;
            return octets;
        }
    }

    private sealed class LosesCancels(string name, SipAgent agent) : Tampering(name, agent)
    {
        protected override byte[]? Tamper(byte[] octets, out byte[]? more)
        {
            more = null;
            return Begins(octets, "CANCEL") ? null : octets;
        }
    }

    private sealed class LosesAcks(string name, SipAgent agent) : Tampering(name, agent)
    {
        protected override byte[]? Tamper(byte[] octets, out byte[]? more)
        {
            more = null;
            return Begins(octets, "ACK") ? null : octets;
        }
    }

    private sealed class ChangesWhatItRepeats(string name, SipAgent agent) : Tampering(name, agent)
    {
        protected override byte[]? Tamper(byte[] octets, out byte[]? more)
        {
            more = null;
            string text = Encoding.Latin1.GetString(octets);
            return Seen.Add(text) ? octets : Encoding.Latin1.GetBytes(text.Replace("Max-Forwards: 70", "Max-Forwards: 69").Replace("SIP/2.0 200 OK", "SIP/2.0 200 Ok"));
        }
    }

    private sealed class AnswersTwice(string name, SipAgent agent) : Tampering(name, agent)
    {
        protected override byte[]? Tamper(byte[] octets, out byte[]? more)
        {
            more = Begins(octets, "SIP/2.0 200") ? Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(octets).Replace("SIP/2.0 200", "SIP/2.0 500")) : null;
            return octets;
        }
    }

    private sealed class AnswersResponses(string name, SipAgent agent) : Tampering(name, agent)
    {
        private byte[]? _response;

        public override void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
        {
            base.HandleDatagram(now, flow, datagram);
            if (datagram.StartsWith("SIP/2.0 4"u8))
                _response = datagram.ToArray();
        }

        protected override byte[]? Tamper(byte[] octets, out byte[]? more)
        {
            (more, _response) = (_response, null);
            return octets;
        }
    }

    private sealed class RefusesWithoutATime(string name, SipAgent agent) : Tampering(name, agent)
    {
        protected override byte[]? Tamper(byte[] octets, out byte[]? more)
        {
            more = null;
            return Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(octets).Replace("Retry-After: 5\r\n", ""));
        }
    }

    private sealed class WritesAHeaderWrong(string name, SipAgent agent) : Tampering(name, agent)
    {
        protected override byte[]? Tamper(byte[] octets, out byte[]? more)
        {
            more = null;
            return Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(octets).Replace("Max-Forwards: 70", "Max-Forwards: 7O"));
        }
    }

    // In dialogs of its own making: those have its name in their Call-ID.
    private sealed class CountsBackwards(string name, SipAgent agent) : Tampering(name, agent)
    {
        private readonly string _name = name;

        protected override byte[]? Tamper(byte[] octets, out byte[]? more)
        {
            more = null;
            string text = Encoding.Latin1.GetString(octets);
            int start = text.IndexOf("CSeq: ", StringComparison.Ordinal) + "CSeq: ".Length;
            int end = text.IndexOf(" BYE", start, StringComparison.Ordinal);
            bool isOwn = end > start && Begins(octets, "BYE") && text.Contains("@" + _name, StringComparison.Ordinal);
            return isOwn ? Encoding.Latin1.GetBytes(text[..start] + new string('0', end - start) + text[end..]) : octets;
        }
    }

    // ---- Plants: time -------------------------------------------------------------------------------------------------------------

    private sealed class IsOneMillisecondLate(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override Instant PollTimeout() => base.PollTimeout() + TimeSpan.FromMilliseconds(1);
    }

    private sealed class WantsToBeCalledForEver(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override Instant PollTimeout() => default;
    }

    // ---- Plants: what is kept -----------------------------------------------------------------------------------------------------

    private sealed class KeepsATransaction(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override AgentUse Use => base.Use with { ClientTransactions = Math.Max(base.Use.ClientTransactions, 1) };
    }

    private sealed class KeepsABuffer(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override AgentUse Use => base.Use with { Buffers = base.Use.Buffers + 1 };
    }

    private sealed class TakesStaleHandles(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override SendResult Respond(Instant now, Handle<ServerTransaction> server, int status)
        {
            var result = base.Respond(now, server, status);
            return result == SendResult.Gone ? SendResult.Sent : result;
        }
    }

    private sealed class Allocates(string name, SipAgent agent) : AgentPort(name, agent)
    {
        private byte[] _waste = [];

        public override void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
        {
            Enter();
            _waste = new byte[_waste.Length + 1];
            Leave(nameof(HandleDatagram));
            base.HandleDatagram(now, flow, datagram);
        }
    }

    private sealed class Throws(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override void HandleTimeout(Instant now) => throw new InvalidOperationException("planted");
    }

    // ---- Plants: what is told -----------------------------------------------------------------------------------------------------

    private sealed class TellsTwice(string name, SipAgent agent) : AgentPort(name, agent)
    {
        private AgentEvent _again;

        public override bool PollEvent(out AgentEvent happened)
        {
            if (_again.Kind != AgentEventKind.None)
            {
                happened = _again;
                _again = default;
                return true;
            }
            bool isThere = base.PollEvent(out happened);
            if (happened.Transaction.Kind == TransactionEventKind.Request)
                _again = happened;
            return isThere;
        }
    }

    private sealed class TellsNothing(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override bool PollEvent(out AgentEvent happened) => base.PollEvent(out happened) && happened.Transaction.Kind != TransactionEventKind.Timeout;
    }
}
