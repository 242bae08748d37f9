// When an account's next request comes: refreshes, retries with back-off (RFC 5626 §4.5), news that has to be told, the end of what was granted.
using SipEmbedded.Memory;

namespace SipEmbedded.Registration;

public sealed partial class RegistrationLayer
{
    // A registrar that grants a second must not make us ask twice in it.
    private static readonly TimeSpan RefreshLeast = TimeSpan.FromSeconds(1);

    private void Arm(Instant now, int index)
    {
        ref readonly var account = ref _accounts.At(index);
        if (account.IsDoomed)
            return;
        var at = account.NextAt;
        if (account.Pending != RegistrationVerb.None || account.Stage == AccountStage.Unsent || account.News != RegistrationEventKind.None)
            at = now;
        else if (account.Stage != AccountStage.Idle)
            at = Instant.Never;
        if (at == Instant.Never)
            _timers.Cancel(index * TimersEach + Next);
        else
            _timers.Arm(index * TimersEach + Next, at);
    }

    private void CancelTimers(int index)
    {
        _timers.Cancel(index * TimersEach + Next);
        _timers.Cancel(index * TimersEach + Lapse);
    }

    /// <summary>
    /// Does what an account's time has come for. False where no account's has; <paramref name="happened"/> may be empty where one did.
    /// </summary>
    internal bool TryPopTimer(Instant now, out RegistrationEvent happened)
    {
        happened = default;
        if (!_timers.TryPop(now, out int timer))
            return false;
        int index = timer / TimersEach;
        var handle = _accounts.HandleOf(index);
        if (timer % TimersEach == Lapse)
            happened = TakeLapse(now, handle);
        else
            TimeIsUp(now, handle, ref happened);
        return true;
    }

    private void TimeIsUp(Instant now, Handle<Account> handle, ref RegistrationEvent happened)
    {
        ref var account = ref _accounts[handle];
        if (account.News != RegistrationEventKind.None)
        {
            happened = NewEvent(handle, account.News);
            account.News = RegistrationEventKind.None;
            Arm(now, handle.Index);
            happened.Next = Until(now, account);
            return;
        }
        if (account.Stage == AccountStage.Unsent)
        {
            happened = NewEvent(handle, RegistrationEventKind.Result);
            happened.Fault = account.Unsent;
            account.Stage = AccountStage.Idle;
            TakeSilence(now, handle, ref happened);
            Conclude(now, handle, ref happened);
            return;
        }
        if (account.Pending == RegistrationVerb.None)
        {
            account.NextAt = Instant.Never;
            account.Pending = RegistrationVerb.Register;
        }
        Begin(now, handle);
    }

    // It is told by the account's timer, so that one input gives one event.
    private void Unsent(Instant now, Handle<Account> handle, RegistrationFault fault)
    {
        ref var account = ref _accounts[handle];
        account.Stage = AccountStage.Unsent;
        account.Unsent = fault;
        Arm(now, handle.Index);
    }

    private RegistrationEvent TakeLapse(Instant now, Handle<Account> handle)
    {
        ref var account = ref _accounts[handle];
        Counters.Lapsed++;
        Unknow(ref account, handle.Index);
        var happened = NewEvent(handle, RegistrationEventKind.Lapsed);
        happened.Next = Until(now, account);
        return happened;
    }

    // The server knows us no more.
    private void Unknow(ref Account account, int index)
    {
        account.IsKnown = false;
        account.GrantedSeconds = 0;
        _timers.Cancel(index * TimersEach + Lapse);
        _texts.TrySet(index, AccountText.ServiceRoute, default);
        _texts.TrySet(index, AccountText.PublicGruu, default);
        _texts.TrySet(index, AccountText.TemporaryGruu, default);
        _contacts.Forget(index);
    }

    private static TimeSpan Until(Instant now, in Account account)
    {
        if (account.Pending != RegistrationVerb.None)
            return TimeSpan.Zero;
        return account.NextAt == Instant.Never ? TimeSpan.MaxValue : account.NextAt > now ? account.NextAt - now : TimeSpan.Zero;
    }

    // Before the end by the delay that is wanted, but in the second half; and up to a tenth earlier, so that devices that began together drift apart.
    private TimeSpan RefreshAfter(in Account account)
    {
        var granted = TimeSpan.FromSeconds(account.GrantedSeconds);
        var early = account.DelayBeforeRefresh < granted / 2 ? account.DelayBeforeRefresh : granted / 2;
        var latest = granted - early;
        var after = latest - Draw(latest / 10);
        return after > RefreshLeast ? after : RefreshLeast;
    }

    private TimeSpan HalfOrMore(TimeSpan most) => most / 2 + Draw(most / 2);

    /// <summary>From zero up to a span, each millisecond as likely.</summary>
    private TimeSpan Draw(TimeSpan most)
    {
        double milliseconds = most.TotalMilliseconds;
        return milliseconds < 1 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(_entropy.Below((uint)Math.Min(milliseconds, uint.MaxValue)));
    }
}
