// What an agent keeps of a dialog so that it can send requests inside it (RFC 3261 §12.1, §12.2.1.1). As much as a peer for tests needs: one
// usage, addresses that are numbers, texts in a block of fixed size beside it.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Peer;

/// <summary>A dialog whose texts lie in a block of <see cref="MaxOctets"/> that its owner keeps.</summary>
public struct PeerDialog
{
    /// <summary>Call-ID, both addresses, the route set and the remote target: some 300 octets without routes, 100 more for each proxy on the way.</summary>
    public const int MaxOctets = 1024;

    // A route set is as long as the way: more proxies than this is a loop.
    private const int MaxRoutes = 16;

    // RFC 3261 §8.1.1.6.
    private const uint MaxForwards = 70;

    private Slice _local;
    private Slice _remote;

    // The values of Route, commas between; those behind the first, for a strict router; and the URI of the first.
    private Slice _routes;
    private Slice _laterRoutes;
    private Slice _firstRoute;

    // The last in the block, since a re-INVITE may change it.
    private Slice _target;

    private IpEndpoint _hop;
    private Protocol _hopProtocol;
    private bool _isStrict;

    /// <summary>Call-ID, in the block.</summary>
    public Slice CallId { get; private set; }

    /// <summary>CSeq of our last request.</summary>
    public uint LocalSequence { get; set; }

    /// <summary>CSeq of the peer's last request.</summary>
    public uint RemoteSequence { get; set; }

    /// <summary>
    /// Reads the dialog that a 2xx to this INVITE makes (RFC 3261 §12.1.1); <paramref name="ourTag"/> is the tag of the response. 0, or the status to refuse
    /// the request with: 400 without a Contact, 513 where it does not fit.
    /// </summary>
    public static int ReadRequest(SipMessage invite, scoped ReadOnlySpan<byte> ourTag, Span<byte> block, out PeerDialog dialog)
    {
        int status = Read(invite, HeaderName.To, HeaderName.From, ourTag, isReversed: false, block, out dialog);
        if (invite.TryGet<CSeq>(out var cseq, out _))
            dialog.RemoteSequence = cseq.Sequence;
        return status;
    }

    /// <summary>Reads the dialog that this 2xx has made (RFC 3261 §12.1.2). 0, or what a request like it would be refused with.</summary>
    public static int ReadResponse(SipMessage success, Span<byte> block, out PeerDialog dialog)
    {
        int status = Read(success, HeaderName.From, HeaderName.To, default, isReversed: true, block, out dialog);
        if (success.TryGet<CSeq>(out var cseq, out _))
            dialog.LocalSequence = cseq.Sequence;
        return status;
    }

    private static int Read(
        SipMessage message, HeaderName ours, HeaderName theirs, scoped ReadOnlySpan<byte> ourTag, bool isReversed, Span<byte> block, out PeerDialog dialog)
    {
        dialog = default;
        var writer = new ByteWriter(block);
        dialog.CallId = CopyLine(ref writer, block, message, HeaderName.CallID);
        dialog._local = CopyLine(ref writer, block, message, ours);
        if (!ourTag.IsEmpty)
        {
            writer.Write(";tag="u8);
            writer.Write(ourTag);
            dialog._local = Slice.Between(dialog._local.Offset, writer.Written);
        }
        dialog._remote = CopyLine(ref writer, block, message, theirs);
        int status = dialog.ReadRoutes(ref writer, block, message, isReversed);
        if (status != 0)
            return status;
        dialog._target = Slice.Between(writer.Written, writer.Written);
        return writer.Overflowed ? 513 : dialog.Retarget(message, block);
    }

    // RFC 3261 §12.1.1: in the order of Record-Route; §12.1.2: in the reverse order.
    private int ReadRoutes(ref ByteWriter writer, Span<byte> block, SipMessage message, bool isReversed)
    {
        Span<Slice> routes = stackalloc Slice[MaxRoutes];
        int count = 0;
        var values = message.All<RecordRoute>();
        while (values.MoveNext())
        {
            if (count == MaxRoutes)
                return 513;
            routes[count++] = values.Current.Extent;
        }
        if (values.Fault.IsFault)
            return 400;
        int start = writer.Written;
        for (int i = 0; i < count; i++)
        {
            if (i > 0)
                writer.Write(", "u8);
            int at = writer.Written;
            Copy(ref writer, block, routes[isReversed ? count - 1 - i : i].In(message.Text));
            if (i == 1)
                _laterRoutes = Slice.Between(at, at);
            if (i != 0 || writer.Overflowed || RecordRoute.Match(block[..writer.Written], at, (uint)message.Allow, out var first) < 0)
                continue;
            _firstRoute = first.Uri.Extent;
            // RFC 3261 §12.2.1.1: without lr the first route is a strict router.
            _isStrict = !first.Uri.IsLooseRouter;
            SetHop(block, first.Uri);
        }
        if (count == 0)
            return 0;
        _routes = Slice.Between(start, writer.Written);
        if (count > 1)
            _laterRoutes = Slice.Between(_laterRoutes.Offset, writer.Written);
        return 0;
    }

