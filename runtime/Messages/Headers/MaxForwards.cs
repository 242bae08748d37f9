using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>Max-Forwards (RFC 3261 §20.22): 0 to 255.</summary>
[Header("Max-Forwards")]
public readonly partial struct MaxForwards
{
    [Capture("DIGIT")] public partial byte Hops { get; }
}
