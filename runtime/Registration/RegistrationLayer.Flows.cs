// The way to the server: kept alive (RFC 5626 §4.4), found dead, changed under us, and what the server says of our address (RFC 3581 §4).
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Registration;

public sealed partial class RegistrationLayer
{
    // RFC 5626 §4.4.1: where nobody says anything.
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(120);

    private static bool IsSameWay(in Flow left, in Flow right) =>
        left.Protocol == right.Protocol && left.Remote == right.Remote
            && (left.IsReliable ? left.Local.HasAddressOf(right.Local) || right.Local.IsAny || left.Local.IsAny : left.Local == right.Local);

    private void ReleaseWay(ref Account account)
    {
        if (account.Kept.IsSome)
            _keeper.Release(account.Kept);
        if (account.IsRetained)
            _transport.ReleaseRetained(account.Flow.Connection);
        account.Kept = default;
        account.IsRetained = false;
        account.Flow = default;
    }

    private void ReleaseServers(ref Account account)
    {
        if (account.Servers.IsSome)
            _resolver.Release(account.Servers);
        account.Servers = default;
    }

    // The way that was taken is not the one that is wanted now. A search under way begins anew; a request goes on.
    private void ChangeWay(Handle<Account> handle)
    {
        ref var account = ref _accounts[handle];
        ReleaseWay(ref account);
        ReleaseServers(ref account);
        if (account.Stage != AccountStage.Searching)
            return;
        account.Stage = AccountStage.Idle;
        if (account.Pending == RegistrationVerb.None)
        {
            account.Pending = account.Current;
            account.IsContinued = true;
        }
        // The commands that come here are told no time; what is due already needs none.
        Arm(default, handle.Index);
    }

    // ---- From a response ----------------------------------------------------------------------------------------------------------

    // The flow that the request really took, and what its top Via says of where it came from.
    private void TakeWay(Instant now, Handle<Account> handle, in Flow flow, SipMessage response)
    {
        ref var account = ref _accounts[handle];
        // One that went over a stream for its size alone changes nothing.
        if (flow.Protocol == account.Flow.Protocol)
        {
            if (account.Flow.Connection != flow.Connection)
                ReleaseWay(ref account);
            if (flow.IsReliable)
                account.Flow = flow;
        }
        if (!response.TryGet<Via>(out var via, out _))
            return;
        ushort port = 0;
        bool hasPort = via.ResponsePort.IsPresent && ushort.TryParse(via.ResponsePort.In(response.Text), out port) && port != 0;
        IpEndpoint seen = default;
        if (via.Received.IsPresent && IpEndpoint.TryRead(via.Received.In(response.Text), 0, out var received))
            seen = received;
        else if (hasPort)
            seen = account.Flow.Local.WithPort(0);
        if (!seen.IsAny)
            account.Seen = seen.WithPort(hasPort ? port : account.Flow.Local.Port);
    }

    // True where the contact has to be registered again under the address that the server sees. Once a registration: behind some translators it changes each time.
    private bool TakePublicAddress(Instant now, Handle<Account> handle)
    {
        ref var account = ref _accounts[handle];
        if (!account.UsesPublicAddress || account.Seen.IsAny || !_contacts.IsAutomatic(handle.Index) || account.IsReadjusted)
        {
            account.IsReadjusted = false;
            return false;
        }
        Span<byte> room = stackalloc byte[AccountLimits.MaxContactOctets];
        if (!TryComposeContact(handle.Index, account, room, out int length) || _contacts.Wants(handle.Index, room[..length])
            || _contacts.TryUpdate(handle.Index, room[..length], isAutomatic: true) != AccountResult.Done)
            return false;
        account.IsReadjusted = true;
        return true;
    }

