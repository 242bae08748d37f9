// a=crypto: keys of SRTP in the description itself (RFC 4568).
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>The value of <c>a=crypto:</c> (RFC 4568 §9.1): <c>tag suite key-params session-params</c>.</summary>
[Record("crypto-value", Grammar = "sdp")]
public readonly partial struct Crypto
{
    /// <summary>The number by which the answer chooses this one (RFC 4568 §4.1).</summary>
    [Capture("tag")] public partial uint Tag { get; }

    /// <summary><c>AES_CM_128_HMAC_SHA1_80</c>, …</summary>
    [Capture("crypto-suite")] public partial Slice Suite { get; }

    /// <summary>One or more keys with a semicolon between; <see cref="SdpItems"/> walks them, <see cref="KeyParameter"/> reads each.</summary>
    [Capture("key-params")] public partial Slice KeyParameters { get; }

    /// <summary>From the first space; <see cref="SdpItems"/> walks them, <see cref="SrtpSessionParameter"/> reads each.</summary>
    [Capture("*session-param")] public partial Slice SessionParameters { get; }
}

/// <summary>One key of <c>a=crypto:</c> (RFC 4568 §9.1): <c>method:info</c>.</summary>
[Record("key-param", Grammar = "sdp")]
public readonly partial struct KeyParameter
{
    /// <summary><c>inline</c>.</summary>
    [Capture("key-method")] public partial Slice Method { get; }

    /// <summary>For <c>inline</c>, <see cref="SrtpKey"/> reads it.</summary>
    [Capture("key-info")] public partial Slice Info { get; }
}

/// <summary>The key of <c>inline:</c> (RFC 4568 §6.1): <c>key||salt[|lifetime][|MKI:length]</c>.</summary>
[Record("srtp-key", Grammar = "sdp")]
public readonly partial struct SrtpKey
{
    /// <summary>RFC 4568 §6.1: the longest MKI.</summary>
    public const byte MaxMkiOctets = 128;

    /// <summary>Master key and salt, one behind the other, in base64.</summary>
    [Capture("srtp-key-and-both/key-salt|srtp-key-and-mki/key-salt|srtp-key-and-lifetime/key-salt|key-salt")]
    public partial Slice KeyAndSalt { get; }

    /// <summary>How many packets the key may serve: a number, or a power of two as <c>2^20</c>.</summary>
    [Capture("srtp-key-and-both/lifetime|srtp-key-and-lifetime/lifetime")] public partial Slice Lifetime { get; }

    /// <summary>The Master Key Identifier, a number of any length.</summary>
    [Capture("srtp-key-and-both/mki/mki-value|srtp-key-and-mki/mki/mki-value")] public partial Slice Mki { get; }

    /// <summary>Octets of the MKI in each packet.</summary>
    [Capture("srtp-key-and-both/mki/mki-length|srtp-key-and-mki/mki/mki-length", Max = MaxMkiOctets)]
    public partial byte? MkiOctets { get; }

    /// <summary>The lifetime in packets; null where it is not given, or larger than 64 bits hold.</summary>
    public ulong? LifetimePackets(ReadOnlySpan<byte> text)
    {
        const ulong largest = ulong.MaxValue - 1;
        if (!Lifetime.IsPresent)
            return null;
        bool isPower = Lifetime.In(text).StartsWith("2^"u8);
        ulong number = Scan.Number(text, Lifetime.Offset + (isPower ? 2 : 0), Lifetime.End, largest);
        if (!isPower)
            return number > largest ? null : number;
        return number < 64 ? 1UL << (int)number : null;
    }
}

/// <summary>Which session parameter of SRTP (RFC 4568 §6.3).</summary>
public enum SrtpParameterKind : byte
{
    None,

    /// <summary>The session key is derived again every 2^n packets.</summary>
    KeyDerivationRate,
    UnencryptedSrtp,
    UnencryptedSrtcp,
    UnauthenticatedSrtp,
    FecOrder,
    FecKey,

    /// <summary>The receiver's window against replays, in packets.</summary>
    WindowSizeHint,

    /// <summary>Any other; a dash in front says that it may be ignored (RFC 4568 §6.3.7).</summary>
    Extension,
}

/// <summary>One session parameter of <c>a=crypto:</c> (RFC 4568 §6.3).</summary>
[Record("srtp-session-param", Grammar = "sdp")]
public readonly partial struct SrtpSessionParameter
{
    /// <summary>RFC 4568 §9.2: KDR is 0 to 24.</summary>
    public const byte MaxKeyDerivationRate = 24;

    [Branch("kdr", "\"UNENCRYPTED_SRTP\"", "\"UNENCRYPTED_SRTCP\"", "\"UNAUTHENTICATED_SRTP\"", "fec-order", "fec-key", "wsh",
        "srtp-session-extension")]
    public partial SrtpParameterKind Kind { get; }

    /// <summary>The exponent n of 2^n packets.</summary>
    [Capture("kdr/DIGIT", Max = MaxKeyDerivationRate)] public partial byte? KeyDerivationRate { get; }

    /// <summary>At least 64 (RFC 4568 §6.3.6).</summary>
    [Capture("wsh/DIGIT")] public partial uint? WindowSizeHint { get; }

    /// <summary><c>FEC_SRTP</c> or <c>SRTP_FEC</c>.</summary>
    [Capture("fec-order/fec-type")] public partial Slice FecOrder { get; }

    /// <summary>Keys as in <see cref="Crypto.KeyParameters"/>.</summary>
    [Capture("fec-key/key-params")] public partial Slice FecKey { get; }

    [Capture("srtp-session-extension")] public partial Slice Extension { get; }
}
