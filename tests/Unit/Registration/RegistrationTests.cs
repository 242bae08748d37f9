// What a REGISTER holds, and what its answers do (RFC 3261 §10.2, §10.3; RFC 3327, RFC 3608, RFC 5626, RFC 5627).
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using SipEmbedded.Registration;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Tests.Registration;

public class RegistrationTests
{
    [Fact]
    public void The_first_request_holds_what_RFC_3261_asks_for()
    {
        var bench = new AccountBench();
        bench.Register();
        string request = bench.LastRequest;
        Assert.StartsWith("REGISTER sip:192.0.2.2 SIP/2.0\r\n", request);
        Assert.Equal("<sip:door@example.com>", AccountBench.ValueOf(request, "To"));
        Assert.StartsWith("<sip:door@example.com>;tag=", AccountBench.ValueOf(request, "From"));
        Assert.Equal("1 REGISTER", AccountBench.ValueOf(request, "CSeq"));
        Assert.Equal("<sip:door@192.0.2.1:5060>", AccountBench.ValueOf(request, "Contact"));
        Assert.Equal("600", AccountBench.ValueOf(request, "Expires"));
        Assert.Equal("path", AccountBench.ValueOf(request, "Supported"));
        Assert.Equal("70", AccountBench.ValueOf(request, "Max-Forwards"));
        Assert.StartsWith("SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK", AccountBench.ValueOf(request, "Via"));
        Assert.Equal(RegistrationState.Registering, bench.Info.State);
        Assert.True(bench.Info.IsBusy);
    }

    [Fact]
    public void Requests_of_an_account_share_their_Call_ID_and_count_up()
    {
        var bench = AccountBench.Registered();
        for (int i = 2; i < 6; i++)
        {
            Assert.True(bench.PassUntilRequest(600));
            bench.Accept();
            Assert.Equal(i, AccountBench.SequenceOf(bench.LastRequest));
        }
        Assert.Single(bench.Requests.Select(request => AccountBench.ValueOf(request.Text, "Call-ID")).Distinct());
        Assert.Single(bench.Requests.Select(request => AccountBench.ValueOf(request.Text, "From")).Distinct());
    }

