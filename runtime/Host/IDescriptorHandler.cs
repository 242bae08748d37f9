// Who is told that a descriptor is ready: sockets here, GPIO lines and sound cards elsewhere.
using SipEmbedded.Memory;

namespace SipEmbedded.Host;

/// <summary>What a descriptor is ready for, as poll(2) has it.</summary>
[Flags]
public enum DescriptorEvents : short
{
    None = 0,

    /// <summary>POLLIN.</summary>
    Readable = 0x01,

    /// <summary>POLLPRI: an exceptional condition, as sysfs attributes have it.</summary>
    Urgent = 0x02,

    /// <summary>POLLOUT.</summary>
    Writable = 0x04,

    /// <summary>POLLERR. Told without being asked for.</summary>
    Error = 0x08,

    /// <summary>POLLHUP. Told without being asked for.</summary>
    HangUp = 0x10,

    /// <summary>POLLNVAL: the descriptor is not open. It is not watched any longer.</summary>
    Invalid = 0x20,
}

/// <summary>Is called on the loop's thread. It does not block, allocate or throw.</summary>
public interface IDescriptorHandler
{
    /// <summary>
    /// A descriptor that was watched with this <paramref name="token"/> is ready. It is asked again at once until it is not: a handler reads what there is,
    /// or changes what is watched for. What it makes the engine do is drained when it returns.
    /// </summary>
    void HandleReady(Instant now, int token, DescriptorEvents events);
}
