// The UAC's side (RFC 4028 §7): what our INVITEs and UPDATEs ask for, and what comes of it.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.SessionTimers;

public partial struct SessionTimer
{
    // Digits of a number of 32 bits, and ";refresher=uac".
    private const int MaxValueOctets = 10 + 14;

    /// <summary>
    /// Session-Expires and Min-SE of an INVITE or UPDATE of ours, as they are called for now (RFC 4028 §7.1, §7.4): a caller's first asks for what is set, a
    /// later one for what was agreed.
    /// </summary>
    public void WriteRequest(ref MessageBuilder request)
    {
        _askedSeconds = 0;
        _askedLeast = SessionTimerLimits.LeastSeconds;
        if (!IsOffered || _isOver)
            return;
        uint learnt = Math.Max(_leastOfInvite, _leastOfDialog);
        _askedLeast = Math.Max(learnt, _settings.LeastSeconds);
        bool isFirst = _isCaller && !_isEstablished;
        if (IsRunning || isFirst)
        {
            _askedSeconds = Math.Max(IsRunning ? _seconds : _settings.IntervalSeconds, _askedLeast);
            var wanted = IsRunning ? _refresher : _settings.Refresher == SessionRefresher.Us ? SessionRefresher.Us : SessionRefresher.None;
            WriteSessionExpires(ref request, _askedSeconds, wanted, isOurRequest: true);
        }
        if (learnt > 0 || _askedLeast > SessionTimerLimits.LeastSeconds)
            request.Header(HeaderName.MinSE, _askedLeast);
    }

    // See note [whose refresher].
    private static void WriteSessionExpires(ref MessageBuilder message, uint seconds, SessionRefresher refresher, bool isOurRequest)
    {
        Span<byte> value = stackalloc byte[MaxValueOctets];
        var writer = new ByteWriter(value);
        writer.Write((ulong)seconds);
        if (refresher != SessionRefresher.None)
            writer.Write(refresher == SessionRefresher.Us == isOurRequest ? ";refresher=uac"u8 : ";refresher=uas"u8);
        message.Header(HeaderName.SessionExpires, writer.WrittenSpan);
    }

    /// <summary>
    /// Takes the final response to a request of ours. A 2xx starts the timer, restarts it, or ends it (RFC 4028 §7.2); 422 is <see cref="TimerVerdict.Retry"/> or
    /// <see cref="TimerVerdict.Fail"/> (§7.3) and leaves the session's end where it is (§10); any other means nothing here.
    /// </summary>
    public TimerVerdict TakeResponse(Instant now, SipMessage response)
    {
        if (response.IsRequest || response.Status.StatusCode is < 200 or (> 299 and not 422))
            return TimerVerdict.Accept;
        if (response.Status.StatusCode == 422)
            return TryLengthen(response) ? TimerVerdict.Retry : TimerVerdict.Fail;
        if (!IsOffered || _isOver)
            return TimerVerdict.Accept;
        if (response.TryGet<SessionExpires>(out var expires, out _))
        {
            // A 2xx must name the refresher; one that does not has most likely copied what it was sent.
            var refresher = Is(expires.Refresher, response, "uas"u8) ? SessionRefresher.Peer : SessionRefresher.Us;
            Agree(now, Math.Max(expires.Seconds, SessionTimerLimits.LeastSeconds), refresher);
        }
        else if (RunsAlone && _askedSeconds > 0)
        {
            // §7.2: as if it had said what the request did, and uac.
            Agree(now, _askedSeconds, SessionRefresher.Us);
        }
        else
        {
            Agree(now, 0, SessionRefresher.None);
        }
        return TimerVerdict.Accept;
    }

    // Min-SE as large as the request's own is no reason that a longer interval could help against. A proxy may have shortened the interval, so that one
    // below what was asked for is.
    private bool TryLengthen(SipMessage response)
    {
        if (!IsOffered || _isOver || !response.TryGet<MinSe>(out var least, out _) || least.Seconds <= _askedLeast)
            return false;
        if (_isEstablished)
            _leastOfDialog = Math.Max(_leastOfDialog, least.Seconds);
        else
            _leastOfInvite = least.Seconds;
        if (_tooBriefs == SessionTimerLimits.MaxTooBriefRetries)
            return false;
        _tooBriefs++;
        return true;
    }

    private static bool Is(Slice value, SipMessage message, ReadOnlySpan<byte> role) => Scan.EqualsIgnoreCase(value.In(message.Text), role);
}
