// Two phones that call each other over a network in memory: agents with voice, each with a sound card of its own. Signalling and packets take the time that a test gives
// them, and lose, change and move what a test says. What a side hears is kept, sample by sample.
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.Audio;
using SipEmbedded.Calls;
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.Transport;
using SipEmbedded.Voice;
using SipEmbedded.Voice.Tests;
using Xunit;

namespace SipEmbedded.Tests.Voice;

internal sealed class SideOptions
{
    public IAudioCodec[] Codecs { get; init; } = [new G711Codec(AudioCodec.Pcmu), new G711Codec(AudioCodec.Pcma)];

    public bool MultiplexesRtcp { get; init; } = true;

    public byte? EventPayloadType { get; init; } = 101;

    public bool DetectsTones { get; init; }

    public int Sessions { get; init; } = 2;

    public int Pairs { get; init; } = 4;

    public bool IsRecorded { get; init; }

    /// <summary>What a peer hears on hold, at 16 kHz.</summary>
    public short[]? Hold { get; init; }
}

internal sealed class Numbers(int seed) : IEntropySource
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> octets) => _random.NextBytes(octets);
}

/// <summary>One phone.</summary>
internal sealed class VoiceSide
{
    public const int Rate = 16_000;
    public const int FrameSamples = Rate / 100;
    public const ushort FirstPort = 40_000;

    private readonly short[] _captured = new short[FrameSamples];
    private readonly short[] _played = new short[FrameSamples];
    private long _said;

    public VoiceSide(string name, IpEndpoint own, SideOptions options, int seed)
    {
        Name = name;
        Own = own;
        var gate = new StartGate();
        var random = new Numbers(seed);
        Prompt? hold = options.Hold is { } sound ? new(gate, sound, Rate, Rate) : null;
        Beep = new(gate, Sound.Tone(Rate, 1000, Rate / 2, 6000), Rate, Rate);
        Voice = new(gate, new()
        {
            Sessions = options.Sessions, Pairs = options.Pairs, SampleRate = Rate, Codecs = options.Codecs, DetectsTones = options.DetectsTones, Hold = hold,
            Recording = options.IsRecorded ? new() { SampleRate = Rate, Blocks = 200 } : null,
        }, random);
        var audio = new AudioStreamHandler(
            new()
            {
                Codecs = [.. options.Codecs.Select(codec => codec.Codec)], MultiplexesRtcp = options.MultiplexesRtcp, EventPayloadType = options.EventPayloadType,
            },
            Voice);
        Agent = new(
            gate,
            new()
            {
                Calls = new() { Calls = options.Sessions, Streams = [audio] },
                Transport = new() { ListeningPoints = [new(Protocol.Udp, own)], PathLimitOctets = 0 },
                Voice = Voice,
            },
            random);
        gate.Close();
        for (int i = 0; i < options.Pairs; i++)
            Agent.HandleMediaPort(Instant.FromTicks(0), own.WithPort((ushort)(FirstPort + 2 * i)));
    }

    public string Name { get; }

    public IpEndpoint Own { get; }

    public SipAgent Agent { get; }

    public VoiceLayer Voice { get; }

    /// <summary>1 kHz, half a second.</summary>
    public Prompt Beep { get; }

    public CallLayer Calls => Agent.Calls!;

    public Handle<Call> Call { get; set; }

    public ulong Session => CallLayer.SessionOf(Call);

    public List<CallEvent> Events { get; } = [];

    public List<(Instant At, VoiceEvent What)> Told { get; } = [];

    /// <summary>Hears of each call event at once.</summary>
    public Action<CallEvent>? User { get; set; }

    /// <summary>The samples of the microphone by their number.</summary>
    public Func<long, short> Says { get; set; } = _ => 0;

    /// <summary>All that the loudspeaker was given since the beginning.</summary>
    public List<short> Heard { get; } = [];

    public VoiceFigures Figures
    {
        get
        {
            Assert.True(Voice.TryGetFigures(Session, out var figures));
            return figures;
        }
    }

    public IEnumerable<VoiceEventKind> ToldKinds => Told.Select(told => told.What.Kind);

    /// <summary>Keys pressed, as a text.</summary>
    public string Keys => string.Concat(Told.Where(told => told.What.Kind == VoiceEventKind.KeyPressed).Select(told => (char)told.What.Key));

    public void Talk(double frequency, double amplitude = 8000) => Says = i => (short)Math.Round(amplitude * Math.Sin(2 * Math.PI * frequency * i / Rate));

