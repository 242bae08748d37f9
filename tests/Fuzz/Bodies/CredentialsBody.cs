// A request with credentials, checked by a server (RFC 7616 §3.6): none is let in whose response was not made with the password.
using System.Text;
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using SipEmbedded.Messages;

namespace SipEmbedded.Fuzz;

internal sealed class CredentialsBody : FuzzBody
{
    private readonly AuthServer _server;
    private readonly byte[] _lower;
    private readonly byte[] _answer = new byte[4096];
    private readonly List<byte[]> _requests = [];
    private readonly List<byte[]> _responses = [];
    private MessageIndex _index;

    public CredentialsBody()
        : base("credentials")
    {
        _lower = new byte[MaxOctets];
        var gate = new StartGate();
        var entropy = new Entropy(gate, new ChallengeBody.EvenEntropy());
        var users = new Credentials(gate, "users", 2);
        users.Set("example.com"u8, "door"u8, "secret"u8);
        _server = new(gate, entropy, users, new()
        {
            Realm = "example.com", Algorithms = [DigestAlgorithm.Sha256, DigestAlgorithm.Md5, DigestAlgorithm.Md5Session], OffersIntegrity = true,
        });
        foreach (var algorithm in new[] { DigestAlgorithm.Sha256, DigestAlgorithm.Md5, DigestAlgorithm.Md5Session })
        {
            foreach (bool isIntegrity in new[] { false, true })
                AddRequest(new(gate, entropy, users, new() { Preference = [algorithm], PrefersIntegrity = isIntegrity }));
        }
        gate.Close();
    }

    private void AddRequest(AuthSession session)
    {
        var challenge = new MessageBuilder(_answer);
        challenge.StartResponse(401);
        _server.WriteChallenges(Instant.FromMilliseconds(1), AuthVerdict.Missing, ref challenge);
        challenge.Finish();
        AuthAttempt attempt = default;
        SipMessage.TryRead(challenge.Written, Framing.Stream, ref _index, out var response, out _);
        session.TakeChallenge(response, ref attempt);
        var builder = new MessageBuilder(new byte[MaxOctets]);
        builder.StartRequest(Method.Register, "sip:example.com"u8);
        session.TryWrite(ref builder, "REGISTER"u8, "sip:example.com"u8, "body"u8, ref attempt);
        builder.Finish("text/plain"u8, "body"u8);
        byte[] request = builder.Written.ToArray();
        _requests.Add(request);
        string text = Encoding.Latin1.GetString(request);
        _responses.Add(Encoding.Latin1.GetBytes(text.Split("response=\"")[1].Split('"')[0]));
    }

    public override int Weight => 4;

    public override int MaxOctets => 1500;

    public override bool HasContentLength => true;

    public override List<byte[]> Seeds(int seed) => [.. _requests, .. _requests.Select(Basic)];

    private static byte[] Basic(byte[] request) => Encoding.Latin1.GetBytes(
        Encoding.Latin1.GetString(request).Replace("Authorization: ", "Authorization: Basic a=b\r\nAuthorization: ", StringComparison.Ordinal));

    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        var outcome = default(Outcome);
        bool isRead = SipMessage.TryRead(text, Framing.Datagram, ref _index, out var request, out _);
        outcome.Add(isRead ? 1UL : 0);
        if (!isRead)
            return outcome;
        var now = Instant.FromMilliseconds(2);
        var check = _server.Check(now, request);
        bool isRight = check.Verdict is AuthVerdict.Accepted or AuthVerdict.Replayed or AuthVerdict.Stale;
        // Whether it is the first time is not the text's to tell.
        outcome.Add(isRight ? 100UL : (ulong)check.Verdict);
        PropertyViolation.Unless(!isRight || HoldsResponse(text), "nobody is let in without the password");
        PropertyViolation.Unless(check.Uri.End <= text.Length, "a URI lies within its request");
        var builder = new MessageBuilder(_answer);
        _server.TryWriteInfo(now, request, check, renews: true, default, ref builder);
        PropertyViolation.Unless(builder.IsValid, "what an accepted request is answered with can be written");
        return outcome;
    }

    private bool HoldsResponse(ReadOnlySpan<byte> text)
    {
        // A quoted pair is the octet behind its backslash, also in a response.
        int length = 0;
        foreach (byte octet in text)
        {
            if (octet != '\\')
                _lower[length++] = octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;
        }
        foreach (byte[] response in _responses)
        {
            if (_lower.AsSpan(0, length).IndexOf(response) >= 0)
                return true;
        }
        return false;
    }
}
