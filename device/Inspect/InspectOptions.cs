namespace SipEmbedded.Device.Inspect;

/// <summary>What was asked for.</summary>
/// <param name="Inputs">File names, or <see cref="StandardInput"/>.</param>
/// <param name="IsStream">Inputs are byte streams, not datagrams.</param>
/// <param name="Allow">Deviations that are no fault.</param>
internal sealed record InspectOptions(IReadOnlyList<string> Inputs, bool IsStream, Tolerance Allow, bool Json, bool Verbose)
{
    public const string StandardInput = "-";
}
