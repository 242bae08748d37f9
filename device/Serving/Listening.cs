// Sockets that a command needs at once: it says which it has, or why it cannot have one.
using System.ComponentModel;
using SipEmbedded.Host;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Serving;

/// <summary>A host's sockets for a command. A device tries again what it cannot open; a command ends.</summary>
internal static class Listening
{
    /// <summary>Opens the sockets and gives what they are bound to. False, told on the standard error, where one cannot be opened.</summary>
    public static bool TryOpen(SipHost host, out ListeningPoint[] points)
    {
        host.Open();
        BoundSocket[] sockets = [.. host.UdpSockets, .. host.TcpListeners];
        points = new ListeningPoint[sockets.Length];
        for (int i = 0; i < sockets.Length; i++)
        {
            points[i] = new(i < host.UdpSockets.Length ? Protocol.Udp : Protocol.Tcp, sockets[i].Local);
            if (!sockets[i].IsOpen)
                Console.Error.WriteLine($"doorphone: cannot listen on {NameOf(points[i])}: {new Win32Exception(sockets[i].LastError).Message}");
        }
        return sockets.All(socket => socket.IsOpen);
    }

    public static string NameOf(ListeningPoint point) => $"{(point.Protocol == Protocol.Tcp ? "tcp" : "udp")} {EndpointText.Of(point.Endpoint)}";
}
