// Traps from the field, one a test: what registrars and networks do that a device must live with.
using SipEmbedded.KeepAlive;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Simulation;

public sealed class RegistrationTrapTests
{
    private static readonly AccountPlan s_alice = new("alice", "secret") { Server = "sip:192.0.2.10", Protocol = Protocol.Udp };

    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    /// <summary>A device and its registrar, both started.</summary>
    private static (Registrar Registrar, RegisteredDevice Device) Begin(RegistrationScene scene, Action<RegistrarBehaviour>? set = null, AccountPlan? plan = null)
    {
        var registrar = scene.AddRegistrar();
        set?.Invoke(registrar.Behaviour);
        var device = scene.AddDevice([plan ?? s_alice]);
        device.Start();
        scene.RunFor(TimeSpan.FromSeconds(10));
        return (registrar, device);
    }

    private static void IsRegistered(Registrar registrar, RegisteredDevice device)
    {
        Assert.Equal(RegistrationState.Registered, device.Info().State);
        Assert.True(registrar.Reaches(device.Plans[0].Record, device.Node));
    }

    private static int CountOf(Registrar registrar, int status) => registrar.Arrivals.Count(arrival => arrival.Status == status);

    private static IEnumerable<RegistrationEvent> ResultsOf(RegisteredDevice device) =>
        device.Events.Select(told => told.Event).Where(told => told.Kind == RegistrationEventKind.Result);

