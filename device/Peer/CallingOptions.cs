// What a calling agent is made from: whom it asks what, how often, and the memory for that.
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transport;

namespace SipEmbedded.Peer;

/// <summary>What an attempt is.</summary>
public enum AttemptKind : byte
{
    /// <summary>An OPTIONS request (RFC 3261 §11).</summary>
    Options,

    /// <summary>A call: INVITE, ACK, BYE.</summary>
    Call,
}

/// <summary>Settings of a <see cref="CallingAgent"/>.</summary>
public sealed class CallingOptions
{
    // RFC 3261 §17.1.1.2, RFC 6026 §7.2: an INVITE is kept 64*T1 behind its answer. Anything else is kept T4, 5 s; 64*T1 where nobody answers.
    private const int KeptSeconds = 33;

    private const int BuffersOfCall = 3;

    // Early dialogs beyond one a call: one callee is asked, so few fork.
    private const int ForkedDialogs = 8;

    [StartUp(Because = "options are made before start")]
    public CallingOptions()
    {
    }

    /// <summary>Who is asked: a SIP URI, which is the Request-URI and To.</summary>
    public required byte[] Uri { get; init; }

    /// <summary>The way there: an address of ours that is none of "any", and the address that the URI means.</summary>
    public required Flow Flow { get; init; }

    public AttemptKind Kind { get; init; }

    /// <summary>Attempts in all; 0 for no end.</summary>
    public long Count { get; init; } = 1;

    /// <summary>From the beginning of one attempt to that of the next. Where too many are under way the next waits, and those behind it too.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Attempts under way at once.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>How long a call lasts, from its 200 to our BYE.</summary>
    public TimeSpan HoldTime { get; init; }

    /// <summary>A call without a final response by then is cancelled (RFC 3261 §9.1).</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The agent below, and its memory: <see cref="AgentFor"/> makes it by the traffic to cause.</summary>
    public required SipAgentOptions Agent { get; init; }

    /// <summary>An agent for so many attempts at once, of which so many begin in a second.</summary>
    [StartUp(Because = "options are made before start")]
    public static SipAgentOptions AgentFor(ListeningPoint[] points, int concurrency, int perSecond) => new()
    {
        Transport = new() { ListeningPoints = points },
        Transactions = new()
        {
            // All that the calls layer answers by itself.
            AllowedMethods = [Method.Invite, Method.Bye, Method.Options, Method.Update, Method.Prack, Method.Info],
            // What callees send: a BYE for one call in four, kept as long as the rest.
            ServerTransactions = KeptSeconds * perSecond / 4 + concurrency + 16,
            // For each attempt an INVITE that was answered and a BYE; a CANCEL or the BYE of a fork for those under way.
            ClientTransactions = 2 * KeptSeconds * perSecond + 3 * concurrency,
        },
        // And one of somebody who calls us, until it is refused.
        Calls = new() { Calls = concurrency + 1, SpareDialogs = ForkedDialogs, Streams = [UnboundAudio.Handler()] },
        Buffers =
        [
            // Requests without a body, and of each call the texts of its INVITE or of its dialog, and what either side said of media.
            new(512, 2 * KeptSeconds * perSecond + (3 + BuffersOfCall) * concurrency + 16),
            new(1024, 2 * KeptSeconds * perSecond + 3 * concurrency + 16),
            new(16 * 1024, 8),
            new(65535, 2),
        ],
    };
}
