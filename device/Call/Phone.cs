// One call with a file for a voice: placed or awaited, talked in, and ended.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Audio;
using SipEmbedded.Calls;
using SipEmbedded.Device.Serving;
using SipEmbedded.Device.Sound;
using SipEmbedded.Host;
using SipEmbedded.Memory;
using SipEmbedded.Transactions;
using SipEmbedded.Transport;
using SipEmbedded.Voice;
using CallHandle = SipEmbedded.Memory.Handle<SipEmbedded.Calls.Call>;

namespace SipEmbedded.Device.Call;

/// <summary>The user of an agent with voice; its own clock stands for a sound card's.</summary>
internal sealed class Phone : AgentUser, IHostApplication
{
    private const int FramesPerSecond = 100;

    private static readonly TimeSpan s_frame = TimeSpan.FromMilliseconds(1000 / FramesPerSecond);

    // A process that did not run for so long does not play what it has missed.
    private static readonly TimeSpan s_mostBehind = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan s_keyTime = TimeSpan.FromMilliseconds(120);

    // Longer than a key and the pause behind it, so that INFO requests do not wait for each other.
    private static readonly TimeSpan s_keyInterval = TimeSpan.FromMilliseconds(300);

    private const int MaxDumpOctets = 16 * 1024;

    private readonly VoiceLayer _voice;
    private readonly CallOptions _options;
    private readonly Prompt? _prompt;
    private readonly WavOutput? _output;
    private readonly CallReport _report;
    private readonly Action _stop;
    private readonly short[] _captured;
    private readonly short[] _played;

    private CallHandle _call;
    private ulong _session;
    private int _spoken;
    private int _ended;
    private int _pressed;
    private Instant _nextFrame = Instant.Never;
    private Instant _nextKey = Instant.Never;
    private Instant _hangUpAt = Instant.Never;
    private bool _isStopping;
    private bool _isAnswered;

    /// <param name="stop">Asks the host to stop.</param>
    public Phone(SipAgent agent, VoiceLayer voice, CallOptions options, Prompt? prompt, WavOutput? output, CallReport report, Action stop)
        : base(agent)
    {
        _voice = voice;
        _options = options;
        _prompt = prompt;
        _output = output;
        _report = report;
        _stop = stop;
        _captured = new short[voice.FrameSamples];
        _played = new short[voice.FrameSamples];
    }

    private CallLayer Calls => Agent.Calls!;

    /// <summary>A call was answered.</summary>
    public bool HasTalked { get; private set; }

    /// <summary>Places the call, or begins to wait. False, told, where the call cannot be placed.</summary>
    public bool Start(Instant now, ListeningPoint[] points)
    {
        foreach (var point in points)
            _report.Tell(now, "listening", ("on", Listening.NameOf(point)));
        if (_options.Uri is not { } uri)
            return true;
        var local = points[0].Endpoint;
        string host = local.IsAny ? "anonymous.invalid" : EndpointText.HostOf(local);
        var result = Calls.Place(
            now, new() { Target = Encoding.UTF8.GetBytes(uri), From = Encoding.ASCII.GetBytes($"sip:doorphone@{host}") }, out _call);
        if (result == CallResult.Done)
        {
            _report.Tell(now, "calling", ("target", uri));
            Begin(now);
            return true;
        }
        Console.Error.WriteLine($"doorphone: '{uri}' cannot be called: {result}");
        return false;
    }

    // ---- Time: the sound card's, the keys', the end's ----------------------------------------------------------------------------------

    public override Instant PollTimeout() =>
        Instant.Earlier(Instant.Earlier(base.PollTimeout(), _nextFrame), Instant.Earlier(_nextKey, _hangUpAt));

    public override void HandleTimeout(Instant now)
    {
        // One of these is one input: what it causes goes out before the next.
        if (_nextFrame <= now)
            MakeFrame(now);
        else if (_nextKey <= now)
            PressKey(now);
        else if (_hangUpAt <= now)
        {
            _hangUpAt = Instant.Never;
            PrintDump(now);
            Calls.HangUp(now, _call);
        }
        else
            base.HandleTimeout(now);
    }

    private void MakeFrame(Instant now)
    {
        _nextFrame += s_frame;
        if (now - _nextFrame > s_mostBehind)
        {
            _report.Tell(now, "missed", ("seconds", (now - _nextFrame + s_frame).TotalSeconds));
            _nextFrame = now + s_frame;
        }
        Say(_captured);
        Agent.HandleSound(now, _captured, _played, delay: 0);
        if (_voice.Recorder is { } recorder)
            _output!.Take(recorder);
    }

    private void Say(Span<short> frame)
    {
        frame.Clear();
        if (!_isAnswered || _prompt is null)
            return;
        var samples = _prompt.Samples.Span;
        for (int i = 0; i < frame.Length && _spoken < samples.Length; i++)
        {
            frame[i] = samples[_spoken++];
            if (_spoken == samples.Length && _options.PlaysOn)
                _spoken = 0;
        }
    }