    // ---- Registrars ---------------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData(Protocol.Udp)]
    [InlineData(Protocol.Tcp)]
    public void A_device_registers_and_stays_so_for_a_day(Protocol protocol) => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, plan: s_alice with { Protocol = protocol });
        IsRegistered(registrar, device);
        Assert.Equal((1, 1), (CountOf(registrar, 401), CountOf(registrar, 200)));

        scene.RunFor(s_day);

        IsRegistered(registrar, device);
        // Every 500 to 560 s, and nonces that are five minutes old are stale each time.
        Assert.InRange(CountOf(registrar, 200), 154, 175);
        Assert.Equal(0, scene.Check.Lapses);
    });

    [Fact]
    public void A_registrar_that_ignores_a_Request_URI_with_a_user_part_is_not_asked_with_one() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => behaviour.IgnoresUserPart = true, s_alice with { Server = "sip:alice@192.0.2.10" });

        IsRegistered(registrar, device);
        Assert.Equal(0, CountOf(registrar, 0));
    });

    [Fact]
    public void A_200_without_our_contact_is_believed_for_a_short_time_and_does_not_make_a_loop() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => behaviour.OmitsContacts = true);

        Assert.Equal(RegistrationState.Registered, device.Info().State);
        Assert.Contains(ResultsOf(device), told => told.IsContactMissing);

        scene.RunFor(TimeSpan.FromHours(1));

        Assert.Equal(RegistrationState.Registered, device.Info().State);
        Assert.InRange(CountOf(registrar, 200), 30, 60);
        Assert.Equal(0, scene.Check.Lapses);
    });

    [Theory]
    [InlineData(5U)]
    [InlineData(1U)]
    public void A_grant_shorter_than_the_refresh_delay_is_refreshed_in_its_second_half(uint seconds) => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => (behaviour.MinExpires, behaviour.MaxExpires) = (0, seconds));

        scene.RunFor(s_minute);

        Assert.InRange(CountOf(registrar, 200), 60 / (int)seconds, 70 / (seconds < 2 ? 1 : 2));
        // With a grant of one second the refresh comes as it ends.
        if (seconds > 1)
        {
            IsRegistered(registrar, device);
            Assert.Equal(0, scene.Check.Lapses);
        }
    });

    [Fact]
    public void A_grant_in_the_Expires_header_alone_counts() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => (behaviour.GrantsInHeaderOnly, behaviour.MaxExpires) = (true, 120));

        Assert.Equal(TimeSpan.FromSeconds(120), device.Info().Interval);
        scene.RunFor(TimeSpan.FromHours(1));

        IsRegistered(registrar, device);
        Assert.Equal(0, scene.Check.Lapses);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nonces_that_serve_once_cost_one_request_each_time_and_no_more(bool saysStale) => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => (behaviour.NoncesServeOnce, behaviour.SaysStale) = (true, saysStale));

        scene.RunFor(TimeSpan.FromHours(6));

        IsRegistered(registrar, device);
        Assert.Equal(CountOf(registrar, 200), CountOf(registrar, 401));
        Assert.DoesNotContain(ResultsOf(device), told => told.Outcome == RegistrationOutcome.Refused);
    });

    [Fact]
    public void Nonces_that_last_are_used_again_without_another_challenge() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => behaviour.NonceLifetime = s_day);

        scene.RunFor(TimeSpan.FromHours(12));

        IsRegistered(registrar, device);
        Assert.Equal(1, CountOf(registrar, 401));
    });

    [Fact]
    public void A_contact_whose_port_the_registrar_changed_is_known_for_ours() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => behaviour.ContactPort = 40_000);

        Assert.DoesNotContain(ResultsOf(device), told => told.IsContactMissing);
        scene.RunFor(TimeSpan.FromHours(1));

        IsRegistered(registrar, device);
        Assert.InRange(CountOf(registrar, 200), 7, 9);
    });

    [Fact]
    public void Too_brief_an_interval_is_asked_for_again_at_once_as_the_registrar_wants_it() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => behaviour.MinExpires = 900, s_alice with { ExpiresSeconds = 100 });

        IsRegistered(registrar, device);
        Assert.Equal(TimeSpan.FromSeconds(900), device.Info().Interval);
        scene.RunFor(TimeSpan.FromHours(6));

        // Once told is enough.
        Assert.Equal(1, CountOf(registrar, 423));
    });

    [Fact]
    public void An_endless_423_does_not_make_a_loop() => RegistrationScene.Play(scene =>
    {
        var (registrar, _) = Begin(scene, behaviour => behaviour.MinExpires = 3500, s_alice with { ExpiresSeconds = 100 });
        registrar.Behaviour.MinExpires = 3599;
        // Each answer wants more than the one before.
        for (int i = 0; i < 100; i++)
        {
            scene.RunFor(s_minute);
            registrar.Behaviour.MinExpires++;
        }

        Assert.InRange(registrar.Arrivals.Count, 1, 20);
    });

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    public void A_refusal_is_not_hammered(int status) => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => behaviour.Refusal = status);

        scene.RunFor(s_day);

        Assert.Equal(RegistrationState.Refused, device.Info().State);
        // Every 15 to 30 minutes.
        Assert.InRange(registrar.Arrivals.Count, 48, 97);

        registrar.Behaviour.Refusal = 0;
        scene.RunFor(TimeSpan.FromMinutes(31));

        IsRegistered(registrar, device);
    });

    [Fact]
    public void A_wrong_password_is_not_hammered() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => behaviour.Passwords["alice"] = "other", s_alice);
        registrar.Behaviour.Passwords["alice"] = "other";

        scene.RunFor(s_day);

        // Each try is a request and the answer to its challenge.
        Assert.InRange(registrar.Arrivals.Count, 2 * 48, 2 * 97);
        Assert.True(device.Info().State is RegistrationState.Refused or RegistrationState.Registered);
    });

    [Theory]
    [InlineData(600U)]
    [InlineData(100_000U)]
    public void A_503_with_Retry_After_is_obeyed_up_to_an_hour(uint seconds) => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => (behaviour.Refusal, behaviour.RetryAfter) = (503, seconds));
        Assert.Single(registrar.Arrivals);
        double least = Math.Min(seconds, 3600);

        scene.RunFor(s_day);

        foreach (var (first, second) in registrar.Arrivals.Zip(registrar.Arrivals.Skip(1)))
            Assert.InRange((second.Time - first.Time).TotalSeconds, least, least * 1.1 + 5);

        registrar.Behaviour.Refusal = 0;
        scene.RunFor(TimeSpan.FromSeconds(least * 1.1 + 5));

        IsRegistered(registrar, device);
    });

    [Fact]
    public void A_503_without_a_word_is_tried_again_ever_more_seldom() => RegistrationScene.Play(scene =>
    {
        var (registrar, _) = Begin(scene, behaviour => behaviour.Refusal = 503);

        scene.RunFor(TimeSpan.FromHours(1));

        // 15 to 300 s apart, and no further.
        Assert.InRange(registrar.Arrivals.Count, 12, 28);
        Assert.InRange((registrar.Arrivals[^1].Time - registrar.Arrivals[^2].Time).TotalSeconds, 150, 301);
    });

    [Fact]
    public void A_redirection_is_followed_and_one_in_a_circle_is_not_for_ever() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => behaviour.Redirect = "sip:192.0.2.11");
        var second = scene.AddRegistrar();
        scene.RunFor(TimeSpan.FromHours(1));
        IsRegistered(second, device);

        second.Behaviour.Redirect = "sip:192.0.2.10";
        int before = registrar.Arrivals.Count + second.Arrivals.Count;
        scene.RunFor(s_day);

        Assert.InRange(registrar.Arrivals.Count + second.Arrivals.Count - before, 10, 97 * 2 * (AccountLimits.MaxRedirects + 1));
    });

    [Fact]
    public void A_server_that_is_silent_for_ten_minutes_has_the_device_back_within_five() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, plan: s_alice with { ExpiresSeconds = 120 });
        var silence = TimeSpan.FromMinutes(10);
        registrar.FallSilent(silence);

        scene.RunFor(silence);
        Assert.Equal(RegistrationState.Retrying, device.Info().State);
        Assert.Equal(1, scene.Check.Lapses);

        scene.RunFor(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));

        IsRegistered(registrar, device);
    });

    [Theory]
    [InlineData(Protocol.Udp, true)]
    [InlineData(Protocol.Udp, false)]
    [InlineData(Protocol.Tcp, true)]
    [InlineData(Protocol.Tcp, false)]
    public void A_registrar_that_was_started_again_knows_the_device_again(Protocol protocol, bool isSilent) => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, plan: s_alice with { Protocol = protocol });
        registrar.Reboot(TimeSpan.FromSeconds(30), isSilent);

        scene.RunFor(TimeSpan.FromMinutes(11));

        IsRegistered(registrar, device);
    });

    [Fact]
    public void A_forgotten_nonce_costs_one_request() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => (behaviour.NonceLifetime, behaviour.SaysStale) = (s_day, false));
        registrar.ForgetNonces();

        scene.RunFor(TimeSpan.FromMinutes(10));

        IsRegistered(registrar, device);
        Assert.Equal(2, CountOf(registrar, 401));
        Assert.DoesNotContain(ResultsOf(device), told => told.Outcome == RegistrationOutcome.Refused);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_device_that_was_told_to_unregister_does_not_register_again_whether_or_not_it_could(bool isHeard) => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene);
        if (!isHeard)
            registrar.Node.Freeze();
        device.Unregister();
        scene.RunFor(s_minute);
        registrar.Node.Thaw();
        int before = registrar.Arrivals.Count;

        scene.RunFor(s_day);

        Assert.Equal(RegistrationState.Unregistered, device.Info().State);
        Assert.Equal(before, registrar.Arrivals.Count);
        Assert.Empty(registrar.Locations.BindingsOf(s_alice.Record, scene.World.Now));
    });

    [Fact]
    public void What_a_registrar_gives_beside_the_registration_is_taken_and_goes_with_it() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => (behaviour.ServiceRoute, behaviour.Path) = ("<sip:edge.example.net;lr>", "<sip:in.example.net;lr>"));

        IsRegistered(registrar, device);
        Assert.Equal("<sip:edge.example.net;lr>", device.TextOf(AccountText.ServiceRoute));

        registrar.FallSilent(TimeSpan.FromHours(1));
        scene.RunFor(TimeSpan.FromMinutes(30));

        Assert.Equal("", device.TextOf(AccountText.ServiceRoute));
    });

    [Fact]
    public void A_Flow_Timer_says_how_often_a_flow_is_kept_alive() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, behaviour => behaviour.FlowTimer = 30, s_alice with { Protocol = Protocol.Tcp, Instance = "urn:uuid:0" });

        scene.RunFor(TimeSpan.FromMinutes(10));

        IsRegistered(registrar, device);
        // Between 80 and 100 of a hundred of it (RFC 5626 §4.4.1).
        Assert.InRange(device.Port.Agent.KeepAliveCounters.Pongs, 19, 26);
    });

    [Fact]
    public void A_device_with_an_instance_has_one_binding_wherever_it_goes() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, plan: s_alice with { Instance = "urn:uuid:00000000-0000-1000-8000-000A95A0E128" });
        for (int i = 50; i < 60; i++)
        {
            device.Node.ChangeAddresses(true, RegistrationScene.DeviceAddress(i));
            scene.RunFor(s_minute);

            IsRegistered(registrar, device);
            Assert.Single(registrar.Locations.BindingsOf(s_alice.Record, scene.World.Now));
        }
    });

    // ---- Names --------------------------------------------------------------------------------------------------------------------

    private static string Zone(int first, int second = 99) => $"""
        $ORIGIN example.net.
        @ 300 SOA ns admin 1 3600 600 86400 60
        _sip._udp 300 SRV 10 0 5060 one
        _sip._udp 300 SRV 20 0 5060 two
        one 300 A 192.0.2.{first}
        two 300 A 192.0.2.{second}
        """;

    private static readonly AccountPlan s_byName = new("alice", "secret") { Protocol = Protocol.Udp };

    [Fact]
    public void DNS_that_moves_is_followed_when_the_old_address_fails() => RegistrationScene.Play(scene =>
    {
        var names = scene.AddNames(Zone(10));
        var (registrar, device) = Begin(scene, plan: s_byName);
        IsRegistered(registrar, device);
        var second = scene.AddRegistrar();
        names.Zones.Load(Zone(11));
        registrar.Node.Crash(silently: true);

        scene.RunFor(TimeSpan.FromMinutes(11));

        IsRegistered(second, device);
    });

    [Fact]
    public void DNS_that_moves_is_followed_when_its_time_is_over_although_the_old_address_still_answers() => RegistrationScene.Play(scene =>
    {
        var names = scene.AddNames(Zone(10));
        var (_, device) = Begin(scene, plan: s_byName);
        var second = scene.AddRegistrar();
        names.Zones.Load(Zone(11));

        scene.RunFor(TimeSpan.FromMinutes(20));

        IsRegistered(second, device);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_device_stays_registered_while_DNS_is_down(bool isSilent) => RegistrationScene.Play(scene =>
    {
        var names = scene.AddNames(Zone(10));
        var (registrar, device) = Begin(scene, plan: s_byName);
        names.GoDown(TimeSpan.FromHours(6), isSilent);

        for (int i = 0; i < 350; i++)
        {
            scene.RunFor(s_minute);
            IsRegistered(registrar, device);
        }
        Assert.True(device.Info().IsServerStale);

        scene.RunFor(TimeSpan.FromHours(1));

        Assert.False(device.Info().IsServerStale);
    });

    [Fact]
    public void Forged_answers_lead_nowhere() => RegistrationScene.Play(scene =>
    {
        var names = scene.AddNames(Zone(10));
        names.Forger = IpEndpoint.V4(0xCB007107, 0);
        var (registrar, device) = Begin(scene, plan: s_byName);

        scene.RunFor(TimeSpan.FromHours(2));

        IsRegistered(registrar, device);
        Assert.DoesNotContain(scene.World.History.Occurrences, seen => seen.Flow.Remote.HasAddressOf(names.Forger));
    });

    [Fact]
    public void The_second_server_serves_while_the_first_is_away_and_the_first_again_later() => RegistrationScene.Play(scene =>
    {
        scene.AddNames(Zone(10, 11));
        var (registrar, device) = Begin(scene, plan: s_byName with { ExpiresSeconds = 120 });
        var second = scene.AddRegistrar();
        registrar.Node.Crash(silently: true);

        scene.RunFor(TimeSpan.FromMinutes(3));
        IsRegistered(second, device);

        registrar.Start();
        scene.RunFor(TimeSpan.FromMinutes(15));
        IsRegistered(registrar, device);
    });

    // ---- Networks -----------------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData(Protocol.Udp)]
    [InlineData(Protocol.Tcp)]
    public void A_link_that_comes_back_has_the_device_registered_within_five_seconds(Protocol protocol) => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, plan: s_alice with { Protocol = protocol });
        device.Node.LoseLink();
        scene.RunFor(TimeSpan.FromHours(1));
        Assert.Equal(RegistrationState.Offline, device.Info().State);

        device.Node.RegainLink();
        scene.RunFor(TimeSpan.FromSeconds(5));

        IsRegistered(registrar, device);
    });

    [Theory]
    [InlineData(Protocol.Udp, true)]
    [InlineData(Protocol.Tcp, true)]
    [InlineData(Protocol.Tcp, false)]
    public void A_changed_address_is_registered_within_five_seconds_and_the_old_one_removed(Protocol protocol, bool resetsStreams) => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, plan: s_alice with { Protocol = protocol });
        device.Node.ChangeAddresses(resetsStreams, RegistrationScene.DeviceAddress(77));

        scene.RunFor(TimeSpan.FromSeconds(5));

        IsRegistered(registrar, device);
        Assert.Contains("10.1.0.78", Assert.Single(registrar.Locations.BindingsOf(s_alice.Record, scene.World.Now)).Uri, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(Protocol.Udp)]
    [InlineData(Protocol.Tcp)]
    public void An_address_that_changes_under_a_request_does_not_wait_for_its_end(Protocol protocol) => RegistrationScene.Play(scene =>
    {
        var registrar = scene.AddRegistrar();
        var device = scene.AddDevice([s_alice with { Protocol = protocol }]);
        registrar.Node.Freeze();
        device.Start();
        scene.RunFor(TimeSpan.FromSeconds(2));
        device.Node.ChangeAddresses(true, RegistrationScene.DeviceAddress(77));
        scene.RunFor(TimeSpan.FromSeconds(1));
        registrar.Node.Thaw();

        scene.RunFor(TimeSpan.FromSeconds(8));

        IsRegistered(registrar, device);
    });

    [Fact]
    public void A_translator_that_gives_another_port_is_noticed_by_the_keep_alive() => RegistrationScene.Play(scene =>
    {
        var translator = scene.AddTranslator();
        var registrar = scene.AddRegistrar();
        var plan = s_alice with { KeepAlive = KeepAliveMethod.Stun, KeepAliveInterval = TimeSpan.FromSeconds(60), UsesPublicAddress = true };
        var device = scene.AddDevice([plan], behind: translator);
        device.Start();
        scene.RunFor(TimeSpan.FromMinutes(5));
        IsRegistered(registrar, device);

        translator.Restart();
        Assert.False(registrar.Reaches(plan.Record, device.Node));
        scene.RunFor(TimeSpan.FromSeconds(65));

        IsRegistered(registrar, device);
        Assert.Contains(device.Events, told => told.Event.Kind == RegistrationEventKind.AddressChanged);
    });

    [Fact]
    public void A_connection_that_dies_in_silence_is_noticed_by_the_keep_alive() => RegistrationScene.Play(scene =>
    {
        var (registrar, device) = Begin(scene, plan: s_alice with { Protocol = Protocol.Tcp, KeepAliveInterval = s_minute });
        scene.RunFor(TimeSpan.FromMinutes(5));
        device.Node.SilenceStreams();

        scene.RunFor(TimeSpan.FromSeconds(80));

        IsRegistered(registrar, device);
        Assert.Contains(device.Events, told => told.Event.Kind == RegistrationEventKind.FlowFailed);
    });
}
