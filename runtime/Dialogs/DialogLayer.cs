// Dialogs (RFC 3261 §12): made by a response of ours or to us, found by their tags, used for requests, ended.
//
// note [finding a dialog]
// Our tag is a random number that no peer can choose, so it finds the dialog; Call-ID and the peer's tag then have to be the same. Early dialogs of one
// INVITE share our tag, and differ in the peer's.
//
// note [a dialog that is not kept]
// A 2xx may make a dialog that nobody is to have: of a further callee, of one that comes too late, or where no slot is free, or without a Contact. It is
// acknowledged and ended at once all the same (RFC 3261 §13.2.2.4). What that takes is read from the response into the place of one dialog that the layer has
// for this; it takes no slot and no buffer.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Resolution;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Dialogs;

/// <summary>What the number of a request in a dialog says (RFC 3261 §12.2.2).</summary>
public enum SequenceVerdict : byte
{
    /// <summary>It is new.</summary>
    New,

    /// <summary>It is lower than one that came before: 500.</summary>
    OutOfOrder,
}

/// <summary>All dialogs of an agent; see note [finding a dialog].</summary>
public sealed class DialogLayer
{
    /// <summary>The octets of a dialog's texts: two addresses of 256, a Call-ID of 256, four hops of long names, a target.</summary>
    public const int MaxOctets = 2048;

    // A route set is as long as the way: more proxies than this is a loop.
    private const int MaxRoutes = 16;

    // RFC 3261 §8.1.1.6.
    private const uint MaxForwards = 70;

    private readonly TransactionLayer _transactions;
    private readonly BufferPool _buffers;
    private readonly SlotMap<Dialog> _dialogs;
    private readonly HashIndex _tags;
    private readonly byte[] _work;
    private readonly byte[] _unkeptText;
    private Dialog _unkept;

    [StartUp(Because = "a layer is made before start")]
    public DialogLayer(StartGate gate, int capacity, TransactionLayer transactions, BufferPool buffers)
    {
        _transactions = transactions;
        _buffers = buffers;
        _dialogs = new(gate, "dialogs", capacity);
        _tags = new(gate, "dialogs", capacity);
        _work = gate.Take<byte>("messages in work", 1, MaxOctets);
        _unkeptText = gate.Take<byte>("messages in work", 1, MaxOctets);
    }

    public int Count => _dialogs.Count;

    // ---- Making -------------------------------------------------------------------------------------------------------------------

    /// <summary>The dialog that our responses to a request make (RFC 3261 §12.1.1), with <paramref name="tag"/> as ours.</summary>
    public DialogResult TryBeginServer(SipMessage request, in RoutingView view, ulong tag, in Flow flow, ulong user, out Handle<Dialog> dialog)
    {
        var entry = new Dialog { LocalTag = tag, User = user, Origin = flow, RemoteSequence = view.CSeq.Sequence, HasRemoteSequence = true };
        return TryAdd(request, HeaderName.To, HeaderName.From, view.FromTag, isReversed: false, ref entry, out dialog);
    }

    /// <summary>The dialog that a response to a request of ours makes (RFC 3261 §12.1.2); <paramref name="tag"/> is that of its From.</summary>
    public DialogResult TryBeginClient(SipMessage response, in RoutingView view, ulong tag, in Flow flow, ulong user, out Handle<Dialog> dialog)
    {
        var entry = new Dialog { LocalTag = tag, User = user, Origin = flow, IsCaller = true, LocalSequence = view.CSeq.Sequence };
        return TryAdd(response, HeaderName.From, HeaderName.To, view.ToTag, isReversed: true, ref entry, out dialog);
    }

    private DialogResult TryAdd(
        SipMessage message, HeaderName ours, HeaderName theirs, Slice remoteTag, bool isReversed, ref Dialog entry, out Handle<Dialog> dialog)
    {
        dialog = default;
        if (_dialogs.IsFull)
        {
            // Counted there.
            _dialogs.TryAdd(out _);
            return DialogResult.Full;
        }
        var writer = new ByteWriter(_work);
        WriteNames(ref writer, message, ours, theirs, remoteTag, ref entry);
        var result = ReadRoutes(ref writer, message, isReversed, ref entry);
        if (result == DialogResult.Done)
            result = ReadTarget(ref writer, message, ref entry);
        if (result != DialogResult.Done)
            return result;
        if (writer.Overflowed)
            return DialogResult.TooLarge;
        if (!_buffers.TryCopy(writer.WrittenSpan, out entry.Text))
            return DialogResult.Full;
        _dialogs.TryAdd(out dialog);
        _dialogs[dialog] = entry;
        _tags.Add(entry.LocalTag, dialog.Index);
        return DialogResult.Done;
    }

