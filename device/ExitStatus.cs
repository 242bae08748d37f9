// What the program exits with; scripts lean on these numbers.
namespace SipEmbedded.Device;

internal static class ExitStatus
{
    /// <summary>Done as it was asked for; of "inspect": all messages are well formed.</summary>
    public const int Done = 0;

    /// <summary>Of "inspect": at least one message has a fault. Of "probe": not every attempt succeeded. Of "answer": calls were left at the end.</summary>
    public const int Fault = 1;

    /// <summary>The command line is wrong, an input cannot be read, an address cannot be had.</summary>
    public const int Usage = 2;
}