    public void MakeFrame(Instant now)
    {
        for (int i = 0; i < FrameSamples; i++)
            _captured[i] = Says(_said++);
        Agent.HandleSound(now, _captured, _played, delay: 0);
        Heard.AddRange(_played);
    }

    /// <summary>What was heard from one time to another, in seconds since the beginning.</summary>
    public short[] HeardFrom(double from, double to) => [.. Heard.Skip((int)Math.Round(from * Rate)).Take((int)Math.Round((to - from) * Rate))];

    /// <summary>The amplitude of a tone that was heard between.</summary>
    public double Level(double frequency, double from, double to) => Sound.AmplitudeAt(HeardFrom(from, to), Rate, frequency);

    /// <summary>
    /// The sharpest bend between: the greatest second difference. That of a tone is its amplitude by the square of its angle a sample; of a step as much as the step.
    /// </summary>
    public int SharpestBend(double from, double to)
    {
        short[] sound = HeardFrom(from, to);
        int most = 0;
        for (int i = 2; i < sound.Length; i++)
            most = Math.Max(most, Math.Abs(sound[i] - 2 * sound[i - 1] + sound[i - 2]));
        return most;
    }
}

/// <summary>A datagram on its way.</summary>
internal sealed record Packet(IpEndpoint From, IpEndpoint To, byte[] Octets)
{
    public bool IsMedia => From.Port != VoiceBench.SipPort;

    public bool IsRtcp => IsMedia && Octets.Length > 1 && Octets[1] is >= 192 and < 224;

    public bool IsRtp => IsMedia && !IsRtcp;
}

internal sealed class VoiceBench
{
    public const ushort SipPort = 5060;
    public static readonly IpEndpoint AlicesAddress = IpEndpoint.V4(0xC0000201, SipPort);
    public static readonly IpEndpoint BobsAddress = IpEndpoint.V4(0xC0000202, SipPort);

    private static readonly TimeSpan s_frame = TimeSpan.FromMilliseconds(10);

    private readonly PriorityQueue<Packet, (long Ticks, long Order)> _wire = new();
    private readonly byte[] _buffer = new byte[65535];
    private readonly VoiceSide[] _sides;
    private Instant _nextFrame;
    private long _order;

    public VoiceBench(SideOptions? alice = null, SideOptions? bob = null)
    {
        Alice = new("alice", AlicesAddress, alice ?? new(), seed: 1);
        Bob = new("bob", BobsAddress, bob ?? new(), seed: 2);
        _sides = [Alice, Bob];
    }

    public VoiceSide Alice { get; }

    public VoiceSide Bob { get; }

    public Instant Now { get; private set; } = Instant.FromTicks(0);

    /// <summary>Seconds since the beginning, which is also that of what is heard.</summary>
    public double Seconds => TimeSpan.FromTicks(Now.Ticks).TotalSeconds;

    /// <summary>One way.</summary>
    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>True for a packet that is lost.</summary>
    public Func<Packet, bool>? Loses { get; set; }

    /// <summary>Changes a SIP message on its way; who sent it, and its text.</summary>
    public Func<VoiceSide, string, string>? Alters { get; set; }

    /// <summary>Gives a packet other addresses, as a NAT does.</summary>
    public Func<Packet, Packet>? Moves { get; set; }

    /// <summary>The media packets that were sent, lost or not, since <see cref="KeepsSent"/>.</summary>
    public List<(Instant At, Packet What)> Sent { get; } = [];

    public bool KeepsSent { get; set; }

    /// <summary>Sound cards run.</summary>
    public bool HasSound { get; set; } = true;

    public static VoiceBench Confirmed(SideOptions? alice = null, SideOptions? bob = null, Action<VoiceBench>? prepare = null)
    {
        var bench = new VoiceBench(alice, bob);
        prepare?.Invoke(bench);
        bench.Place();
        bench.Answer(200);
        bench.AssertConfirmed();
        return bench;
    }

    public void Place(bool isOfferless = false)
    {
        var request = new CallRequest
        {
            Target = "sip:bob@192.0.2.2"u8, From = "sip:alice@192.0.2.1"u8, Flow = new(Protocol.Udp, AlicesAddress, BobsAddress), IsOfferless = isOfferless,
        };
        Assert.Equal(CallResult.Done, Alice.Calls.Place(Now, request, out var call));
        Alice.Call = call;
        Pass(0.1);
    }

    public void Answer(int status, bool withMedia = false)
    {
        Assert.Equal(CallResult.Done, Bob.Calls.Answer(Now, Bob.Call, status, withMedia: withMedia));
        Pass(0.1);
    }