    // Call-ID and the two addresses with their tags.
    private static void WriteNames(
        ref ByteWriter writer, SipMessage message, HeaderName ours, HeaderName theirs, Slice remoteTag, ref Dialog entry)
    {
        entry.CallId = CopyLine(ref writer, message, HeaderName.CallID);
        entry.Local = CopyLine(ref writer, message, ours);
        if (!entry.IsCaller)
        {
            Span<byte> tag = stackalloc byte[TokenText.Length];
            TokenText.Write(entry.LocalTag, tag);
            writer.Write(";tag="u8);
            writer.Write(tag);
            entry.Local = Slice.Between(entry.Local.Offset, writer.Written);
        }
        entry.Remote = CopyLine(ref writer, message, theirs);
        int start = writer.Written;
        if (remoteTag.IsPresent)
            writer.Write(remoteTag.In(message.Text));
        entry.RemoteTag = Slice.Between(start, writer.Written);
    }

    // RFC 3261 §12.1.1: in the order of Record-Route; §12.1.2: in the reverse order.
    private DialogResult ReadRoutes(ref ByteWriter writer, SipMessage message, bool isReversed, ref Dialog entry)
    {
        entry.Routes = entry.LaterRoutes = entry.FirstRoute = default;
        entry.IsStrict = false;
        Span<Slice> routes = stackalloc Slice[MaxRoutes];
        int count = 0;
        var values = message.All<RecordRoute>();
        while (values.MoveNext())
        {
            if (count == MaxRoutes)
                return DialogResult.TooLarge;
            routes[count++] = values.Current.Extent;
        }
        if (values.Fault.IsFault)
            return DialogResult.Malformed;
        int start = writer.Written;
        for (int i = 0; i < count; i++)
        {
            if (i > 0)
                writer.Write(", "u8);
            int at = writer.Written;
            Copy(ref writer, routes[isReversed ? count - 1 - i : i].In(message.Text));
            if (i == 1)
                entry.LaterRoutes = Slice.Between(at, at);
            if (i != 0 || writer.Overflowed || RecordRoute.Match(writer.WrittenSpan, at, (uint)message.Allow, out var first) < 0)
                continue;
            entry.FirstRoute = first.Uri.Extent;
            // RFC 3261 §12.2.1.1: without lr the first route is a strict router.
            entry.IsStrict = !first.Uri.IsLooseRouter;
            SetHop(writer.WrittenSpan, first.Uri, ref entry);
        }
        if (count == 0)
            return DialogResult.Done;
        entry.Routes = Slice.Between(start, writer.Written);
        if (count > 1)
            entry.LaterRoutes = Slice.Between(entry.LaterRoutes.Offset, writer.Written);
        return DialogResult.Done;
    }

    private static DialogResult ReadTarget(ref ByteWriter writer, SipMessage message, ref Dialog entry)
    {
        if (!message.TryGet<Contact>(out var contact, out _) || contact.Uri.Kind is SipUriKind.None or SipUriKind.Absolute)
            return DialogResult.Malformed;
        // A Request-URI has no headers (RFC 3261 §19.1.1).
        int end = contact.Uri.Headers.IsPresent ? contact.Uri.Headers.Offset : contact.Uri.Extent.End;
        entry.Target = Copy(ref writer, message.Text[contact.Uri.Extent.Offset..end]);
        if (writer.Overflowed)
            return DialogResult.TooLarge;
        if (!entry.Routes.IsPresent && SipUri.Match(writer.WrittenSpan, entry.Target.Offset, (uint)message.Allow, out var target) >= 0)
            SetHop(writer.WrittenSpan, target, ref entry);
        return DialogResult.Done;
    }

