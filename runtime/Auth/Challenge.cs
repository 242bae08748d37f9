// A Digest challenge as its header has it (RFC 7616 §3.3, RFC 3261 §20.27 and §20.44). Both headers say the same, so both become this.
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Auth;

/// <summary>A challenge that can be answered. Slices are of the response; realm, nonce and opaque as they are written there.</summary>
internal readonly struct Challenge
{
    private Challenge(bool isProxy, Slice realm, Slice nonce, Slice opaque, Slice algorithm, Slice qop, Slice stale, Slice userHash, ReadOnlySpan<byte> text)
    {
        IsProxy = isProxy;
        Realm = realm;
        Nonce = nonce;
        Opaque = opaque;
        NamesAlgorithm = algorithm.IsPresent;
        IsStale = IsTrue(stale, text);
        WantsUserHash = IsTrue(userHash, text);
        // RFC 7616 §3.3: MD5 where nothing is said.
        var named = DigestAlgorithm.Md5;
        IsKnown = !NamesAlgorithm || TryReadAlgorithm(algorithm.In(text), out named);
        Algorithm = named;
        NamesQop = qop.IsPresent;
        if (NamesQop)
            (OffersAuth, OffersAuthInt) = ReadQop(qop.In(text));
    }

    public bool IsProxy { get; }

    public Slice Realm { get; }

    public Slice Nonce { get; }

    public Slice Opaque { get; }

    public DigestAlgorithm Algorithm { get; }

    /// <summary>False for an algorithm of another name.</summary>
    private bool IsKnown { get; }

    /// <summary>False where MD5 was not named but meant; the answer then names none.</summary>
    public bool NamesAlgorithm { get; }

    private bool NamesQop { get; }

    public bool OffersAuth { get; }

    public bool OffersAuthInt { get; }

    public bool IsStale { get; }

    public bool WantsUserHash { get; }

    /// <summary>
    /// True where an answer can be computed. Options of qop that are not known are ignored (RFC 7616 §3.3), but not if there is no other; a session needs a qop,
    /// since only with one a client's nonce may be sent (RFC 3261 §22.4 (8)).
    /// </summary>
    public bool IsSupported =>
        IsKnown && Realm.IsPresent && Nonce.IsPresent && (OffersAuth || OffersAuthInt || !NamesQop && !DigestAlgorithms.IsSession(Algorithm));

    /// <summary>What an answer uses.</summary>
    public DigestQop Choose(bool prefersIntegrity)
    {
        if (!OffersAuth && !OffersAuthInt)
            return DigestQop.None;
        return OffersAuthInt && (prefersIntegrity || !OffersAuth) ? DigestQop.AuthInt : DigestQop.Auth;
    }

    /// <summary>Reads a line of either header; false where it does not match its grammar, and for a scheme that is not Digest.</summary>
    public static bool TryRead(SipMessage response, int line, bool isProxy, out Challenge challenge)
    {
        challenge = default;
        var text = response.Text;
        if (isProxy)
        {
            if (!response.TryGet<ProxyAuthenticate>(line, out var proxy, out _) || !IsDigest(proxy.Scheme, text))
                return false;
            challenge = new(
                true, proxy.Realm, proxy.Nonce, proxy.Opaque, proxy.Algorithm, proxy.QualityOfProtection, proxy.Stale, proxy.UserHash, text);
            return true;
        }
        if (!response.TryGet<WwwAuthenticate>(line, out var server, out _) || !IsDigest(server.Scheme, text))
            return false;
        // The domain is of no meaning in SIP: the realm alone says what it protects (RFC 3261 §22.1).
        challenge = new(
            false, server.Realm, server.Nonce, server.Opaque, server.Algorithm, server.QualityOfProtection, server.Stale, server.UserHash, text);
        return true;
    }

    internal static bool IsDigest(Slice scheme, ReadOnlySpan<byte> text) => Scan.EqualsIgnoreCase(scheme.In(text), "Digest"u8);

    /// <summary>True for "true", with quotes or without.</summary>
    internal static bool IsTrue(Slice value, ReadOnlySpan<byte> text) => value.IsPresent && Scan.EqualsIgnoreCase(Inside(value.In(text)), "true"u8);

    /// <summary>An algorithm, with quotes or without: some peers write them although they must not (RFC 7616 §3.3).</summary>
    internal static bool TryReadAlgorithm(ReadOnlySpan<byte> text, out DigestAlgorithm algorithm) => DigestAlgorithms.TryParse(Inside(text), out algorithm);

    /// <summary>One option of qop, with quotes or without; false for one that is not known.</summary>
    internal static bool TryReadQop(ReadOnlySpan<byte> text, out DigestQop qop)
    {
        text = Inside(text);
        qop = Scan.EqualsIgnoreCase(text, "auth"u8) ? DigestQop.Auth : Scan.EqualsIgnoreCase(text, "auth-int"u8) ? DigestQop.AuthInt : DigestQop.None;
        return qop != DigestQop.None;
    }

    private static (bool Auth, bool AuthInt) ReadQop(ReadOnlySpan<byte> text)
    {
        text = Inside(text);
        bool auth = false;
        bool integrity = false;
        while (!text.IsEmpty)
        {
            int comma = text.IndexOf((byte)',');
            var option = comma < 0 ? text : text[..comma];
            text = comma < 0 ? default : text[(comma + 1)..];
            if (TryReadQop(option.Trim(" \t\r\n"u8), out var qop))
            {
                auth |= qop == DigestQop.Auth;
                integrity |= qop == DigestQop.AuthInt;
            }
        }
        return (auth, integrity);
    }

    // Of values that are tokens: nothing in them can have a backslash. The grammar lets white space stand before a quote.
    private static ReadOnlySpan<byte> Inside(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r\n"u8);
        return text is [(byte)'"', .., (byte)'"'] ? text[1..^1] : text;
    }
}
