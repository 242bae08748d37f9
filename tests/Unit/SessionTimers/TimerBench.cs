// A session timer on a bench: messages are handed to it as text, what it writes is read back as text.
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.SessionTimers;
using Xunit;

namespace SipEmbedded.Tests.SessionTimers;

internal sealed class TimerBench
{
    private readonly byte[] _buffer = new byte[4096];
    private readonly Draws _draws = new();
    private readonly Entropy _entropy;
    private MessageIndex _index;

    public TimerBench(SessionTimerSettings settings, bool isCaller)
    {
        Timer = new(settings, isCaller);
        _entropy = new(new StartGate(), _draws);
    }

    public SessionTimer Timer;

    /// <summary>Seconds since the beginning.</summary>
    public double Seconds { get; private set; }

    public Instant Now => At(Seconds);

    /// <summary>0 draws the shortest wait, the largest number the longest.</summary>
    public ulong Draw { set => _draws.Value = value; }

    public static SessionTimerSettings Settings(
        SessionTimerMode mode = SessionTimerMode.Optional, uint interval = 1800, uint least = 90, SessionRefresher refresher = SessionRefresher.None) =>
        new() { Mode = mode, IntervalSeconds = interval, LeastSeconds = least, Refresher = refresher };

    public static Instant At(double seconds) => Instant.FromMilliseconds((long)Math.Round(seconds * 1000));

    /// <summary>A time in seconds, to the millisecond; "never" where there is none.</summary>
    public static string Shown(Instant instant) => instant == Instant.Never ? "never" : $"{instant.Ticks / 10_000_000m:0.###}";

    public void GoTo(double seconds) => Seconds = seconds;

    // ---- Requests of ours ---------------------------------------------------------------------------------------------------------

    /// <summary>The lines that a request of ours has, after "; ".</summary>
    public string Request()
    {
        var builder = new MessageBuilder(_buffer);
        Timer.WriteRequest(ref builder);
        return Lines(builder);
    }

    public TimerVerdict Response(int status, string lines = "") => Timer.TakeResponse(Now, Read($"SIP/2.0 {status} Whatever", lines));

    /// <summary>A request of ours and its response.</summary>
    public TimerVerdict Exchange(int status, string lines = "")
    {
        Request();
        return Response(status, lines);
    }

    public TimerAction Failed(int status, string lines = "", bool wasUpdate = true) =>
        Timer.RefreshFailed(Now, status, Read($"SIP/2.0 {status} Whatever", lines), wasUpdate, _entropy);

    // ---- Requests of the peer's ---------------------------------------------------------------------------------------------------

    public TimerVerdict Ask(string lines, string method = "INVITE", bool isInitial = false) =>
        Timer.TakeRequest(Read($"{method} sip:door@192.0.2.1 SIP/2.0", lines), isInitial);

    /// <summary>The lines that the 2xx has, with Require as the caller of the timer would write it.</summary>
    public string Answer()
    {
        var builder = new MessageBuilder(_buffer);
        Timer.WriteResponse(ref builder, out bool isRequired);
        if (isRequired)
            builder.Header(HeaderName.Require, "timer"u8);
        return Lines(builder);
    }

    /// <summary>A request of the peer's, and our 2xx.</summary>
    public string Serve(string lines, string method = "INVITE", bool isInitial = false)
    {
        Assert.Equal(TimerVerdict.Accept, Ask(lines, method, isInitial));
        string answer = Answer();
        Timer.ResponseSent(Now);
        return answer;
    }

    public string TooBrief()
    {
        var builder = new MessageBuilder(_buffer);
        Timer.WriteTooBrief(ref builder);
        return Lines(builder);
    }

    public void Allow(string lines) => Timer.TakeAllow(Read("SIP/2.0 200 OK", lines));

    // ---- Time ---------------------------------------------------------------------------------------------------------------------

    /// <summary>Goes to the deadline, which must be there, and does what it is for.</summary>
    public TimerAction Wait()
    {
        var deadline = Timer.Deadline;
        Assert.NotEqual(Instant.Never, deadline);
        Assert.Equal(TimerAction.None, Timer.TimeIsUp(Instant.FromTicks(deadline.Ticks - 1)));
        Seconds = (double)(deadline.Ticks / 10_000_000m);
        return Timer.TimeIsUp(deadline);
    }

    public void Postpone() => Timer.Postpone(Now, _entropy);

    /// <summary>Who refreshes, the interval, the next deadline and the end: "us 1800 900 1800".</summary>
    public string State() => !Timer.IsRunning
        ? Timer.Deadline == Instant.Never && Timer.ExpiresAt == Instant.Never && Timer.IntervalSeconds == 0 ? "off" : "half off"
        : $"{(Timer.IsRefresher ? "us" : "peer")} {Timer.IntervalSeconds} {Shown(Timer.Deadline)} {Shown(Timer.ExpiresAt)}";

    /// <summary>A timer that runs with 1800 s, by a call of ours or of the peer's at second 0; without a refresher one that does not run.</summary>
    public static TimerBench Running(
        SessionRefresher refresher, bool isCaller, SessionTimerMode mode = SessionTimerMode.Optional, uint seconds = 1800, uint least = 90)
    {
        var bench = new TimerBench(Settings(mode, seconds, least), isCaller);
        string role = refresher == SessionRefresher.Us == isCaller ? "uac" : "uas";
        bool isOff = refresher == SessionRefresher.None;
        if (isCaller)
            Assert.Equal(TimerVerdict.Accept, bench.Exchange(200, isOff ? "" : $"Session-Expires: {seconds};refresher={role}"));
        else
            bench.Serve(isOff ? "" : $"Supported: timer; Session-Expires: {seconds};refresher={role}", isInitial: true);
        Assert.Equal(refresher == SessionRefresher.Us, bench.Timer.IsRefresher);
        Assert.Equal(!isOff, bench.Timer.IsRunning);
        return bench;
    }

    // ---- Text ---------------------------------------------------------------------------------------------------------------------

    // Lines stand after one another with "; " between them, so that a row of a table can hold them.
    private SipMessage Read(string startLine, string lines)
    {
        string headers = lines.Length == 0 ? "" : lines.Replace("; ", "\r\n", StringComparison.Ordinal) + "\r\n";
        byte[] octets = Encoding.Latin1.GetBytes($"{startLine}\r\n{headers}\r\n");
        Assert.True(SipMessage.TryRead(octets, Framing.Datagram, ref _index, out var message, out _), lines);
        return message;
    }

    private static string Lines(in MessageBuilder builder)
    {
        Assert.True(builder.IsValid);
        return Encoding.Latin1.GetString(builder.Written).TrimEnd().Replace("\r\n", "; ", StringComparison.Ordinal);
    }

    private sealed class Draws : IEntropySource
    {
        public ulong Value { get; set; }

        public void Fill(Span<byte> octets)
        {
            for (int i = 0; i < octets.Length; i++)
                octets[i] = (byte)(Value >> 8 * (i % 8));
        }
    }
}
