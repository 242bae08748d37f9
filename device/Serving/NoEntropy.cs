using SipEmbedded.Memory;

namespace SipEmbedded.Device.Serving;

/// <summary>For a rehearsal (<see cref="StartGate.Rehearsal"/>): what is made from it never runs.</summary>
internal sealed class NoEntropy : IEntropySource
{
    public void Fill(Span<byte> octets) => octets.Clear();
}
