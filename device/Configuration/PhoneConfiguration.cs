// The door-phone's configuration: one commented JSON file (device/doorphone.example.json shows all of it).
using SipEmbedded.Device.Serving;
using SipEmbedded.Host;
using SipEmbedded.Registration;
using SipEmbedded.Resolution;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Configuration;

/// <summary>How an account comes back after failures, in seconds (<see cref="RegistrationOptions"/>).</summary>
internal sealed record RetryConfiguration(int FirstSeconds, int LongestSeconds, int RefusedSeconds, int SpreadSeconds)
{
    public static RetryConfiguration Standard { get; } = Of(new());

    private static RetryConfiguration Of(RegistrationOptions options) => new((int)options.RetryBase.TotalSeconds, (int)options.RetryMost.TotalSeconds,
        (int)options.RefusedRetry.TotalSeconds, (int)options.Spread.TotalSeconds);
}

/// <summary>A configuration file, checked.</summary>
internal sealed record PhoneConfiguration
{
    // The house, the concierge, a second provider, each with one in reserve.
    public const int MaxAccounts = 8;

    // A file of a hundred lines is a few kilobytes; a mistaken path to a device or a log is not read to its end.
    public const int MaxOctets = 1 << 20;

    /// <summary>Where UDP and TCP are served.</summary>
    public required IpEndpoint[] Listen { get; init; }

    /// <summary>The resolver's files.</summary>
    public required string ResolvConf { get; init; }

    public required string Hosts { get; init; }

    /// <summary>For so long a server that failed is passed over (<see cref="ResolverOptions.DeadTime"/>).</summary>
    public required int DeadTimeSeconds { get; init; }

    /// <summary>For so long a name that nobody answered for is not asked for again (<see cref="ResolverOptions.FailureTime"/>).</summary>
    public required int FailureTimeSeconds { get; init; }

    public required RetryConfiguration Retry { get; init; }

    public required AccountConfiguration[] Accounts { get; init; }

    /// <summary>Reads a file. Null, and each mistake on <paramref name="errors"/>, where it cannot be used.</summary>
    public static PhoneConfiguration? Load(string path, TextWriter errors)
    {
        byte[] octets;
        try
        {
            using var file = File.OpenRead(path);
            octets = new byte[MaxOctets + 1];
            int length = file.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
            if (length > MaxOctets)
            {
                errors.WriteLine($"doorphone: {path} is larger than {MaxOctets} octets, so it is no configuration");
                return null;
            }
            Array.Resize(ref octets, length);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"doorphone: cannot read the configuration: {failure.Message}");
            return null;
        }
        List<ConfigurationFault> faults = [];
        var configuration = Read(octets, new(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!), faults);
        foreach (var fault in faults.OrderBy(fault => fault.Line))
            errors.WriteLine(fault.In(path));
        return configuration;
    }

    /// <summary>Reads the text of a file; null where there is a fault.</summary>
    public static PhoneConfiguration? Read(ReadOnlySpan<byte> octets, SecretSource secrets, List<ConfigurationFault> faults)
    {
        if (ConfigurationNode.Read(octets, faults) is not { } root)
            return null;
        if (root.Kind != ConfigurationKind.Section)
        {
            faults.Add(new(root.Line, "", $"{root.Shown} is not allowed: a section {{…}} with accounts"));
            return null;
        }
        var section = new ConfigurationSection(root, "", faults);
        var listen = section.Texts("listen", HostOptions.MaxSockets / 2, CheckEndpoint);
        string resolvConf = "/etc/resolv.conf", hosts = "/etc/hosts";
        var standard = new ResolverOptions();
        int deadTime = (int)standard.DeadTime.TotalSeconds, failureTime = (int)standard.FailureTime.TotalSeconds;
        if (section.Section("resolver") is { } resolver)
        {
            resolvConf = resolver.Text("configuration", CheckPath) ?? resolvConf;
            hosts = resolver.Text("hosts", CheckPath) ?? hosts;
            deadTime = (int)resolver.Number("deadTime", deadTime, 1, AccountLimits.MaxSeconds, "seconds");
            failureTime = (int)resolver.Number("failureTime", failureTime, 1, AccountLimits.MaxSeconds, "seconds");
            resolver.End();
        }
        var retry = section.Section("registration") is { } registration ? ReadRetry(registration) : RetryConfiguration.Standard;
        var accounts = section.Sections("accounts", MaxAccounts, isRequired: true).Select(account => AccountReader.Read(account, secrets)).ToArray();
        section.End();
        for (int i = 0; i < accounts.Length; i++)
        {
            if (accounts.Take(i).Any(earlier => earlier.Name == accounts[i].Name))
                section.Refuse("accounts", $"two accounts are named \"{accounts[i].Name}\": give each a name of its own");
        }
        return faults.Count > 0 ? null : new()
        {
            Listen = [.. (listen.Count > 0 ? listen : ["0.0.0.0"]).Select(EndpointOf)],
            ResolvConf = resolvConf,
            Hosts = hosts,
            DeadTimeSeconds = deadTime,
            FailureTimeSeconds = failureTime,
            Retry = retry,
            Accounts = accounts,
        };
    }

    private static RetryConfiguration ReadRetry(ConfigurationSection section)
    {
        var standard = RetryConfiguration.Standard;
        RetryConfiguration retry = new(Seconds("retry", standard.FirstSeconds, 1), Seconds("longestRetry", standard.LongestSeconds, 1),
            Seconds("refusedRetry", standard.RefusedSeconds, 1), Seconds("spread", standard.SpreadSeconds, 0));
        if (retry.LongestSeconds < retry.FirstSeconds)
            section.Refuse("longestRetry", "it is shorter than \"retry\"");
        section.End();
        return retry;

        int Seconds(string name, int otherwise, int least) => (int)section.Number(name, otherwise, least, AccountLimits.MaxSeconds, "seconds");
    }

    private static string? CheckEndpoint(string text) =>
        EndpointText.TryRead(text, ResponseRoute.DefaultPort, out _) ? null : "is no address: 192.0.2.1, :5070, [2001:db8::1]:5070";

    private static string? CheckPath(string text) => text.StartsWith('/') ? null : "is no path from the root: /etc/…";

    private static IpEndpoint EndpointOf(string text)
    {
        EndpointText.TryRead(text, ResponseRoute.DefaultPort, out var endpoint);
        return endpoint;
    }
}
