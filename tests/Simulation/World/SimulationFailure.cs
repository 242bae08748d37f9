// What a check throws: the run ends there, with the history up to it.
namespace SipEmbedded.Simulation;

/// <summary>Something was seen that may not be.</summary>
internal sealed class SimulationFailure(string check, string what) : Exception($"{check}: {what}")
{
    /// <summary>The check that saw it.</summary>
    public string Check { get; } = check;
}
