using SipEmbedded.Peer;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Probe;

/// <summary>What "doorphone probe" was asked for.</summary>
internal sealed class ProbeOptions
{
    public required byte[] Uri { get; init; }

    public required IpEndpoint Remote { get; init; }

    public required Protocol Protocol { get; init; }

    public required AttemptKind Kind { get; init; }

    /// <summary>0 for no end.</summary>
    public required int Count { get; init; }

    /// <summary>Attempts a second.</summary>
    public required double Rate { get; init; }

    public required int Concurrency { get; init; }

    public TimeSpan HoldTime { get; init; }

    public TimeSpan AnswerLimit { get; init; }

    public string? TracePath { get; init; }

    public bool IsQuiet { get; init; }
}