    private void KeepWay(Instant now, Handle<Account> handle, SipMessage response)
    {
        ref var account = ref _accounts[handle];
        // RFC 5626 §4.4: a pong may be demanded of who said that it does outbound.
        var usual = account.HasOutbound ? KeepAliveMethod.Crlf : KeepAliveMethod.CrlfUnpromised;
        var method = account.KeepAlive ?? (account.Flow.IsReliable ? usual : KeepAliveMethod.None);
        var interval = account.KeepAliveInterval ?? IntervalOf(account, response, ref method);
        bool isKept = account.Kept.IsSome && _keeper.IsLive(account.Kept);
        if (isKept && account.KeptInterval == interval && account.KeptMethod == method)
            return;
        if (isKept)
            _keeper.Release(account.Kept);
        account.Kept = default;
        account.KeptInterval = interval;
        account.KeptMethod = method;
        if (method != KeepAliveMethod.None && _keeper.TryKeep(now, account.Flow, method, interval, UserOf(handle), out account.Kept))
            return;
        // Nobody says anything on it between two refreshes, and yet it is the way on which the server reaches us.
        if (!account.Flow.IsReliable || account.IsRetained)
            return;
        _transport.Retain(account.Flow.Connection);
        account.IsRetained = true;
    }

    // RFC 5626 §4.4 and RFC 6223 §5: what the server says comes first; one that says how often wants it.
    private static TimeSpan IntervalOf(in Account account, SipMessage response, ref KeepAliveMethod method)
    {
        if (account.FlowTimerSeconds > 0)
            return TimeSpan.FromSeconds(account.FlowTimerSeconds);
        if (account.OffersKeepAlive && response.TryGet<Via>(out var via, out _)
            && ParameterList.Of(via.Parameters, response.Text).TryFind("keep"u8, out var keep)
            && uint.TryParse(keep.Value.In(response.Text), out uint seconds) && seconds > 0)
        {
            if (method == KeepAliveMethod.None)
                method = account.Flow.IsReliable ? KeepAliveMethod.Crlf : KeepAliveMethod.Stun;
            return TimeSpan.FromSeconds(seconds);
        }
        return DefaultInterval;
    }

    // ---- What happens to it -------------------------------------------------------------------------------------------------------

    /// <summary>A connection ended: the accounts on it need another.</summary>
    internal void ConnectionEnded(Instant now, Handle<Connection> connection)
    {
        for (int i = _accounts.NextTaken(0); i >= 0; i = _accounts.NextTaken(i + 1))
        {
            if (_accounts.At(i).Flow.Protocol != Protocol.None && _accounts.At(i).Flow.Connection == connection && connection.IsSome)
                FlowEnded(now, _accounts.HandleOf(i));
        }
    }

    /// <summary>What the keeper found out about a flow.</summary>
    internal void FlowChanged(Instant now, in KeptFlowEvent told)
    {
        if (!TryFindByUser(told.User, out var handle) || _accounts[handle].Kept != told.Flow)
            return;
        ref var account = ref _accounts[handle];
        if (told.Kind == KeptFlowEventKind.Dead)
        {
            FlowEnded(now, handle);
            return;
        }
        account.Seen = told.Mapped;
        // RFC 5626 §4.4.2: what was mapped before is gone, and with it the way back to us.
        if (account.IsKnown && (told.Kind == KeptFlowEventKind.AddressChanged || account.UsesPublicAddress))
            Again(now, handle, RegistrationEventKind.AddressChanged, Draw(_options.Spread));
    }

    private void FlowEnded(Instant now, Handle<Account> handle)
    {
        ref var account = ref _accounts[handle];
        ReleaseWay(ref account);
        // A request under way fails by itself; without one the loss is news to whoever was registered over it.
        if (account.Stage == AccountStage.Waiting || !account.IsKnown)
            return;
        Counters.FlowsFailed++;
        Again(now, handle, RegistrationEventKind.FlowFailed, Draw(_options.Spread));
    }

