// Header lines that a user gives for a message of a call's: that they are whole, and none that the stack writes itself (the table is in the README).
using SipEmbedded.Messages;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    // Where lines of the user's would stand.
    private enum LineUse : byte
    {
        // The INVITE, a response to it, a CANCEL, a BYE.
        Message,

        // A 3xx, which says where to.
        Redirection,

        // A request of the user's own, which may have a body of any kind.
        OwnRequest,
    }

    private static bool AreLines(scoped ReadOnlySpan<byte> lines, LineUse use)
    {
        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf("\r\n"u8);
            int colon = lines.IndexOf((byte)':');
            if (end < 0 || colon <= 0 || colon > end || lines[..end].IndexOfAny((byte)0, (byte)'\r', (byte)'\n') >= 0)
                return false;
            // Blanks before the colon belong to no name that is written; they would hide it here.
            if (lines[..colon].IndexOfAny((byte)' ', (byte)'\t') >= 0 || IsOurs(HeaderNames.Parse(lines, 0, colon), use))
                return false;
            lines = lines[(end + 2)..];
        }
        return true;
    }

    private static bool IsOurs(HeaderName name, LineUse use) => name switch
    {
        // Who talks to whom, and by which way: the transaction's and the dialog's (RFC 3261 §8.1.1, §12.2.1.1).
        HeaderName.Via or HeaderName.From or HeaderName.To or HeaderName.CallID or HeaderName.CSeq or HeaderName.MaxForwards
            or HeaderName.Route or HeaderName.RecordRoute => true,
        // The credentials of whoever was asked for them (RFC 3261 §22); an ACK has its INVITE's.
        HeaderName.Authorization or HeaderName.ProxyAuthorization => true,
        // What the stack can, which a user's line cannot change.
        HeaderName.Allow or HeaderName.Supported or HeaderName.Require or HeaderName.UserAgent or HeaderName.Server => true,
        // The numbers of RFC 3262 and RFC 4028.
        HeaderName.RSeq or HeaderName.RAck or HeaderName.SessionExpires or HeaderName.MinSE => true,
        // Who we say that we are, to whom that is told: CallRequest.IdentityUri and Privacy.
        HeaderName.PAssertedIdentity or HeaderName.PPreferredIdentity or HeaderName.RemotePartyID or HeaderName.Privacy => use != LineUse.OwnRequest,
        HeaderName.ContentLength or HeaderName.ContentType => true,
        // Our contact is the dialog's; where a redirection leads is the user's to say.
        HeaderName.Contact => use != LineUse.Redirection,
        // Of an INVITE it is CallRequest.ExpiresSeconds; the encoding is that of a body of ours.
        HeaderName.Expires or HeaderName.ContentEncoding => use != LineUse.OwnRequest,
        _ => false,
    };

    private static bool HasLine(scoped ReadOnlySpan<byte> lines, HeaderName name)
    {
        while (!lines.IsEmpty)
        {
            if (HeaderNames.Parse(lines, 0, lines.IndexOf((byte)':')) == name)
                return true;
            lines = lines[(lines.IndexOf("\r\n"u8) + 2)..];
        }
        return false;
    }
}