    /// <summary>Takes the remote target from a Contact (RFC 3261 §12.2.2: a re-INVITE may bring another). 0, or a status to refuse with.</summary>
    public int Retarget(SipMessage message, Span<byte> block)
    {
        if (!message.TryGet<Contact>(out var contact, out _))
            return 400;
        int start = _target.Offset;
        var writer = new ByteWriter(block[start..]);
        // A Request-URI has no headers (RFC 3261 §19.1.1).
        int end = contact.Uri.Headers.IsPresent ? contact.Uri.Headers.Offset : contact.Uri.Extent.End;
        writer.Write(message.Text[contact.Uri.Extent.Offset..end]);
        if (writer.Overflowed)
            return 513;
        _target = Slice.Between(start, start + writer.Written);
        if (!_routes.IsPresent && SipUri.Match(block[.._target.End], start, (uint)message.Allow, out var target) >= 0)
            SetHop(block, target);
        return 0;
    }

    // RFC 3263 §4.1 and §4.2 for a host that is a number. For a name, and for what this agent does not speak, there is no hop.
    private void SetHop(ReadOnlySpan<byte> block, in SipUri uri)
    {
        var host = uri.MulticastAddress.IsPresent ? uri.MulticastAddress : uri.Host;
        var transport = uri.Transport.In(block);
        _hopProtocol = uri.Kind != SipUriKind.Sip ? Protocol.None
            : transport.IsEmpty || Scan.EqualsIgnoreCase(transport, "udp"u8) ? Protocol.Udp
            : Scan.EqualsIgnoreCase(transport, "tcp"u8) ? Protocol.Tcp
            : Protocol.None;
        if (!host.IsPresent || !IpEndpoint.TryRead(host.In(block), uri.Port ?? ResponseRoute.DefaultPort, out _hop))
            _hopProtocol = Protocol.None;
    }

    /// <summary>
    /// The flow for a request inside the dialog: to the first route or the remote target. Where that is a name, which nobody here resolves, or not
    /// reachable from the same address, it is the way that the peer's own message came, <paramref name="origin"/>.
    /// </summary>
    public readonly Flow FlowFrom(in Flow origin)
    {
        if (_hopProtocol == Protocol.None || _hop.IsV4 != origin.Local.IsV4 || _hopProtocol == origin.Protocol && _hop == origin.Remote)
            return origin;
        // The port of a socket that serves the other protocol is another, and that of a new connection is the kernel's choice.
        bool isSameSocket = _hopProtocol == Protocol.Udp && origin.Protocol == Protocol.Udp;
        return new(_hopProtocol, isSameSocket ? origin.Local : origin.Local.WithPort(0), _hop);
    }

    /// <summary>Begins a request inside the dialog (RFC 3261 §12.2.1.1), all but its Via; the caller adds headers and finishes it.</summary>
    public readonly void Begin(ref MessageBuilder builder, Method method, uint sequence, ReadOnlySpan<byte> block)
    {
        builder.StartRequest(method, (_isStrict ? _firstRoute : _target).In(block));
        builder.Header(HeaderName.MaxForwards, MaxForwards);
        if (!_isStrict && _routes.IsPresent)
            builder.Header(HeaderName.Route, _routes.In(block));
        else if (_isStrict)
        {
            if (_laterRoutes.IsPresent)
                builder.Header(HeaderName.Route, _laterRoutes.In(block));
            Span<byte> last = stackalloc byte[MaxOctets];
            var writer = new ByteWriter(last);
            writer.Write((byte)'<');
            writer.Write(_target.In(block));
            writer.Write((byte)'>');
            builder.Header(HeaderName.Route, writer.WrittenSpan);
        }
        builder.Header(HeaderName.From, _local.In(block));
        builder.Header(HeaderName.To, _remote.In(block));
        builder.Header(HeaderName.CallID, CallId.In(block));
        builder.CSeq(sequence, Methods.NameOf(method));
    }

    private static Slice CopyLine(ref ByteWriter writer, Span<byte> block, SipMessage message, HeaderName name) =>
        Copy(ref writer, block, message.ValueOf(message.FirstLineOf(name)).In(message.Text));

    // A fold is as good as blanks (RFC 3261 §7.3.1), and a builder takes no line ends.
    private static Slice Copy(ref ByteWriter writer, Span<byte> block, scoped ReadOnlySpan<byte> value)
    {
        int start = writer.Written;
        writer.Write(value);
        foreach (ref byte octet in block[start..writer.Written])
        {
            if (octet is (byte)'\r' or (byte)'\n')
                octet = (byte)' ';
        }
        return Slice.Between(start, writer.Written);
    }
}
