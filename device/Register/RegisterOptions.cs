using SipEmbedded.Device.Configuration;

namespace SipEmbedded.Device.Register;

/// <summary>What is done with the accounts.</summary>
internal enum RegisterTask
{
    /// <summary>Registered until somebody stops it, then unregistered.</summary>
    Stay,

    /// <summary>Asked for their bindings, once.</summary>
    Query,

    /// <summary>Every binding removed, once, also those of other devices.</summary>
    UnregisterAll,
}

/// <summary>What "doorphone register" was asked for.</summary>
internal sealed class RegisterOptions
{
    public required string ConfigurationPath { get; init; }

    public required PhoneConfiguration Configuration { get; init; }

    public RegisterTask Task { get; init; }

    public bool IsJson { get; init; }

    /// <summary>A line an event although the output is a terminal.</summary>
    public bool IsPlain { get; init; }

    public string? TracePath { get; init; }
}
