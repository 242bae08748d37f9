// What an account is to calls and other requests beside its REGISTER: whose a request is that comes in, by which contact we are reached (RFC 5627 §4.4), and where
// a request goes first (RFC 3261 §8.1.2, RFC 3608 §6.1, RFC 5626 §4.3).
//
// note [whose request is it]
// Of a request from outside a dialog these are looked at, the most telling first: its Request-URI is a contact or a GRUU of the account; it is the account's address
// of record; the request came over the account's flow; To is its address of record. To alone says nothing, since anybody may write it. Where two accounts are alike
// in the first of these the next one decides, and at last the slot: two accounts at one server with one contact differ in what To says.
using System.Diagnostics.CodeAnalysis;
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Resolution;
using SipEmbedded.Transport;

namespace SipEmbedded.Registration;

/// <summary>Where a request of an account goes first.</summary>
internal enum FirstHop : byte
{
    /// <summary>The account knows of none: the Request-URI says it.</summary>
    None,

    /// <summary>A flow that is there, or was chosen.</summary>
    Flow,

    /// <summary>A server that has to be found.</summary>
    Server,
}

public sealed partial class RegistrationLayer
{
    // ---- Whose it is --------------------------------------------------------------------------------------------------------------

    // Note [whose request is it]: each weighs more than all behind it.
    private const int NamesContact = 8;
    private const int NamesAddress = 4;
    private const int CameOverFlow = 2;
    private const int IsToAddress = 1;

    /// <summary>The account that a request from outside a dialog belongs to; see note [whose request is it]. False where it is none's.</summary>
    public bool TryFindFor(SipMessage request, in Flow flow, out Handle<Account> account)
    {
        account = default;
        int best = IsToAddress;
        for (int i = _accounts.NextTaken(0); i >= 0; i = _accounts.NextTaken(i + 1))
        {
            if (_accounts.At(i).IsDoomed || LikenessOf(i, request, flow) is var likeness && likeness <= best)
                continue;
            best = likeness;
            account = _accounts.HandleOf(i);
        }
        return account.IsSome;
    }

    private int LikenessOf(int index, SipMessage request, in Flow flow)
    {
        var text = request.Text;
        var target = request.Request.Uri;
        var address = _texts.Of(index, AccountText.AddressOfRecord);
        To.Match(address, 0, 0, out var own);
        int likeness = 0;
        if (_contacts.Has(index, target, text) || IsGruu(index, AccountText.PublicGruu, target, text) || IsGruu(index, AccountText.TemporaryGruu, target, text))
            likeness |= NamesContact;
        if (UriComparison.AreEqual(own.Uri, address, target, text))
            likeness |= NamesAddress;
        if (IsOver(_accounts.At(index).Flow, flow))
            likeness |= CameOverFlow;
        if (request.TryGet<To>(out var to, out _) && UriComparison.AreEqual(own.Uri, address, to.Uri, text))
            likeness |= IsToAddress;
        return likeness;
    }

    private bool IsGruu(int index, AccountText kind, in SipUri target, ReadOnlySpan<byte> text)
    {
        var gruu = _texts.Of(index, kind);
        return !gruu.IsEmpty && SipUri.Match(gruu, 0, 0, out var uri) > 0 && UriComparison.AreEqual(uri, gruu, target, text);
    }

    // A connection is itself alone; of datagrams the addresses are all there is, ours as far as the socket knows it.
    private static bool IsOver(in Flow own, in Flow flow) => own.Protocol == flow.Protocol && own.Protocol != Protocol.None
        && (own.IsReliable ? own.Connection.IsSome && own.Connection == flow.Connection : own.Remote == flow.Remote && IsSameSocket(own.Local, flow.Local));

    private static bool IsSameSocket(in IpEndpoint own, in IpEndpoint local) =>
        own.Port == local.Port && (own.IsAny || local.IsAny || own.HasAddressOf(local));

    /// <summary>Whether a flow leads to where the account's registration goes: over the same connection, or to the same host.</summary>
    internal bool IsServerOf(Handle<Account> handle, in Flow flow) =>
        _accounts.IsLive(handle) && (IsOver(_accounts[handle].Flow, flow) || _accounts[handle].IsKnown && _accounts[handle].Flow.Remote.HasAddressOf(flow.Remote));

    /// <summary>The flow is the account's, and its server promised to keep to it (RFC 5626 §6): requests of its dialogs stay on it.</summary>
    internal bool IsOutbound(Handle<Account> handle, in Flow flow) =>
        _accounts.IsLive(handle) && _accounts[handle].HasOutbound && _accounts[handle].IsKnown && IsOver(_accounts[handle].Flow, flow);

