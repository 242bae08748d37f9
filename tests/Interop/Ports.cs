// Ports for programs that must be told theirs, and whether they listen.
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace SipEmbedded.Interop.Tests;

internal static class Ports
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>A port that nobody has a moment ago, for UDP and TCP.</summary>
    public static int Free()
    {
        while (true)
        {
            using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            int port = ((IPEndPoint)udp.Client.LocalEndPoint!).Port;
            using var tcp = new TcpListener(IPAddress.Loopback, port);
            try
            {
                tcp.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody's, for TCP: another one.
            }
        }
    }

    /// <summary>Waits until somebody is bound to a port; the kernel's table tells without a message sent.</summary>
    public static void WaitFor(int port, bool isTcp, ChildProcess owner)
    {
        string local = $":{port:X4} ";
        // A socket of IPv6 may serve IPv4 as well.
        string[] tables = isTcp ? ["/proc/net/tcp", "/proc/net/tcp6"] : ["/proc/net/udp", "/proc/net/udp6"];
        for (var end = DateTime.UtcNow + Limit; DateTime.UtcNow < end; Thread.Sleep(20))
        {
            if (tables.Where(File.Exists).SelectMany(File.ReadLines).Any(line => line.Contains(local, StringComparison.Ordinal)))
                return;
        }
        Assert.Fail($"nobody listens on port {port}:\n{owner.Text}");
    }
}
