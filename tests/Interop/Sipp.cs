// SIPp, with its own scenarios as they are.
namespace SipEmbedded.Interop.Tests;

internal static class Sipp
{
    public const int Calls = 20;

    // Calls a second: slow enough that nothing is sent again because a machine is busy.
    private const int Rate = 20;

    /// <summary>Under loss a call may need several intervals of up to 4 s each.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    // u1: one UDP socket; t1: one connection; tn: a connection for each call.
    private static IEnumerable<string> Common(string transport, int lossPercent) =>
    [
        "-t", transport, "-i", "127.0.0.1", "-nostdin", "-m", $"{Calls}", "-timeout", "85s", "-timeout_error", "-max_socket", "500",
        .. lossPercent > 0 ? (string[])["-lost", $"{lossPercent}"] : [],
    ];

    public static ChildProcess Caller(string transport, int port, int lossPercent = 0) =>
        new("sipp", ["-sn", "uac", .. Common(transport, lossPercent), "-r", $"{Rate}", $"127.0.0.1:{port}"]);

    public static ChildProcess Callee(string transport, int port, int lossPercent = 0)
    {
        var child = new ChildProcess("sipp", ["-sn", "uas", .. Common(transport, lossPercent), "-p", $"{port}"]);
        Ports.WaitFor(port, transport[0] == 't', child);
        return child;
    }
}
