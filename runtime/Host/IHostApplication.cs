// What an application that is hosted is asked beside its engine: to come to an end, and to look at its configuration again.
using SipEmbedded.Memory;

namespace SipEmbedded.Host;

/// <summary>Is called on the loop's thread; what it makes the engine do is drained when it returns.</summary>
public interface IHostApplication
{
    /// <summary>
    /// Somebody wants the host to stop (SIGTERM, SIGINT, <see cref="SipHost.RequestStop"/>): hang up, unregister. Called once.
    /// </summary>
    void HandleStop(Instant now);

    /// <summary>After <see cref="HandleStop"/>: true as soon as nothing is left to be done. Asked after whatever happens.</summary>
    bool IsDrained { get; }

    /// <summary>SIGHUP, or <see cref="SipHost.RequestReload"/>.</summary>
    void HandleReload(Instant now);
}

/// <summary>Why <see cref="SipHost.Run"/> returned.</summary>
public enum StopReason
{
    /// <summary>In order: the application was drained, and what it sent last has left.</summary>
    Drained,

    /// <summary>It was asked to stop a second time.</summary>
    Insisted,

    /// <summary>The application was not drained within <see cref="HostOptions.StopTimeout"/>.</summary>
    TimedOut,
}