    /// <summary>
    /// Writes the Contact of a dialog of the account: its public GRUU, where its registrar gave one (RFC 5627 §4.4), else the contact that it registers. False, and
    /// nothing written, where it has neither.
    /// </summary>
    public bool TryWriteContact(Handle<Account> handle, ref MessageBuilder message)
    {
        scoped var contact = ContactOf(handle);
        scoped var gruu = TextOf(handle, AccountText.PublicGruu);
        Span<byte> room = stackalloc byte[AccountLimits.MaxUriOctets + HeaderRoom];
        if (!gruu.IsEmpty)
        {
            var writer = new Text.ByteWriter(room);
            writer.Write((byte)'<');
            writer.Write(gruu);
            writer.Write((byte)'>');
            contact = writer.WrittenSpan;
        }
        if (contact.IsEmpty)
            return false;
        message.Header(HeaderName.Contact, contact);
        return true;
    }

    // ---- Where its requests go ----------------------------------------------------------------------------------------------------

    /// <summary>
    /// The way that the account's registration took, so that its other requests go to the same server (RFC 3261 §10.2.4, RFC 5626 §4.3); false where it has none.
    /// </summary>
    public bool TryGetFlow(Handle<Account> handle, out Flow flow)
    {
        flow = _accounts.IsLive(handle) ? _accounts[handle].Flow : default;
        return flow.Protocol != Protocol.None;
    }

    /// <summary>
    /// Where a request of the account goes that begins a dialog, or stands outside of one, whether the account is registered or not: over the way that it is bound
    /// to; to its outbound proxy, over the flow of its registration where there is one; else to the first Service-Route, which a flow of RFC 5626 leads to; else over
    /// that flow.
    /// </summary>
    internal FirstHop FirstHopOf(Handle<Account> handle, out Flow flow, out ServerQuery query)
    {
        flow = default;
        query = default;
        if (!_accounts.IsLive(handle))
            return FirstHop.None;
        ref readonly var account = ref _accounts[handle];
        flow = account.Flow.Protocol == Protocol.None && IsBoundToWay(account) ? account.Bound : account.Flow;
        bool hasFlow = flow.Protocol != Protocol.None;
        var own = _texts.Of(handle.Index, AccountText.Route);
        // A redirection leads the registration elsewhere, and nothing else.
        bool isOfRegistrar = !_texts.Of(handle.Index, AccountText.Redirect).IsEmpty;
        if (IsBoundToWay(account) || hasFlow && (account.HasOutbound || !own.IsEmpty) && !isOfRegistrar)
            return FirstHop.Flow;
        var routes = own.IsEmpty ? _texts.Of(handle.Index, AccountText.ServiceRoute) : own;
        if (routes.IsEmpty || Route.Match(routes, 0, 0, out var route) <= 0)
            return hasFlow ? FirstHop.Flow : FirstHop.None;
        query = ServerQuery.Of(route.Uri, routes);
        if (query.Protocol == Protocol.None || !own.IsEmpty && ChosenProtocolOf(account) != Protocol.None)
            query = query with { Protocol = ChosenProtocolOf(account) };
        return hasFlow && LeadsTo(flow, query) ? FirstHop.Flow : FirstHop.Server;
    }

    // RFC 5626 §4.3: a flow to the same address, port and protocol is taken.
    private static bool LeadsTo(in Flow flow, in ServerQuery query) => !query.IsSecure && query.Protocol is var protocol
        && (protocol == Protocol.None || protocol == flow.Protocol)
        && IpEndpoint.TryRead(query.Host, query.Port ?? ResponseRoute.DefaultPort, out var address) && address == flow.Remote;

    /// <summary>The flow to a server that was found for the account: from the address of ours that was chosen for it, else the one that the route leads over.</summary>
    internal bool TryFlowTo(Handle<Account> handle, in Target target, out Flow flow)
    {
        bool isChosen = _accounts.IsLive(handle) && _accounts[handle].Bound.Protocol != Protocol.None && !_accounts[handle].Bound.Local.IsAny;
        return _transport.TryFlowTo(target.Protocol, target.Remote, isChosen ? _accounts[handle].Bound.Local : target.Local, out flow);
    }

    /// <summary>
    /// Writes the Route of a request that begins a dialog, or stands outside of one: the account's own routes, then what the registrar gave as Service-Route
    /// (RFC 3608 §6.1). Nothing where there is neither.
    /// </summary>
    public void WriteRoutes(Handle<Account> handle, ref MessageBuilder request)
    {
        if (!_accounts.IsLive(handle))
            return;
        if (!_texts.Of(handle.Index, AccountText.Route).IsEmpty)
            request.Header(HeaderName.Route, _texts.Of(handle.Index, AccountText.Route));
        if (!_texts.Of(handle.Index, AccountText.ServiceRoute).IsEmpty)
            request.Header(HeaderName.Route, _texts.Of(handle.Index, AccountText.ServiceRoute));
    }

    /// <summary>The account's nonces and credentials, for its other requests.</summary>
    internal bool TryGetSession(Handle<Account> handle, [NotNullWhen(true)] out AuthSession? session)
    {
        session = _accounts.IsLive(handle) ? _sessions[handle.Index] : null;
        return session is not null;
    }
}
