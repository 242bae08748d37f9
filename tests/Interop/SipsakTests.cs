using Xunit;

namespace SipEmbedded.Interop.Tests;

public class SipsakTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [PeerFact("sipsak")]
    public void Sipsak_is_told_what_we_can_do()
    {
        using var answerer = new Answerer();

        (int status, string output) = ChildProcess.Run("sipsak", Limit, "-vv", "-s", $"sip:127.0.0.1:{answerer.Udp}");

        Assert.True(status == 0, output);
        Assert.Contains("SIP/2.0 200 OK", output);
        Assert.Contains("Allow: INVITE, BYE, OPTIONS, UPDATE, PRACK, INFO, ACK, CANCEL", output);
        Assert.Equal(1, answerer.Stop()["answer.OptionsAnswered"]);
    }

    [PeerFact("sipsak")]
    public void A_method_that_we_do_not_take_is_refused_with_those_that_we_do()
    {
        using var answerer = new Answerer();

        (int status, string output) = ChildProcess.Run("sipsak", Limit, "-vvv", "-i", "-U", "-C", "sip:x@127.0.0.1", "-s", $"sip:door@127.0.0.1:{answerer.Udp}");

        Assert.NotEqual(0, status);
        Assert.Contains("405 Method Not Allowed", output);
        Assert.Equal(1, answerer.Stop()["transactions.MethodsRefused"]);
    }

    // It gives up when an answer is missing, which is what a message without a Via gets: its own status says nothing here.
    [PeerFact("sipsak")]
    public void Requests_with_characters_trashed_at_random_harm_nobody()
    {
        using var answerer = new Answerer();

        ChildProcess.Run("sipsak", Limit, "-R", "-t", "30", "-s", $"sip:127.0.0.1:{answerer.Udp}");

        Assert.Equal(200, answerer.Ask());
        Assert.True(answerer.Stop()["transport.DatagramsReceived"] > 1);
    }
}
