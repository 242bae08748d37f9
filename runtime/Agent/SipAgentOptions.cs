// All that an agent is made from, and its memory.
using SipEmbedded.Calls;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Resolution;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using SipEmbedded.Voice;

namespace SipEmbedded.Agent;

/// <summary>Settings of an agent, read once when it is made. The defaults are those of a door-phone.</summary>
public sealed class SipAgentOptions
{
    [StartUp(Because = "options are made before start")]
    public SipAgentOptions()
    {
    }

    public TransportOptions Transport { get; init; } = new();

    public TransactionOptions Transactions { get; init; } = new();

    public FlowKeeperOptions KeptFlows { get; init; } = new();

    public PingOptions Pings { get; init; } = new();

    /// <summary>How servers are found by their names; null where nobody looks for any.</summary>
    public ResolverOptions? Resolver { get; init; }

    /// <summary>Accounts at registrars; null where there are none. With them servers are looked for, too.</summary>
    public RegistrationOptions? Registration { get; init; }

    /// <summary>Calls; null where the user works with transactions alone.</summary>
    public CallOptions? Calls { get; init; }

    /// <summary>
    /// The voice of its calls, which stands behind an audio handler of <see cref="CallOptions.Streams"/>; null where media are others' business.
    /// </summary>
    public VoiceLayer? Voice { get; init; }

    /// <summary>
    /// Buffers of messages, from the smallest. A transaction holds one, two while a provisional response is kept beside the request.
    /// 512 octets: the 200 to a BYE or an OPTIONS, an ACK; 2,048: an INVITE and its 200 with SDP; 16,384: what comes in pieces on a stream, and the rare
    /// large message; 65,535: whatever a datagram may hold.
    /// </summary>
    public BufferClass[] Buffers { get; init; } = DefaultBuffers;

    // 128 server and 64 client transactions, half of each small; a stream message in work for every fourth connection; one giant.
    private static readonly BufferClass[] DefaultBuffers = [new(512, 96), new(2048, 128), new(16 * 1024, 8), new(65535, 2)];
}
