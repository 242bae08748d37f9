// What the program exits with; scripts lean on these numbers.
namespace SipEmbedded.Device;

internal static class ExitStatus
{
    public const int WellFormed = 0;

    /// <summary>At least one message has a fault.</summary>
    public const int Fault = 1;

    /// <summary>The command line is wrong, or an input cannot be read.</summary>
    public const int Usage = 2;
}
