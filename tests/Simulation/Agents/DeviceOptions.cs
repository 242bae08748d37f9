// The options of a registered device: small, since there may be a thousand of them.
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Resolution;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal static class DeviceOptions
{
    /// <summary>An address of "any": the device may have another one tomorrow.</summary>
    private static readonly IpEndpoint s_anywhere = IpEndpoint.V4(0, 5060);

    public static SipAgentOptions Of(int accounts) => new()
    {
        Transport = new() { ListeningPoints = DrawnOptions.PointsOf(s_anywhere), Connections = 2 + accounts, Outputs = 32 },
        // A request is kept for 5 s behind its answer (timer K): a redirection or two, each with a challenge.
        Transactions = new() { ClientTransactions = 16 * accounts, ServerTransactions = 8 },
        Resolver = new() { Resolutions = 1 + accounts, CacheEntries = 16 },
        Registration = new() { Accounts = accounts },
        KeptFlows = new() { Flows = accounts },
        Buffers = [new(512, 8), new(2048, 16 * accounts), new(16 * 1024, 1)],
    };
}
