// What is asked of any socket, and which address of ours leads to a peer.
using SipEmbedded.Host.Interop;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

internal static unsafe class Sockets
{
    /// <summary>Sets an option. False where this kernel lacks it, or has less to grant; all that Host sets it can do without.</summary>
    public static bool TrySet(int descriptor, int level, int name, int value) =>
        Libc.SetSocketOption(descriptor, level, name, &value, sizeof(int)) == 0;

    /// <summary>The address that a socket has.</summary>
    public static bool TryLocalOf(int descriptor, out IpEndpoint local)
    {
        SocketAddress address;
        uint length = SocketAddress.V6Octets;
        bool isKnown = Libc.GetSocketName(descriptor, &address, &length) == 0;
        local = isKnown ? address.Endpoint : default;
        return isKnown;
    }

    /// <summary>
    /// The address that the kernel would send from to <paramref name="remote"/>, with port 0: a UDP socket is connected there, which sends nothing. False
    /// where no way leads there now.
    /// </summary>
    public static bool TryLocalFor(in IpEndpoint remote, out IpEndpoint local)
    {
        local = default;
        int descriptor = Libc.Socket(SocketAddress.FamilyOf(remote), Number.Datagram | Number.CloseOnExec, 0);
        if (descriptor < 0)
            return false;
        bool isKnown = TryLocalFor(descriptor, remote, out local, out _);
        _ = Libc.Close(descriptor);
        return isKnown;
    }

    /// <summary>The same by a UDP socket of the caller's, of the remote's family, which is connected there afterwards.</summary>
    public static bool TryLocalFor(int descriptor, in IpEndpoint remote, out IpEndpoint local, out int error)
    {
        local = default;
        // Connected a second time it would keep the address that it got the first time.
        var nowhere = new SocketAddress { Family = Number.FamilyUnspecified };
        _ = Libc.Connect(descriptor, &nowhere, SocketAddress.V4Octets);
        // A port of 0 cannot be connected to on every kernel; which one does not matter to the route.
        var address = new SocketAddress(remote.Port != 0 ? remote : remote.WithPort(AnyPort));
        bool isKnown = Libc.Connect(descriptor, &address, address.Length) == 0 && TryLocalOf(descriptor, out local);
        error = isKnown ? 0 : Libc.LastError;
        local = local.WithPort(0);
        return isKnown;
    }

    // SIP's own (RFC 3261 §19.1.2).
    private const ushort AnyPort = 5060;
}
