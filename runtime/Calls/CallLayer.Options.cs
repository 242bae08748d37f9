// OPTIONS, in a call and outside of any: what we can (RFC 3261 §11.2), with our media where the asker reads descriptions (RFC 3264 §9).
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Registration;
using SipEmbedded.Text;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;

namespace SipEmbedded.Calls;

public sealed partial class CallLayer
{
    // With the status that an INVITE would have. Outside of a call supplements do not see it. Where there is no room for the description it goes without.
    private void AnswerOptions(Instant now, Handle<Call> handle, in TransactionEvent told, SipMessage request)
    {
        int length = 0;
        if (AcceptsDescription(request))
            _negotiator.WriteCapabilities(new() { Local = told.Flow.Local }, _entropy.Next(), _description, out length);
        var account = handle.IsSome ? _calls[handle].Account : AccountFor(request, told.Flow);
        var sent = AnswerOptions(now, handle, told, account, _description.AsSpan(0, length));
        if (sent == SendResult.Full && length > 0)
            sent = AnswerOptions(now, handle, told, account, default);
        if (sent == SendResult.Sent)
        {
            Counters.OptionsAnswered++;
            return;
        }
        // A short response finds room where the request has its own.
        Counters.NoRoom++;
        if (handle.IsSome)
            RespondLater(now, handle, told);
        else
            Respond(now, told.Server, 500);
    }

    private SendResult AnswerOptions(Instant now, Handle<Call> handle, in TransactionEvent told, Handle<Account> account, ReadOnlySpan<byte> description)
    {
        int status = _calls.IsFull && !handle.IsSome ? _options.FullStatus : 200;
        if (!TryBegin(told.Server, status, default, out var response))
            return SendResult.Gone;
        var call = new Call { Timer = new(_options.SessionTimer, isCaller: false) };
        WriteContact(account, told.Flow, ref response);
        WriteAbilities(call, ref response, isRequest: false);
        response.Header(HeaderName.Accept, "application/sdp, application/dtmf-relay, text/plain"u8);
        if (handle.IsSome)
            return Send(now, handle, told.Server, told.Method, status, ref response, description);
        if (description.IsEmpty)
            response.Finish();
        else
            response.Finish(DescriptionType, description);
        return _transactions.SendResponse(now, told.Server, response);
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
