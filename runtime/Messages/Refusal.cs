// The responses that refuse a request before anything is done with it (RFC 3261 §8.2.1 to §8.2.3, §8.2.6, §21.4, §21.5).
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>
/// Writes refusals of a request: the status, what §8.2.6.2 copies, and the header that tells the peer what would have been accepted. Each returns
/// false, with nothing written, where no response may be sent: to a response, to an ACK (§17.1.1.3), and to a request without a Via to send it to.
/// <c>toTag</c> is the To tag to add (§8.2.6.2). Whether it fitted, <see cref="MessageBuilder.IsValid"/> says.
/// </summary>
public static class Refusal
{
    /// <summary>True where a request may be answered at all.</summary>
    public static bool MayAnswer(scoped in SipMessage request) => request.IsRequest && request.Request.Method != Method.Ack
        && request.FirstLineOf(HeaderName.Via) >= 0;

    /// <summary>A whole response with the usual reason phrase and no further header, such as 416 (§8.2.2.1) or 481 (§12.2.2).</summary>
    public static bool Write(int status, scoped in SipMessage request, scoped ReadOnlySpan<byte> toTag, ref MessageBuilder builder)
    {
        if (!Begin(status, request, toTag, ref builder))
            return false;
        builder.Finish();
        return true;
    }

    /// <summary>A response up to further headers, which the caller adds before <see cref="MessageBuilder.Finish()"/>.</summary>
    public static bool Begin(int status, scoped in SipMessage request, scoped ReadOnlySpan<byte> toTag, ref MessageBuilder builder)
    {
        if (!MayAnswer(request))
            return false;
        builder.StartResponse(status);
        builder.CopyForResponse(request, toTag);
        return true;
    }

    /// <summary>The answer to a fault (<see cref="MessageCheck.StatusFor"/>); a 400 says in its reason phrase what is wrong (§21.4.1).</summary>
    public static bool WriteFault(in ParseFault fault, scoped in SipMessage request, scoped ReadOnlySpan<byte> toTag, ref MessageBuilder builder)
    {
        int status = MessageCheck.StatusFor(fault);
        if (status == 0 || !MayAnswer(request))
            return false;
        if (status == 400)
        {
            Span<byte> phrase = stackalloc byte[MaxPhraseOctets];
            var writer = new ByteWriter(phrase);
            writer.Write(fault.Kind switch
            {
                FaultKind.Missing => "Missing "u8,
                FaultKind.Duplicate => "Repeated "u8,
                FaultKind.Mismatch => "Contradictory "u8,
                FaultKind.Range => "Out of Range: "u8,
                _ => "Malformed "u8,
            });
            // Rule names are ASCII (RFC 5234 §2.1).
            foreach (char c in fault.Rule)
                writer.Write((byte)c);
            builder.StartResponse(status, writer.WrittenSpan);
        }
        else
            builder.StartResponse(status);
        builder.CopyForResponse(request, toTag);
        builder.Finish();
        return true;
    }

    // The longest rule name here has 28 characters.
    private const int MaxPhraseOctets = 64;

    /// <summary>415 with what would have been accepted (§8.2.3): <paramref name="accept"/> is an Accept value, perhaps empty.</summary>
    public static bool WriteUnsupportedMediaType(
        scoped in SipMessage request, scoped ReadOnlySpan<byte> accept, scoped ReadOnlySpan<byte> toTag, ref MessageBuilder builder)
    {
        if (!Begin(415, request, toTag, ref builder))
            return false;
        builder.Header(HeaderName.Accept, accept);
        builder.Finish();
        return true;
    }

    /// <summary>
    /// 420 with Unsupported (§8.2.2.3) where Require has an option tag that is not among <paramref name="supported"/>, separated by commas. False
    /// with nothing written as well where all are supported, and for a CANCEL, whose Require is ignored.
    /// </summary>
    public static bool WriteBadExtension(
        scoped in SipMessage request, scoped ReadOnlySpan<byte> supported, scoped ReadOnlySpan<byte> toTag, ref MessageBuilder builder)
    {
        if (!MayAnswer(request) || request.Request.Method == Method.Cancel)
            return false;
        bool begun = false;
        foreach (var require in request.All<Require>())
        {
            var tag = require.OptionTag.In(request.Text);
            if (tag.IsEmpty || IsListed(tag, supported))
                continue;
            if (!begun)
                Begin(420, request, toTag, ref builder);
            begun = true;
            builder.Header(HeaderName.Unsupported, tag);
        }
        if (begun)
            builder.Finish();
        return begun;
    }

    // Option tags are tokens, compared without regard to case (RFC 3261 §7.3.1).
    private static bool IsListed(scoped ReadOnlySpan<byte> tag, scoped ReadOnlySpan<byte> list)
    {
        while (!list.IsEmpty)
        {
            int comma = list.IndexOf((byte)',');
            var item = comma < 0 ? list : list[..comma];
            if (Scan.EqualsIgnoreCase(item.Trim((byte)' '), tag))
                return true;
            list = comma < 0 ? default : list[(comma + 1)..];
        }
        return false;
    }
}
