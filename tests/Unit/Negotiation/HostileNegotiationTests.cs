// Descriptions that are broken in thousands of ways, in every role: a step has a result, what is open stays consistent, and no buffer is lost.
using SipEmbedded.Negotiation;
using SipEmbedded.Sdp;
using SipEmbedded.Tests.Sdp;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

public class HostileNegotiationTests
{
    private const int Seed = 3264;
    private const int Steps = 30_000;

    [Fact]
    public void No_description_breaks_a_session()
    {
        var random = new Random(Seed);
        byte[][] texts = [.. SdpVectors.Everything().Select(vector => Party.Octets(vector.Sdp)), Party.Octets(Party.Foreign("m=audio 9000 RTP/AVP 0 8 101"))];
        var party = new Party();
        var seen = new Dictionary<NegotiationStatus, int>();
        byte[] text = new byte[2048];
        for (int step = 0; step < Steps; step++)
        {
            byte[] heard = Mutant(texts[random.Next(texts.Length)], random);
            party.Wanted = (MediaDirection)random.Next(4);
            var before = party.State;
            var result = random.Next(8) switch
            {
                0 => party.Negotiator.MakeOffer(ref party.Session, party.Context, text, out _),
                1 => party.Negotiator.MakeRefresh(ref party.Session, party.Context, text, out _),
                2 => party.Negotiator.MakeAnswer(ref party.Session, party.Context, text, out _),
                3 => party.Negotiator.TakeAnswer(ref party.Session, party.Context, heard),
                4 => party.Negotiator.TakeAnswer(ref party.Session, party.Context, heard, isPreview: true),
                5 => party.Negotiator.TakeOffer(ref party.Session, party.Context, heard, canReject: false),
                _ => party.Negotiator.TakeOffer(ref party.Session, party.Context, heard),
            };
            seen[result.Status] = seen.GetValueOrDefault(result.Status) + 1;
            if (!result.IsOk)
                Assert.Equal(before, party.State);
            // Only audio is handled here, and one stream of it.
            Assert.InRange(party.Session.Streams, 0, 1);
            Assert.Equal(party.State == NegotiationState.Stable && party.Session.Streams == 1, party.State == NegotiationState.Stable && party.HasAudio);
            if (party.Session.IsAgreed)
                AssertPlaces(party);
            if (random.Next(6) == 0)
                party.Rollback();
            if (random.Next(50) == 0)
            {
                party.Negotiator.End(party.Context);
                party.Negotiator.Release(ref party.Session);
                Assert.Equal(0, party.Buffers.Count);
                party.Session = new((ulong)step);
            }
        }
        // The run went everywhere.
        Assert.All(
            [NegotiationStatus.Ok, NegotiationStatus.Unacceptable, NegotiationStatus.Malformed, NegotiationStatus.OfferPending, NegotiationStatus.AnswerOwed],
            status => Assert.True(seen.GetValueOrDefault(status) > Steps / 100, $"{status}: {seen.GetValueOrDefault(status)}"));
    }

    // Both texts that hold are descriptions, and ours is strictly one; each stream of the peer's has its place.
    private static void AssertPlaces(Party party)
    {
        Assert.True(SdpDescription.TryRead(party.Negotiator.AgreedLocal(party.Session), SdpLeniency.None, out var local, out _));
        Assert.True(SdpDescription.TryRead(party.Negotiator.AgreedRemote(party.Session), SdpLeniency.All, out var remote, out _));
        Assert.True(remote.MediaCount <= local.MediaCount);
    }

    private static byte[] Mutant(byte[] text, Random random)
    {
        byte[] mutant = [.. text];
        int changes = random.Next(4);
        for (int i = 0; i < changes && mutant.Length > 0; i++)
        {
            int at = random.Next(mutant.Length);
            switch (random.Next(4))
            {
                case 0:
                    mutant[at] = (byte)random.Next(256);
                    break;
                case 1:
                    mutant = mutant[..at];
                    break;
                case 2:
                    int line = mutant.AsSpan(at).IndexOf((byte)'\n') + at + 1;
                    mutant = [.. mutant[..line], .. "m=audio 9 RTP/AVP 0 8 300\r\nc=IN IP4 0.0.0.0\r\n"u8, .. mutant[line..]];
                    break;
                default:
                    mutant[at] = (byte)"0129 =\r\n/:"[random.Next(10)];
                    break;
            }
        }
        return mutant;
    }
}
