// The UAS's side (RFC 4028 §9): what is agreed to of what the peer's INVITEs and UPDATEs ask for.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.SessionTimers;

public partial struct SessionTimer
{
    /// <summary>What a 2xx to a request of the peer's is going to say; without a refresher it says nothing, and ends the timer.</summary>
    private struct Answer
    {
        public uint Seconds;
        public SessionRefresher Refresher;
        public bool IsRequired;

        // False where there is no request to be answered.
        public bool IsDue;
        public bool IsOfInvite;
    }

    /// <summary>
    /// Takes an INVITE or UPDATE of the peer's; <paramref name="isInitial"/> where it is to make the dialog. <see cref="TimerVerdict.Accept"/>: its 2xx has
    /// <see cref="WriteResponse"/>. <see cref="TimerVerdict.TooBrief"/> and <see cref="TimerVerdict.Unsupported"/>: it is to be refused, and the timer runs on.
    /// </summary>
    public TimerVerdict TakeRequest(SipMessage request, bool isInitial)
    {
        if (!IsOffered || _isOver || !request.IsRequest)
            return TimerVerdict.Accept;
        // §9: Supported alone tells what the UAC can do. A proxy that puts Require there (§8.1) does not speak for it.
        bool isSupported = Supports(request);
        if (isInitial && IsRequired && !isSupported)
            return TimerVerdict.Unsupported;
        bool isAsked = request.TryGet<SessionExpires>(out var expires, out _);
        uint least = SessionTimerLimits.LeastSeconds;
        if (request.TryGet<MinSe>(out var asked, out _))
        {
            least = Math.Max(least, asked.Seconds);
            _leastOfDialog = Math.Max(_leastOfDialog, least);
        }
        // Without Supported a refusal would help nobody, since who sent it could not ask for more (§8.1).
        if (isSupported && isAsked && expires.Seconds < _settings.LeastSeconds)
            return TimerVerdict.TooBrief;

        var answer = new Answer { IsDue = true, IsOfInvite = request.Request.Method != Method.Update, IsRequired = isSupported };
        uint ours = Math.Max(IsRunning ? _seconds : 0, _settings.IntervalSeconds);
        if (isAsked)
        {
            // §9: shortened perhaps, but not below Min-SE; lengthened only where it was below that from the start, as a proxy has to (§8.1).
            answer.Seconds = Math.Max(Math.Min(expires.Seconds, Math.Max(ours, _leastOfDialog)), least);
            answer.Refresher = RefresherFor(isSupported, expires.Refresher, request);
        }
        else if (isSupported || RunsAlone)
        {
            answer.Seconds = Math.Max(IsRunning ? _seconds : _settings.IntervalSeconds, _leastOfDialog);
            answer.Refresher = RefresherFor(isSupported, default, request);
        }
        _answerOfInvite = !answer.IsOfInvite && _answer.IsOfInvite ? _answer : answer.IsOfInvite ? default : _answerOfInvite;
        _answer = answer;
        return TimerVerdict.Accept;
    }

    // Table 2. The two rows that may not be, a refresher from one that does not support it, are taken as if they named none. The fourth row leaves the
    // choice to us: whoever does it keeps it.
    private readonly SessionRefresher RefresherFor(bool isSupported, Slice asked, SipMessage request)
    {
        if (!isSupported || Is(asked, request, "uas"u8))
            return SessionRefresher.Us;
        if (Is(asked, request, "uac"u8))
            return SessionRefresher.Peer;
        if (IsRunning)
            return _refresher;
        return _settings.Refresher == SessionRefresher.Us ? SessionRefresher.Us : SessionRefresher.Peer;
    }

    private static bool Supports(SipMessage request)
    {
        foreach (var supported in request.All<Supported>())
        {
            if (Scan.EqualsIgnoreCase(supported.OptionTag.In(request.Text), "timer"u8))
                return true;
        }
        return false;
    }

    /// <summary>Min-SE of a 422 (RFC 4028 §6, §9).</summary>
    public readonly void WriteTooBrief(ref MessageBuilder response) => response.Header(HeaderName.MinSE, _settings.LeastSeconds);

    /// <summary>
    /// Session-Expires of the 2xx to the request that was taken last and not answered yet, if it has one; <paramref name="isRequired"/>: put <c>timer</c> into
    /// Require of it (RFC 4028 §9).
    /// </summary>
    public readonly void WriteResponse(ref MessageBuilder response, out bool isRequired)
    {
        isRequired = _answer.IsRequired && _answer.Refresher != SessionRefresher.None;
        if (_answer.Refresher != SessionRefresher.None)
            WriteSessionExpires(ref response, _answer.Seconds, _answer.Refresher, isOurRequest: false);
    }

    /// <summary>That 2xx went out, for the first time: the session runs from here, as it says.</summary>
    public void ResponseSent(Instant now)
    {
        if (!_answer.IsDue || _isOver)
            return;
        Agree(now, _answer.Seconds, _answer.Refresher);
        RequestRefused();
    }

    /// <summary>The request that was taken last got another final response than 2xx: all is as before it. An INVITE that waits is the next to be answered.</summary>
    public void RequestRefused()
    {
        _answer = _answerOfInvite;
        _answerOfInvite = default;
    }
}
