// A response that challenges, taken by a client (RFC 3261 §22): what it writes then is a request that can be read, says what it was given, and comes to an end.
using System.Text;
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using SipEmbedded.Messages;

namespace SipEmbedded.Fuzz;

internal sealed class ChallengeBody : FuzzBody
{
    private readonly AuthSession _session;
    private readonly byte[] _request = new byte[8192];
    private readonly byte[] _content = new byte[AuthLimits.MaxNonceOctets];
    private MessageIndex _index;
    private MessageIndex _requestIndex;

    public ChallengeBody()
        : base("challenge")
    {
        var gate = new StartGate();
        var credentials = new Credentials(gate, "credentials", 2);
        credentials.Set("example.com"u8, "do\"or"u8, "secret"u8);
        credentials.Set(default, "anyone"u8, "pw"u8);
        _session = new(gate, new Entropy(gate, new EvenEntropy()), credentials, new());
        gate.Close();
    }

    public override int Weight => 4;

    public override int MaxOctets => 2000;

    public override bool HasContentLength => true;

    public override List<byte[]> Seeds(int seed) =>
    [
        Response("WWW-Authenticate: Digest realm=\"example.com\", nonce=\"n1\", qop=\"auth,auth-int\", algorithm=SHA-256, opaque=\"o\", stale=true"),
        Response("WWW-Authenticate: Digest realm=\"example.com\", nonce=\"n\\\\\\\"1\", algorithm=MD5\r\nWWW-Authenticate: Basic realm=\"x\""),
        Response("Proxy-Authenticate: Digest realm=\"p\", nonce=\"n\r\n 1\", qop=auth, algorithm=\"md5-sess\", userhash=true, charset=UTF-8"),
        Response("Proxy-Authenticate: Digest realm=\"p\", nonce=\"n\", opaque=\"\\\\\"\r\nWWW-Authenticate: Digest realm=\"w\", nonce=\"n\", qop=\"auth-int\""),
        Response(string.Join("\r\n", Enumerable.Range(0, 6).Select(i =>
            $"WWW-Authenticate: Digest realm=\"r{i}\", nonce=\"n{i}\", algorithm=SHA-512-256, qop=\"auth\""))),
        Response("Authentication-Info: nextnonce=\"n\", qop=auth, rspauth=\"00\", cnonce=\"c\", nc=00000001\r\n"
            + "WWW-Authenticate: Digest realm=\"r\", nonce=\"m\""),
    ];

    private static byte[] Response(string headers) => Encoding.Latin1.GetBytes(
        "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:a@h>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
        + $"{headers}\r\nContent-Length: 0\r\n\r\n");

    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        var outcome = default(Outcome);
        bool isRead = SipMessage.TryRead(text, Framing.Datagram, ref _index, out var response, out _);
        outcome.Add(isRead ? 1UL : 0);
        if (!isRead)
            return outcome;
        _session.Forget();
        AuthAttempt attempt = default;
        int turns = 0;
        ChallengeOutcome taken;
        do
        {
            taken = _session.TakeChallenge(response, ref attempt);
            outcome.Add((ulong)taken);
            int lines = Write(response, ref attempt, ref outcome);
            PropertyViolation.Unless(taken != ChallengeOutcome.Answered || lines > 0, "an answer to a challenge is written");
            PropertyViolation.Unless(++turns <= AuthLimits.MaxChallengesInRow + 1, "challenges come to an end");
            outcome.Add((ulong)_session.TakeInfo(response, "sip:a@h"u8, attempt));
        }
        while (taken == ChallengeOutcome.Answered);
        return outcome;
    }

    private int Write(SipMessage response, ref AuthAttempt attempt, ref Outcome outcome)
    {
        var builder = new MessageBuilder(_request);
        builder.StartRequest(Method.Invite, "sip:a@h"u8);
        builder.Header(HeaderName.MaxForwards, 70);
        bool isWritten = _session.TryWrite(ref builder, "INVITE"u8, "sip:a@h"u8, "body"u8, ref attempt);
        builder.Finish();
        PropertyViolation.Unless(isWritten && builder.IsValid, "credentials can be written");
        bool isRead = SipMessage.TryRead(builder.Written, Framing.Stream, ref _requestIndex, out var request, out _, Leniency.None);
        PropertyViolation.Unless(isRead, "a request with credentials is read");
        outcome.AddSize(request.Text.Length);
        int lines = 0;
        for (int line = 0; line < request.HeaderLines.Length; line++)
        {
            if (request.HeaderLines[line].Name == HeaderName.Authorization)
            {
                PropertyViolation.Unless(request.TryGet<Authorization>(line, out var server, out _), "credentials match their grammar");
                CheckGiven(response, request.Text, server.Nonce, isProxy: false);
            }
            else if (request.HeaderLines[line].Name == HeaderName.ProxyAuthorization)
            {
                PropertyViolation.Unless(request.TryGet<ProxyAuthorization>(line, out var proxy, out _), "credentials match their grammar");
                CheckGiven(response, request.Text, proxy.Nonce, isProxy: true);
            }
            else
                continue;
            lines++;
        }
        // Max-Forwards and Content-Length beside them, and nothing that a challenge could have slipped in.
        PropertyViolation.Unless(request.HeaderLines.Length == lines + 2, "nothing but credentials is written");
        PropertyViolation.Unless(lines <= AuthLimits.MaxSpaces, "there are no more credentials than spaces");
        return lines;
    }

    private void CheckGiven(SipMessage response, ReadOnlySpan<byte> text, Text.Slice nonce, bool isProxy)
    {
        PropertyViolation.Unless(QuotedText.TryUnquote(nonce.In(text), _content, out int length), "a nonce is within its limit");
        var header = isProxy ? HeaderName.ProxyAuthenticate : HeaderName.WwwAuthenticate;
        for (int line = response.FirstLineOf(header); line >= 0; line = response.NextLineOf(header, line))
        {
            var given = isProxy
                ? response.TryGet<ProxyAuthenticate>(line, out var proxy, out _) ? proxy.Nonce : default
                : response.TryGet<WwwAuthenticate>(line, out var server, out _) ? server.Nonce : default;
            if (given.IsPresent && QuotedText.ContentEquals(given.In(response.Text), _content.AsSpan(0, length)))
                return;
        }
        // Or the next one.
        bool isNext = response.TryGet<AuthenticationInfo>(out var info, out _) && info.NextNonce.IsPresent
            && QuotedText.ContentEquals(info.NextNonce.In(response.Text), _content.AsSpan(0, length));
        PropertyViolation.Unless(isNext, "a nonce that is written was given");
    }

    /// <summary>The same key in each run.</summary>
    internal sealed class EvenEntropy : IEntropySource
    {
        public void Fill(Span<byte> octets) => octets.Fill(0x5A);
    }
}
