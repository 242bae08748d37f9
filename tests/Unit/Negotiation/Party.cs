// One side of a call for these tests: a negotiator with audio and what other handlers a test gives it, and descriptions as text.
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

internal sealed class Party
{
    private const int MaxText = 2048;

    private readonly byte[] _text = new byte[MaxText];

    public Party(
        string address = "192.0.2.1", ushort port = 4000, AudioStreamOptions? audio = null, NegotiationOptions? options = null, int buffers = 16,
        IStreamHandler[]? before = null, IStreamHandler[]? behind = null, bool hasAudio = true)
    {
        var gate = new StartGate();
        Buffers = new(gate, "descriptions", new BufferClass(MaxText, buffers));
        Audio = new(gate, 4, port);
        Handler = new(audio ?? new(), Audio);
        Negotiator = new(gate, options ?? new(), Buffers, [.. before ?? [], .. hasAudio ? [Handler] : Array.Empty<IStreamHandler>(), .. behind ?? []]);
        gate.Close();
        Assert.True(IpEndpoint.TryRead(Encoding.ASCII.GetBytes(address), 0, out var local));
        Local = local;
        Session = new(port);
    }

    public Negotiator Negotiator { get; }

    public BufferPool Buffers { get; }

    public AudioSessions Audio { get; }

    public AudioStreamHandler Handler { get; }

    public IpEndpoint Local { get; set; }

    public MediaDirection Wanted { get; set; }

    public NegotiatedSession Session;

    public StreamContext Context => new() { Session = 0, Wanted = Wanted, Local = Local };

    public NegotiationState State => Session.State;

    /// <summary>What the audio handler's media was told last.</summary>
    public AgreedAudio Agreed
    {
        get
        {
            Assert.True(Audio.TryGet(0, out var audio), "no audio is agreed");
            return audio;
        }
    }

    public bool HasAudio => Audio.TryGet(0, out _);

    public string Offer() => Written(Negotiator.MakeOffer(ref Session, Context, _text, out int length), length);

    public string Refresh() => Written(Negotiator.MakeRefresh(ref Session, Context, _text, out int length), length);

    public string Answer() => Written(Negotiator.MakeAnswer(ref Session, Context, _text, out int length), length);

    public NegotiationResult Take(string offer, bool canReject = true) => Negotiator.TakeOffer(ref Session, Context, Octets(offer), canReject);

    public NegotiationResult TakeAnswer(string answer, bool isPreview = false) => Negotiator.TakeAnswer(ref Session, Context, Octets(answer), isPreview);

    public void Rollback() => Negotiator.Rollback(ref Session, Context);

    /// <summary>Takes an offer that is good, and answers it.</summary>
    public string Reply(string offer, bool canReject = true)
    {
        Assert.Equal(NegotiationStatus.Ok, Take(offer, canReject).Status);
        return Answer();
    }

    /// <summary>A whole exchange; what is said is told as two lines, each as <see cref="Brief"/> has it.</summary>
    public static string Exchange(Party offerer, Party answerer)
    {
        string offer = offerer.Offer();
        string answer = answerer.Reply(offer);
        Assert.Equal(NegotiationStatus.Ok, offerer.TakeAnswer(answer).Status);
        return $"{Brief(offer)}\n{Brief(answer)}";
    }

    /// <summary>The version, and each stream with its direction: <c>1: audio 4000 RTP/AVP 0 8 101 sendrecv; video 0 RTP/AVP 31</c>.</summary>
    public static string Brief(string sdp)
    {
        string version = "";
        var streams = new List<string>();
        foreach (string line in sdp.Split("\r\n"))
        {
            if (line.StartsWith("o=", StringComparison.Ordinal))
                version = line.Split(' ')[2];
            else if (line.StartsWith("m=", StringComparison.Ordinal))
                streams.Add(line[2..]);
            else if (line is "a=sendrecv" or "a=sendonly" or "a=recvonly" or "a=inactive")
                streams[^1] += " " + line[2..];
        }
        return $"{version}: {string.Join("; ", streams)}";
    }

    /// <summary>An offer of somebody else's: the lines from the first m= on.</summary>
    public static string Foreign(string streams, string connection = "IN IP4 198.51.100.7", int version = 1) =>
        $"v=0\no=- 77 {version} IN IP4 198.51.100.7\ns=-\nc={connection}\nt=0 0\n{streams}\n";

    public static byte[] Octets(string sdp) => Encoding.UTF8.GetBytes(Lines(sdp));

    /// <summary>With the line ends of SDP, whatever the test's are.</summary>
    public static string Lines(string sdp) => sdp.ReplaceLineEndings("\r\n");

    private string Written(NegotiationResult result, int length)
    {
        Assert.Equal(NegotiationStatus.Ok, result.Status);
        return Encoding.UTF8.GetString(_text, 0, length);
    }
}
