// The texts of all accounts, in one block of memory.
using SipEmbedded.Memory;

namespace SipEmbedded.Registration;

/// <summary>A text that an account has, for <see cref="RegistrationLayer.TextOf"/>.</summary>
public enum AccountText : byte
{
    /// <summary>The registrar's URI, as it stands in the request line: without a user part (RFC 3261 §10.2).</summary>
    Server,

    /// <summary>The address of record, as name-addr: To.</summary>
    AddressOfRecord,

    /// <summary>Who registers it, as name-addr: From. The same where nobody else does.</summary>
    From,

    /// <summary>The user part of the contact that is made from the flow.</summary>
    ContactUser,

    /// <summary>Parameters of that contact, from their first semicolon.</summary>
    ContactParameters,

    /// <summary>The URN of this device (RFC 5626 §4.1), without brackets.</summary>
    Instance,

    /// <summary>Values of Route, the outbound proxy first.</summary>
    Route,

    /// <summary>What stands in Via in place of the flow's own address.</summary>
    SentBy,

    /// <summary>Header lines of the user's own, each with its CRLF.</summary>
    Headers,

    /// <summary>Values of Service-Route that the registrar gave (RFC 3608).</summary>
    ServiceRoute,

    /// <summary>The public GRUU that the registrar gave (RFC 5627 §5.1).</summary>
    PublicGruu,

    /// <summary>The newest temporary GRUU that the registrar gave.</summary>
    TemporaryGruu,

    /// <summary>Where a 3xx sent us.</summary>
    Redirect,
}

/// <summary>A text of every kind for every account.</summary>
internal sealed class AccountTexts
{
    private const int Kinds = (int)AccountText.Redirect + 1;
    private const string Pool = "accounts";

    private static readonly int s_octetsEach = StartOf((AccountText)Kinds);

    private readonly byte[] _octets;
    private readonly ushort[] _lengths;

    [StartUp(Because = "a pool is made before start")]
    public AccountTexts(StartGate gate, int accounts)
    {
        _octets = gate.Take<byte>(Pool, accounts, s_octetsEach);
        _lengths = gate.Take<ushort>(Pool, accounts, Kinds);
    }

    private static int MaxOctets(AccountText kind) => kind switch
    {
        AccountText.Route or AccountText.ServiceRoute => AccountLimits.MaxRouteOctets,
        AccountText.Headers => AccountLimits.MaxHeaderOctets,
        AccountText.SentBy => AccountLimits.MaxSentByOctets,
        _ => AccountLimits.MaxUriOctets,
    };

    // A text's place behind those of the kinds before it.
    private static int StartOf(AccountText kind)
    {
        int start = 0;
        for (var earlier = default(AccountText); earlier < kind; earlier++)
            start += MaxOctets(earlier);
        return start;
    }

    public ReadOnlySpan<byte> Of(int account, AccountText kind) =>
        _octets.AsSpan(account * s_octetsEach + StartOf(kind), _lengths[account * Kinds + (int)kind]);

    /// <summary>False, and as it was, where it is too long.</summary>
    public bool TrySet(int account, AccountText kind, scoped ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxOctets(kind))
            return false;
        text.CopyTo(_octets.AsSpan(account * s_octetsEach + StartOf(kind)));
        _lengths[account * Kinds + (int)kind] = (ushort)text.Length;
        return true;
    }

    public void Clear(int account) => _lengths.AsSpan(account * Kinds, Kinds).Clear();
}
