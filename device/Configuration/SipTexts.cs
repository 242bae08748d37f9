// What a text of the configuration must be to stand in a SIP message: held to the stack's own grammar, so that nothing fails later on the wire. Each check
// gives null, or what is wrong, to stand behind the text.
using System.Text;
using SipEmbedded.Auth;
using SipEmbedded.Messages;
using SipEmbedded.Registration;

namespace SipEmbedded.Device.Configuration;

internal static class SipTexts
{
    private const int MaxHeaderNameOctets = 64;

    // Eight of them are the most that an account has (AccountLimits.MaxHeaderOctets): one alone may not take all.
    private const int MaxHeaderOctets = AccountLimits.MaxHeaderOctets / 2;

    // With the brackets of a name-addr.
    private const int MaxUriOctets = AccountLimits.MaxUriOctets - 2;

    // Beside the URI of an address of record.
    private const int MaxDisplayNameOctets = 64;

    /// <summary>A sip: URI that a REGISTER can be sent to (RFC 3261 §10.2: without a user).</summary>
    public static string? CheckServer(string text)
    {
        const string Allowed = "a SIP URI without a user, such as sip:pbx.example.com, sip:192.0.2.1:5070, \"sip:[2001:db8::1];transport=tcp\"";
        if (!TryRead(text, out byte[] octets, out var uri))
            return $"is no SIP URI: {Allowed}";
        if (uri.Kind == SipUriKind.Sips)
            return "needs TLS, which is not there yet: sip:…";
        if (uri.User.IsPresent || uri.Headers.IsPresent)
            return $"has a user or headers: {Allowed}";
        string transport = Encoding.ASCII.GetString(uri.Transport.In(octets)).ToLowerInvariant();
        return transport is "" or "udp" or "tcp" ? null : $"asks for a transport that is not spoken here: udp, tcp";
    }

    /// <summary>A sip: URI with a user.</summary>
    public static string? CheckAddressOfRecord(string text) =>
        TryRead(text, out _, out var uri) && uri.Kind == SipUriKind.Sip && uri.User.IsPresent && !uri.Headers.IsPresent
            ? null : "is no address of record: a SIP URI with a user, such as sip:door@example.com";

    public static string? CheckRoute(string text) =>
        TryRead(text, out _, out var uri) && uri.Kind == SipUriKind.Sip && uri.IsLooseRouter && !uri.Headers.IsPresent
            ? null : "is no URI of a route: a SIP URI with the parameter lr, such as \"sip:proxy.example.com;lr\"";

    public static string? CheckContact(string text) =>
        TryRead(text, out _, out var uri) && uri.Kind == SipUriKind.Sip && !uri.Headers.IsPresent
            ? null : "is no URI of a contact: a SIP URI, such as sip:door@192.0.2.7:5070";

    public static string? CheckUser(string text) =>
        TryRead($"sip:{text}@h", out byte[] octets, out var uri) && !uri.Password.IsPresent && Encoding.UTF8.GetString(uri.User.In(octets)) == text
            ? null : "is no user of a SIP URI: letters, digits and -_.!~*'()&=+$,;?/, everything else as %XX";

    public static string? CheckContactParameters(string text)
    {
        byte[] octets = Encoding.UTF8.GetBytes($"<sip:h>{text}");
        if (!text.StartsWith(';') || octets.Length > MaxUriOctets || Contact.Match(octets, 0, (uint)Leniency.None, out var contact) != octets.Length)
            return "are no parameters of a Contact: each with its semicolon, such as \";audio;automata\"";
        return contact.Preference is null && contact.ExpiresSeconds is null && !contact.Instance.IsPresent && contact.RegistrationId is null
            ? null : "have a q, expires, +sip.instance or reg-id, which are members of their own";
    }

    public static string? CheckHostPort(string text) =>
        TryRead($"sip:{text}", out _, out var uri) && !uri.User.IsPresent && !uri.Parameters.IsPresent && !uri.Headers.IsPresent
            ? null : "is no host with or without a port: door.example.com, 192.0.2.1:5070, [2001:db8::1]";

    /// <summary>Text that is quoted where it goes.</summary>
    public static string? CheckDisplayName(string text) =>
        text.Any(char.IsControl) || Encoding.UTF8.GetByteCount(text) > MaxDisplayNameOctets ? $"has control characters, or more than {MaxDisplayNameOctets} octets" : null;

    /// <summary>RFC 7616 §3.4; a colon would end the name in H(user:realm:password).</summary>
    public static string? CheckAuthenticationUser(string text) =>
        text.Length == 0 || text.Contains(':') || text.Any(char.IsControl) || Encoding.UTF8.GetByteCount(text) > AuthLimits.MaxUserOctets
            ? $"is no user name: from 1 to {AuthLimits.MaxUserOctets} octets, without colons and control characters" : null;

    // A realm is kept with its quotes.
    public static string? CheckRealm(string text) =>
        text.Length == 0 || text.Any(char.IsControl) || Encoding.UTF8.GetByteCount(text) > AuthLimits.MaxRealmOctets - 2
            ? $"is no realm: from 1 to {AuthLimits.MaxRealmOctets - 2} octets, without control characters" : null;

    /// <summary>The explanation does not show it.</summary>
    public static string? CheckPassword(string text) =>
        text.Any(char.IsControl) || Encoding.UTF8.GetByteCount(text) > AuthLimits.MaxPasswordOctets
            ? $"this is no password: at most {AuthLimits.MaxPasswordOctets} octets, without control characters" : null;

    /// <summary>RFC 5626 §4.1: a URN; of UUIDs, which a device can make (RFC 4122).</summary>
    public static string? CheckInstance(string text) =>
        text.StartsWith("urn:uuid:", StringComparison.OrdinalIgnoreCase) && Guid.TryParseExact(text["urn:uuid:".Length..], "D", out _)
            ? null : "is no instance: a UUID as a URN, such as urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF";

    public static string? CheckHeaderName(string text)
    {
        if (text.Length is 0 or > MaxHeaderNameOctets || !text.All(character => char.IsAsciiLetterOrDigit(character) || "-.!%*_+`'~".Contains(character)))
            return $"\"{text}\" is no name of a header: a token (RFC 3261 §25.1), such as X-Door";
        byte[] octets = Encoding.ASCII.GetBytes(text);
        return HeaderNames.Parse(octets, 0, octets.Length) is HeaderName.Via or HeaderName.From or HeaderName.To or HeaderName.CallID or HeaderName.CSeq
            or HeaderName.Contact or HeaderName.Expires or HeaderName.MaxForwards or HeaderName.Route or HeaderName.Supported or HeaderName.Authorization
            or HeaderName.ProxyAuthorization or HeaderName.ContentLength or HeaderName.ContentType
            ? $"\"{text}\" is a header that the stack writes itself" : null;
    }

    public static string? CheckHeaderValue(string text) =>
        text.Any(char.IsControl) || text.Trim() != text || Encoding.UTF8.GetByteCount(text) > MaxHeaderOctets
            ? $"is no value of a header: at most {MaxHeaderOctets} octets, without control characters and without blanks at its ends" : null;

    private static bool TryRead(string text, out byte[] octets, out SipUri uri)
    {
        octets = Encoding.UTF8.GetBytes(text);
        uri = default;
        return octets.Length <= MaxUriOctets && SipUri.Match(octets, 0, (uint)Leniency.None, out uri) == octets.Length && uri.Kind != SipUriKind.Absolute;
    }
}
