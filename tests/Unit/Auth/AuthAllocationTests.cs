// The promise, counted: challenges taken, requests written and checked, proofs made and heard, and not one octet on the heap.
using SipEmbedded.Auth;
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using Xunit;

namespace SipEmbedded.Tests.Auth;

public sealed class AuthAllocationTests
{
    private const int Rounds = 2_000;

    [Fact]
    public void Challenges_and_answers_allocate_nothing()
    {
        foreach (var algorithm in Enum.GetValues<DigestAlgorithm>())
        {
            var registrar = new Registrar(new() { Realm = "example.com", Algorithms = [algorithm], WantsUserHash = true, OffersIntegrity = true });
            var account = new Account();
            byte[] challenge = new byte[4000], request = new byte[4000], answer = new byte[4000];
            var index = new MessageIndex();
            int accepted = Round(registrar, account, challenge, request, answer, ref index);
            accepted += Round(registrar, account, challenge, request, answer, ref index);
            long before = HeapCount.Begin();
            for (int i = 0; i < Rounds; i++)
                accepted += Round(registrar, account, challenge, request, answer, ref index);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(Rounds + 2, accepted);
        }
    }

    private static int Round(Registrar registrar, Account account, byte[] challenge, byte[] request, byte[] answer, ref MessageIndex index)
    {
        account.Session.Forget();
        account.Credentials.Set("example.com"u8, "door"u8, "secret"u8);
        AuthAttempt attempt = default;
        var builder = new MessageBuilder(challenge);
        builder.StartResponse(401);
        registrar.Server.WriteChallenges(registrar.Now, AuthVerdict.Missing, ref builder);
        builder.Finish();
        if (!SipMessage.TryRead(builder.Written, Framing.Stream, ref index, out var challenged, out _)
            || account.Session.TakeChallenge(challenged, ref attempt) != ChallengeOutcome.Answered)
            return 0;

        builder = new MessageBuilder(request);
        builder.StartRequest(Method.Register, "sip:registrar.example.com"u8);
        account.Session.TryWrite(ref builder, "REGISTER"u8, "sip:registrar.example.com"u8, default, ref attempt);
        builder.Finish();
        if (!SipMessage.TryRead(builder.Written, Framing.Stream, ref index, out var asked, out _))
            return 0;
        var check = registrar.Server.Check(registrar.Now, asked);
        builder = new MessageBuilder(answer);
        builder.StartResponse(200);
        registrar.Server.TryWriteInfo(registrar.Now, asked, check, renews: true, default, ref builder);
        builder.Finish();
        if (check.Verdict != AuthVerdict.Accepted || !SipMessage.TryRead(builder.Written, Framing.Stream, ref index, out var answered, out _))
            return 0;
        return account.Session.TakeInfo(answered, "sip:registrar.example.com"u8, attempt) == ServerProof.Valid ? 1 : 0;
    }
}