    [Fact]
    public void A_challenge_is_told_and_then_answered()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(401, AccountBench.Challenge);
        var told = bench.Events[0];
        Assert.Equal((401, RegistrationOutcome.Continues, ChallengeOutcome.Answered), (told.Status, told.Outcome, told.Challenge));
        Assert.Equal(TimeSpan.Zero, told.Next);
        Assert.Contains("Authorization: Digest username=\"door\"", bench.LastRequest);
        Assert.Equal(2, AccountBench.SequenceOf(bench.LastRequest));
        bench.Accept();
        Assert.Equal((200, RegistrationOutcome.Done, RegistrationVerb.Register), (bench.Last.Status, bench.Last.Outcome, bench.Last.Verb));
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
        Assert.Equal(TimeSpan.FromSeconds(600), bench.Info.Interval);
        Assert.Equal(77ul, bench.Last.User);
    }

    [Fact]
    public void A_server_and_its_proxy_can_challenge_at_once()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(407, "Proxy-Authenticate: Digest realm=\"street\", nonce=\"p1\", qop=\"auth\"\r\n" + AccountBench.Challenge);
        Assert.Contains("\r\nAuthorization: Digest ", bench.LastRequest);
        Assert.Contains("\r\nProxy-Authorization: Digest ", bench.LastRequest);
    }

    [Fact]
    public void A_wrong_password_is_not_tried_again_at_once()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(401, AccountBench.Challenge);
        bench.Answer(401, AccountBench.Challenge.Replace("n1", "n2"));
        Assert.Equal((RegistrationOutcome.Refused, ChallengeOutcome.Refused), (bench.Last.Outcome, bench.Last.Challenge));
        Assert.Equal(2, bench.Requests.Count);
        Assert.Equal(RegistrationState.Refused, bench.Info.State);
        Assert.InRange(bench.Last.Next, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30));
    }

    [Fact]
    public void A_nonce_that_grew_old_is_replaced_at_once()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(401, AccountBench.Challenge);
        bench.Answer(401, AccountBench.Challenge.Replace("nonce=\"n1\"", "nonce=\"n2\", stale=true"));
        bench.Accept();
        Assert.Equal([RegistrationOutcome.Continues, RegistrationOutcome.Continues, RegistrationOutcome.Done], bench.Events.Select(told => told.Outcome));
    }

    [Fact]
    public void A_registrar_that_refuses_a_nonce_twice_gets_a_new_one_each_time()
    {
        var bench = new AccountBench();
        bench.Register();
        for (int i = 1; i < 5; i++)
        {
            bench.Answer(401, AccountBench.Challenge.Replace("n1", $"n{i}"));
            bench.Accept(seconds: 60);
            Assert.Equal(RegistrationState.Registered, bench.Info.State);
            // The nonce of the last time is sent ahead and refused, without stale.
            Assert.True(bench.PassUntilRequest(60));
            Assert.Contains($"nonce=\"n{i}\"", bench.LastRequest);
        }
    }

    [Fact]
    public void Endless_challenges_come_to_an_end()
    {
        var bench = new AccountBench();
        bench.Register();
        for (int i = 0; i < 20 && !bench.Events.Exists(told => told.Outcome == RegistrationOutcome.Refused); i++)
            bench.Answer(401, AccountBench.Challenge.Replace("nonce=\"n1\"", $"nonce=\"n{i}\", stale=true"));
        Assert.Equal(ChallengeOutcome.TooMany, bench.Last.Challenge);
        Assert.InRange(bench.Requests.Count, 2, AuthLimits.MaxChallengesInRow + 1);
    }

    // ---- What was granted -----------------------------------------------------------------------------------------------------------

    [Theory]
    [InlineData("Contact: <sip:door@192.0.2.1:5060>;expires=120\r\nExpires: 300\r\n", 120)]
    [InlineData("Contact: <sip:door@192.0.2.1:5060>\r\nExpires: 300\r\n", 300)]
    [InlineData("Contact: <sip:door@192.0.2.1:5060>\r\n", 600)]
    [InlineData("Contact: <sip:door@192.0.2.9>;expires=30, <sip:door@192.0.2.1:5060>;expires=200\r\n", 200)]
    [InlineData("Contact: <sip:DOOR@192.0.2.1:5060>;expires=30, <sip:door@192.0.2.1:5060>;expires=4000\r\n", 4000)]
    [InlineData("Contact: <sip:door@192.0.2.1:5060>;expires=99999999999\r\n", 86400)]
    public void What_is_granted_is_the_contact_s_own_then_the_header_s_then_what_was_asked(string answer, int seconds)
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(200, answer);
        Assert.Equal(TimeSpan.FromSeconds(seconds), bench.Last.Granted);
        Assert.False(bench.Last.IsContactMissing);
    }

    [Fact]
    public void Bindings_of_other_phones_are_counted_and_not_taken_for_ours()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(200, "Contact: <sip:door@192.0.2.9:5060>;expires=20, <sip:door@192.0.2.8>;expires=10\r\n");
        Assert.True(bench.Last.IsContactMissing);
        Assert.Equal(2, bench.Last.Contacts);
        // As good as what was asked, but looked at soon.
        Assert.Equal(TimeSpan.FromMinutes(2), bench.Last.Granted);
    }

    [Fact]
    public void A_registrar_that_answers_without_our_contact_is_asked_again_soon()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(200);
        Assert.True(bench.Last.IsContactMissing);
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
        Assert.True(bench.PassUntilRequest(120));
    }

    [Theory]
    [InlineData("<sip:door@192.0.2.1:33333>;expires=90")]
    [InlineData("<sip:door@203.0.113.7:33333>;expires=90")]
    [InlineData("<sip:door-x7@198.51.100.1>;expires=90")]
    public void A_registrar_that_changes_the_contact_on_its_way_is_understood(string contact)
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(200, $"Contact: {contact}\r\n", viaParameters: "rport=33333;received=203.0.113.7");
        Assert.False(bench.Last.IsContactMissing);
        Assert.Equal(TimeSpan.FromSeconds(90), bench.Last.Granted);
    }

    [Fact]
    public void A_binding_is_known_by_its_instance()
    {
        var bench = new AccountBench(() => new()
        {
            Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:door@example.com"u8, Instance = "urn:uuid:00000000-0000-1000-8000-000A95A0E128"u8, RegistrationId = 3,
        });
        bench.Register();
        Assert.EndsWith(";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\";reg-id=3", AccountBench.ValueOf(bench.LastRequest, "Contact"));
        Assert.Equal("path, outbound, gruu", AccountBench.ValueOf(bench.LastRequest, "Supported"));
        bench.Answer(
            200,
            "Contact: <sip:door@192.0.2.9>;expires=50, <sip:mangled@203.0.113.1:9>;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000a95a0e128>\";reg-id=3"
                + ";pub-gruu=\"sip:door@example.com;gr=urn:uuid:x\";temp-gruu=\"sip:tgruu.1@example.com;gr\";expires=70\r\n");
        Assert.Equal(TimeSpan.FromSeconds(70), bench.Last.Granted);
        Assert.Equal("sip:door@example.com;gr=urn:uuid:x"u8, bench.Accounts.TextOf(bench.Account, AccountText.PublicGruu));
        Assert.Equal("sip:tgruu.1@example.com;gr"u8, bench.Accounts.TextOf(bench.Account, AccountText.TemporaryGruu));
    }

    [Fact]
    public void A_grant_of_nothing_is_no_registration()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(200, "Contact: <sip:door@192.0.2.1:5060>;expires=0\r\n");
        Assert.Equal(RegistrationOutcome.WillRetry, bench.Last.Outcome);
        Assert.Equal(RegistrationState.Retrying, bench.Info.State);
        Assert.InRange(bench.Last.Next, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Routes_of_the_service_are_learnt_and_forgotten()
    {
        var bench = AccountBench.Registered(extra: "Service-Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>\r\nService-Route: <sip:p3.example.com;lr>\r\n");
        Assert.Equal(
            "<sip:p1.example.com;lr>, <sip:p2.example.com;lr>, <sip:p3.example.com;lr>"u8, bench.Accounts.TextOf(bench.Account, AccountText.ServiceRoute));
        bench.PassUntilRequest(600);
        // RFC 3608 §6.1: they are not for REGISTER.
        Assert.Empty(AccountBench.LinesOf(bench.LastRequest, "Route"));
        bench.Accept();
        Assert.True(bench.Accounts.TextOf(bench.Account, AccountText.ServiceRoute).IsEmpty);
    }

    // ---- Refreshing -----------------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_refresh_comes_before_the_end_and_not_always_at_the_same_moment()
    {
        var times = new List<long>();
        var bench = AccountBench.Registered();
        for (int i = 0; i < 50; i++)
        {
            long granted = bench.NowMs;
            Assert.True(bench.PassUntilRequest(600));
            times.Add(bench.NowMs - granted);
            bench.Accept();
        }
        Assert.All(times, time => Assert.InRange(time, 504_000, 560_000));
        Assert.True(times.Distinct().Count() > 40);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3)]
    [InlineData(1)]
    public void A_grant_that_is_shorter_than_the_delay_is_refreshed_in_its_second_half(int seconds)
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Accept(seconds: seconds);
        long granted = bench.NowMs;
        Assert.True(bench.PassUntilRequest(seconds + 1));
        Assert.InRange(bench.NowMs - granted, Math.Max(1000, seconds * 450), Math.Max(1000, seconds * 500));
    }

    [Fact]
    public void The_delay_before_a_refresh_can_be_set()
    {
        var bench = new AccountBench();
        Assert.Equal(AccountResult.Done, bench.Accounts.SetDelayBeforeRefresh(bench.Account, TimeSpan.FromSeconds(200)));
        bench.Register();
        bench.Accept();
        Assert.True(bench.PassUntilRequest(400));
        Assert.InRange(bench.NowMs, 360_000, 400_000);
        Assert.Equal(AccountResult.Malformed, bench.Accounts.SetDelayBeforeRefresh(bench.Account, TimeSpan.FromSeconds(-1)));
    }

    [Fact]
    public void Without_automatic_refresh_a_registration_lapses_and_that_is_told()
    {
        var bench = new AccountBench();
        bench.Register(isAutomatic: false);
        bench.Accept();
        Assert.Equal(TimeSpan.MaxValue, bench.Last.Next);
        bench.Pass(599);
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
        bench.Pass(2);
        Assert.Equal(RegistrationEventKind.Lapsed, bench.Last.Kind);
        Assert.Equal(RegistrationState.Unregistered, bench.Info.State);
        Assert.Single(bench.Requests);
    }

    [Fact]
    public void A_refresh_can_be_asked_for_at_any_time()
    {
        var bench = AccountBench.Registered();
        bench.Pass(10);
        bench.Register();
        Assert.Equal(2, bench.Requests.Count);
        bench.Accept();
        Assert.Equal(TimeSpan.FromSeconds(600), bench.Info.Remaining);
    }

    [Fact]
    public void Another_interval_is_asked_for_from_the_next_request_on()
    {
        var bench = AccountBench.Registered();
        bench.Accounts.UpdateExpires(bench.Account, 1800);
        bench.Register();
        Assert.Equal("1800", AccountBench.ValueOf(bench.LastRequest, "Expires"));
        bench.Accept();
        bench.Accounts.UpdateExpires(bench.Account, null);
        bench.Register();
        Assert.Empty(AccountBench.LinesOf(bench.LastRequest, "Expires"));
    }

    // ---- Contacts -------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void Contacts_are_dropped_and_added_in_one_request()
    {
        var bench = AccountBench.Registered(() => new()
        {
            Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:door@example.com"u8,
            Contacts = "\"Door, front\" <sip:door@192.0.2.1;transport=udp>;q=0.7, sip:door@192.0.2.7;expires=90;+x=\"a;b\""u8,
        });
        Assert.Equal(
            ["Contact: \"Door, front\" <sip:door@192.0.2.1;transport=udp>;q=0.7", "Contact: <sip:door@192.0.2.7>;+x=\"a;b\";expires=90"],
            AccountBench.ContactsOf(bench.LastRequest));
        Assert.Equal(AccountResult.Done, bench.Accounts.UpdateContacts(bench.Account, "<sip:door@192.0.2.7>;q=1, <sip:new@192.0.2.8>"u8));
        bench.Register();
        Assert.Equal(
            ["Contact: <sip:door@192.0.2.1;transport=udp>;expires=0", "Contact: <sip:door@192.0.2.7>;q=1", "Contact: <sip:new@192.0.2.8>"],
            AccountBench.ContactsOf(bench.LastRequest).Order());
        // Refused, what was to go still has to.
        bench.Answer(500);
        bench.Register();
        Assert.Equal(3, AccountBench.ContactsOf(bench.LastRequest).Length);
        bench.Accept();
        bench.Register();
        Assert.Equal(2, AccountBench.ContactsOf(bench.LastRequest).Length);
    }

    [Theory]
    [InlineData("<sip:a@b", AccountResult.Malformed)]
    [InlineData("*", AccountResult.Malformed)]
    [InlineData("<sip:a@b>;;", AccountResult.Malformed)]
    [InlineData("<sip:a@b>\r\nEvil: x", AccountResult.Malformed)]
    [InlineData("<sip:1@b>,<sip:2@b>,<sip:3@b>,<sip:4@b>,<sip:5@b>", AccountResult.TooMany)]
    public void Contacts_that_are_none_change_nothing(string contacts, AccountResult expected)
    {
        var bench = AccountBench.Registered();
        Assert.Equal(expected, bench.Accounts.UpdateContacts(bench.Account, System.Text.Encoding.ASCII.GetBytes(contacts)));
        bench.Register();
        Assert.Equal("<sip:door@192.0.2.1:5060>", AccountBench.ValueOf(bench.LastRequest, "Contact"));
    }

    [Fact]
    public void Contacts_can_be_changed_between_a_challenge_and_its_answer()
    {
        var bench = new AccountBench(user: (bench, told) =>
        {
            if (told.Status == 401)
                bench.Accounts.UpdateContacts(told.Account, "<sip:other@192.0.2.1>"u8);
        });
        bench.Register();
        bench.Answer(401, AccountBench.Challenge);
        Assert.Equal("<sip:other@192.0.2.1>", AccountBench.LinesOf(bench.LastRequest, "Contact")[^1]["Contact: ".Length..]);
        Assert.Contains("Authorization:", bench.LastRequest);
    }

    // ---- Removing and asking --------------------------------------------------------------------------------------------------------

    [Fact]
    public void Unregistering_removes_our_contacts_and_ends_the_refreshes()
    {
        var bench = AccountBench.Registered();
        bench.Accounts.Unregister(bench.Now, bench.Account);
        bench.Settle();
        Assert.Equal("<sip:door@192.0.2.1:5060>;expires=0", AccountBench.ValueOf(bench.LastRequest, "Contact"));
        Assert.Equal("0", AccountBench.ValueOf(bench.LastRequest, "Expires"));
        bench.Answer(200);
        Assert.True(bench.Last.IsUnregistration);
        Assert.Equal((RegistrationOutcome.Done, RegistrationState.Unregistered), (bench.Last.Outcome, bench.Info.State));
        bench.Pass(3600);
        Assert.Equal(2, bench.Requests.Count);
        Assert.Single(bench.Events, told => told.IsUnregistration);
    }

    [Fact]
    public void Unregistering_all_names_no_contact()
    {
        var bench = AccountBench.Registered();
        bench.Accounts.UnregisterAll(bench.Now, bench.Account);
        bench.Settle();
        Assert.Equal("*", AccountBench.ValueOf(bench.LastRequest, "Contact"));
        Assert.Equal("0", AccountBench.ValueOf(bench.LastRequest, "Expires"));
        bench.Answer(200);
        Assert.True(bench.Last.IsUnregistration);
        Assert.Equal(RegistrationState.Unregistered, bench.Info.State);
    }

    [Fact]
    public void A_query_lists_the_bindings_and_leaves_the_refresh_alone()
    {
        var bench = AccountBench.Registered();
        var next = bench.Info.Next;
        bench.Accounts.Query(bench.Now, bench.Account);
        bench.Settle();
        Assert.Empty(AccountBench.ContactsOf(bench.LastRequest));
        Assert.Empty(AccountBench.LinesOf(bench.LastRequest, "Expires"));
        bench.Answer(200, "Contact: <sip:a@b>, <sip:c@d>\r\nContact: <sip:e@f>\r\n");
        Assert.Equal((RegistrationVerb.Query, 3), (bench.Last.Verb, bench.Last.Contacts));
        Assert.Equal(next, bench.Info.Next);
    }

    [Fact]
    public void A_verb_that_is_asked_for_meanwhile_comes_next()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Accounts.Unregister(bench.Now, bench.Account);
        bench.Settle();
        Assert.Single(bench.Requests);
        bench.Accept();
        Assert.Equal("0", AccountBench.ValueOf(bench.LastRequest, "Expires"));
    }

    // ---- Refusals -------------------------------------------------------------------------------------------------------------------

    [Fact]
    public void An_interval_too_brief_is_lengthened()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(423, "Min-Expires: 1800\r\n");
        Assert.Equal("1800", AccountBench.ValueOf(bench.LastRequest, "Expires"));
        bench.Accept(seconds: 1800);
        bench.PassUntilRequest(1800);
        // It is remembered: the next would be refused as well.
        Assert.Equal("1800", AccountBench.ValueOf(bench.LastRequest, "Expires"));
    }

    [Fact]
    public void An_interval_that_is_never_long_enough_is_not_asked_for_for_ever()
    {
        var bench = new AccountBench();
        bench.Register();
        for (int i = 1; i <= 10 && bench.Requests.Count == i; i++)
            bench.Answer(423, $"Min-Expires: {1000 * i}\r\n");
        Assert.Equal(RegistrationOutcome.Refused, bench.Last.Outcome);
        Assert.Equal(AccountLimits.MaxIntervalRetries + 1, bench.Requests.Count);
    }

    [Theory]
    [InlineData(423, "")]
    [InlineData(423, "Min-Expires: 4294967295\r\n")]
    [InlineData(403, "")]
    [InlineData(404, "")]
    [InlineData(400, "")]
    [InlineData(420, "Unsupported: path\r\n")]
    [InlineData(603, "")]
    [InlineData(301, "")]
    [InlineData(401, "")]
    [InlineData(401, "WWW-Authenticate: Basic realm=\"house\"\r\n")]
    public void Who_does_not_want_us_is_not_hammered(int status, string extra)
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(status, extra);
        Assert.Equal(RegistrationOutcome.Refused, bench.Last.Outcome);
        for (int day = 0; day < 86_400; day += 1800)
        {
            if (bench.PassUntilRequest(1800))
                bench.Answer(status, extra);
        }
        Assert.InRange(bench.Requests.Count, 40, 100);
    }

    [Fact]
    public void Redirections_are_followed_by_preference_and_not_for_ever()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(302, "Contact: <sip:192.0.2.30>;q=0.1, <sip:them@192.0.2.31:5070;transport=tcp?x=y>;q=0.9, <mailto:a@b>\r\n");
        Assert.StartsWith("REGISTER sip:192.0.2.31:5070;transport=tcp SIP/2.0", bench.LastRequest);
        Assert.Equal(Protocol.Tcp, bench.Requests[^1].Flow.Protocol);
        for (int i = 0; i < 10 && bench.Last.Outcome == RegistrationOutcome.Continues; i++)
            bench.Answer(302, $"Contact: <sip:192.0.2.{40 + i}>\r\n");
        Assert.Equal(RegistrationOutcome.Refused, bench.Last.Outcome);
        Assert.Equal(AccountLimits.MaxRedirects + 1, bench.Requests.Count);
        // The next time begins at the first.
        bench.Register();
        Assert.StartsWith("REGISTER sip:192.0.2.2 SIP/2.0", bench.LastRequest);
    }

    [Fact]
    public void A_redirection_to_nowhere_is_not_held_on_to()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(302, "Contact: <sip:nowhere.invalid>\r\n");
        Assert.True(bench.PassUntilRequest(60));
        Assert.Equal(RegistrationFault.NoServer, bench.Last.Fault);
        Assert.StartsWith("REGISTER sip:192.0.2.2 SIP/2.0", bench.LastRequest);
        Assert.Equal(AccountBench.Registrar, bench.Requests[^1].Flow.Remote);
        bench.Accept();
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
    }

    [Fact]
    public void Retry_After_is_obeyed_by_everything_but_a_command()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Answer(503, "Retry-After: 900 (busy)\r\n");
        Assert.InRange(bench.Last.Next, TimeSpan.FromSeconds(900), TimeSpan.FromSeconds(1000));
        bench.Pass(800);
        bench.ChangeNetwork();
        bench.Pass(90);
        Assert.Single(bench.Requests);
        bench.Register();
        Assert.Equal(2, bench.Requests.Count);
        bench.Answer(503, "Retry-After: 4000000000\r\n");
        Assert.InRange(bench.Last.Next, TimeSpan.FromHours(1), TimeSpan.FromHours(1.2));
    }

    [Fact]
    public void Failures_back_off_as_RFC_5626_says_and_a_success_forgets_them()
    {
        var bench = new AccountBench(options: new() { RetryMost = TimeSpan.FromSeconds(400) });
        bench.Register();
        foreach (int most in (int[])[60, 120, 240, 400, 400, 400])
        {
            bench.Answer(500);
            Assert.Equal(RegistrationOutcome.WillRetry, bench.Last.Outcome);
            Assert.InRange(bench.Last.Next.TotalSeconds, most / 2, most);
            Assert.True(bench.PassUntilRequest(400));
        }
        bench.Accept();
        Assert.Equal(0, bench.Info.Failures);
        bench.PassUntilRequest(600);
        bench.Answer(500);
        Assert.InRange(bench.Last.Next.TotalSeconds, 30, 60);
    }

    [Fact]
    public void Silence_is_a_408_of_our_own_and_is_tried_again()
    {
        var bench = new AccountBench();
        bench.Register();
        bench.Pass(33);
        Assert.Equal((RegistrationFault.Timeout, 408, true), (bench.Last.Fault, bench.Last.Status, bench.Last.IsLocal));
        Assert.Equal(RegistrationOutcome.WillRetry, bench.Last.Outcome);
        Assert.True(bench.PassUntilRequest(60));
        bench.Accept();
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
    }

    [Fact]
    public void A_registration_that_cannot_be_refreshed_lapses_and_is_tried_on()
    {
        var bench = AccountBench.Registered();
        bench.Pass(700);
        Assert.Contains(bench.Events, told => told.Kind == RegistrationEventKind.Lapsed);
        Assert.Equal(RegistrationState.Retrying, bench.Info.State);
        Assert.True(bench.PassUntilRequest(300));
    }

    [Fact]
    public void A_registrar_without_outbound_is_asked_without_it()
    {
        var bench = new AccountBench(() => new() { Server = "sip:192.0.2.2"u8, AddressOfRecord = "sip:door@example.com"u8, Instance = "urn:uuid:1"u8 });
        bench.Register();
        bench.Answer(439);
        Assert.Equal("path", AccountBench.ValueOf(bench.LastRequest, "Supported"));
        Assert.DoesNotContain("reg-id", bench.LastRequest);
        bench.Answer(439);
        Assert.Equal(RegistrationOutcome.Refused, bench.Last.Outcome);
    }
}