    private static Slice HopOf(in Dialog entry) => entry.Routes.IsPresent ? entry.FirstRoute : entry.Target;

    // RFC 3263 §4.1 and §4.2 for a host that is a number. A name has to be looked for.
    private static void SetHop(ReadOnlySpan<byte> text, in SipUri uri, ref Dialog entry)
    {
        var host = uri.MulticastAddress.IsPresent ? uri.MulticastAddress : uri.Host;
        var transport = uri.Transport.In(text);
        entry.HopProtocol = uri.Kind != SipUriKind.Sip ? Protocol.None
            : transport.IsEmpty || Scan.EqualsIgnoreCase(transport, "udp"u8) ? Protocol.Udp
            : Scan.EqualsIgnoreCase(transport, "tcp"u8) ? Protocol.Tcp
            : Protocol.None;
        if (!host.IsPresent || !IpEndpoint.TryRead(host.In(text), uri.Port ?? ResponseRoute.DefaultPort, out entry.Hop))
            entry.HopProtocol = Protocol.None;
    }

    private static Slice CopyLine(ref ByteWriter writer, SipMessage message, HeaderName name) =>
        Copy(ref writer, message.ValueOf(message.FirstLineOf(name)).In(message.Text));

    // A fold is as good as blanks (RFC 3261 §7.3.1), and a builder takes no line ends.
    private static Slice Copy(ref ByteWriter writer, scoped ReadOnlySpan<byte> value)
    {
        int start = writer.Written;
        while (value.IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var at)
        {
            writer.Write(value[..at]);
            writer.Write((byte)' ');
            value = value[(at + 1)..];
        }
        writer.Write(value);
        return Slice.Between(start, writer.Written);
    }

    // ---- Changing -----------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// A 2xx made the dialog for good. Its route set and target take the place of those of a provisional response (RFC 3261 §13.2.2.4); a dialog that was
    /// confirmed before has its target changed alone.
    /// </summary>
    public DialogResult Confirm(Handle<Dialog> dialog, SipMessage success)
    {
        ref var entry = ref _dialogs[dialog];
        if (entry.IsConfirmed)
            return Retarget(dialog, success);
        var result = Rewrite(dialog, success, withRoutes: true);
        if (result == DialogResult.Done)
            entry.IsConfirmed = true;
        return result;
    }

    /// <summary>Our own 2xx made it for good.</summary>
    public void Confirm(Handle<Dialog> dialog) => _dialogs[dialog].IsConfirmed = true;

    /// <summary>Takes the remote target from a Contact (RFC 3261 §12.2.1.2, §12.2.2). Without one the target stays as it is.</summary>
    public DialogResult Retarget(Handle<Dialog> dialog, SipMessage message) =>
        message.FirstLineOf(HeaderName.Contact) < 0 ? DialogResult.Done : Rewrite(dialog, message, withRoutes: false);

    private DialogResult Rewrite(Handle<Dialog> dialog, SipMessage message, bool withRoutes)
    {
        var entry = _dialogs[dialog];
        var writer = new ByteWriter(_work);
        var text = _buffers.Of(entry.Text);
        // Behind the remote tag stand the routes, and behind those the target.
        writer.Write(withRoutes || !entry.Routes.IsPresent ? text[..entry.RemoteTag.End] : text[..entry.Routes.End]);
        var result = withRoutes ? ReadRoutes(ref writer, message, isReversed: entry.IsCaller, ref entry) : DialogResult.Done;
        if (result == DialogResult.Done)
            result = ReadTarget(ref writer, message, ref entry);
        if (result != DialogResult.Done)
            return result;
        if (writer.Overflowed)
            return DialogResult.TooLarge;
        if (!_buffers.TryCopy(writer.WrittenSpan, out var copy))
            return DialogResult.Full;
        ref readonly var before = ref _dialogs[dialog];
        if (!HopOf(before).In(_buffers.Of(before.Text)).SequenceEqual(HopOf(entry).In(writer.WrittenSpan)))
            entry.HopChanges++;
        _buffers.Release(entry.Text);
        entry.Text = copy;
        _dialogs[dialog] = entry;
        return DialogResult.Done;
    }

