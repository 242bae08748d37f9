// The product's answering agent, as large as a measurement needs it, without the host below it.

using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Peer;
using SipEmbedded.Transport;

namespace SipEmbedded.Bench.Load;

internal static class CoreUnderLoad
{
    /// <summary>Calls at once where none is held: the loop ends one before it begins the next.</summary>
    public const int FewCalls = 64;

    private const int TransactionsOfCall = 2;

    /// <summary>What an agent is made from that bears so many calls a second, each remembered for 32 s.</summary>
    public static SipAgentOptions OptionsFor(int callsPerSecond, int calls = FewCalls) =>
        AnsweringOptions.AgentFor([new(Protocol.Udp, IpEndpoint.Loopback(5060))], calls, callsPerSecond, connections: 1);

    /// <summary>An agent with room for so many transactions that have ended and linger, and for so many calls at once.</summary>
    public static ISipEngine Make(int live, int calls = FewCalls)
    {
        var gate = new StartGate();
        int rate = 1 + (int)(live / (TransactionsOfCall * CallLoop.Linger.TotalSeconds));
        AnsweringAgent agent = new(gate, new() { Agent = OptionsFor(rate, calls) }, new FixedEntropy());
        gate.Close();
        return agent;
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
