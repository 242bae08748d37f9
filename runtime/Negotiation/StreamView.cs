using SipEmbedded.Sdp;

namespace SipEmbedded.Negotiation;

/// <summary>
/// One place in the list of m= lines, as a handler sees it. It is good until the handler returns. What it holds hangs on who asks: see the methods of
/// <see cref="IStreamHandler"/>.
/// </summary>
public readonly ref struct StreamView
{
    internal StreamView(scoped in SdpDescription local, scoped in SdpDescription remote, int index)
    {
        Index = index;
        HasLocal = index < local.MediaCount;
        if (HasLocal)
            Local = local.Media(index);
        HasRemote = index < remote.MediaCount;
        if (HasRemote)
            Remote = remote.Media(index);
    }

    /// <summary>The number of the m= line, from 0. A stream keeps it for the whole session (RFC 3264 §8).</summary>
    public int Index { get; }

    /// <summary>True where <see cref="Local"/> is there.</summary>
    public bool HasLocal { get; }

    /// <summary>Our media section at this place.</summary>
    public SdpMedia Local { get; }

    /// <summary>True where <see cref="Remote"/> is there.</summary>
    public bool HasRemote { get; }

    /// <summary>The peer's media section at this place.</summary>
    public SdpMedia Remote { get; }

    /// <summary>True where the handler that is asked has an agreed stream here.</summary>
    public bool IsAgreed { get; internal init; }

    /// <summary>
    /// Streams of the handler's at other places: those that it has taken in front of this one in the same description, and those behind that were agreed
    /// before.
    /// </summary>
    public int Others { get; internal init; }

    /// <summary>
    /// True in an offer that changes nothing (a session refresh): an agreed stream is offered as it stands, with no format more than was agreed, so that the text
    /// comes out as it was.
    /// </summary>
    public bool IsRefresh { get; internal init; }
}
