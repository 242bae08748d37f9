// A year of one registered device, with a fault a day. Nobody tells the device anything; it has to come back by itself each time, and at the end it holds no more
// of any pool than in its first hour.
using System.Globalization;
using System.Text;
using SipEmbedded.Agent;
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Transport;

namespace SipEmbedded.Simulation;

internal enum YearFault
{
    RegistrarReboots,
    RegistrarIsSilent,
    RegistrarMoves,
    RegistrarIsOverloaded,
    NoncesAreForgotten,
    PasswordIsRefused,
    RegistrarForbids,
    LinkIsDown,
    AddressChanges,
    LinkComesBackElsewhere,
    NamesAreDown,
    NamesAreForged,
    PacketsAreLost,
    TranslatorRestarts,
    ConnectionDiesInSilence,
}

/// <summary>What became of all faults of one kind.</summary>
internal sealed class FaultRecord
{
    public int Count { get; set; }

    /// <summary>The longest time that no call would have got to the device.</summary>
    public TimeSpan Longest { get; set; }

    /// <summary>The part of it behind the end of the fault itself.</summary>
    public TimeSpan LongestBehind { get; set; }
}

internal sealed record YearResult(ulong Seed, string Setting, int Days, IReadOnlyDictionary<YearFault, FaultRecord> Faults, TimeSpan Unreachable, long Requests)
{
    public TimeSpan Longest => Faults.Values.Max(record => record.Longest);

    public string Report()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"seed {Seed}: {Days} days, {Setting}; {Requests} REGISTERs\n");
        text.Append(CultureInfo.InvariantCulture, $"{"a fault a day",-26}{"times",6}{"longest unreachable",22}{"of it behind the fault",24}\n");
        foreach (var (fault, record) in Faults.OrderBy(pair => pair.Key))
            text.Append(CultureInfo.InvariantCulture, $"{fault,-26}{record.Count,6}{Seconds(record.Longest),22}{Seconds(record.LongestBehind),24}\n");
        text.Append(CultureInfo.InvariantCulture, $"unreachable in all: {Seconds(Unreachable)}; longest unreachable time: {Seconds(Longest)}\n");
        return text.ToString();
    }

    private static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s");
}

internal sealed class Year
{
    public const int Days = 365;

    // RFC 5737 and others: where a forger would lead the device, and nobody is.
    private static readonly IpEndpoint s_forger = IpEndpoint.V4(0xCB007107, 0);

    private readonly RegistrationScene _scene;
    private readonly ulong _seed;
    private readonly int _days;
    private readonly TimeSpan _longest;
    private readonly Chance _chance;
    private readonly Registrar[] _registrars;
    private readonly NameServer _names;
    private readonly Translator? _translator;
    private readonly RegisteredDevice _device;
    private readonly Reach _reach;
    private readonly YearFault[] _kinds;
    private readonly Protocol _protocol;
    private int _active;
    private int _addresses;

    private Year(RegistrationScene scene, ulong seed, int days, TimeSpan longest)
    {
        _scene = scene;
        _seed = seed;
        _days = days;
        _longest = longest;
        _chance = new(seed);
        // Eight seeds in a row are all that there is.
        _protocol = (seed & 1) == 0 ? Protocol.Udp : Protocol.Tcp;
        _translator = (seed & 2) == 0 ? null : scene.AddTranslator();
        _names = scene.AddNames(Zone(0));
        _registrars = [AddRegistrar(isStarted: true), AddRegistrar(isStarted: false)];
        // Short of the translator's time, with room for one that is lost.
        var interval = _translator is null ? (TimeSpan?)null : TimeSpan.FromSeconds(80);
        var plan = new AccountPlan("alice", "secret")
        {
            Protocol = _protocol,
            KeepAlive = _translator is null || _protocol == Protocol.Tcp ? null : KeepAliveMethod.Stun,
            KeepAliveInterval = interval,
        };
        AccountPlan[] plans = (seed & 4) == 0 ? [plan] : [plan, plan with { User = "bob" }];
        _device = scene.AddDevice(plans, behind: _translator, keepsEvents: false);
        _kinds = [.. Enum.GetValues<YearFault>().Where(fault => fault switch
        {
            YearFault.TranslatorRestarts => _translator is not null,
            YearFault.ConnectionDiesInSilence => _protocol == Protocol.Tcp,
            _ => true,
        })];
        _reach = new(() => Array.TrueForAll(plans, plan => Active.Reaches(plan.Record, _device.Node)));
        scene.World.Add(_reach);
    }

