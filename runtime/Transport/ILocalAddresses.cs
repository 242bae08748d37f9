// Which of our addresses a message goes out from. The kernel's routes decide that, so Host answers it, and a simulation in its place.
using SipEmbedded.Memory;

namespace SipEmbedded.Transport;

/// <summary>The routes of this machine, asked when a flow is chosen and again after <see cref="ISipEngine.HandleNetworkChange"/>.</summary>
public interface ILocalAddresses
{
    /// <summary>The address, without a port, that is sent from to <paramref name="remote"/>; false where no way leads there now.</summary>
    bool TryLocalFor(in IpEndpoint remote, out IpEndpoint local);
}

/// <summary>Nothing is known of the machine: "any" address of the remote's family is sent from, and the host's sockets decide.</summary>
public sealed class AnyLocalAddress : ILocalAddresses
{
    [StartUp(Because = "made before start")]
    public AnyLocalAddress()
    {
    }

    public bool TryLocalFor(in IpEndpoint remote, out IpEndpoint local)
    {
        local = remote.AnyOfFamily;
        return true;
    }
}
