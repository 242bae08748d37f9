// What is known of a session's sound, as numbers and in words.
using SipEmbedded.Audio;
using SipEmbedded.Rtp;
using SipEmbedded.Sdp;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Voice;

/// <summary>A session's figures since it was opened.</summary>
public readonly struct VoiceFigures
{
    /// <summary>The codec that is sent.</summary>
    public AudioCodec Codec { get; internal init; }

    public MediaDirection Direction { get; internal init; }

    /// <summary>Where RTP goes.</summary>
    public IpEndpoint Remote { get; internal init; }

    /// <summary>The peer is heard from another address than it signalled.</summary>
    public bool IsElsewhere { get; internal init; }

    public long PacketsSent { get; internal init; }

    /// <summary>What came in.</summary>
    public ReceptionFigures Reception { get; internal init; }

    /// <summary>What the peer's reports say of what we send, and the round trip.</summary>
    public RtcpPeerFigures Peer { get; internal init; }

    public JitterFigures Jitter { get; internal init; }

    /// <summary>How it sounds here (ITU-T G.107).</summary>
    public CallQuality Quality { get; internal init; }

    /// <summary>Packets from addresses that are not the peer's.</summary>
    public long Foreign { get; internal init; }

    /// <summary>Packets that were none of RTP or RTCP, or of a payload type that was not agreed.</summary>
    public long Unknown { get; internal init; }

    /// <summary>Packets that came before it was agreed who sends them.</summary>
    public long Early { get; internal init; }

    /// <summary>Writes the figures as lines of text, each behind <paramref name="indent"/>.</summary>
    public void Write(ref ByteWriter writer, scoped ReadOnlySpan<byte> indent)
    {
        writer.Write(indent);
        writer.Write("voice    "u8);
        writer.Write(AudioCodecs.NameOf(Codec));
        writer.Write(" to "u8);
        Remote.WriteHostPort(ref writer);
        writer.Write(IsElsewhere ? ", where the peer is heard from, "u8 : ", "u8);
        writer.Write(Direction switch
        {
            MediaDirection.SendReceive => "both ways"u8,
            MediaDirection.SendOnly => "sent alone"u8,
            MediaDirection.ReceiveOnly => "received alone"u8,
            _ => "neither way"u8,
        });
        writer.Write("\r\n"u8);

        writer.Write(indent);
        writer.Write("sent     "u8);
        writer.Write((ulong)PacketsSent);
        writer.Write(" packets"u8);
        if (Peer.Reports > 0)
        {
            writer.Write(", of which the peer lost "u8);
            writer.Write((ulong)Math.Max(0, Peer.CumulativeLost));
            writer.Write(", jitter there "u8);
            WriteMilliseconds(ref writer, Peer.Jitter);
        }
        if (Peer.RoundTrip is { } roundTrip)
        {
            writer.Write(", round trip "u8);
            WriteMilliseconds(ref writer, roundTrip);
        }
        writer.Write("\r\n"u8);

        writer.Write(indent);
        writer.Write("received "u8);
        writer.Write((ulong)Reception.Received);
        writer.Write(" packets, lost "u8);
        writer.Write((ulong)Math.Max(0, Reception.Lost));
        writer.Write(", late "u8);
        writer.Write((ulong)Reception.Late);
        writer.Write(", reordered "u8);
        writer.Write((ulong)Reception.Reordered);
        writer.Write(", duplicate "u8);
        writer.Write((ulong)Reception.Duplicates);
        writer.Write(", jitter "u8);
        WriteMilliseconds(ref writer, Reception.Jitter);
        if (Foreign + Unknown > 0)
        {
            writer.Write(", not the peer's "u8);
            writer.Write((ulong)Foreign);
            writer.Write(", not understood "u8);
            writer.Write((ulong)Unknown);
        }
        writer.Write("\r\n"u8);

        writer.Write(indent);
        writer.Write("buffer   "u8);
        WriteMilliseconds(ref writer, Jitter.SmoothedDelay);
        writer.Write(" of "u8);
        WriteMilliseconds(ref writer, Jitter.TargetDelay);
        writer.Write(" wanted, concealed "u8);
        writer.Write((ulong)Jitter.ConcealedSamples);
        writer.Write(" samples, shortened "u8);
        writer.Write((ulong)Jitter.AcceleratedSamples);
        writer.Write(", lengthened "u8);
        writer.Write((ulong)Jitter.ExpandedSamples);
        writer.Write("\r\n"u8);

        writer.Write(indent);
        writer.Write("quality  R "u8);
        writer.WriteThousandths((uint)Math.Clamp(Quality.R * 1000, 0, uint.MaxValue));
        writer.Write(", MOS "u8);
        writer.WriteThousandths((uint)Math.Clamp(Quality.Mos * 1000, 0, uint.MaxValue));
        writer.Write("\r\n"u8);
    }

    private static void WriteMilliseconds(ref ByteWriter writer, TimeSpan span)
    {
        writer.Write((ulong)Math.Max(0, span.TotalMilliseconds));
        writer.Write(" ms"u8);
    }
}

/// <summary>What happened in a voice layer, counted since start.</summary>
public struct VoiceCounters
{
    /// <summary>Pairs of ports that were opened and found no room.</summary>
    public long PairsRefused { get; internal set; }

    /// <summary>Streams that were refused since no slot or no pair of ports was left.</summary>
    public long SessionsRefused { get; internal set; }

    /// <summary>Packets to ports that nobody has.</summary>
    public long Unexpected { get; internal set; }

    /// <summary>Events that nobody polled for in time.</summary>
    public long EventsDropped { get; internal set; }

    /// <summary>Reports that a stream ends which found no room, so that the peer learns it by signalling alone.</summary>
    public long FarewellsDropped { get; internal set; }

    // Of one session, for its figures.
    internal struct Session
    {
        public long Foreign;
        public long Unknown;
        public long Early;
    }
}