    // Registers again, soon, where the account does so by itself; and tells why.
    private void Again(Instant now, Handle<Account> handle, RegistrationEventKind news, TimeSpan wait)
    {
        ref var account = ref _accounts[handle];
        if (news != RegistrationEventKind.None)
            account.News = news;
        if (account.IsAutomatic)
        {
            var at = now + wait;
            if (at < account.NotBefore)
                at = account.NotBefore;
            if (at < account.NextAt)
                account.NextAt = at;
        }
        Arm(now, handle.Index);
    }

    /// <summary>
    /// Links, addresses or routes changed. An account whose address changed, or that had no way and has one now, registers again within
    /// <see cref="RegistrationOptions.Spread"/>; one that fails has its failures forgotten; one that nothing changed for refreshes to be sure.
    /// </summary>
    internal void NetworkChanged(Instant now)
    {
        for (int i = _accounts.NextTaken(0); i >= 0; i = _accounts.NextTaken(i + 1))
        {
            if (!_accounts.At(i).IsDoomed)
                NetworkChanged(now, _accounts.HandleOf(i));
        }
    }

    private void NetworkChanged(Instant now, Handle<Account> handle)
    {
        ref var account = ref _accounts[handle];
        if (!TryGetRemote(account, out var remote))
        {
            // Nobody was found yet: perhaps now.
            if (account.Stage == AccountStage.Idle && account.Failures > 0)
                StartAnew(now, handle);
            return;
        }
        if (!_addresses.TryLocalFor(remote, out var local))
        {
            if (account.IsOffline || !account.IsAutomatic)
                return;
            account.IsOffline = true;
            account.News = RegistrationEventKind.Offline;
            Arm(now, handle.Index);
            return;
        }
        bool wasOffline = account.IsOffline;
        account.IsOffline = false;
        bool isMoved = account.Flow.Protocol != Protocol.None && !account.Flow.Local.IsAny && !local.IsAny && account.Bound.Local.IsAny
            && !account.Flow.Local.HasAddressOf(local);
        if (!wasOffline && !isMoved)
        {
            if (account.Failures > 0 && account.Stage == AccountStage.Idle)
                StartAnew(now, handle);
            else if (account.IsKnown && now >= account.RecheckedAt + _options.RecheckLeast)
            {
                account.RecheckedAt = now;
                Again(now, handle, RegistrationEventKind.None, Draw(_options.Spread));
            }
            return;
        }
        // What was open from the old address leads nowhere; and a request that is still in a stream must not come out of it before the next.
        if (isMoved || account.Stage == AccountStage.Waiting)
        {
            var connection = account.Flow.Connection;
            ReleaseWay(ref account);
            _transport.Close(connection);
            // Others may wait for answers on it.
            _transactions.ConnectionEnded(now, connection, TransportFault.Closed);
            if (isMoved)
                account.Seen = default;
        }
        // A request from the old address, or that went out when there was no way, may wait for half a minute for nothing.
        if (account.Stage == AccountStage.Waiting)
            GiveUp(ref account);
        StartAnew(now, handle);
    }

    private bool TryGetRemote(in Account account, out IpEndpoint remote)
    {
        if (IsBoundToWay(account))
            remote = account.Bound.Remote;
        else if (account.Servers.IsSome && _resolver.TryGetTarget(account.Servers, out var target))
            remote = target.Remote;
        else
            remote = default;
        return !remote.IsAny;
    }

    // Nothing of it is sent any more, and nobody hears of it.
    private void GiveUp(ref Account account)
    {
        _transactions.Abandon(account.Client);
        account.Client = default;
        account.Stage = AccountStage.Idle;
        if (account.Pending == RegistrationVerb.None)
            account.Pending = account.Current;
        account.IsContinued = false;
    }

    private void StartAnew(Instant now, Handle<Account> handle)
    {
        ref var account = ref _accounts[handle];
        account.Failures = 0;
        if (account.Pending != RegistrationVerb.None)
        {
            Arm(now, handle.Index);
            return;
        }
        Again(now, handle, RegistrationEventKind.None, Draw(_options.Spread));
    }
}