    // An hour for a nonce: it is used some times before it is stale.
    private Registrar AddRegistrar(bool isStarted) =>
        _scene.AddRegistrar(new() { NonceLifetime = TimeSpan.FromHours(1) }, isStarted: isStarted, keepsArrivals: false);

    private Registrar Active => _registrars[_active];

    private RegistrarBehaviour Behaviour => Active.Behaviour;

    private Node Device => _device.Node;

    private World World => _scene.World;

    private string Setting => $"{_protocol}, {(_translator is null ? "no translator" : "behind a translator")}, {_device.Plans.Length} account(s)";

    private static string Zone(int active) => $"""
        $ORIGIN example.net.
        @ 300 SOA ns admin 1 3600 600 86400 60
        _sip._udp 300 SRV 10 0 5060 sip
        _sip._tcp 300 SRV 10 0 5060 sip
        sip 300 A 192.0.2.{10 + active}
        """;

    /// <summary>Lives through the days; a failure is thrown.</summary>
    public static YearResult Of(ulong seed, int days = Days)
    {
        YearResult? result = null;
        RegistrationScene.Play(scene => result = new Year(scene, seed, days, TimeSpan.MaxValue).Live(), seed, keepsHistory: false, readsGrammar: false);
        return result!;
    }

    /// <summary>
    /// A day with a fault every few minutes, one over the other, none longer than half an hour; then quiet, in which the device comes back. A failure is thrown.
    /// </summary>
    public static void Besiege(ulong seed) => RegistrationScene.Play(
        scene => new Year(scene, seed, 1, TimeSpan.FromMinutes(30)).LiveBesieged(), seed, readsGrammar: false);

    private YearResult Live()
    {
        _device.Start();
        _scene.RunFor(TimeSpan.FromHours(1));
        var floor = Quiet();
        var begin = World.Now;
        for (int day = 0; day < _days; day++)
        {
            // Between two and eight in the morning: no fault is so long that it meets the next.
            World.RunUntil(begin + TimeSpan.FromDays(day) + TimeSpan.FromSeconds(_chance.Between(2 * 3600, 8 * 3600)));
            Expect(_reach.Fault.ToString());
            Strike(_kinds[_chance.Below(_kinds.Length)]);
        }
        World.RunUntil(begin + TimeSpan.FromDays(_days));
        Expect(_reach.Fault.ToString());
        var use = Quiet();
        if (use != floor)
            throw new SimulationFailure("Pools", $"after {_days} days {use} is in use, in the first hour it was {floor}");
        return new(_seed, Setting, _days, _reach.Records, _reach.Unreachable, _scene.Check.Requests);
    }

    private void LiveBesieged()
    {
        _device.Start();
        _scene.RunFor(TimeSpan.FromHours(1));
        var floor = Quiet();
        var end = World.Now + TimeSpan.FromDays(_days);
        while (World.Now < end)
        {
            Strike(_kinds[_chance.Below(_kinds.Length)]);
            _scene.RunFor(Span(1, 1200));
        }
        // A fault, what a server may ask for on top, and the wait behind a refusal.
        _scene.RunFor(_longest + TimeSpan.FromHours(2));
        Expect("the last fault");
        // A connection that was opened for a request too large, or to another server, is closed when it has idled.
        var use = Quiet();
        if (use != floor)
            throw new SimulationFailure("Pools", $"after a day of faults {use} is in use, before it was {floor}");
    }

    private void Expect(string fault)
    {
        for (int i = 0; i < _device.Plans.Length; i++)
        {
            if (_device.Info(i).State != RegistrationState.Registered || !_reach.IsReached)
                throw new SimulationFailure("Year", $"{_device.Plans[i].User} is {_device.Info(i).State} long after {fault}, and {(_reach.IsReached ? "" : "not ")}reached");
        }
    }

    // What is in use between two requests, pings and questions.
    private AgentUse Quiet()
    {
        while (_device.Port.Use is { ClientTransactions: > 0 } or { Buffers: > 0 })
            World.Step(Instant.Never);
        return _device.Port.Use;
    }

    private TimeSpan Span(int leastSeconds, int mostSeconds) =>
        TimeSpan.FromSeconds(_chance.Between(leastSeconds, (int)Math.Min(mostSeconds, _longest.TotalSeconds)));

    private TimeSpan Hour => _longest < TimeSpan.FromHours(1) ? _longest : TimeSpan.FromHours(1);

