// The reason phrases that RFC 3261 §21 and the status codes' own RFCs recommend.
namespace SipEmbedded.Messages;

/// <summary>Usual reason phrases (RFC 3261 §7.2: for people; a machine looks at the code alone).</summary>
public static class ReasonPhrase
{
    /// <summary>The phrase of a status, or that of its class (x00, RFC 3261 §8.1.3.2) for one that no RFC here defines.</summary>
    public static ReadOnlySpan<byte> Of(int status) => status switch
    {
        100 => "Trying"u8,
        180 => "Ringing"u8,
        181 => "Call Is Being Forwarded"u8,
        182 => "Queued"u8,
        183 => "Session Progress"u8,
        200 => "OK"u8,
        202 => "Accepted"u8, // RFC 6665 §8.3.1
        300 => "Multiple Choices"u8,
        301 => "Moved Permanently"u8,
        302 => "Moved Temporarily"u8,
        305 => "Use Proxy"u8,
        380 => "Alternative Service"u8,
        400 => "Bad Request"u8,
        401 => "Unauthorized"u8,
        402 => "Payment Required"u8,
        403 => "Forbidden"u8,
        404 => "Not Found"u8,
        405 => "Method Not Allowed"u8,
        406 => "Not Acceptable"u8,
        407 => "Proxy Authentication Required"u8,
        408 => "Request Timeout"u8,
        410 => "Gone"u8,
        412 => "Conditional Request Failed"u8, // RFC 3903 §11.2.1
        413 => "Request Entity Too Large"u8,
        414 => "Request-URI Too Long"u8,
        415 => "Unsupported Media Type"u8,
        416 => "Unsupported URI Scheme"u8,
        420 => "Bad Extension"u8,
        421 => "Extension Required"u8,
        422 => "Session Interval Too Small"u8, // RFC 4028 §6
        423 => "Interval Too Brief"u8,
        429 => "Provide Referrer Identity"u8, // RFC 3892 §5
        430 => "Flow Failed"u8, // RFC 5626 §11.5
        439 => "First Hop Lacks Outbound Support"u8, // RFC 5626 §11.6
        469 => "Bad Info Package"u8, // RFC 6086 §11.6
        480 => "Temporarily Unavailable"u8,
        481 => "Call/Transaction Does Not Exist"u8,
        482 => "Loop Detected"u8,
        483 => "Too Many Hops"u8,
        484 => "Address Incomplete"u8,
        485 => "Ambiguous"u8,
        486 => "Busy Here"u8,
        487 => "Request Terminated"u8,
        488 => "Not Acceptable Here"u8,
        489 => "Bad Event"u8, // RFC 6665 §8.3.2
        491 => "Request Pending"u8,
        493 => "Undecipherable"u8,
        500 => "Server Internal Error"u8,
        501 => "Not Implemented"u8,
        502 => "Bad Gateway"u8,
        503 => "Service Unavailable"u8,
        504 => "Server Time-out"u8,
        505 => "Version Not Supported"u8,
        513 => "Message Too Large"u8,
        600 => "Busy Everywhere"u8,
        603 => "Decline"u8,
        604 => "Does Not Exist Anywhere"u8,
        606 => "Not Acceptable"u8,
        < 200 => "Trying"u8,
        < 300 => "OK"u8,
        < 400 => "Multiple Choices"u8,
        < 500 => "Bad Request"u8,
        < 600 => "Server Internal Error"u8,
        _ => "Busy Everywhere"u8,
    };
}
