// Which of our addresses the kernel would send from, asked as often as the core wants to know (Transport/ILocalAddresses.cs).
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Host;

/// <summary>
/// The kernel's own choice of address. A UDP socket is connected to the peer, which sends nothing, and asked for its name; one socket of each IP version is
/// kept, opened when it is needed first.
/// </summary>
public sealed unsafe class HostAddresses : ILocalAddresses
{
    private const int NoDescriptor = -1;

    private int _v4 = NoDescriptor;
    private int _v6 = NoDescriptor;

    [StartUp(Because = "made before start")]
    internal HostAddresses()
    {
    }

    /// <inheritdoc/>
    public bool TryLocalFor(in IpEndpoint remote, out IpEndpoint local)
    {
        ref int descriptor = ref remote.IsV4 ? ref _v4 : ref _v6;
        if (descriptor != NoDescriptor)
        {
            if (Sockets.TryLocalFor(descriptor, remote, out local, out int error))
                return true;
            if (!Faults.IsDeath(error))
                return false;
        }
        local = default;
        descriptor = Libc.Socket(SocketAddress.FamilyOf(remote), Number.Datagram | Number.CloseOnExec, 0);
        return descriptor != NoDescriptor && Sockets.TryLocalFor(descriptor, remote, out local, out _);
    }

    internal void Close()
    {
        if (_v4 != NoDescriptor)
            _ = Libc.Close(_v4);
        if (_v6 != NoDescriptor)
            _ = Libc.Close(_v6);
        _v4 = _v6 = NoDescriptor;
    }
}
