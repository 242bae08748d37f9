// One call with sound both ways between "doorphone call" and a peer, over a network that harms it: placed, talked in, hung up, and listened to.
using SipEmbedded.Audio;
using SipEmbedded.Interop.Tests.Calls;
using SipEmbedded.Voice.Tests;

namespace SipEmbedded.Interop.Tests.Voice;

/// <summary>The programs at the other end.</summary>
internal enum VoicePeer
{
    Baresip,
    Ourselves,
}

/// <summary>What is called, how, and over what.</summary>
internal sealed record VoiceCall(AudioCodec Codec)
{
    public VoicePeer Peer { get; init; }

    /// <summary>Whether the peer calls us.</summary>
    public bool PeerCalls { get; init; }

    public Impairment Network { get; init; } = Impairment.None;

    /// <summary>How long both talk.</summary>
    public int Seconds { get; init; } = 6;

    private const int PacketMs = 20;

    // Who has not spoken for so long behind its end is not missed.
    private const int SpareSeconds = 3;

    // The two voices are to be different ones.
    private const int OurVoice = 6, PeersVoice = 7;

    // Our name of each codec, baresip's, the rate and the channels that it wants a file to have, and the clock of its packets.
    private static readonly Dictionary<AudioCodec, (string Ours, string Baresips, int Rate, int Channels, int Clock)> s_codecs = new()
    {
        [AudioCodec.Pcmu] = ("pcmu", "pcmu", 8_000, 1, 8_000),
        [AudioCodec.Pcma] = ("pcma", "pcma", 8_000, 1, 8_000),
        [AudioCodec.G722] = ("g722", "g722", 16_000, 1, 8_000),
        [AudioCodec.Opus] = ("opus", "opus", 48_000, 2, 48_000),
        [AudioCodec.L16] = ("l16", "L16/16000/1", 16_000, 1, 16_000),
    };

    public static IEnumerable<AudioCodec> Codecs => s_codecs.Keys;

