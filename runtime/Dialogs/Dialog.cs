// A dialog: what two agents have agreed on so that requests between them find their way (RFC 3261 §12).
using SipEmbedded.Memory;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Dialogs;

/// <summary>What became of a message that was to make or change a dialog.</summary>
public enum DialogResult : byte
{
    Done,

    /// <summary>No Contact, or one that is no SIP address; a Record-Route that cannot be read. A request is answered with 400.</summary>
    Malformed,

    /// <summary>More than a dialog has room for. A request is answered with 513.</summary>
    TooLarge,

    /// <summary>No slot or buffer is free; counted. A request is answered with 503.</summary>
    Full,
}

/// <summary>One dialog. Named by <see cref="Handle{T}"/>; what is in it is the layer's own.</summary>
public struct Dialog
{
    /// <summary>All texts, one behind the other; the remote target is the last, since it may change.</summary>
    internal Memory.Buffer Text;

    internal Slice CallId;

    /// <summary>From of our requests, with our tag.</summary>
    internal Slice Local;

    /// <summary>To of our requests, with the peer's tag.</summary>
    internal Slice Remote;

    /// <summary>The peer's tag; empty for a peer of RFC 2543 that has none.</summary>
    internal Slice RemoteTag;

    /// <summary>The values of Route, commas between; those behind the first, for a strict router; and the URI of the first.</summary>
    internal Slice Routes;

    internal Slice LaterRoutes;
    internal Slice FirstRoute;
    internal Slice Target;

    /// <summary>Our tag, as a number (<see cref="Transactions.TokenText"/>).</summary>
    internal ulong LocalTag;

    internal ulong User;
    internal uint LocalSequence;
    internal uint RemoteSequence;
    internal bool HasRemoteSequence;

    /// <summary>The way that the message came which made the dialog.</summary>
    internal Flow Origin;

    /// <summary>Where the first route or the target is, if that is an address; its protocol is None where it is not.</summary>
    internal IpEndpoint Hop;

    internal Protocol HopProtocol;

    /// <summary>How often the first route or the target became another.</summary>
    internal ushort HopChanges;
    internal bool IsStrict;

    /// <summary>We sent the INVITE that made it.</summary>
    internal bool IsCaller;
    internal bool IsConfirmed;
}
