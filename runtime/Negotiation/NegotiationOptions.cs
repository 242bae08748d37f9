using SipEmbedded.Memory;
using SipEmbedded.Sdp;

namespace SipEmbedded.Negotiation;

/// <summary>Settings of a <see cref="Negotiator"/>, read once when it is made.</summary>
public sealed class NegotiationOptions
{
    [StartUp(Because = "options are made before start")]
    public NegotiationOptions()
    {
    }

    /// <summary>What is accepted from peers although RFC 8866 forbids it.</summary>
    public SdpLeniency Leniency { get; init; } = SdpLeniency.All;

    /// <summary>
    /// An answer with fewer m= lines than the offer is accepted, the missing ones as refused: some gateways leave refused streams out, which RFC 3264 §6
    /// forbids.
    /// </summary>
    public bool AllowsShortAnswers { get; init; } = true;

    /// <summary>Octets of the longest description that is written. One of two streams has about 400.</summary>
    public int MaxOctets { get; init; } = 2048;
}
