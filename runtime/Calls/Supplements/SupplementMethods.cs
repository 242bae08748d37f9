// Which method a step of a session is about: what a chain compares with the Method of its supplements.
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Calls;

/// <summary>
/// For each step of <see cref="ISupplements"/> that has a method, that method as it stands in the message; empty where there is none to be read. The
/// generated half of a chain calls these by the names of the steps, with the step's parameters of the same names. Methods are compared as they are
/// spelled (RFC 3261 §7.1), so a method that no grammar lists has its supplements as well.
/// </summary>
public static class SupplementMethods
{
    public static ReadOnlySpan<byte> IncomingRequest(SipMessage request) => request.Request.MethodName.In(request.Text);

    /// <summary>The method of the request that is answered (RFC 3261 §8.1.1.5).</summary>
    public static ReadOnlySpan<byte> IncomingResponse(SipMessage response) =>
        response.TryGet<CSeq>(out var sequence, out _) ? sequence.MethodName.In(response.Text) : default;

    public static ReadOnlySpan<byte> OutgoingRequest(Method method, in MessageBuilder request)
    {
        if (method != Method.Other)
            return Methods.NameOf(method);
        var written = request.Written;
        return written[..Math.Max(0, written.IndexOf((byte)' '))];
    }

    /// <summary>A method that has no name in <see cref="Method"/> is read from the CSeq that the response has taken from its request.</summary>
    public static ReadOnlySpan<byte> OutgoingResponse(Method method, in MessageBuilder response)
    {
        if (method != Method.Other)
            return Methods.NameOf(method);
        var rest = response.Written;
        for (int end = rest.IndexOf("\r\n"u8); end >= 0; end = rest.IndexOf("\r\n"u8))
        {
            var line = rest[..end];
            int colon = line.IndexOf((byte)':');
            if (colon > 0 && Scan.EqualsIgnoreCase(line[..colon].TrimEnd(" \t"u8), "CSeq"u8)
                && CSeq.TryParse(line[(colon + 1)..].Trim(" \t"u8), out var sequence, out _))
                return sequence.MethodName.In(line[(colon + 1)..].Trim(" \t"u8));
            rest = rest[(end + 2)..];
        }
        return default;
    }
}