    /// <summary>Something that a side's user does; what it causes goes out.</summary>
    public void Do(Func<Instant, CallResult> command)
    {
        Assert.Equal(CallResult.Done, command(Now));
        Settle();
    }

    public void HangUp(VoiceSide side)
    {
        Do(now => side.Calls.HangUp(now, side.Call));
        Pass(0.1);
    }

    public void AssertConfirmed()
    {
        foreach (var side in _sides)
        {
            Assert.True(side.Calls.TryGetInfo(Now, side.Call, out var info));
            Assert.Equal(CallState.Confirmed, info.State);
        }
    }

    /// <summary>Once the transactions are over nothing is left on either side.</summary>
    public void AssertEmpty()
    {
        HasSound = false;
        Pass(70);
        foreach (var side in _sides)
            Assert.True(side.Agent.Use.IsEmpty, side.Agent.Use.ToString());
    }

    /// <summary>A packet of media from anywhere, there at once.</summary>
    public void Inject(VoiceSide to, IpEndpoint from, IpEndpoint local, ReadOnlySpan<byte> octets)
    {
        to.Agent.HandleDatagram(Now, new(Protocol.Rtp, local, from), octets);
        Settle();
    }

    public void Settle()
    {
        foreach (var side in _sides)
            Drain(side);
    }

    public void Pass(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        Settle();
        while (NextDue is var due && due <= end)
        {
            if (due > Now)
                Now = due;
            if (_wire.TryPeek(out var packet, out var when) && when.Ticks <= Now.Ticks)
            {
                _wire.Dequeue();
                Deliver(packet);
            }
            else if (Alice.Agent.PollTimeout() <= Now)
                Alice.Agent.HandleTimeout(Now);
            else if (Bob.Agent.PollTimeout() <= Now)
                Bob.Agent.HandleTimeout(Now);
            else
                MakeFrames();
            Settle();
        }
        Now = end;
    }

    private Instant NextDue
    {
        get
        {
            var due = Instant.Earlier(Alice.Agent.PollTimeout(), Bob.Agent.PollTimeout());
            if (HasSound)
                due = Instant.Earlier(due, _nextFrame);
            return _wire.TryPeek(out _, out var when) ? Instant.Earlier(due, Instant.FromTicks(when.Ticks)) : due;
        }
    }

    private void MakeFrames()
    {
        _nextFrame += s_frame;
        foreach (var side in _sides)
        {
            side.MakeFrame(Now);
            Drain(side);
        }
    }

    private void Deliver(Packet packet)
    {
        foreach (var side in _sides)
        {
            if (packet.To.HasAddressOf(side.Own))
                side.Agent.HandleDatagram(Now, new(packet.IsMedia ? Protocol.Rtp : Protocol.Udp, packet.To, packet.From), packet.Octets);
        }
    }

    private void Drain(VoiceSide side)
    {
        do
        {
            while (side.Agent.PollTransmit(_buffer, out var transmit))
            {
                if (transmit.Kind == TransmitKind.Datagram)
                    Carry(side, new(transmit.Flow.Local, transmit.Flow.Remote, _buffer[..transmit.Length]));
            }
        }
        while (TakeEvent(side));
    }

    private void Carry(VoiceSide side, Packet packet)
    {
        if (!packet.IsMedia && Alters is not null)
            packet = packet with { Octets = Encoding.Latin1.GetBytes(Alters(side, Encoding.Latin1.GetString(packet.Octets))) };
        if (packet.IsMedia && KeepsSent)
            Sent.Add((Now, packet));
        if (Loses?.Invoke(packet) == true)
            return;
        _wire.Enqueue(Moves?.Invoke(packet) ?? packet, ((Now + Latency).Ticks, _order++));
    }

    private bool TakeEvent(VoiceSide side)
    {
        if (!side.Agent.PollEvent(out var happened))
            return false;
        switch (happened.Kind)
        {
            case AgentEventKind.Call:
                side.Events.Add(happened.Call);
                if (happened.Call.Kind == CallEventKind.Incoming)
                    side.Call = happened.Call.Call;
                side.User?.Invoke(happened.Call);
                break;
            case AgentEventKind.Voice:
                side.Told.Add((Now, happened.Voice));
                break;
        }
        return true;
    }

    /// <summary>A message with another body, and its length.</summary>
    public static string WithBody(string message, Func<string, string> change)
    {
        int at = message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        if (at == message.Length)
            return message;
        string body = change(message[at..]);
        var head = message[..at].Split("\r\n")
            .Select(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase) ? $"Content-Length: {body.Length}" : line);
        return string.Join("\r\n", head) + body;
    }
}
