// Who calls: P-Asserted-Identity (RFC 3325 §8, §9.1) and Remote-Party-ID (draft-ietf-sip-privacy-04) of a trusted peer, else From (RFC 3261 §20.20); and
// what of it may be shown (RFC 3323 §4.2, RFC 3325 §9.3).
//
// note [trust and privacy]
// An identity is believed only where it comes from a trusted peer: anybody can write a header (RFC 3325 §8: "MUST NOT use ... in any way"). A wish for
// privacy is honoured whoever it comes from, and also where its header breaks its grammar: to hide too much harms nobody. What is withheld is still told
// to the program, which may need it (a list of doors that open for a number), with the mark that nobody is to see it.
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

/// <summary>The header that an identity was read from.</summary>
public enum IdentitySource : byte
{
    /// <summary>No header says who calls in a way that can be read.</summary>
    None,

    /// <summary>From: what the caller says of itself.</summary>
    From,

    /// <summary>Remote-Party-ID, of a trusted peer.</summary>
    RemotePartyId,

    /// <summary>P-Asserted-Identity, of a trusted peer.</summary>
    AssertedIdentity,
}

/// <summary>What of an identity is not to be shown.</summary>
[Flags]
public enum WithheldIdentity : byte
{
    None = 0,
    Name = 1,

    /// <summary>The URI, and with it the number.</summary>
    Uri = 2,
    All = Name | Uri,
}