    /// <summary>Makes the call, and gives what became of it.</summary>
    public VoiceOutcome Make()
    {
        string folder = Directory.CreateTempSubdirectory("voice-").FullName;
        try
        {
            return MakeIn(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // What a codec of 8 kHz can carry of a voice.
    private short[] Carried(short[] voice)
    {
        bool isNarrow = s_codecs[Codec].Rate < SoundFile.SampleRate;
        return isNarrow ? SoundFile.Converted(SoundFile.Converted(voice, SoundFile.SampleRate, 8_000), 8_000, SoundFile.SampleRate) : voice;
    }

    private VoiceOutcome MakeIn(string folder)
    {
        var (ours, baresips, rate, channels, clock) = s_codecs[Codec];
        short[] ourVoice = SpeechLike.Make(SoundFile.SampleRate, Seconds + SpareSeconds, OurVoice);
        short[] peersVoice = SpeechLike.Make(SoundFile.SampleRate, Seconds + SpareSeconds, PeersVoice);
        string said = Path.Combine(folder, "said.wav"), answer = Path.Combine(folder, "answer.wav");
        string heard = Path.Combine(folder, "heard.wav"), far = Path.Combine(folder, "far.wav");
        SoundFile.Write(said, ourVoice, SoundFile.SampleRate);
        // What baresip reads at another rate than ours is the same as ours at that rate and back.
        int peersRate = Peer == VoicePeer.Baresip ? rate : SoundFile.SampleRate;
        short[] peersFile = SoundFile.Converted(peersVoice, SoundFile.SampleRate, peersRate);
        SoundFile.Write(answer, peersFile, peersRate, Peer == VoicePeer.Baresip ? channels : 1);

        int port = Ports.Free(), peerPort = Ports.Free();
        using var baresip = Peer == VoicePeer.Baresip ? new Baresip(new(baresips, answer)) : null;
        peerPort = baresip?.Port ?? peerPort;
        using var path = PeerCalls ? new ImpairedPath(Network, peerPort, port) : new ImpairedPath(Network, port, peerPort);
        string[] options = ["--codecs", ours, "--play", said, "--record", heard];
        string[] farOptions = ["--codecs", ours, "--play", answer, "--record", far];
        string[] talk = ["--talk", $"{Seconds}"];
        // Whoever waits is there first. We hang up; the peer's program could not say when it should.
        using var waiting = Peer != VoicePeer.Ourselves ? null
            : PeerCalls ? new SpeakingPhone(port, null, [.. options, .. talk]) : new SpeakingPhone(peerPort, null, farOptions);
        using var placing = Peer == VoicePeer.Ourselves && PeerCalls ? new SpeakingPhone(peerPort, path.Port, farOptions)
            : new SpeakingPhone(port, PeerCalls ? null : path.Port, [.. options, .. talk]);
        var phone = PeerCalls && waiting is not null ? waiting : placing;
        if (PeerCalls)
            baresip?.Do("dial", $"sip:alice@127.0.0.1:{path.Port}");
        baresip?.Next("CALL_ESTABLISHED");
        phone.WaitForEnd();
        baresip?.Next("CALL_CLOSED");

        var (fromPeer, toPeer) = PeerCalls ? (path.FromCaller, path.FromCallee) : (path.FromCallee, path.FromCaller);
        var heardHere = SoundFile.Read(heard, channel: 1);
        Heard here, there;
        double delay;
        double? farDelay = null;
        if (baresip is not null)
        {
            here = Listening.Compare(SoundFile.Converted(peersFile, peersRate, SoundFile.SampleRate), heardHere);
            // Its file begins with its first packet, which left when its last sample was there; our recording tells its beginning by the same clock.
            delay = phone.RecordedFrom + here.Later / SoundFile.SampleRate - (fromPeer.BeganAt(clock) - PacketMs / 1000.0);
            there = Listening.Compare(Carried(ourVoice), SoundFile.Read(baresip.HeardPath));
        }
        else
        {
            // Two recordings by one clock, each with what was said at its end.
            var other = phone == placing ? waiting! : placing;
            other.WaitForEnd();
            here = Listening.Compare(Carried(SoundFile.Read(far, channel: 0)), heardHere);
            there = Listening.Compare(Carried(SoundFile.Read(heard, channel: 0)), SoundFile.Read(far, channel: 1));
            delay = phone.RecordedFrom - other.RecordedFrom + here.Later / SoundFile.SampleRate;
            farDelay = 1000 * (other.RecordedFrom - phone.RecordedFrom + there.Later / SoundFile.SampleRate);
        }
        return new(this, here, there)
        {
            DelayMs = 1000 * delay,
            FarDelayMs = farDelay,
            Sent = phone.Figure("sent"),
            Received = phone.Figure("received"),
            Lost = phone.Figure("lost"),
            Late = phone.Figure("late"),
            ConcealedPercent = phone.Figure("concealed-ms") / (10 * Seconds),
            LostOnTheWayHere = fromPeer.Lost,
            LostOnTheWayThere = toPeer.Lost,
            PassedHere = fromPeer.Passed,
            PassedThere = toPeer.Passed,
            HasStood = phone.HasStood || (waiting?.HasStood ?? false),
            Told = $"{phone.Text}\n{baresip?.Text}",
        };
    }
}

/// <summary>What became of a call. "Here" is at our end, what the peer said; "there" at the peer's.</summary>
internal sealed record VoiceOutcome(VoiceCall Call, Heard Here, Heard There)
{
    /// <summary>From the peer's mouth, as its packets tell, to our loudspeaker.</summary>
    public required double DelayMs { get; init; }

    /// <summary>From our microphone to the peer's loudspeaker, where its clock is known.</summary>
    public required double? FarDelayMs { get; init; }

    public required double Sent { get; init; }

    public required double Received { get; init; }

    public required double Lost { get; init; }

    public required double Late { get; init; }

    /// <summary>Of all that we played, what was made up.</summary>
    public required double ConcealedPercent { get; init; }

    public required int LostOnTheWayHere { get; init; }

    public required int LostOnTheWayThere { get; init; }

    public required int PassedHere { get; init; }

    public required int PassedThere { get; init; }

    /// <summary>A phone of ours did not get a processor for a while in the middle of the call: its figures are the machine's.</summary>
    public required bool HasStood { get; init; }

    /// <summary>The outputs of the programs.</summary>
    public required string Told { get; init; }

    public override string ToString() => $"here {Here}, there {There}, delay {DelayMs:0} ms, far {FarDelayMs:0} ms, lost {Lost}, late {Late}, concealed {ConcealedPercent:0.0} %";
}
