// What is kept of one session: the descriptions that hold, and the exchange that is open.
//
// note [the texts that are kept]
// Said is what we sent last, which the version in o= counts (RFC 3264 §8), whatever became of it; SaidBefore is what it was before, until it is sure that Said is
// on its way. Agreed is the pair of descriptions that holds. Heard is the peer's half of the open exchange: its offer, or a preview of its answer. Kept is the pair
// that a failed request goes back to. Each is a counted reference, so that the same text in several roles, or in several forks, is there once.
using System.Runtime.CompilerServices;
using SipEmbedded.Memory;
using SipEmbedded.Sdp;
using SipEmbedded.Transport;

namespace SipEmbedded.Negotiation;

/// <summary>Whose turn it is (RFC 3264 §4).</summary>
public enum NegotiationState : byte
{
    /// <summary>Nothing was agreed, and nothing is open.</summary>
    None,

    /// <summary>Our offer waits for its answer.</summary>
    LocalOffer,

    /// <summary>The peer's offer waits for our answer.</summary>
    RemoteOffer,

    /// <summary>Something was agreed, and nothing is open.</summary>
    Stable,
}

/// <summary>
/// The offers and answers of one session, or of one early dialog of it; kept by the caller, changed by a <see cref="Negotiator"/>. It holds buffers: it is not
/// copied but by <see cref="Negotiator.TryFork"/>, and ends with <see cref="Negotiator.Release"/>.
/// </summary>
public struct NegotiatedSession
{
    /// <summary>Which handler has the stream at each place, from 1; 0 where none has.</summary>
    [InlineArray(SdpLimits.MaxMediaSections)]
    internal struct Places
    {
        private byte _first;
    }

    // Peers read the number into 64 bits with a sign.
    private const ulong LargestOrigin = long.MaxValue;

    /// <summary>
    /// A session that has not begun. <paramref name="origin"/> is the session's number in o= lines, drawn at random, since with the address it must be unique
    /// (RFC 8866 §5.2).
    /// </summary>
    public NegotiatedSession(ulong origin) => Origin = origin & LargestOrigin;

    internal readonly ulong Origin;

    // The address in o=, which stays as it was first, wherever we are now (RFC 3264 §8).
    internal IpEndpoint OriginAddress;

    // The version of Said.
    internal ulong Version;

    // See note [the texts that are kept].
    internal Memory.Buffer Said;
    internal Memory.Buffer SaidBefore;
    internal Memory.Buffer AgreedLocal;
    internal Memory.Buffer AgreedRemote;
    internal Memory.Buffer Heard;
    internal Memory.Buffer KeptLocal;
    internal Memory.Buffer KeptRemote;

    internal Places Agreed;
    internal Places Kept;

    // Said is new, and may yet find no way out.
    internal bool IsTentative;

    // The number of the answer that was drafted when the peer's offer was taken.
    internal uint Draft;

    // Who wrote the places of the offer that is out.
    internal Places Offered;

    // What the handlers were told last, where that is not Agreed: a preview.
    internal Places Told;
    internal bool IsPreviewTold;

    // An offer that came where it cannot be rejected.
    internal bool MustAnswer;

    public NegotiationState State { readonly get; internal set; }

    /// <summary>True once an exchange has ended well.</summary>
    public readonly bool IsAgreed => AgreedLocal.IsSome;

    /// <summary>Streams that were agreed and have ports on both sides.</summary>
    public readonly int Streams
    {
        get
        {
            int streams = 0;
            foreach (byte owner in Agreed)
                streams += owner != 0 ? 1 : 0;
            return streams;
        }
    }

    /// <summary>True where the peer's last answer was a preview, in a response that was not reliable (RFC 6337 §3.1.1).</summary>
    public readonly bool HasPreview => State == NegotiationState.LocalOffer && Heard.IsSome;
}
