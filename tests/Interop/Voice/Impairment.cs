// How a network harms sound.
namespace SipEmbedded.Interop.Tests.Voice;

/// <summary>What a network does to packets of sound, each way for itself and by a seed.</summary>
internal sealed record Impairment(string Name)
{
    public static readonly Impairment None = new("none");

    public int LossPercent { get; init; }

    /// <summary>Each packet is delayed by up to so much, evenly.</summary>
    public int JitterMs { get; init; }

    /// <summary>None overtakes another: the jitter is that of a queue.</summary>
    public bool IsInOrder { get; init; }

    /// <summary>So many of a hundred packets come <see cref="LateMs"/> later than the others.</summary>
    public int LatePercent { get; init; }

    public int LateMs { get; init; }

    public int Seed { get; init; } = 1;
}
