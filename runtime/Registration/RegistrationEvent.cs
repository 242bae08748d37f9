// What the layer tells of an account, and what it knows when it is asked.
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Registration;

/// <summary>What a REGISTER is for.</summary>
public enum RegistrationVerb : byte
{
    None,

    /// <summary>Adds and refreshes the wanted contacts, and removes those that are wanted no more.</summary>
    Register,

    /// <summary>Removes the contacts of this account (RFC 3261 §10.2.2).</summary>
    Unregister,

    /// <summary>Removes all contacts of the address of record, also those of others: <c>*</c>.</summary>
    UnregisterAll,

    /// <summary>Asks for the bindings (RFC 3261 §10.2.3).</summary>
    Query,
}

public enum RegistrationEventKind : byte
{
    None,

    /// <summary>A request ended: by a final response, or without one. No request of the account follows before this is told.</summary>
    Result,

    /// <summary>The time that the registrar granted is over, and nothing took its place: it does not know us any more.</summary>
    Lapsed,

    /// <summary>The flow to the server ended: its connection, or its keep-alive. The account registers again at once where it does so by itself.</summary>
    FlowFailed,

    /// <summary>The address that others see changed, and the contact with it; a request follows.</summary>
    AddressChanged,

    /// <summary>No way leads to the server; the account waits for one.</summary>
    Offline,
}

/// <summary>How a request ended.</summary>
public enum RegistrationOutcome : byte
{
    None,

    /// <summary>2xx. What it was for is <see cref="RegistrationEvent.Verb"/>.</summary>
    Done,

    /// <summary>Another request follows at once: with credentials, a longer interval, to another server.</summary>
    Continues,

    /// <summary>It failed and is tried again later (<see cref="RegistrationEvent.Next"/>).</summary>
    WillRetry,

    /// <summary>The server does not want us: wrong credentials, 403, 404 and their like. It is tried again much later.</summary>
    Refused,

    /// <summary>It failed, and nobody asked for more.</summary>
    Failed,
}

/// <summary>Why a request ended without a final response.</summary>
public enum RegistrationFault : byte
{
    None,

    /// <summary>No answer in time; <see cref="RegistrationEvent.Status"/> is 408 (RFC 3261 §8.1.3.1).</summary>
    Timeout,

    /// <summary>It could not be delivered; 503.</summary>
    Transport,

    /// <summary>No server was found (RFC 3263); 503.</summary>
    NoServer,

    /// <summary>No way leads to the server that was found: a link is down, or an address is still missing; 503.</summary>
    NoWay,

    /// <summary>No transaction, buffer or slot was free; 503.</summary>
    NoRoom,

    /// <summary>It cannot be written: larger than any buffer, or than Digest's limits; 513.</summary>
    TooLarge,
}

/// <summary>
/// One event. Of a response the agent's message is that response, until the next input: its reason phrase, its contacts.
/// </summary>
public struct RegistrationEvent
{
    public RegistrationEventKind Kind { get; internal set; }

    public RegistrationVerb Verb { get; internal set; }

    public RegistrationOutcome Outcome { get; internal set; }

    public RegistrationFault Fault { get; internal set; }

    /// <summary>What was done about a 401 or 407.</summary>
    public ChallengeOutcome Challenge { get; internal set; }

    /// <summary>The status of the response, or the one that stands for its absence; 0 for what is no result.</summary>
    public ushort Status { get; internal set; }

    /// <summary>True where <see cref="Status"/> is ours, and there is no response.</summary>
    public readonly bool IsLocal => Fault != RegistrationFault.None;

    public Handle<Account> Account { get; internal set; }

    /// <summary>What the account was given as <see cref="AccountSettings.User"/>.</summary>
    public ulong User { get; internal set; }

    /// <summary>For how long the server keeps our contacts: the shortest of them.</summary>
    public TimeSpan Granted { get; internal set; }

    /// <summary>Bindings in a 2xx, those of others included.</summary>
    public int Contacts { get; internal set; }

    /// <summary>A 2xx to a registration did not name our contact.</summary>
    public bool IsContactMissing { get; internal set; }

    /// <summary>True where contacts were removed and none registered.</summary>
    public readonly bool IsUnregistration => Verb is RegistrationVerb.Unregister or RegistrationVerb.UnregisterAll;

    /// <summary>Until the account's next request of its own; <see cref="TimeSpan.MaxValue"/> for none.</summary>
    public TimeSpan Next { get; internal set; }

    /// <summary>The way that the request went, or that failed.</summary>
    public Flow Flow { get; internal set; }
}

/// <summary>Where an account stands.</summary>
public enum RegistrationState : byte
{
    /// <summary>The server knows nothing of us, and we ask for nothing.</summary>
    Unregistered,

    /// <summary>A registration is under way, and there is none yet.</summary>
    Registering,

    /// <summary>The server knows our contacts, as far as it told.</summary>
    Registered,

    /// <summary>It could not be done; there is another try to come.</summary>
    Retrying,

    /// <summary>The server does not want us.</summary>
    Refused,

    /// <summary>No way leads to the server.</summary>
    Offline,
}

/// <summary>An account as it stands now.</summary>
public readonly record struct RegistrationInfo
{
    public RegistrationState State { get; init; }

    /// <summary>A request, or the search for its server, is under way or due.</summary>
    public bool IsBusy { get; init; }

    /// <summary>The account refreshes by itself.</summary>
    public bool IsAutomatic { get; init; }

    /// <summary>What was granted last; zero where nothing is registered.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>Until the next request of its own; <see cref="TimeSpan.MaxValue"/> for none.</summary>
    public TimeSpan Next { get; init; }

    /// <summary>Until the server forgets us; zero where nothing is registered.</summary>
    public TimeSpan Remaining { get; init; }

    /// <summary>The way of the last request; its protocol is None where there was none.</summary>
    public Flow Flow { get; init; }

    /// <summary>Our address as the server saw it; "any" where it never told.</summary>
    public IpEndpoint PublicAddress { get; init; }

    /// <summary>The last status (<see cref="RegistrationEvent.Status"/>).</summary>
    public ushort Status { get; init; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; }

    /// <summary>The server's address comes from an answer of DNS whose time is over, since DNS cannot be reached.</summary>
    public bool IsServerStale { get; init; }

    /// <summary>What the account was given as <see cref="AccountSettings.User"/>.</summary>
    public ulong User { get; init; }
}
