// The libraries that we measure ourselves against, and how much faster than each this project wants to be.

namespace SipEmbedded.Bench.Peers;

/// <param name="Name">Of the column, of the shim, and of the key in the last line.</param>
/// <param name="SharedObject">How the library's file name starts.</param>
/// <param name="Copies">Whether the shim copies the datagram into the library's own buffer.</param>
/// <param name="WantedRatio">The library's mean, divided by ours, is to be at least this.</param>
internal sealed record Peer(string Name, string SharedObject, bool Copies, double WantedRatio)
{
    public static readonly Peer[] All =
    [
        new("sofia", "libsofia-sip-ua.so", Copies: true, 4.5),
        new("osip2", "libosipparser2.so", Copies: false, 8),
        new("libre", "libre.so", Copies: true, 15),
    ];
}
