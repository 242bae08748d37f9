// Why a description was rejected, in the words that a response has for it (RFC 3261 §20.43).
namespace SipEmbedded.Negotiation;

/// <summary>A warn-code of RFC 3261 §20.43.</summary>
public enum WarningCode : ushort
{
    None = 0,

    /// <summary>A network other than the Internet.</summary>
    IncompatibleNetworkProtocol = 300,

    /// <summary>An address of a family that we do not speak, or none at all.</summary>
    IncompatibleNetworkAddressFormat = 301,

    /// <summary>A protocol in the m= line that nobody here speaks: encryption, feedback, TCP.</summary>
    IncompatibleTransportProtocol = 302,

    /// <summary>A type of media that nobody here handles.</summary>
    MediaTypeNotAvailable = 304,

    /// <summary>No codec in common.</summary>
    IncompatibleMediaFormat = 305,

    AttributeNotUnderstood = 306,

    ParameterNotUnderstood = 307,

    MulticastNotAvailable = 330,

    InsufficientBandwidth = 370,

    /// <summary>Anything else.</summary>
    Miscellaneous = 399,
}

public static class WarningCodes
{
    /// <summary>The warn-text that RFC 3261 §20.43 recommends, without quotes; empty for None.</summary>
    public static ReadOnlySpan<byte> TextOf(WarningCode code) => code switch
    {
        WarningCode.None => default,
        WarningCode.IncompatibleNetworkProtocol => "Incompatible network protocol"u8,
        WarningCode.IncompatibleNetworkAddressFormat => "Incompatible network address formats"u8,
        WarningCode.IncompatibleTransportProtocol => "Incompatible transport protocol"u8,
        WarningCode.MediaTypeNotAvailable => "Media type not available"u8,
        WarningCode.IncompatibleMediaFormat => "Incompatible media format"u8,
        WarningCode.AttributeNotUnderstood => "Attribute not understood"u8,
        WarningCode.ParameterNotUnderstood => "Session description parameter not understood"u8,
        WarningCode.MulticastNotAvailable => "Multicast not available"u8,
        WarningCode.InsufficientBandwidth => "Insufficient bandwidth"u8,
        _ => "Session description not acceptable"u8,
    };
}
