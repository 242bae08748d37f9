// All examples of RFC 4317 and those of RFC 3264 §10, run mechanically from both sides: a handler says of each stream what the RFC's text says, and the negotiator
// must come to the RFC's list of streams, with a version that grows where the text changes.
using SipEmbedded.Negotiation;
using SipEmbedded.Tests.Sdp;
using Xunit;

namespace SipEmbedded.Tests.Negotiation;

public class Rfc4317ExampleTests
{
    // RFC 3264 §9 prints capabilities, which are neither an offer nor an answer.
    public static TheoryData<string> Examples() =>
        [.. SdpVectors.Scenarios().Where(scenario => scenario.Steps.Count > 1).Select(scenario => scenario.Id)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Each_example_comes_to_its_streams(string id)
    {
        var steps = SdpVectors.Scenarios().Single(scenario => scenario.Id == id).Steps;
        // The names in the o= lines tell who speaks.
        var sides = steps.Select(UserOf).Distinct().ToDictionary(user => user, _ => new Side());
        Assert.Equal(2, sides.Count);
        for (int i = 0; i < steps.Count; i += 2)
        {
            var offerer = sides[UserOf(steps[i])];
            var answerer = sides[UserOf(steps[i + 1])];
            string offer = offerer.Says(steps[i], party => party.Offer());
            answerer.Handler.Sections = SectionsOf(steps[i + 1]);
            Assert.Equal(NegotiationStatus.Ok, answerer.Party.Take(offer).Status);
            string answer = answerer.Says(steps[i + 1], party => party.Answer());
            Assert.Equal(NegotiationStatus.Ok, offerer.Party.TakeAnswer(answer).Status);
            Assert.Equal(NegotiationState.Stable, offerer.Party.State);
            Assert.Equal(NegotiationState.Stable, answerer.Party.State);
            Assert.Equal(SectionsOf(steps[i + 1]).Count(section => section != ""), offerer.Party.Session.Streams);
        }
    }

    private sealed class Side
    {
        private string _last = "";

        public Side()
        {
            Handler = new();
            Party = new(before: [Handler], hasAudio: false);
        }

        public ScriptedHandler Handler { get; }

        public Party Party { get; }

        public string Says(string expected, Func<Party, string> write)
        {
            Handler.Sections = SectionsOf(expected);
            string said = write(Party);
            Assert.Equal(Streams(expected), Streams(said));
            bool isSame = WithoutOrigin(_last) == WithoutOrigin(said);
            Assert.Equal(_last.Length == 0 ? 1 : VersionOf(_last) + (isSame ? 0 : 1), VersionOf(said));
            _last = said;
            return said;
        }
    }

    private static string UserOf(string sdp) => sdp[(sdp.IndexOf("o=", StringComparison.Ordinal) + 2)..].Split(' ')[0];

    private static int VersionOf(string sdp) => int.Parse(sdp.Split("\r\n")[1].Split(' ')[2]);

    private static string WithoutOrigin(string sdp) => string.Join("\n", sdp.Split("\r\n").Skip(2));

    // Each m= line; of a refused one without its formats, which mean nothing.
    private static List<string> Streams(string sdp) =>
    [
        .. sdp.Split("\r\n").Where(line => line.StartsWith("m=", StringComparison.Ordinal)).Select(line => line.Split(' '))
            .Select(words => words[1] == "0" ? $"{words[0]} 0 {words[2]}" : string.Join(" ", words)),
    ];

    // The media sections; an empty one is refused.
    private static List<string?> SectionsOf(string sdp) =>
    [
        .. sdp.Split("\r\nm=").Skip(1).Select(section => "m=" + section.TrimEnd('\r', '\n') + "\r\n")
            .Select(section => section.Split(' ')[1] == "0" ? "" : section),
    ];
}
