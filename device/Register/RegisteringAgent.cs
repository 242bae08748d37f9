// The accounts of a configuration on an agent: told what to do, listened to, and unregistered at the end.
using SipEmbedded.Agent;
using SipEmbedded.Device.Configuration;
using SipEmbedded.Host;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Registration;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Register;

/// <summary>Passes everything on to the agent, looks at what came of it, and tells a report.</summary>
internal sealed class RegisteringAgent : AgentUser, IHostApplication
{
    private readonly RegisterOptions _options;
    private readonly RegisteredAccount[] _accounts;
    private readonly IRegisterReport _report;
    private readonly Action _stop;

    private Instant _nextPaint = Instant.Never;
    private bool _isStopping;
    private bool _isOver;

    /// <param name="stop">Asks the host to stop: a task that is done once is over by itself.</param>
    public RegisteringAgent(SipAgent agent, RegisterOptions options, IRegisterReport report, Action stop)
        : base(agent)
    {
        _options = options;
        _accounts = [.. options.Configuration.Accounts.Select((account, number) => new RegisteredAccount(agent, account, number))];
        _report = report;
        _stop = stop;
    }

    /// <summary>True where each account did what it was asked for last.</summary>
    public bool IsAllDone => _accounts.All(account => account.IsDone);

    /// <summary>Makes the accounts and sets them to work; null, or what is wrong.</summary>
    public string? Start(Instant now)
    {
        foreach (var account in _accounts)
        {
            var result = account.Create();
            if (result == AccountResult.Done)
            {
                result = _options.Task switch
                {
                    RegisterTask.Query => account.Query(now),
                    RegisterTask.UnregisterAll => account.UnregisterAll(now),
                    _ => account.Register(now),
                };
            }
            if (result != AccountResult.Done)
                return $"the account {account.Name} cannot be made: {result}";
        }
        if (_report.Interval is not null)
            _nextPaint = now;
        return null;
    }

    // ---- Time -------------------------------------------------------------------------------------------------------------------

    public override void HandleTimeout(Instant now)
    {
        base.HandleTimeout(now);
        if (now >= _nextPaint)
            Paint(now);
    }

    public override Instant PollTimeout() => Instant.Earlier(base.PollTimeout(), _nextPaint);

    // ---- The application --------------------------------------------------------------------------------------------------------

    public bool IsDrained { get; private set; }

    public void HandleStop(Instant now)
    {
        _isStopping = true;
        foreach (var account in _accounts)
        {
            account.StopPing();
            if (_options.Task != RegisterTask.Stay)
                continue;
            account.IsDone = false;
            account.Unregister(now);
        }
        Settle(now);
    }

    public void HandleReload(Instant now)
    {
        using var faults = new StringWriter();
        if (PhoneConfiguration.Load(_options.ConfigurationPath, faults) is not { } next)
        {
            Note($"the configuration stays as it was: {faults.ToString().TrimEnd()}");
            return;
        }
        foreach (var account in _accounts)
        {
            if (next.Accounts.FirstOrDefault(other => other.Name == account.Name) is not { } changed)
                Note($"{account.Name} is not in the file any more, and stays until a restart");
            else if (!_isStopping && account.Change(now, changed) is not AccountResult.Done and var result)
                Note($"{account.Name} could not be changed: {result}");
        }
        foreach (var added in next.Accounts.Where(other => _accounts.All(account => account.Name != other.Name)))
            Note($"{added.Name} is new in the file, which takes a restart");
        Note("the configuration was read again");
    }

    // ---- What happened ----------------------------------------------------------------------------------------------------------

    protected override void React(Instant now, in AgentEvent happened)
    {
        switch (happened.Kind)
        {
            case AgentEventKind.Registration:
                Take(now, happened.Registration);
                break;
            case AgentEventKind.Ping:
                var account = _accounts[(int)happened.Ping.User];
                account.RoundTrip = happened.Ping.IsAlive ? happened.Ping.RoundTrip : null;
                _report.AddPing(DateTimeOffset.Now, account.Name, account.RoundTrip, happened.Ping.Status);
                break;
            // The agent refuses every other request by itself (RFC 3261 §8.2.1).
            case AgentEventKind.Transaction when happened.Transaction.Kind == TransactionEventKind.Request:
                AnswerOptions(now, happened.Transaction.Server);
                break;
        }
    }

    private void Take(Instant now, in RegistrationEvent happened)
    {
        var account = _accounts[(int)happened.User];
        var info = account.Info(now);
        var news = new RegistrationNews
        {
            Time = DateTimeOffset.Now,
            Account = account.Name,
            Event = happened,
            Info = info,
            Reason = happened.Kind == RegistrationEventKind.Result ? RegistrationNews.ReasonOf(happened, Agent.Message) : "",
            Contacts = RegistrationNews.ContactsOf(happened, Agent.Message),
        };
        if (happened.Kind == RegistrationEventKind.Result)
        {
            account.IsDone = happened.Outcome == RegistrationOutcome.Done && (!_isStopping || _options.Task != RegisterTask.Stay || happened.IsUnregistration);
            account.LastResult = happened.IsLocal ? happened.Fault.ToString().ToLowerInvariant() : $"{happened.Status} {news.Reason}";
            if (happened.Outcome == RegistrationOutcome.Done && happened.Verb == RegistrationVerb.Register && !_isStopping)
                account.Ping(now, happened.Flow);
        }
        _report.Add(news);
        if (_report.Interval is not null)
            Paint(now);
    }

    private void AnswerOptions(Instant now, Handle<ServerTransaction> server)
    {
        if (!Agent.TryBeginResponse(server, 200, out var response))
            return;
        response.Header(HeaderName.Allow, "OPTIONS"u8);
        response.Header(HeaderName.Supported, default(ReadOnlySpan<byte>));
        response.Finish();
        Agent.SendResponse(now, server, response);
    }

    // Nothing is left to be done, or what was to be done once is done.
    protected override void Settle(Instant now)
    {
        bool isIdle = _accounts.All(account => !account.Info(now).IsBusy);
        IsDrained = _isStopping && isIdle;
        if (_options.Task == RegisterTask.Stay || !isIdle || _isOver)
            return;
        _isOver = true;
        _stop();
    }

    private void Note(string text) => _report.AddNote(DateTimeOffset.Now, text);

    private void Paint(Instant now)
    {
        _report.Paint([.. _accounts.Select(account => new AccountView(account.Name, account.Info(now), account.LastResult, account.RoundTrip))]);
        _nextPaint = _report.Interval is { } interval && !IsDrained ? now + interval : Instant.Never;
    }
}
