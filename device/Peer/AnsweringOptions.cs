// What an answering agent is made from. Its memory follows from the traffic that it is to bear.
using SipEmbedded.Agent;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Peer;

/// <summary>Settings of an <see cref="AnsweringAgent"/>.</summary>
public sealed class AnsweringOptions
{
    /// <summary>A transaction over UDP is kept so long behind its end (RFC 3261 §17.1.1.2: 64*T1), and a second for the call itself.</summary>
    private const int KeptSeconds = 33;

    // Requests beside calls, each kept as long: an OPTIONS of a few peers every few seconds.
    private const int OtherRequests = 64;

    /// <summary>Without an ending, a ring is one that the RFC allows without a further 180 (RFC 3261 §13.3.1.1).</summary>
    public static readonly TimeSpan LongestRing = TimeSpan.FromSeconds(59);

    [StartUp(Because = "options are made before start")]
    public AnsweringOptions()
    {
    }

    /// <summary>How long a call rings before it is answered, at most <see cref="LongestRing"/>; 0 answers at once.</summary>
    public TimeSpan RingTime { get; init; }

    /// <summary>A call that lasts so long is ended with a BYE: a peer that is gone does not hold its slot for ever.</summary>
    public TimeSpan LongestCall { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The agent below, and its memory: <see cref="AgentFor"/> makes it by the traffic to bear.</summary>
    public required SipAgentOptions Agent { get; init; }

    /// <summary>
    /// An agent for so many calls at once, of which so many begin in a second, with room for that many streams. One call more is answered with 486. Sessions
    /// have the layer's own timers (RFC 4028).
    /// </summary>
    [StartUp(Because = "options are made before start")]
    public static SipAgentOptions AgentFor(ListeningPoint[] points, int calls, int callsPerSecond, int connections) => new()
    {
        // No maddr: a forged one would have our answers sent to somebody else.
        Transport = new() { ListeningPoints = points, Connections = connections, HonoursMulticastAddress = false },
        Transactions = new()
        {
            // All that the calls layer answers by itself.
            AllowedMethods = [Method.Invite, Method.Bye, Method.Options, Method.Update, Method.Prack, Method.Info],
            // The INVITE and the BYE of each call, those that ring, and the rest.
            ServerTransactions = 2 * KeptSeconds * callsPerSecond + calls + OtherRequests,
            // A BYE of ours for each call when all are ended.
            ClientTransactions = calls + OtherRequests,
        },
        // None of ours forks.
        Calls = new() { Calls = calls, SpareDialogs = 0, Streams = [UnboundAudio.Handler()] },
        // A call has four buffers at once at most. While it rings: its INVITE, the 180, its dialog's texts, the offer; the first two want the second size. Later,
        // when the 200 is one that is remembered: the dialog, what both sides said of media, a BYE of ours, which may all be of the second size as well.
        Buffers =
        [
            // What is remembered of a BYE or an OPTIONS is the 200 to it.
            new(512, KeptSeconds * callsPerSecond + 2 * calls + OtherRequests),
            // And the 200 to an INVITE.
            new(1024, KeptSeconds * callsPerSecond + 2 * calls + OtherRequests),
            // The same with many Vias, routes and codecs, for one call in four.
            new(2048, KeptSeconds * callsPerSecond / 4 + calls / 4),
            // What comes in pieces on a stream, and what is large.
            new(16 * 1024, connections / 4 + 4),
            new(65535, 2),
        ],
    };
}
