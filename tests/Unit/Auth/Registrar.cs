// A server on a bench: requests are handed to it as octets, and its answer comes back as the header lines of a response.
using System.Text;
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using Xunit;

namespace SipEmbedded.Tests.Auth;

internal sealed class Registrar
{
    private readonly byte[] _buffer = new byte[65535];
    private MessageIndex _index;

    public Registrar(AuthServerOptions? options = null, bool isEmpty = false, byte seed = 101)
    {
        var gate = new StartGate();
        Users = new(gate, "users", 4);
        Server = new(gate, new Entropy(gate, new Account.CountingEntropy(seed)), Users, options ?? new() { Realm = "example.com" });
        gate.Close();
        if (!isEmpty)
            Assert.Equal(CredentialsResult.Stored, Users.Set("example.com"u8, "door"u8, "secret"u8));
    }

    public Credentials Users { get; }

    public AuthServer Server { get; }

    public Instant Now { get; set; } = Instant.FromMilliseconds(1_000_000);

    public AuthCheck Check(byte[] request)
    {
        Assert.True(SipMessage.TryRead(request, Framing.Datagram, ref _index, out var message, out var fault), fault.ToString());
        return Server.Check(Now, message);
    }

    public AuthVerdict Judge(byte[] request) => Check(request).Verdict;

    /// <summary>The lines of a challenge, as <see cref="Account.Take(string, int)"/> wants them.</summary>
    public string Challenges(AuthVerdict verdict = AuthVerdict.Missing)
    {
        var builder = new MessageBuilder(_buffer);
        Server.WriteChallenges(Now, verdict, ref builder);
        Assert.True(builder.IsValid, builder.Fault.ToString());
        return Encoding.UTF8.GetString(builder.Written);
    }

    /// <summary>The value of Authentication-Info, empty for none.</summary>
    public string Info(byte[] request, in AuthCheck check, bool renews, string body = "")
    {
        Assert.True(SipMessage.TryRead(request, Framing.Datagram, ref _index, out var message, out _));
        var builder = new MessageBuilder(_buffer);
        bool isWritten = Server.TryWriteInfo(Now, message, check, renews, Account.Octets(body), ref builder);
        string text = Encoding.UTF8.GetString(builder.Written);
        Assert.Equal(isWritten, text.StartsWith("Authentication-Info: ", StringComparison.Ordinal));
        return isWritten ? text["Authentication-Info: ".Length..^2] : "";
    }

    /// <summary>A request with credentials that are made by hand.</summary>
    public static byte[] Request(string authorization, string method = "REGISTER", string uri = Account.Uri) => Account.Octets(
        $"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:a@h>\r\nCall-ID: 1\r\nCSeq: 1 {method}\r\n"
        + $"{authorization}Content-Length: 0\r\n\r\n");
}
