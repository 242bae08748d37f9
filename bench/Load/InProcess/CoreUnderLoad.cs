// An agent as large as a measurement needs it.

using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Bench.Load;

internal static class CoreUnderLoad
{
    /// <summary>Options for so many server transactions that have ended and linger, half of them INVITEs with an answer.</summary>
    public static SipAgentOptions OptionsFor(int transactions) => new()
    {
        Transport = new() { ListeningPoints = [new(Protocol.Udp, IpEndpoint.Loopback(5060))] },
        Transactions = new() { ServerTransactions = transactions },
        // A lingering transaction keeps its final response: a BYE's within 512 octets, an INVITE's within 1,024. Some more for those under way.
        Buffers = [new(512, transactions / 2 + 64), new(1024, transactions / 2 + 64), new(2048, 16)],
    };

    public static ISipEngine Make(int transactions)
    {
        var gate = new StartGate();
        var agent = new SipAgent(gate, OptionsFor(transactions), new FixedEntropy());
        gate.Close();
        return new LeastUser(agent);
    }

    // The same tags in every run, so that two runs do the same work.
    private sealed class FixedEntropy : IEntropySource
    {
        private ulong _state = 0x9E3779B97F4A7C15;

        public void Fill(Span<byte> octets)
        {
            foreach (ref byte octet in octets)
            {
                _state = _state * 6364136223846793005 + 1442695040888963407;
                octet = (byte)(_state >> 56);
            }
        }
    }
}
