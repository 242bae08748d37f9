// What "doorphone call" was asked for, as its command line was read.
using SipEmbedded.Audio;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Call;

internal enum KeyWay : byte
{
    /// <summary>As events among the packets (RFC 4733), or as tones where the peer takes none.</summary>
    Event,

    /// <summary>By SIP INFO.</summary>
    Info,

    /// <summary>As tones in the sound.</summary>
    Tone,
}

/// <summary>What "doorphone call" was asked for.</summary>
internal sealed class CallOptions
{
    /// <summary>Whom to call; null waits to be called.</summary>
    public string? Uri { get; init; }

    public required IpEndpoint[] Listen { get; init; }

    public required AudioCodec[] Codecs { get; init; }

    public required int PacketTimeMs { get; init; }

    public required int MediaPort { get; init; }

    public required int MostDelayMs { get; init; }

    public string? PlayPath { get; init; }

    public bool PlaysOn { get; init; }

    public string? RecordPath { get; init; }

    /// <summary>How long to talk before hanging up; zero until the peer does.</summary>
    public TimeSpan TalkTime { get; init; }

    public string Keys { get; init; } = "";

    /// <summary>How long after the answer the first is pressed; sound goes first, so that both ends hear each other before a key comes.</summary>
    public TimeSpan KeysAfter { get; init; }

    public KeyWay KeyWay { get; init; }

    public bool DetectsTones { get; init; }

    /// <summary>Calls to be answered before the program ends, where it waits.</summary>
    public int Count { get; init; }

    public bool IsJson { get; init; }

    public string? TracePath { get; init; }
}
