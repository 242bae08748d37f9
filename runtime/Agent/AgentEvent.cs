// What an agent tells its user: one of the events of the floors below.
using SipEmbedded.Calls;
using SipEmbedded.KeepAlive;
using SipEmbedded.Registration;
using SipEmbedded.Transactions;
using SipEmbedded.Voice;

namespace SipEmbedded.Agent;

public enum AgentEventKind : byte
{
    None,

    /// <summary>A request, or what became of one of the user's own: <see cref="AgentEvent.Transaction"/>.</summary>
    Transaction,

    /// <summary>What became of a flow that the user keeps alive: <see cref="AgentEvent.KeptFlow"/>.</summary>
    KeptFlow,

    /// <summary>What came of a ping: <see cref="AgentEvent.Ping"/>.</summary>
    Ping,

    /// <summary>What came of a registration: <see cref="AgentEvent.Registration"/>.</summary>
    Registration,

    /// <summary>What happened to a call: <see cref="AgentEvent.Call"/>.</summary>
    Call,

    /// <summary>What was heard in a call: <see cref="AgentEvent.Voice"/>.</summary>
    Voice,
}

/// <summary>One event. The message that caused it is <see cref="SipAgent.Message"/>, until the next input.</summary>
public struct AgentEvent
{
    public AgentEventKind Kind { get; internal set; }

    public TransactionEvent Transaction { get; internal set; }

    public KeptFlowEvent KeptFlow { get; internal set; }

    public PingEvent Ping { get; internal set; }

    public RegistrationEvent Registration { get; internal set; }

    public CallEvent Call { get; internal set; }

    public VoiceEvent Voice { get; internal set; }
}