    /// <summary>Forgets a dialog; nothing happens for a stale handle.</summary>
    public void End(Handle<Dialog> dialog)
    {
        if (!_dialogs.IsLive(dialog))
            return;
        ref readonly var entry = ref _dialogs[dialog];
        _tags.Remove(entry.LocalTag, dialog.Index);
        _buffers.Release(entry.Text);
        _dialogs.Remove(dialog);
    }

    // ---- Finding ------------------------------------------------------------------------------------------------------------------

    /// <summary>The dialog of a request that has a tag in To (RFC 3261 §12.2.2).</summary>
    public bool TryFind(SipMessage request, in RoutingView view, out Handle<Dialog> dialog)
    {
        var text = request.Text;
        dialog = default;
        return TokenText.TryRead(view.ToTag.In(text), out ulong tag) && TryFind(tag, TagText(view.FromTag, text), view.CallId.In(text), out dialog);
    }

    /// <summary>The dialog of a response, by our tag and the peer's.</summary>
    public bool TryFind(ulong tag, SipMessage response, in RoutingView view, out Handle<Dialog> dialog) =>
        TryFind(tag, TagText(view.ToTag, response.Text), view.CallId.In(response.Text), out dialog);

    private static ReadOnlySpan<byte> TagText(Slice tag, ReadOnlySpan<byte> text) => tag.IsPresent ? tag.In(text) : default;

    private bool TryFind(ulong tag, ReadOnlySpan<byte> remoteTag, ReadOnlySpan<byte> callId, out Handle<Dialog> dialog)
    {
        for (int i = _tags.First(tag); i >= 0; i = _tags.Next(i))
        {
            ref readonly var entry = ref _dialogs.At(i);
            if (entry.LocalTag != tag)
                continue;
            var text = _buffers.Of(entry.Text);
            // RFC 3261 §19.3 and §20.8: tags without regard to case as tokens are, the Call-ID octet by octet.
            if (!Scan.EqualsIgnoreCase(entry.RemoteTag.In(text), remoteTag) || !entry.CallId.In(text).SequenceEqual(callId))
                continue;
            dialog = _dialogs.HandleOf(i);
            return true;
        }
        dialog = default;
        return false;
    }

    public ulong UserOf(Handle<Dialog> dialog) => _dialogs[dialog].User;

    public void SetUser(Handle<Dialog> dialog, ulong user) => _dialogs[dialog].User = user;

    // Texts, until the dialog changes.

    public ReadOnlySpan<byte> CallIdOf(Handle<Dialog> dialog) => TextOf(dialog, _dialogs[dialog].CallId);

    /// <summary>Our address as From of our requests has it, with our tag.</summary>
    public ReadOnlySpan<byte> LocalOf(Handle<Dialog> dialog) => TextOf(dialog, _dialogs[dialog].Local);

    /// <summary>The peer's address as To of our requests has it, with the peer's tag.</summary>
    public ReadOnlySpan<byte> RemoteOf(Handle<Dialog> dialog) => TextOf(dialog, _dialogs[dialog].Remote);

    public ReadOnlySpan<byte> RemoteTagOf(Handle<Dialog> dialog) => TextOf(dialog, _dialogs[dialog].RemoteTag);

    /// <summary>The peer's contact.</summary>
    public ReadOnlySpan<byte> TargetOf(Handle<Dialog> dialog) => TextOf(dialog, _dialogs[dialog].Target);

    private ReadOnlySpan<byte> TextOf(Handle<Dialog> dialog, Slice slice) => slice.In(_buffers.Of(_dialogs[dialog].Text));

    // ---- Using --------------------------------------------------------------------------------------------------------------------

    /// <summary>Looks at the CSeq of a request of the peer's, and keeps it where it is new. An ACK has its INVITE's and is not to be asked about.</summary>
    public SequenceVerdict TakeSequence(Handle<Dialog> dialog, uint sequence)
    {
        ref var entry = ref _dialogs[dialog];
        if (entry.HasRemoteSequence && sequence <= entry.RemoteSequence)
            return SequenceVerdict.OutOfOrder;
        entry.RemoteSequence = sequence;
        entry.HasRemoteSequence = true;
        return SequenceVerdict.New;
    }