    private void PressKey(Instant now)
    {
        byte key = (byte)_options.Keys[_pressed++];
        bool isPressed = _options.KeyWay == KeyWay.Info
            ? Calls.SendDigit(now, _call, key, s_keyTime) == CallResult.Done
            : _voice.SendKey(_session, key, s_keyTime);
        _report.Tell(now, isPressed ? "pressed" : "could not press", ("key", (char)key));
        _nextKey = _pressed < _options.Keys.Length ? now + s_keyInterval : Instant.Never;
    }

    // ---- What happens -------------------------------------------------------------------------------------------------------------------

    protected override void React(Instant now, in AgentEvent happened)
    {
        switch (happened.Kind)
        {
            case AgentEventKind.Call:
                Take(now, happened.Call);
                break;
            case AgentEventKind.Voice when happened.Voice.Session == _session:
                Take(now, happened.Voice);
                break;
        }
    }

    private void Take(Instant now, in CallEvent happened)
    {
        if (happened.Kind == CallEventKind.Incoming && !Calls.IsLive(_call) && !_isStopping && _options.Uri is null)
        {
            _call = happened.Call;
            _report.Tell(now, "called");
            Begin(now);
            Calls.Answer(now, _call, 200);
            return;
        }
        if (happened.Call != _call)
        {
            if (happened.Kind == CallEventKind.Incoming)
                Calls.Answer(now, happened.Call, 486);
            return;
        }
        switch (happened.Kind)
        {
            case CallEventKind.Progress:
                _report.Tell(now, "progress", ("status", happened.Status));
                break;
            case CallEventKind.Confirmed:
                _report.Tell(now, "answered");
                HasTalked = true;
                _isAnswered = true;
                _spoken = 0;
                if (_options.TalkTime > TimeSpan.Zero)
                    _hangUpAt = now + _options.TalkTime;
                if (_options.Keys.Length > 0)
                    _nextKey = now + _options.KeysAfter;
                break;
            case CallEventKind.MediaChanged:
                _report.Tell(now, "media changed");
                break;
            case CallEventKind.Request:
                Agent.Respond(now, happened.Server, 200);
                break;
            case CallEventKind.Ended:
                Finish(now, happened);
                break;
        }
    }

    private void Take(Instant now, in VoiceEvent happened)
    {
        switch (happened.Kind)
        {
            case VoiceEventKind.Heard:
                _report.Tell(now, "heard");
                break;
            case VoiceEventKind.Silent:
                _report.Tell(now, "silent", ("seconds", happened.Duration.TotalSeconds));
                break;
            case VoiceEventKind.KeyPressed:
                _report.Tell(now, "key", ("key", (char)happened.Key), ("by", NameOf(happened.Method)));
                break;
        }
    }

    private static string NameOf(KeyMethod method) => method switch
    {
        KeyMethod.Info => "info",
        KeyMethod.InBand => "tone",
        _ => "event",
    };

    private void Begin(Instant now)
    {
        _session = CallLayer.SessionOf(_call);
        _isAnswered = false;
        _pressed = 0;
        _nextFrame = now;
        if (_voice.Recorder is not { } recorder)
            return;
        recorder.Start();
        // By the machine's steady clock, so that recordings of several programs can be laid beside each other.
        _report.Tell(now, "recording", ("clock", (now - Instant.FromTicks(0)).TotalSeconds));
    }

    private void Finish(Instant now, in CallEvent happened)
    {
        _nextFrame = _nextKey = _hangUpAt = Instant.Never;
        if (_voice.Recorder is { } recorder)
        {
            recorder.Stop();
            _output!.Take(recorder);
        }
        if (_voice.TryGetFigures(_session, out var figures) && figures.Reception.Received > 0)
        {
            _report.Tell(
                now, "figures", ("codec", figures.Codec.ToString().ToLowerInvariant()), ("sent", figures.PacketsSent), ("received", figures.Reception.Received),
                ("lost", figures.Reception.Lost), ("late", figures.Reception.Late), ("reordered", figures.Reception.Reordered),
                ("jitter-ms", figures.Reception.Jitter.TotalMilliseconds), ("delay-ms", figures.Jitter.SmoothedDelay.TotalMilliseconds),
                ("concealed-ms", figures.Jitter.ConcealedSamples * 1000.0 / (FramesPerSecond * _played.Length)),
                ("peer-lost", figures.Peer.CumulativeLost), ("round-trip-ms", figures.Peer.RoundTrip?.TotalMilliseconds),
                ("R", figures.Quality.R), ("MOS", figures.Quality.Mos));
        }
        _report.Tell(now, "ended", ("by", happened.End.ToString().ToLowerInvariant()), ("status", happened.Status));
        _ended++;
        if (_options.Uri is not null || _ended >= _options.Count)
            _stop();
    }

    private void PrintDump(Instant now)
    {
        var text = new byte[MaxDumpOctets];
        _report.Print(Encoding.UTF8.GetString(text, 0, Calls.Dump(now, _call, text, withMedia: true, "         "u8)));
    }

    // ---- The application ----------------------------------------------------------------------------------------------------------------

    public bool IsDrained => _isStopping && Calls.Count == 0;

    public void HandleStop(Instant now)
    {
        _isStopping = true;
        Calls.HangUpAll(now);
    }

    // There is no configuration but the command line.
    public void HandleReload(Instant now)
    {
    }
}