    private void Strike(YearFault fault)
    {
        var span = TimeSpan.Zero;
        switch (fault)
        {
            case YearFault.RegistrarReboots:
                Active.Reboot(span = Span(5, 600), isSilent: _chance.Happens(500));
                break;
            case YearFault.RegistrarIsSilent:
                Active.FallSilent(span = Span(60, 1800));
                break;
            case YearFault.RegistrarMoves:
                Active.Node.Crash(_chance.Happens(500));
                _active = 1 - _active;
                _names.Zones.Load(Zone(_active));
                Active.Locations.Clear();
                Active.Start();
                break;
            case YearFault.RegistrarIsOverloaded:
                Behaviour.RetryAfter = (uint)_chance.Between(0, 1800);
                Refuse(503, span = Span(60, 3600));
                break;
            case YearFault.NoncesAreForgotten:
                Behaviour.SaysStale = _chance.Happens(500);
                Active.ForgetNonces();
                break;
            case YearFault.PasswordIsRefused:
                span = Hour;
                Change("other");
                World.After(span, () => Change("secret"));
                break;
            case YearFault.RegistrarForbids:
                Refuse(403, span = Hour);
                break;
            case YearFault.LinkIsDown:
                Device.LoseLink();
                World.After(span = Span(1, 7200), Device.RegainLink);
                break;
            case YearFault.AddressChanges:
                Move();
                break;
            case YearFault.LinkComesBackElsewhere:
                Device.LoseLink();
                World.After(span = Span(1, 600), () =>
                {
                    Move();
                    Device.RegainLink();
                });
                break;
            case YearFault.NamesAreDown:
                _names.GoDown(span = Span(600, 12 * 3600), isSilent: _chance.Happens(500));
                break;
            case YearFault.NamesAreForged:
                span = Hour;
                _names.Forger = s_forger;
                World.After(span, () => _names.Forger = default);
                break;
            case YearFault.PacketsAreLost:
                World.Network.Faults = World.Network.Faults with { LossPerMille = _chance.Between(200, 800) };
                World.After(span = Span(60, 1800), () => World.Network.Faults = World.Network.Faults with { LossPerMille = 0 });
                break;
            case YearFault.TranslatorRestarts:
                _translator!.Restart();
                break;
            case YearFault.ConnectionDiesInSilence:
                Device.SilenceStreams();
                break;
        }
        _reach.Begin(fault, World.Now + span);
    }

    private void Refuse(int status, TimeSpan span)
    {
        var behaviour = Behaviour;
        behaviour.Refusal = status;
        World.After(span, () => behaviour.Refusal = 0);
    }

    private void Change(string password)
    {
        foreach (var plan in _device.Plans)
            Array.ForEach(_registrars, registrar => registrar.Behaviour.Passwords[plan.User] = password);
    }

    private void Move() => Device.ChangeAddresses(_chance.Happens(500), RegistrationScene.DeviceAddress(++_addresses % 200));

    /// <summary>Measures how long no call would get to the device, fault by fault.</summary>
    private sealed class Reach(Func<bool> isReached) : Check
    {
        // What happens in such a row is looked at when it is over.
        private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(50);

        private readonly Dictionary<YearFault, FaultRecord> _records = [];
        private Instant _lostAt = Instant.Never;
        private Instant _faultEnd;

        public YearFault Fault { get; private set; }

        public IReadOnlyDictionary<YearFault, FaultRecord> Records => _records;

        public TimeSpan Unreachable { get; private set; }

        public bool IsReached => isReached();

        public void Begin(YearFault fault, Instant end)
        {
            (Fault, _faultEnd) = (fault, end);
            if (!_records.TryGetValue(fault, out var record))
                _records.Add(fault, record = new());
            record.Count++;
        }

        public override void TimeMoves(Instant from, Instant to)
        {
            if (_records.Count == 0 || to - from < s_moment)
                return;
            if (!isReached())
            {
                _lostAt = Instant.Earlier(_lostAt, from);
                return;
            }
            if (_lostAt == Instant.Never)
                return;
            var record = _records[Fault];
            var lost = from - _lostAt;
            var behind = from - (_faultEnd > _lostAt ? _faultEnd : _lostAt);
            Unreachable += lost;
            record.Longest = lost > record.Longest ? lost : record.Longest;
            record.LongestBehind = behind > record.LongestBehind ? behind : record.LongestBehind;
            _lostAt = Instant.Never;
        }
    }
}
