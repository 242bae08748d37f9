// A client's session on a bench: challenges are handed to it as text, what it writes is read back by hand.
using System.Text;
using System.Text.RegularExpressions;
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using Xunit;

namespace SipEmbedded.Tests.Auth;

internal sealed partial class Account
{
    public const string Uri = "sip:registrar.example.com";

    private readonly byte[] _buffer = new byte[65535];
    private MessageIndex _index;

    /// <summary>The attempt that calls without one share: a request and its retries.</summary>
    public AuthAttempt Attempt;

    public Account(AuthSessionOptions? options = null, bool isEmpty = false, byte seed = 1, int capacity = 4)
    {
        var gate = new StartGate();
        Credentials = new(gate, "credentials", capacity);
        Session = new(gate, new Entropy(gate, new CountingEntropy(seed)), Credentials, options ?? new());
        gate.Close();
        if (!isEmpty)
            Assert.Equal(CredentialsResult.Stored, Credentials.Set("example.com"u8, "door"u8, "secret"u8));
    }

    public Credentials Credentials { get; }

    public AuthSession Session { get; }

    public static byte[] Octets(string text) => Encoding.UTF8.GetBytes(text);

    public static string Response(int status, string headers, string body = "") =>
        $"SIP/2.0 {status} Whatever\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:door@example.com>;tag=1\r\nTo: <sip:door@example.com>;tag=2\r\n"
        + $"Call-ID: 1\r\nCSeq: 1 REGISTER\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    /// <summary>A line WWW-Authenticate with what is usual.</summary>
    public static string Challenge(
        string nonce = "n1", string realm = "example.com", string algorithm = "MD5", string? qop = "auth", bool isProxy = false, string extra = "") =>
        $"{(isProxy ? "Proxy" : "WWW")}-Authenticate: Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={algorithm}"
        + $"{(qop is null ? "" : $", qop=\"{qop}\"")}{extra}\r\n";

    public ChallengeOutcome Take(string headers, int status = 401) => Take(headers, ref Attempt, status);

    public ChallengeOutcome Take(string headers, ref AuthAttempt attempt, int status = 401)
    {
        Assert.True(SipMessage.TryRead(Octets(Response(status, headers)), Framing.Datagram, ref _index, out var response, out var fault), fault.ToString());
        return Session.TakeChallenge(response, ref attempt);
    }

    public ServerProof TakeInfo(string info, in AuthAttempt attempt, string uri = Uri, string body = "")
    {
        string text = Response(200, info.Length == 0 ? "" : $"Authentication-Info: {info}\r\n", body);
        Assert.True(SipMessage.TryRead(Octets(text), Framing.Datagram, ref _index, out var response, out var fault), fault.ToString());
        return Session.TakeInfo(response, Octets(uri), attempt);
    }

    /// <summary>The lines that are written, without the end of line.</summary>
    public List<string> Write(string method = "REGISTER", string uri = Uri, string body = "") => Write(ref Attempt, method, uri, body);

    public List<string> Write(ref AuthAttempt attempt, string method = "REGISTER", string uri = Uri, string body = "")
    {
        string text = Encoding.UTF8.GetString(Request(ref attempt, method, uri, body));
        return [.. text.Split("\r\n").Where(line => line.Contains("uthorization:", StringComparison.Ordinal))];
    }

    /// <summary>A whole request, which can be read.</summary>
    public byte[] Request(ref AuthAttempt attempt, string method = "REGISTER", string uri = Uri, string body = "")
    {
        var builder = new MessageBuilder(_buffer);
        builder.StartRequest(Octets(method), Octets(uri));
        builder.Header(HeaderName.Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"u8);
        builder.Header(HeaderName.From, "<sip:door@example.com>;tag=1"u8);
        builder.Header(HeaderName.To, "<sip:door@example.com>"u8);
        builder.Header(HeaderName.CallID, "1"u8);
        builder.CSeq(1, Octets(method));
        Assert.True(Session.TryWrite(ref builder, Octets(method), Octets(uri), Octets(body), ref attempt));
        if (body.Length == 0)
            builder.Finish();
        else
            builder.Finish("text/plain"u8, Octets(body));
        Assert.True(builder.IsValid, builder.Fault.ToString());
        byte[] written = builder.Written.ToArray();
        Assert.True(SipMessage.TryRead(written, Framing.Datagram, ref _index, out var request, out var fault, Leniency.None), fault.ToString());
        foreach (var authorization in request.All<Authorization>())
            Assert.True(authorization.Response.IsPresent);
        foreach (var authorization in request.All<ProxyAuthorization>())
            Assert.True(authorization.Response.IsPresent);
        return written;
    }

    /// <summary>The one line that is written, by parameter; quotes and backslashes as they stand.</summary>
    public Dictionary<string, string> WriteOne(string method = "REGISTER", string uri = Uri, string body = "") =>
        Parameters(Assert.Single(Write(method, uri, body)));

    public static Dictionary<string, string> Parameters(string line)
    {
        Assert.Contains(": Digest ", line, StringComparison.Ordinal);
        return ParameterOf().Matches(line[(line.IndexOf("Digest ", StringComparison.Ordinal) + 7)..])
            .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
    }

    [GeneratedRegex("""\G(?:, )?([a-z]+)=("(?:[^"\\]|\\.)*"|[^",]+)""")]
    private static partial Regex ParameterOf();

    public static string Inside(string quoted)
    {
        Assert.Matches("^\".*\"$", quoted);
        return Regex.Replace(quoted[1..^1], @"\\(.)", "$1");
    }

    /// <summary>Numbers that count up: each draw differs, and is the same in each run.</summary>
    internal sealed class CountingEntropy(byte seed) : IEntropySource
    {
        private byte _next = seed;

        public void Fill(Span<byte> octets)
        {
            foreach (ref byte octet in octets)
                octet = _next++;
        }
    }
}