    /// <summary>The CSeq of our last request in the dialog.</summary>
    public uint LocalSequenceOf(Handle<Dialog> dialog) => _dialogs[dialog].LocalSequence;

    /// <summary>
    /// Raises the CSeq to at least <paramref name="sequence"/>: early dialogs of one INVITE count on from its number, whichever of them sends.
    /// </summary>
    public void RaiseSequence(Handle<Dialog> dialog, uint sequence)
    {
        ref var entry = ref _dialogs[dialog];
        entry.LocalSequence = Math.Max(entry.LocalSequence, sequence);
    }

    /// <summary>
    /// Begins a request inside the dialog (RFC 3261 §12.2.1.1), all but its Via, with the next number: headers of the caller's follow, then Finish and
    /// <see cref="TransactionLayer.SendRequest(Instant, in MessageBuilder, in Flow, ulong, out Handle{ClientTransaction})"/> on <see cref="FlowOf"/>.
    /// </summary>
    public MessageBuilder BeginRequest(Handle<Dialog> dialog, scoped ReadOnlySpan<byte> method)
    {
        ref var entry = ref _dialogs[dialog];
        entry.LocalSequence = entry.LocalSequence >= CSeq.MaxSequence ? 1 : entry.LocalSequence + 1;
        return BeginRequest(dialog, method, entry.LocalSequence);
    }

    /// <summary>Begins the ACK to a 2xx: the number of its INVITE (RFC 3261 §13.2.2.4).</summary>
    public MessageBuilder BeginAck(Handle<Dialog> dialog, uint sequence) => BeginRequest(dialog, Methods.NameOf(Method.Ack), sequence);

    private MessageBuilder BeginRequest(Handle<Dialog> dialog, scoped ReadOnlySpan<byte> method, uint sequence) =>
        BeginRequest(_dialogs[dialog], _buffers.Of(_dialogs[dialog].Text), method, sequence);

    private MessageBuilder BeginRequest(in Dialog entry, scoped ReadOnlySpan<byte> text, scoped ReadOnlySpan<byte> method, uint sequence)
    {
        var builder = _transactions.BeginRequest();
        builder.StartRequest(method, (entry.IsStrict ? entry.FirstRoute : entry.Target).In(text));
        builder.Header(HeaderName.MaxForwards, MaxForwards);
        if (!entry.IsStrict && entry.Routes.IsPresent)
            builder.Header(HeaderName.Route, entry.Routes.In(text));
        else if (entry.IsStrict)
        {
            if (entry.LaterRoutes.IsPresent)
                builder.Header(HeaderName.Route, entry.LaterRoutes.In(text));
            var last = new ByteWriter(_work);
            last.Write((byte)'<');
            last.Write(entry.Target.In(text));
            last.Write((byte)'>');
            builder.Header(HeaderName.Route, last.WrittenSpan);
        }
        builder.Header(HeaderName.From, entry.Local.In(text));
        builder.Header(HeaderName.To, entry.Remote.In(text));
        builder.Header(HeaderName.CallID, entry.CallId.In(text));
        builder.CSeq(sequence, method);
        return builder;
    }

    /// <summary>The Request-URI that <see cref="BeginRequest(Handle{Dialog}, ReadOnlySpan{byte})"/> writes: what Digest signs.</summary>
    public ReadOnlySpan<byte> RequestUriOf(Handle<Dialog> dialog) =>
        TextOf(dialog, _dialogs[dialog].IsStrict ? _dialogs[dialog].FirstRoute : _dialogs[dialog].Target);

    /// <summary>
    /// Where the first route or the target is a name: what is to be looked for (RFC 3263 §4). False where it is an address, and where the peer wants requests on the
    /// flow that it sent on itself (RFC 5626 §4.3, ;ob of a target without routes): <see cref="FlowOf"/> is the way then.
    /// </summary>
    public bool TryGetHopName(Handle<Dialog> dialog, out ServerQuery query)
    {
        ref readonly var entry = ref _dialogs[dialog];
        var text = TextOf(dialog, HopOf(entry));
        query = default;
        if (entry.HopProtocol != Protocol.None || SipUri.Match(text, 0, 0, out var uri) != text.Length)
            return false;
        if (!entry.Routes.IsPresent && ParameterList.Of(uri.Parameters, text).TryFind("ob"u8, out _))
            return false;
        query = ServerQuery.Of(uri, text);
        return !IpEndpoint.TryRead(query.Host, 0, out _);
    }

