// Many devices and one registrar that is started again: when they come back, and how many at once.
using System.Globalization;
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed record StormOptions
{
    public int Devices { get; init; } = 1000;

    public Protocol Protocol { get; init; } = Protocol.Udp;

    /// <summary>How long the registrar is away; it has lost all bindings then.</summary>
    public TimeSpan Down { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>False: its system says that nobody listens, and connections are cut at once.</summary>
    public bool IsSilent { get; init; }

    /// <summary>What the registrar can answer in a second; what it cannot waits, then is dropped.</summary>
    public int RequestsPerSecond { get; init; } = 200;
}

/// <param name="Arrivals">REGISTERs, retries with credentials included, counted from the moment in which the registrar is back.</param>
/// <param name="AllBack">From then until every device could be called.</param>
internal sealed record StormResult(StormOptions Options, IReadOnlyList<TimeSpan> Arrivals, TimeSpan AllBack, long Dropped)
{
    private const int BarOctets = 60;

    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(10);

    public int HighestRate => Arrivals.GroupBy(arrival => (long)arrival.TotalSeconds).Select(second => second.Count()).DefaultIfEmpty().Max();

    public string Report()
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Options.Devices} devices over {Options.Protocol}; the registrar is away for {Options.Down.TotalSeconds:0} s{(Options.IsSilent ? ", silent" : Options.Protocol == Protocol.Udp ? ", its system refuses" : ", connections cut at once")}\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"highest rate {HighestRate} REGISTERs a second, {Dropped} dropped; all back {AllBack.TotalSeconds:0.0} s after the registrar\n");
        var counts = Arrivals.GroupBy(arrival => (int)(arrival / s_step)).ToDictionary(group => group.Key, group => group.Count());
        int most = counts.Values.DefaultIfEmpty(1).Max();
        for (int step = 0; step <= counts.Keys.DefaultIfEmpty().Max(); step++)
        {
            int count = counts.GetValueOrDefault(step);
            if (count == 0)
            {
                if (counts.ContainsKey(step - 1))
                    text.Append("     ...\n");
                continue;
            }
            text.Append(CultureInfo.InvariantCulture, $"{step * s_step.TotalSeconds,6:0} s {count,6} {new string('#', (count * BarOctets + most - 1) / most)}\n");
        }
        return text.ToString();
    }
}

internal static class Storm
{
    /// <summary>
    /// REGISTERs in any second, of a thousand devices: a request and the answer to its challenge are two. Most come of requests that are sent again every 4 s
    /// (RFC 3261 §17.1.2.2, T2) while nobody answers: of a fifth of the devices, when a refresh was due, all within 4 s.
    /// </summary>
    public const int HighestRate = 300;

    /// <summary>A registration of ten minutes whose loss nobody noticed is refreshed within nine; then the longest wait behind a failure.</summary>
    public static readonly TimeSpan AllBackWithin = TimeSpan.FromMinutes(10);

    /// <summary>The storms that are shown: nobody notices, the system says that nobody listens, connections are cut.</summary>
    public static IReadOnlyList<StormOptions> Usual { get; } =
        [new() { IsSilent = true }, new(), new() { Protocol = Protocol.Tcp, IsSilent = true }, new() { Protocol = Protocol.Tcp }];

    /// <summary>
    /// So long the devices were registered before; all were switched on in one second, as behind a power cut. The registrar goes when the fourth refresh of most of
    /// them is due.
    /// </summary>
    private static readonly TimeSpan s_before = TimeSpan.FromMinutes(34.5);

    /// <summary>By then all are back, or something is wrong.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    public static StormResult Of(StormOptions options, ulong seed = 1)
    {
        StormResult? result = null;
        RegistrationScene.Play(scene => result = Of(scene, options), seed, keepsHistory: false, readsGrammar: false);
        return result!;
    }

    private static StormResult Of(RegistrationScene scene, StormOptions options)
    {
        var registrar = scene.AddRegistrar(new() { RequestsPerSecond = options.RequestsPerSecond, QueueLength = 2 * options.RequestsPerSecond }, transactions: 32_768);
        var world = scene.World;
        var devices = new List<RegisteredDevice>();
        for (int i = 0; i < options.Devices; i++)
        {
            var plan = new AccountPlan(string.Create(CultureInfo.InvariantCulture, $"u{i}"), "secret") { Server = "sip:192.0.2.10", Protocol = options.Protocol };
            var device = scene.AddDevice([plan], keepsEvents: false);
            devices.Add(device);
            world.After(TimeSpan.FromMilliseconds(world.Chance.Below(1000)), device.Start);
        }
        scene.RunFor(s_before);
        Expect(devices, registrar, world);
        registrar.Reboot(options.Down, options.IsSilent);
        scene.RunFor(options.Down);
        var back = world.Now;
        registrar.Arrivals.Clear();
        long lost = world.Network.Counters.Lost;
        var missing = devices.ToList();
        while (missing.Count > 0)
        {
            scene.RunFor(TimeSpan.FromMilliseconds(100));
            missing.RemoveAll(device => registrar.Reaches(device.Plans[0].Record, device.Node));
            if (world.Now - back > s_longest)
                Expect(missing, registrar, world);
        }
        var allBack = world.Now - back;
        return new(options, [.. registrar.Arrivals.Select(arrival => arrival.Time - back)], allBack, world.Network.Counters.Lost - lost);
    }

    private static void Expect(List<RegisteredDevice> devices, Registrar registrar, World world)
    {
        var missing = devices.FindAll(device => !registrar.Reaches(device.Plans[0].Record, device.Node));
        if (missing.Count > 0)
            throw new SimulationFailure("Storm", $"{missing.Count} devices are not registered at {world.Now.Milliseconds} ms, {missing[0].Node.Name} among them");
    }
}
