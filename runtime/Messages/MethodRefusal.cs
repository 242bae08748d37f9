// What a generated Dispatch leaves to be answered (RFC 3261 §8.2.1, §21.5.2).
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>The answer to a request whose method has no handler.</summary>
public static class MethodRefusal
{
    /// <summary>
    /// 405 for a method that is known but not handled, 501 for an unknown one, each with Allow (§21.4.6; RFC 4475 §3.1.1.2 wants it in a 501, too).
    /// <paramref name="allow"/> is the generated class's <c>Allow</c>. False with nothing written where the request was handled or takes no answer
    /// (see <see cref="Refusal"/>).
    /// </summary>
    public static bool Write(
        DispatchOutcome outcome, scoped in SipMessage request, scoped ReadOnlySpan<byte> allow, scoped ReadOnlySpan<byte> toTag, ref MessageBuilder builder)
    {
        if (outcome == DispatchOutcome.Handled || !Refusal.Begin(outcome == DispatchOutcome.NotAllowed ? 405 : 501, request, toTag, ref builder))
            return false;
        builder.Header(HeaderName.Allow, allow);
        builder.Finish();
        return true;
    }
}