    /// <summary>Another number where the first route or the target is another than it was.</summary>
    public ushort HopChangesOf(Handle<Dialog> dialog) => _dialogs[dialog].HopChanges;

    /// <summary>
    /// The flow for a request inside the dialog: to the first route or the target. Where that is a name, or not reachable from the same address, it is the way
    /// that the peer's own message came.
    /// </summary>
    public Flow FlowOf(Handle<Dialog> dialog) => WayOf(_dialogs[dialog]);

    private static Flow WayOf(in Dialog entry)
    {
        var origin = entry.Origin;
        if (entry.HopProtocol == Protocol.None || entry.Hop.IsV4 != origin.Local.IsV4 || entry.HopProtocol == origin.Protocol && entry.Hop == origin.Remote)
            return origin;
        // The port of a socket that serves the other protocol is another, and that of a new connection is the kernel's choice.
        bool isSameSocket = entry.HopProtocol == Protocol.Udp && origin.Protocol == Protocol.Udp;
        return new(entry.HopProtocol, isSameSocket ? origin.Local : origin.Local.WithPort(0), entry.Hop);
    }

    // ---- Not kept -----------------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Reads the dialog that a 2xx to an INVITE of ours makes, without keeping it: see note [a dialog that is not kept]. Where the Contact cannot be read the
    /// target is <paramref name="target"/>, the INVITE's Request-URI, or To where nobody knows that any more; without a route that can be read requests go the way
    /// that the response came. False where the texts are longer than <see cref="MaxOctets"/>.
    /// </summary>
    public bool TryReadUnkept(SipMessage success, in RoutingView view, in Flow flow, scoped ReadOnlySpan<byte> target)
    {
        _unkept = new() { Origin = flow, IsCaller = true, LocalSequence = view.CSeq.Sequence };
        var writer = new ByteWriter(_unkeptText);
        WriteNames(ref writer, success, HeaderName.From, HeaderName.To, view.ToTag, ref _unkept);
        int start = writer.Written;
        if (ReadRoutes(ref writer, success, isReversed: true, ref _unkept) != DialogResult.Done)
        {
            writer.Rewind(start);
            _unkept.Routes = _unkept.LaterRoutes = _unkept.FirstRoute = default;
            _unkept.IsStrict = false;
            _unkept.HopProtocol = Protocol.None;
        }
        start = writer.Written;
        if (ReadTarget(ref writer, success, ref _unkept) != DialogResult.Done && !writer.Overflowed)
        {
            writer.Rewind(start);
            if (target.IsEmpty && success.TryGet<To>(out var to, out _))
                writer.Write(to.Uri.Extent.In(success.Text));
            else
                writer.Write(target);
            _unkept.Target = Slice.Between(start, writer.Written);
        }
        return !writer.Overflowed;
    }

    /// <summary>The ACK of the dialog that was read last without being kept.</summary>
    public MessageBuilder BeginUnkeptAck() => BeginRequest(_unkept, _unkeptText, Methods.NameOf(Method.Ack), _unkept.LocalSequence);

    /// <summary>Its BYE, with a number of at least <paramref name="sequence"/>.</summary>
    public MessageBuilder BeginUnkeptBye(uint sequence)
    {
        uint number = Math.Max(_unkept.LocalSequence, sequence);
        return BeginRequest(_unkept, _unkeptText, Methods.NameOf(Method.Bye), number >= CSeq.MaxSequence ? 1 : number + 1);
    }

    public Flow UnkeptFlow => WayOf(_unkept);

    public ReadOnlySpan<byte> UnkeptRequestUri => (_unkept.IsStrict ? _unkept.FirstRoute : _unkept.Target).In(_unkeptText);

    /// <summary>The peer was heard of on this flow.</summary>
    public void HeardOn(Handle<Dialog> dialog, in Flow flow) => _dialogs[dialog].Origin = flow;
}
