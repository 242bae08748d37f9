// A fault planted in an agent with calls is caught, and by the check that is there for it. Without the plant the same runs are clean.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class CallPlantTests
{
    /// <summary>A planted fault shows in one of so many runs.</summary>
    private const ulong Seeds = 12;

    private static CallRunOptions Options { get; } = new()
    {
        Agents = 2,
        Seconds = 240,
        Faults = NetworkFaults.None with { LatencyUs = 20_000, LossPerMille = 150, RestartPerMille = 10 },
        HasSmallPools = false,
        Plan = _ => new() { Timer = new() { Mode = SessionTimers.SessionTimerMode.Always, IntervalSeconds = 90 } },
        Personality = _ => new() { PauseMs = 8000, OfferlessPerMille = 300, EarlyMediaPerMille = 500, TalkMs = 200_000, MaxDeeds = 6, DeedMs = 3000 },
    };

    public static TheoryData<string, string> Plants => new()
    {
        { nameof(TellsTheEndTwice), "CallCheck" },
        { nameof(KeepsTheEndToItself), "CallCheck" },
        { nameof(StaysInTheCall), "CallCheck" },
        { nameof(LosesAcknowledgements), "AcknowledgeCheck" },
        { nameof(LosesDescriptions), "OfferCheck" },
        { nameof(OffersWhereItMayBeLost), "OfferCheck" },
        { nameof(CountsAlways), "DescriptionCheck" },
        { nameof(CountsNever), "DescriptionCheck" },
        { nameof(ForgetsNumbers), "SequenceCheck" },
        { nameof(KeepsACall), "Pools" },
        { nameof(TakesStaleHandles), "StaleHandle" },
        { nameof(SaysGone), "Command" },
    };

    [Theory]
    [MemberData(nameof(Plants))]
    public void A_planted_fault_is_caught_by_its_check(string plant, string check)
    {
        var type = typeof(CallPlantTests).GetNestedType(plant, System.Reflection.BindingFlags.NonPublic)!;
        var options = Options with { Port = (name, agent) => (AgentPort)Activator.CreateInstance(type, name, agent)! };

        string caught = "";
        for (ulong seed = 1; seed <= Seeds && caught.Length == 0; seed++)
            caught = CallRun.Of(seed, options).Run.FailedCheck;

        Assert.Equal(check, caught);
    }

    [Fact]
    public void Without_a_plant_the_same_runs_are_clean()
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var result = CallRun.Of(seed, Options).Run;
            Assert.True(result.Failure is null, FailureReport.Of(result));
        }
    }

    // ---- What users are told ------------------------------------------------------------------------------------------------------------

    private sealed class TellsTheEndTwice(string name, SipAgent agent) : AgentPort(name, agent)
    {
        private AgentEvent? _again;

        public override bool PollEvent(out AgentEvent happened)
        {
            if (_again is { } again)
            {
                _again = null;
                happened = again;
                return true;
            }
            if (!base.PollEvent(out happened))
                return false;
            if (happened is { Kind: AgentEventKind.Call, Call.Kind: CallEventKind.Ended })
                _again = happened;
            return true;
        }
    }

    private sealed class KeepsTheEndToItself(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override bool PollEvent(out AgentEvent happened)
        {
            do
            {
                if (!base.PollEvent(out happened))
                    return false;
            }
            while (happened is { Kind: AgentEventKind.Call, Call.Kind: CallEventKind.Ended, Call.End: CallEnd.ByPeer });
            return true;
        }
    }

    /// <summary>It says that its sessions are of a second, and stays in them for as long as they are.</summary>
    private sealed class StaysInTheCall(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override bool TryGetInfo(Instant now, Handle<Call> call, out CallInfo info)
        {
            bool isThere = base.TryGetInfo(now, call, out info);
            info = info with { SessionSeconds = Math.Min(info.SessionSeconds, 1) };
            return isThere;
        }
    }

    private sealed class KeepsACall(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override AgentUse Use => base.Use with { Calls = 1 };
    }

    private sealed class TakesStaleHandles(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override CallResult HangUp(Instant now, Handle<Call> call, int status) =>
            Agent.Calls!.IsLive(call) ? base.HangUp(now, call, status) : CallResult.Done;
    }

    private sealed class SaysGone(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override CallResult SendText(Instant now, Handle<Call> call, ReadOnlySpan<byte> text) => CallResult.Gone;
    }

    // ---- What is sent -------------------------------------------------------------------------------------------------------------------

    /// <summary>Changes or drops messages that an agent hands out.</summary>
    private abstract class Tampering(string name, SipAgent agent) : AgentPort(name, agent)
    {
        /// <summary>The message in the place of this one, or null for none.</summary>
        protected abstract string? Tamper(string message);

        public override bool PollTransmit(Span<byte> buffer, out Transmit transmit)
        {
            while (base.PollTransmit(buffer, out transmit))
            {
                if (transmit.Kind != TransmitKind.Datagram)
                    return true;
                string? message = Tamper(Encoding.Latin1.GetString(buffer[..transmit.Length]));
                if (message is null)
                    continue;
                int length = Encoding.Latin1.GetBytes(message, buffer);
                transmit = new(transmit.Kind, transmit.Flow, length);
                return true;
            }
            return false;
        }

        protected static bool Begins(string message, string start) => message.StartsWith(start, StringComparison.Ordinal);

        protected static string WithBody(string message, string body)
        {
            string head = message[..message.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
            var lines = head.Split("\r\n").Where(line => !Begins(line, "Content-Length:") && (body.Length > 0 || !Begins(line, "Content-Type:")));
            return $"{string.Join("\r\n", lines)}\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        }

        protected static string BodyOf(string message) => message[(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
    }

    private sealed class LosesAcknowledgements(string name, SipAgent agent) : Tampering(name, agent)
    {
        private int _acks;

        protected override string? Tamper(string message) => Begins(message, "ACK") && ++_acks % 5 == 0 ? null : message;
    }

    private sealed class LosesDescriptions(string name, SipAgent agent) : Tampering(name, agent)
    {
        protected override string? Tamper(string message) =>
            Begins(message, "SIP/2.0 200") && message.Contains(" UPDATE\r\n", StringComparison.Ordinal) && BodyOf(message).Length > 0 ? WithBody(message, "") : message;
    }

    /// <summary>A provisional response that may be lost offers media, or says something else than the one before it.</summary>
    private sealed class OffersWhereItMayBeLost(string name, SipAgent agent) : Tampering(name, agent)
    {
        private string _last = "";

        protected override string? Tamper(string message)
        {
            string body = BodyOf(message);
            if (Begins(message, "INVITE") && body.Length > 0)
                _last = body;
            if (!Begins(message, "SIP/2.0 18") || _last.Length == 0 || body.Length > 0)
                return message;
            return WithBody(message.Replace("\r\nContent-Length", "\r\nContent-Type: application/sdp\r\nContent-Length", StringComparison.Ordinal), _last);
        }
    }

    private sealed class CountsAlways(string name, SipAgent agent) : Tampering(name, agent)
    {
        private int _version = 1000;

        protected override string? Tamper(string message) => Tampered(message, _ => ++_version);

        internal static string Tampered(string message, Func<long, long> version)
        {
            int at = message.IndexOf("\r\no=- ", StringComparison.Ordinal);
            if (at < 0)
                return message;
            string[] origin = message[(at + 6)..].Split(' ', 3);
            return WithBody(message, BodyOf(message.Replace($"{origin[0]} {origin[1]} IN", $"{origin[0]} {version(long.Parse(origin[1]))} IN", StringComparison.Ordinal)));
        }
    }

    private sealed class CountsNever(string name, SipAgent agent) : Tampering(name, agent)
    {
        protected override string? Tamper(string message) => CountsAlways.Tampered(message, _ => 1);
    }

    private sealed class ForgetsNumbers(string name, SipAgent agent) : Tampering(name, agent)
    {
        protected override string? Tamper(string message)
        {
            if (!Begins(message, "BYE"))
                return message;
            string line = message.Split("\r\n").First(line => Begins(line, "CSeq:"));
            return message.Replace(line, "CSeq: 1 BYE", StringComparison.Ordinal);
        }
    }
}
