// RegistrationCheck sees what it is for: each fault is planted in a device whose agent is well.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class RegistrationCheckTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private static string FailureOf(Func<string, SipAgent, AgentPort> makePort, Action<Registrar> set)
    {
        var failure = Assert.Throws<SimulationFailure>(() => RegistrationScene.Play(scene =>
        {
            var registrar = scene.AddRegistrar();
            var device = scene.AddDevice([new("alice", "secret") { Server = "sip:192.0.2.10", Protocol = Protocol.Udp }], makePort: makePort);
            set(registrar);
            device.Start();
            scene.RunFor(s_hour);
        }));
        Assert.Equal(nameof(RegistrationCheck), failure.Check);
        return failure.Message;
    }

    private static void Nothing(Registrar registrar)
    {
    }

    [Fact]
    public void A_result_that_is_not_told_is_seen() =>
        Assert.Contains("told nobody", FailureOf((name, agent) => new HidesSuccess(name, agent), Nothing), StringComparison.Ordinal);

    [Fact]
    public void A_lapse_that_is_not_told_is_seen() =>
        Assert.Contains("told nobody that its registration lapsed", FailureOf((name, agent) => new HidesLapses(name, agent), SilentFromTheSecondMinute), StringComparison.Ordinal);

    [Fact]
    public void A_belief_beyond_the_grant_is_seen() =>
        Assert.Contains("believes to be registered", FailureOf((name, agent) => new Believes(name, agent), registrar => registrar.Behaviour.Refusal = 403), StringComparison.Ordinal);

    [Fact]
    public void A_request_too_soon_behind_a_failure_is_seen() =>
        Assert.Contains("too soon behind 503", FailureOf((name, agent) => new Hammers(name, agent), registrar => registrar.Behaviour.Refusal = 503), StringComparison.Ordinal);

    [Fact]
    public void A_Call_ID_that_changes_is_seen() => Assert.Contains(
        "changed its Call-ID", FailureOf((name, agent) => new Rewrites(name, agent, "Call-ID: ", number => number == 1 ? "" : "x"), Nothing), StringComparison.Ordinal);

    [Fact]
    public void A_CSeq_that_does_not_grow_is_seen() => Assert.Contains(
        "behind 10000001", FailureOf((name, agent) => new Rewrites(name, agent, "CSeq: ", number => number == 1 ? "1000000" : ""), Nothing), StringComparison.Ordinal);

    [Fact]
    public void Two_requests_at_once_are_seen() => Assert.Contains(
        "is under way", FailureOf((name, agent) => new Rewrites(name, agent, ";branch=z9hG4bK", number => number == 1 ? "" : "x"), registrar => registrar.Node.Freeze()), StringComparison.Ordinal);

    private static void SilentFromTheSecondMinute(Registrar registrar) => registrar.Node.World.After(TimeSpan.FromMinutes(1), registrar.Node.Freeze);

    // ---- Plants -------------------------------------------------------------------------------------------------------------------

    private sealed class HidesSuccess(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override bool PollEvent(out AgentEvent happened) =>
            base.PollEvent(out happened) && happened.Registration.Outcome != RegistrationOutcome.Done;
    }

    private sealed class HidesLapses(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override bool PollEvent(out AgentEvent happened) =>
            base.PollEvent(out happened) && happened.Registration.Kind != RegistrationEventKind.Lapsed;
    }

    private sealed class Believes(string name, SipAgent agent) : AgentPort(name, agent)
    {
        public override bool TryGetInfo(Instant now, Handle<Account> account, out RegistrationInfo info)
        {
            info = new() { State = RegistrationState.Registered };
            return true;
        }
    }

    private sealed class Hammers(string name, SipAgent agent) : AgentPort(name, agent)
    {
        private Instant _now;

        public override void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
        {
            _now = now;
            base.HandleDatagram(now, flow, datagram);
        }

        public override bool PollEvent(out AgentEvent happened)
        {
            bool isThere = base.PollEvent(out happened);
            if (happened.Registration.Outcome == RegistrationOutcome.WillRetry)
                Agent.Accounts!.Register(_now, happened.Registration.Account, isAutomatic: true);
            return isThere;
        }
    }

    /// <summary>Puts letters behind a text in each datagram, which has a number from 1.</summary>
    private sealed class Rewrites(string name, SipAgent agent, string where, Func<int, string> what) : AgentPort(name, agent)
    {
        private int _number;

        public override bool PollTransmit(Span<byte> buffer, out Transmit transmit)
        {
            if (!base.PollTransmit(buffer, out transmit))
                return false;
            string text = Encoding.Latin1.GetString(buffer[..transmit.Length]);
            int at = text.IndexOf(where, StringComparison.Ordinal) + where.Length;
            byte[] changed = Encoding.Latin1.GetBytes(text.Insert(at, what(++_number)));
            changed.CopyTo(buffer);
            transmit = new(transmit.Kind, transmit.Flow, changed.Length);
            return true;
        }
    }
}
