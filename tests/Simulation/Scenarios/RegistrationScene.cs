// A stage for registration: registrars, a name server, devices with accounts, perhaps a translator between them, and what is always watched.
using SipEmbedded.Agent;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal sealed class RegistrationScene
{
    /// <summary>Types of which a scene may be the first user, each ending it once (see <see cref="Run.Of"/>).</summary>
    private const int MaxFirstUses = 80;

    private readonly ulong _seed;
    private readonly List<Registrar> _registrars = [];
    private readonly List<RegisteredDevice> _devices = [];

    public RegistrationScene(ulong seed, bool keepsHistory = true, bool readsGrammar = true)
    {
        _seed = seed;
        World = new(seed, NetworkFaults.None with { LatencyUs = 5000 }, keepsHistory: keepsHistory);
        var tap = new MessageTap();
        Check = new(new());
        if (readsGrammar)
            tap.Add(new GrammarCheck(tap, World.Chance.Fork(3)));
        tap.Add(Check);
        World.Add(tap);
        World.Add(Check);
    }

    public World World { get; }

    public RegistrationCheck Check { get; }

    public NameServer? Names { get; private set; }

    /// <summary>192.0.2.10 and up.</summary>
    public static IpEndpoint RegistrarAddress(int number) => IpEndpoint.V4(0xC000020A + (uint)number, 5060);

    /// <summary>10.1.0.1 and up; without a translator there is a way to everybody all the same.</summary>
    public static IpEndpoint DeviceAddress(int number) => IpEndpoint.V4(0x0A010001 + (uint)number, 5060);

    /// <summary>192.0.2.53.</summary>
    public static IpEndpoint NameServerAddress { get; } = IpEndpoint.V4(0xC0000235, NameServer.Port);

    private static IpEndpoint TranslatorAddress { get; } = IpEndpoint.V4(0xC00002C8, 0);

    /// <summary>Its server is a name: <paramref name="zone"/> is what the name server knows.</summary>
    public NameServer AddNames(string zone) => Names = new(World, "names", 100, NameServerAddress, zone);

    public Translator AddTranslator()
    {
        var translator = new Translator(World, TranslatorAddress);
        World.Network.Add(translator);
        return translator;
    }

    public Registrar AddRegistrar(RegistrarBehaviour? behaviour = null, int transactions = 64, bool isStarted = true, bool keepsArrivals = true)
    {
        var registrar = new Registrar(
            World, $"registrar{_registrars.Count + 1}", _registrars.Count, RegistrarAddress(_registrars.Count), behaviour ?? new(), transactions) { KeepsArrivals = keepsArrivals };
        _registrars.Add(registrar);
        foreach (var device in _devices)
            Introduce(registrar, device);
        if (isStarted)
            registrar.Start();
        return registrar;
    }

    /// <summary>A device that is not started yet; every registrar knows its passwords.</summary>
    public RegisteredDevice AddDevice(
        AccountPlan[] plans, Func<SipAgentOptions, SipAgentOptions>? change = null, Translator? behind = null, bool registersAtStart = true, bool keepsEvents = true,
        Func<string, SipAgent, AgentPort>? makePort = null)
    {
        var options = DeviceOptions.Of(plans.Length);
        int number = _devices.Count;
        var device = new RegisteredDevice(World, Check, $"device{number + 1}", 1000 + number, DeviceAddress(number), change?.Invoke(options) ?? options, plans, behind)
        {
            ResolverConfiguration = Names is null ? "" : "nameserver 192.0.2.53\n",
            RegistersAtStart = registersAtStart,
            KeepsEvents = keepsEvents,
            MakePort = makePort ?? ((name, agent) => new(name, agent)),
        };
        _devices.Add(device);
        foreach (var registrar in _registrars)
            Introduce(registrar, device);
        return device;
    }

    private static void Introduce(Registrar registrar, RegisteredDevice device)
    {
        foreach (var plan in device.Plans)
            registrar.Behaviour.Passwords[plan.User] = plan.Password;
    }

    public void RunFor(TimeSpan span) => World.RunUntil(World.Now + span);

    /// <summary>
    /// Plays a scene; what a check sees is thrown with the ladder of what came before. Octets on the heap count when they are there again and again, see
    /// <see cref="Run.Of"/>.
    /// </summary>
    public static void Play(Action<RegistrationScene> act, ulong seed = 1, bool keepsHistory = true, bool readsGrammar = true)
    {
        for (int again = 0; ; again++)
        {
            var scene = new RegistrationScene(seed, keepsHistory, readsGrammar);
            try
            {
                act(scene);
                return;
            }
            catch (SimulationFailure failure) when (failure.Check == AgentPort.AllocationCheck && again < MaxFirstUses)
            {
            }
            catch (Exception failure)
            {
                throw new SimulationFailure(failure is SimulationFailure known ? known.Check : failure.GetType().Name, scene.Report(failure));
            }
        }
    }

    private string Report(Exception failure) => FailureReport.Of(new(_seed, World, "registration") { Failure = failure });
}
