// What we say of who we are, beside From: P-Preferred-Identity to a trusted proxy (RFC 3325 §6, §9.2), P-Asserted-Identity or Remote-Party-ID to one that
// takes ours as it stands, and the wish for privacy (RFC 3323 §4.2, RFC 3325 §9.3).
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Calls;

/// <summary>What a privacy service is asked for (RFC 3323 §4.2); <see cref="Id"/> is RFC 3325's (§9.3).</summary>
[Flags]
public enum PrivacyKinds : byte
{
    /// <summary>No Privacy header.</summary>
    None = 0,

    /// <summary>Headers that cannot be left out, such as Via and Contact, are obscured.</summary>
    Header = 1,

    /// <summary>Media are anonymized as well.</summary>
    Session = 2,

    /// <summary>The network does what the user agent cannot; for REGISTER alone, says the RFC.</summary>
    User = 4,

    /// <summary>The asserted identity does not leave the trust domain: what a caller wants who does not show the number.</summary>
    Id = 8,

    /// <summary>The request is to be rejected rather than passed on without privacy; with one of the above.</summary>
    Critical = 16,

    /// <summary>The word <c>none</c>: no privacy, whatever the service would do by itself. Stands alone.</summary>
    Off = 32,
}

/// <summary>The header that our identity stands in.</summary>
public enum IdentityForm : byte
{
    /// <summary>P-Preferred-Identity: the proxy judges it, and asserts it or another (RFC 3325 §6).</summary>
    Preferred,

    /// <summary>P-Asserted-Identity: to a proxy of whose trust domain we are a part, as a gateway is (RFC 3325 §5).</summary>
    Asserted,

    /// <summary>Remote-Party-ID (draft-ietf-sip-privacy-04), for proxies that are older than RFC 3325.</summary>
    RemoteParty,
}

/// <summary>Writes the identity headers of a request.</summary>
public static class Identity
{
    /// <summary>The longest value of an identity header, in octets: more than any name and URI that a person wrote.</summary>
    public const int MaxPreferred = 512;

    /// <summary>The From of who does not want to be known (RFC 3323 §4.1.1.3), without its tag.</summary>
    public static ReadOnlySpan<byte> AnonymousFrom => "\"Anonymous\" <sip:anonymous@anonymous.invalid>"u8;

    /// <summary>
    /// Writes the header of <paramref name="form"/> from <paramref name="name"/> (empty: none) and <paramref name="uri"/>, a sip, sips or tel URI without brackets
    /// (empty: no such header), and Privacy. Only for a request that goes straight to a proxy that we trust (RFC 3325 §6). False, with nothing written, where the URI
    /// is none of these, the name cannot stand in quotes, both are too long, or the kinds do not go together.
    /// </summary>
    public static bool Write(
        ref MessageBuilder request, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> uri, PrivacyKinds privacy,
        IdentityForm form = IdentityForm.Preferred)
    {
        bool stands = (privacy & PrivacyKinds.Off) == 0 ? privacy != PrivacyKinds.Critical : privacy == PrivacyKinds.Off;
        if (!stands || (byte)privacy >= 2 * (byte)PrivacyKinds.Off)
            return false;
        var preferred = new ByteWriter(stackalloc byte[MaxPreferred]);
        if (!uri.IsEmpty && !TryWritePreferred(ref preferred, name, uri))
            return false;
        if (form == IdentityForm.RemoteParty && preferred.Written > 0)
            preferred.Write((privacy & (PrivacyKinds.Id | PrivacyKinds.User | PrivacyKinds.Header)) != 0
                ? ";party=calling;privacy=full"u8 : ";party=calling;privacy=off"u8);
        if (preferred.Overflowed)
            return false;
        if (preferred.Written > 0)
            request.Header(NameOf(form), preferred.WrittenSpan);
        if (privacy == PrivacyKinds.None)
            return true;
        var words = new ByteWriter(stackalloc byte["user;header;session;id;critical".Length]);
        Add(ref words, privacy, PrivacyKinds.User, "user"u8);
        Add(ref words, privacy, PrivacyKinds.Header, "header"u8);
        Add(ref words, privacy, PrivacyKinds.Session, "session"u8);
        Add(ref words, privacy, PrivacyKinds.Id, "id"u8);
        Add(ref words, privacy, PrivacyKinds.Critical, "critical"u8);
        Add(ref words, privacy, PrivacyKinds.Off, "none"u8);
        request.Header(HeaderName.Privacy, words.WrittenSpan);
        return true;
    }

    private static HeaderName NameOf(IdentityForm form) => form switch
    {
        IdentityForm.Asserted => HeaderName.PAssertedIdentity,
        IdentityForm.RemoteParty => HeaderName.RemotePartyID,
        _ => HeaderName.PPreferredIdentity,
    };

    private static bool TryWritePreferred(ref ByteWriter preferred, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> uri)
    {
        if (!name.IsEmpty)
        {
            if (!QuotedText.TryWrite(ref preferred, name))
                return false;
            preferred.Write((byte)' ');
        }
        preferred.Write((byte)'<');
        int start = preferred.Written;
        preferred.Write(uri);
        preferred.Write((byte)'>');
        // Read again as what it is to be: nothing in the URI ends the brackets, and all of it is one.
        return !preferred.Overflowed && PPreferredIdentity.TryParse(preferred.WrittenSpan, out var written, out _)
            && written.Uri.Extent == Slice.Between(start, start + uri.Length)
            && (written.Uri.Kind != SipUriKind.Absolute || Scan.EqualsIgnoreCase(written.Uri.Scheme.In(preferred.WrittenSpan), "tel"u8));
    }

    private static void Add(ref ByteWriter words, PrivacyKinds privacy, PrivacyKinds kind, ReadOnlySpan<byte> word)
    {
        if ((privacy & kind) == 0)
            return;
        if (words.Written > 0)
            words.Write((byte)';');
        words.Write(word);
    }
}
