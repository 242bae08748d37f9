// OPTIONS, in a call and outside of any: what we can (RFC 3261 §11.2), with our media where the asker reads descriptions (RFC 3264 §9).
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    // With the status that an INVITE would have. Outside of a call supplements do not see it.
    private void AnswerOptions(Instant now, Handle<Call> handle, in TransactionEvent told, SipMessage request)
    {
        int status = _calls.IsFull && !handle.IsSome ? _options.FullStatus : 200;
        if (!TryBegin(told.Server, status, default, out var response))
            return;
        var call = new Call { Timer = new(_options.SessionTimer, isCaller: false) };
        WriteContact(handle.IsSome ? _calls[handle].Account : AccountFor(request, told.Flow), told.Flow, ref response);
        WriteAbilities(call, ref response, isRequest: false);
        response.Header(HeaderName.Accept, "application/sdp, application/dtmf-relay, text/plain"u8);
        int length = 0;
        if (AcceptsDescription(request))
            _negotiator.WriteCapabilities(new() { Local = told.Flow.Local }, _entropy.Next(), _description, out length);
        SendResult sent;
        if (handle.IsSome)
            sent = Send(now, handle, told.Server, told.Method, status, ref response, _description.AsSpan(0, length));
        else
        {
            if (length > 0)
                response.Finish(DescriptionType, _description.AsSpan(0, length));
            else
                response.Finish();
            sent = _transactions.SendResponse(now, told.Server, response);
        }
        if (sent == SendResult.Sent)
            Counters.OptionsAnswered++;
    }

    // RFC 3261 §11.1 and §20.1: without Accept it is application/sdp that is read.
    private static bool AcceptsDescription(SipMessage request)
    {
        if (request.FirstLineOf(HeaderName.Accept) < 0)
            return true;
        foreach (var range in request.All<Accept>())
        {
            var type = range.Type.In(request.Text);
            var subtype = range.Subtype.In(request.Text);
            bool isType = type.SequenceEqual("*/*"u8) || Scan.EqualsIgnoreCase(type, "application"u8)
                && (subtype.SequenceEqual("*"u8) || Scan.EqualsIgnoreCase(subtype, "sdp"u8));
            if (isType && range.Preference != 0)
                return true;
        }
        return false;
    }
}