/// <summary>
/// The identity of a caller; see note [trust and privacy]. Slices are of the text of the request that it was read from. <c>default</c> is the identity of
/// nobody.
/// </summary>
public readonly struct CallerIdentity
{
    /// <summary>
    /// Values of P-Asserted-Identity and of Remote-Party-ID that are looked at. RFC 3325 §9.1 has one or two; some proxies leave another's standing before
    /// their own.
    /// </summary>
    public const int MaxValues = 8;

    public IdentitySource Source { get; private init; }

    /// <summary>As written: a quoted string with its quotes, or tokens; see <see cref="TryCopyName"/>. Not present where there is none.</summary>
    public Slice DisplayName { get; private init; }

    /// <summary>The sip or sips URI. Where a P-Asserted-Identity has only a tel URI, that; where it has both, <see cref="TelUri"/> is the other.</summary>
    public SipUri Uri { get; private init; }

    /// <summary>The tel URI (RFC 3966), as <see cref="SipUri.Scheme"/> and <see cref="SipUri.Rest"/>; nothing where there is none.</summary>
    public SipUri TelUri { get; private init; }

    /// <summary>What is not to be shown to anybody.</summary>
    public WithheldIdentity Withheld { get; private init; }

    /// <summary>
    /// The identity says of itself that it is none: the host <c>anonymous.invalid</c>, the user <c>anonymous</c> or the name <c>Anonymous</c>
    /// (RFC 3323 §4.1.1, RFC 3261 §8.1.1.3).
    /// </summary>
    public bool IsAnonymous { get; private init; }

    /// <summary>
    /// Reads who sent <paramref name="request"/>, which came from <paramref name="from"/>. Headers that do not match their grammar are passed over.
    /// </summary>
    public static CallerIdentity Read(SipMessage request, TrustedPeers trusted, in IpEndpoint from)
    {
        var withheld = PrivacyOf(request);
        bool hasParty = TryReadParty(request, out var party);
        if (hasParty)
            withheld |= WithheldBy(party.Privacy.In(request.Text));
        if (trusted.Contains(from))
        {
            if (TryReadAsserted(request, out var asserted))
                return asserted.Judged(request.Text, withheld);
            if (hasParty)
            {
                bool isTel = IsTel(party.Uri, request.Text);
                return new CallerIdentity
                {
                    Source = IdentitySource.RemotePartyId, DisplayName = party.DisplayName, Uri = party.Uri, TelUri = isTel ? party.Uri : default,
                }.Judged(request.Text, withheld);
            }
        }
        if (!request.TryGet<From>(out var sender, out _))
            return new() { Withheld = withheld };
        return new CallerIdentity
        {
            Source = IdentitySource.From, DisplayName = sender.DisplayName, Uri = sender.Uri, TelUri = IsTel(sender.Uri, request.Text) ? sender.Uri : default,
        }.Judged(request.Text, withheld);
    }

    /// <summary>
    /// Copies the name without its quotes and escapes; nothing where there is no name. False where <paramref name="buffer"/> is too small (as long as
    /// <see cref="DisplayName"/> always suffices). The octets are the caller's choice: they may be no UTF-8, and hold control characters.
    /// </summary>
    public bool TryCopyName(ReadOnlySpan<byte> text, Span<byte> buffer, out int length) =>
        QuotedText.TryUnquote(DisplayName.In(text), buffer, out length);

    private CallerIdentity Judged(ReadOnlySpan<byte> text, WithheldIdentity withheld) => this with
    {
        Withheld = withheld,
        IsAnonymous = Scan.EqualsIgnoreCase(Uri.Host.In(text), "anonymous.invalid"u8) || Scan.EqualsIgnoreCase(Uri.User.In(text), "anonymous"u8)
            || QuotedText.ContentEquals(DisplayName.In(text), "Anonymous"u8) || QuotedText.ContentEquals(DisplayName.In(text), "anonymous"u8),
    };

    // One sip or sips URI and one tel URI at most (RFC 3325 §9.1); of more the first of each.
    private static bool TryReadAsserted(SipMessage request, out CallerIdentity identity)
    {
        SipUri uri = default, tel = default;
        Slice name = default, telName = default;
        var values = request.All<PAssertedIdentity>();
        for (int i = 0; i < MaxValues && values.MoveNext(); i++)
        {
            var value = values.Current;
            if (value.Uri.Kind is SipUriKind.Sip or SipUriKind.Sips && uri.Kind == SipUriKind.None)
                (uri, name) = (value.Uri, value.DisplayName);
            else if (IsTel(value.Uri, request.Text) && tel.Kind == SipUriKind.None)
                (tel, telName) = (value.Uri, value.DisplayName);
        }
        bool hasUri = uri.Kind != SipUriKind.None;
        identity = new()
        {
            Source = IdentitySource.AssertedIdentity, DisplayName = name.IsPresent ? name : telName, Uri = hasUri ? uri : tel, TelUri = tel,
        };
        return hasUri || tel.Kind != SipUriKind.None;
    }

    // The first value that is the caller's: a request may carry the called party's as well.
    private static bool TryReadParty(SipMessage request, out RemotePartyId party)
    {
        var values = request.All<RemotePartyId>();
        for (int i = 0; i < MaxValues && values.MoveNext(); i++)
        {
            party = values.Current;
            if (!party.Party.IsPresent || Scan.EqualsIgnoreCase(party.Party.In(request.Text), "calling"u8))
                return true;
        }
        party = default;
        return false;
    }

    private static bool IsTel(in SipUri uri, ReadOnlySpan<byte> text) =>
        uri.Kind == SipUriKind.Absolute && Scan.EqualsIgnoreCase(uri.Scheme.In(text), "tel"u8);

    // Every word of every Privacy line. "session" and "critical" say nothing of the identity, and "none" asks for nothing.
    private static WithheldIdentity PrivacyOf(SipMessage request)
    {
        var withheld = WithheldIdentity.None;
        for (int line = request.FirstLineOf(HeaderName.Privacy); line >= 0; line = request.NextLineOf(HeaderName.Privacy, line))
        {
            for (var rest = request.ValueOf(line).In(request.Text); TryTakeWord(ref rest, out var word);)
            {
                if (Scan.EqualsIgnoreCase(word, "id"u8) || Scan.EqualsIgnoreCase(word, "header"u8) || Scan.EqualsIgnoreCase(word, "user"u8))
                    withheld = WithheldIdentity.All;
            }
        }
        return withheld;
    }

    // rpi-privacy: a word, or several in quotes, each perhaps with whom it is withheld from ("full-network").
    private static WithheldIdentity WithheldBy(ReadOnlySpan<byte> privacy)
    {
        var withheld = WithheldIdentity.None;
        while (TryTakeWord(ref privacy, out var word))
        {
            int dash = word.IndexOf((byte)'-');
            if (dash >= 0)
                word = word[..dash];
            withheld |= Scan.EqualsIgnoreCase(word, "full"u8) ? WithheldIdentity.All
                : Scan.EqualsIgnoreCase(word, "name"u8) ? WithheldIdentity.Name
                : Scan.EqualsIgnoreCase(word, "uri"u8) ? WithheldIdentity.Uri
                : WithheldIdentity.None;
        }
        return withheld;
    }

    // The next run of octets that stand for themselves, whatever separates it from the one before.
    private static bool TryTakeWord(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> word)
    {
        rest = rest.TrimStart("; ,\t\r\n\""u8);
        int end = rest.IndexOfAny("; ,\t\r\n\""u8);
        word = end < 0 ? rest : rest[..end];
        rest = rest[word.Length..];
        return !word.IsEmpty;
    }
}
