// Which octets may stand unescaped in which part of a URI, and which are equal to their escape: asked of the grammar once, at
// start, so that no table beside it can disagree (RFC 3261 §19.1.2: "the set of valid BNF expansions defines exactly which
// characters may appear unescaped"; RFC 3986 §2.3; RFC 3966 §3).
using System.Buffers;
using SipEmbedded.Generation;
using SipEmbedded.Memory;
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

[Record("reserved")]
internal readonly partial struct ReservedOctet
{
    [Capture(".")] public partial Slice Text { get; }
}

[Record("user")]
internal readonly partial struct UserText
{
    [Capture(".")] public partial Slice Text { get; }
}

[Record("password")]
internal readonly partial struct PasswordText
{
    [Capture(".")] public partial Slice Text { get; }
}

[Record("pvalue")]
internal readonly partial struct UriParameterText
{
    [Capture(".")] public partial Slice Text { get; }
}

[Record("hvalue")]
internal readonly partial struct UriHeaderText
{
    [Capture(".")] public partial Slice Text { get; }
}

[Record("unreserved", Grammar = "uri")]
internal readonly partial struct GenericUnreservedOctet
{
    [Capture(".")] public partial Slice Text { get; }
}

[Record("unreserved", Grammar = "tel")]
internal readonly partial struct TelUnreservedOctet
{
    [Capture(".")] public partial Slice Text { get; }
}

[Record("visual-separator", Grammar = "tel")]
internal readonly partial struct VisualSeparatorOctet
{
    [Capture(".")] public partial Slice Text { get; }
}

internal static class UriOctets
{
    private const int OctetValues = 256;

    // What may stand as it is. pname and pvalue, hname and hvalue are made of the same characters.
    public static readonly SearchValues<byte> InUser = Matching<UserText>();
    public static readonly SearchValues<byte> InPassword = Matching<PasswordText>();
    public static readonly SearchValues<byte> InParameter = Matching<UriParameterText>();
    public static readonly SearchValues<byte> InHeader = Matching<UriHeaderText>();

    /// <summary>Nothing is equal to its escape: the names of headers' parameters are tokens, whose "%" escapes nothing.</summary>
    public static readonly SearchValues<byte> None = SearchValues.Create(default(ReadOnlySpan<byte>));

    /// <summary>Equal to their escapes in a SIP URI: all but the reserved ones (RFC 3261 §19.1.4).</summary>
    public static readonly SearchValues<byte> SipPlain = NotMatching<ReservedOctet>();

    /// <summary>Equal to their escapes in a tel URI.</summary>
    public static readonly SearchValues<byte> TelPlain = Matching<TelUnreservedOctet>();

    /// <summary>What may stand in a telephone number for readers only (RFC 3966 §5.1.1).</summary>
    public static readonly SearchValues<byte> VisualSeparator = Matching<VisualSeparatorOctet>();

    /// <summary>Equal to their escapes in a URI of any other scheme (RFC 3986 §6.2.2.2).</summary>
    public static readonly SearchValues<byte> GenericPlain = Matching<GenericUnreservedOctet>();

    /// <summary>The octets that alone match the record's rule.</summary>
    [StartUp(Because = "makes a set when it is first initialised")]
    public static SearchValues<byte> Matching<TRecord>() where TRecord : struct, IRecord<TRecord> =>
        Select<TRecord>(matching: true);

    [StartUp(Because = "makes a set when it is first initialised")]
    private static SearchValues<byte> NotMatching<TRecord>() where TRecord : struct, IRecord<TRecord> =>
        Select<TRecord>(matching: false);

    [StartUp(Because = "runs once, when the sets are first initialised")]
    private static SearchValues<byte> Select<TRecord>(bool matching) where TRecord : struct, IRecord<TRecord>
    {
        Span<byte> selected = stackalloc byte[OctetValues];
        int count = 0;
        for (int value = 0; value < OctetValues; value++)
        {
            byte octet = (byte)value;
            if (TRecord.Match(new ReadOnlySpan<byte>(in octet), 0, 0, out _) == 1 == matching)
                selected[count++] = octet;
        }
        return SearchValues.Create(selected[..count]);
    }
}
