using SipEmbedded.Transport;

namespace SipEmbedded.Device.Answer;

/// <summary>What "doorphone answer" was asked for.</summary>
internal sealed class AnswerOptions
{
    public required IpEndpoint[] Listen { get; init; }

    public required bool Udp { get; init; }

    public required bool Tcp { get; init; }

    public TimeSpan RingTime { get; init; }

    public required int Calls { get; init; }

    public required int CallsPerSecond { get; init; }

    public required int Connections { get; init; }

    public string? TracePath { get; init; }

    public bool PlanOnly { get; init; }
}
