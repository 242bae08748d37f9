// What an account is made from. Every text is copied, so the caller's memory is free again at once.
using SipEmbedded.KeepAlive;
using SipEmbedded.Transport;

namespace SipEmbedded.Registration;

/// <summary>Settings of a new account. Only <see cref="AddressOfRecord"/> is needed.</summary>
public readonly ref struct AccountSettings
{
    public AccountSettings()
    {
    }

    /// <summary>
    /// The registrar: a sip: or sips: URI. Its user part and headers, which a REGISTER must not have, are left out (RFC 3261 §10.2, §19.1.1). Empty: the host of
    /// the address of record (§10.2.6).
    /// </summary>
    public ReadOnlySpan<byte> Server { get; init; }

    /// <summary>The address of record: a URI, or a name-addr with a display name.</summary>
    public ReadOnlySpan<byte> AddressOfRecord { get; init; }

    /// <summary>Who registers it, where that is somebody else (RFC 3261 §10.2).</summary>
    public ReadOnlySpan<byte> From { get; init; }

    /// <summary>
    /// Contacts as a Contact header holds them, separated by commas. Empty: one that is made from the flow and follows the address of this machine.
    /// </summary>
    public ReadOnlySpan<byte> Contacts { get; init; }

    /// <summary>The user part of the contact that is made from the flow. Empty: that of the address of record.</summary>
    public ReadOnlySpan<byte> ContactUser { get; init; }

    /// <summary>Parameters of that contact, such as <c>;q=0.7</c> or feature tags.</summary>
    public ReadOnlySpan<byte> ContactParameters { get; init; }

    /// <summary>Values of Route, separated by commas, the outbound proxy first.</summary>
    public ReadOnlySpan<byte> Route { get; init; }

    /// <summary>Header lines for each REGISTER, each with its CRLF.</summary>
    public ReadOnlySpan<byte> Headers { get; init; }

    /// <summary>What stands in Via in place of the flow's own address: <c>host [ ":" port ]</c>.</summary>
    public ReadOnlySpan<byte> SentBy { get; init; }

    /// <summary>A URN that is this device's for ever, such as <c>urn:uuid:…</c> (RFC 5626 §4.1). With one, outbound and GRUUs are asked for.</summary>
    public ReadOnlySpan<byte> Instance { get; init; }

    /// <summary>Which of the device's flows this is (RFC 5626 §4.2); only with an instance.</summary>
    public uint RegistrationId { get; init; } = 1;

    /// <summary>Seconds to ask for; null asks for nothing, and the registrar chooses. Short enough that a registrar which lost all finds us again soon.</summary>
    public uint? ExpiresSeconds { get; init; } = 600;

    /// <summary>
    /// How long before the end a registration is refreshed, half of what was granted at most. Longer than a request takes to time out (64·T1), so that one
    /// that is lost, and a second server, still come in time.
    /// </summary>
    public TimeSpan DelayBeforeRefresh { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>The transport; None: what the URIs and DNS say (RFC 3263 §4.1).</summary>
    public Protocol Protocol { get; init; }

    /// <summary>
    /// Null: on streams <see cref="KeepAliveMethod.Crlf"/> where the registrar does outbound, else <see cref="KeepAliveMethod.CrlfUnpromised"/>; nothing on UDP.
    /// </summary>
    public KeepAliveMethod? KeepAlive { get; init; }

    /// <summary>
    /// The longest wait between keep-alives; null: what Flow-Timer or the keep parameter says, else 120 s (RFC 5626 §4.4.1).
    /// </summary>
    public TimeSpan? KeepAliveInterval { get; init; }

    /// <summary>Says in Via that keep-alives would be sent, and sends them where the server asks for it (RFC 6223).</summary>
    public bool OffersKeepAlive { get; init; }

    /// <summary>Registers the address that the server sees (RFC 3261 §18.2.1, RFC 3581) in place of our own. For servers that are on the far side of a NAT.</summary>
    public bool UsesPublicAddress { get; init; }

    /// <summary>Follows 3xx to other registrars, up to <see cref="AccountLimits.MaxRedirects"/> in a row.</summary>
    public bool FollowsRedirects { get; init; } = true;

    /// <summary>Comes back with each event of the account.</summary>
    public ulong User { get; init; }
}
