// Calls of an account: the way of its registration, its routes, and credentials for whoever asks, and for nobody else (RFC 3261 §22.2, §22.3).
using SipEmbedded.Calls;
using SipEmbedded.Registration;
using SipEmbedded.Tests.Registration;
using Xunit;

namespace SipEmbedded.Tests.Calls;

public class AccountCallTests
{
    private static AccountBench Registered()
    {
        var bench = new AccountBench(calls: new());
        bench.Register();
        bench.Answer(401, AccountBench.Challenge);
        bench.Accept("Service-Route: <sip:192.0.2.2;lr>\r\n");
        Assert.Equal(RegistrationState.Registered, bench.Info.State);
        Assert.Equal(
            CallResult.Done,
            bench.Agent.Calls!.Place(bench.Now, new() { Target = "sip:stranger@elsewhere.example"u8, Account = bench.Account, IsOfferless = true }, out _));
        bench.Drain();
        return bench;
    }

    [Fact]
    public void A_call_goes_the_way_of_the_registration_with_its_routes_and_its_contact()
    {
        var bench = Registered();
        var (_, flow, invite) = bench.Requests[^1];
        Assert.StartsWith("INVITE sip:stranger@elsewhere.example SIP/2.0\r\n", invite);
        Assert.Equal(AccountBench.Registrar, flow.Remote);
        Assert.Equal("<sip:192.0.2.2;lr>", AccountBench.ValueOf(invite, "Route"));
        Assert.Equal("<sip:door@192.0.2.1:5060>", AccountBench.ValueOf(invite, "Contact"));
        Assert.StartsWith("<sip:door@example.com>;tag=", AccountBench.ValueOf(invite, "From"));
    }

    [Fact]
    public void What_the_registrar_asked_for_is_not_handed_to_a_callee_who_did_not_ask()
    {
        var bench = Registered();
        Assert.Empty(AccountBench.LinesOf(bench.LastRequest, "Authorization"));
        // The server itself may ask for it.
        bench.Answer(401, AccountBench.Challenge.Replace("n1", "n2"));
        string invite = bench.Requests.FindLast(request => request.Text.StartsWith("INVITE", StringComparison.Ordinal)).Text;
        Assert.Contains("nonce=\"n2\"", Assert.Single(AccountBench.LinesOf(invite, "Authorization")));
        Assert.Equal(2, AccountBench.SequenceOf(invite));
    }
}
