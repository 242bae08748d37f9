// The three kinds of work that are timed, each with a column of its own. They are kept apart because the libraries differ
// in what they do unasked: all peers parse headers eagerly and leave SDP to a second call; only ours has a routing view.

namespace SipEmbedded.Bench.Peers;

internal enum Work
{
    /// <summary>The start line and every header that the parser types of its own accord, without the body.</summary>
    Full,

    /// <summary>As <see cref="Full"/>, but only the headers that osip2 types; only ours has this choice.</summary>
    FullAsOsip2,

    /// <summary>As <see cref="Full"/>, but only the headers that libre types; only ours has this choice.</summary>
    FullAsLibre,

    /// <summary>The SDP body alone (RFC 8866); only the messages that carry one.</summary>
    Sdp,

    /// <summary>What a transaction needs (RFC 3261 §17): start line, top Via, From and To tags, Call-ID, CSeq.</summary>
    Routing,
}
