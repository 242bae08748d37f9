// RFC 4475 (SIP Torture Test Messages) and RFC 5118 (the same for IPv6): each message with the outcome that its RFC wants.
using SipEmbedded.Messages;
using SipEmbedded.Tests.Vectors;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Conformance;

public sealed class Rfc4475Tests
{
    // Where the RFC leaves it to the implementation, what is done here, and why.
    private static readonly Dictionary<string, string> Choices = new()
    {
        ["rfc4475/lwsstart"] = "accept", // Leniency.RequestLineSpaces
        ["rfc4475/trws"] = "accept", // Leniency.TrailingSpace
        ["rfc4475/escruri"] = "accept", // headers in a Request-URI fit the grammar; nothing reads them
        ["rfc4475/baddate"] = "tolerate", // a fault of Date, which a UAS passes over
        ["rfc4475/regbadct"] = "reject", // RFC 3261 §20: a URI with "?" stands in angle brackets; guessing whose the header is would be worse
        ["rfc4475/badaspec"] = "accept", // Leniency.SpacedAddress
        ["rfc4475/baddn"] = "reject", // its octets in the archive end without the empty line; see Baddn_is_accepted_once_its_headers_end
        ["rfc4475/badbranch"] = "accept", // the branch fits the grammar; that it is no unique identifier is the transaction layer's matter
        ["rfc5118/ipv6-bug-abnf-3-colons"] = "reject", // ":::" is not an address (RFC 5954 mended the grammar that printed it)
    };

    public static TheoryData<string> With(string parser) =>
        MessageVectors.Ids(MessageVectors.Rfc4475.Concat(MessageVectors.Rfc5118).Where(v => v.Parser == parser));

    [Fact]
    public void All_messages_are_there()
    {
        Assert.Equal(49, MessageVectors.Rfc4475.Count);
        Assert.Equal(12, MessageVectors.Rfc5118.Count);
    }

    [Theory]
    [MemberData(nameof(With), "accept")]
    public void What_the_rfc_calls_well_formed_has_no_fault(string id) => Assert.Empty(Verdict.On(MessageVectors.Get(id).Read()).Faults);

    [Theory]
    [MemberData(nameof(With), "accept")]
    public void What_the_rfc_calls_well_formed_needs_no_leniency_but_one(string id)
    {
        // RFC 4475 §3.1.1.6 calls the grammar wrong: it wants white space between a display name of tokens and "<".
        string expected = id == "rfc4475/lwsdisp" ? "reject" : "accept";
        Assert.Equal(expected, Verdict.On(MessageVectors.Get(id).Read(), Leniency.None).Outcome);
    }

    [Theory]
    [MemberData(nameof(With), "reject")]
    public void What_the_rfc_wants_rejected_is_with_leniencies_and_without(string id)
    {
        var vector = MessageVectors.Get(id);
        foreach (var allow in new[] { Leniency.Default, Leniency.None })
        {
            var verdict = Verdict.On(vector.Read(), allow);
            Assert.Equal("reject", verdict.Outcome);
            Assert.Equal(vector.Kind == "req", verdict.IsRequest);
        }
    }

    [Theory]
    [MemberData(nameof(With), "reject")]
    public void What_is_rejected_gets_the_status_that_the_rfc_wants(string id)
    {
        var vector = MessageVectors.Get(id);
        var verdict = Verdict.On(vector.Read());
        // Of responses, "drop" is all there is to say. NEWMETHOD with another CSeq: 501 or 400, by who looks first.
        string answer = verdict.IsRequest ? verdict.Grave!.Status.ToString(System.Globalization.CultureInfo.InvariantCulture) : "drop";
        Assert.Contains(answer, vector.Answer.Split(',', '|'));
    }

    [Theory]
    [MemberData(nameof(With), "either")]
    public void What_the_rfc_leaves_open_is_decided(string id) => Assert.Equal(Choices[id], Verdict.On(MessageVectors.Get(id).Read()).Outcome);

    [Theory]
    [InlineData("rfc4475/lwsstart")]
    [InlineData("rfc4475/trws")]
    [InlineData("rfc4475/badaspec")]
    public void What_a_leniency_tolerates_is_rejected_without_it(string id) =>
        Assert.Equal("reject", Verdict.On(MessageVectors.Get(id).Read(), Leniency.None).Outcome);

    [Fact]
    public void Baddn_is_accepted_once_its_headers_end()
    {
        byte[] text = [.. MessageVectors.Torture("baddn"), .. "\r\n"u8];
        Assert.Equal("accept", Verdict.On(text).Outcome);
        Assert.Equal("reject", Verdict.On(text, Leniency.None).Outcome);
    }

    // As printed the body is longer (one, 181 for 189: the rest is dropped) or shorter (two: a fault) than Content-Length.
    [Theory]
    [InlineData("ipv4-mapped-ipv6", "accept")]
    [InlineData("ipv6-in-sdp", "reject")]
    [InlineData("mult-ip-in-sdp", "accept")]
    public void Lengths_as_rfc_5118_prints_them(string name, string outcome)
    {
        var verdict = Verdict.On(MessageVectors.Read($"rfc5118/asis/{name}.dat"));
        Assert.Equal(outcome, verdict.Outcome);
        if (outcome == "reject")
            Assert.Equal((FaultKind.Length, "Content-Length"), (verdict.Faults[0].Kind, verdict.Faults[0].Rule));
    }

    [Theory]
    [InlineData("badinv01", FaultKind.Syntax, HeaderName.Via)]
    [InlineData("clerr", FaultKind.Length, HeaderName.ContentLength)]
    [InlineData("ncl", FaultKind.Syntax, HeaderName.ContentLength)]
    [InlineData("scalar02", FaultKind.Range, HeaderName.CSeq)]
    [InlineData("scalarlg", FaultKind.Range, HeaderName.CSeq)]
    [InlineData("scalarlg", FaultKind.Syntax, HeaderName.Warning)]
    [InlineData("quotbal", FaultKind.Syntax, HeaderName.To)]
    [InlineData("mismatch01", FaultKind.Mismatch, HeaderName.CSeq)]
    [InlineData("insuf", FaultKind.Missing, HeaderName.From)]
    [InlineData("insuf", FaultKind.Missing, HeaderName.To)]
    [InlineData("insuf", FaultKind.Missing, HeaderName.CallID)]
    [InlineData("multi01", FaultKind.Duplicate, HeaderName.CSeq)]
    [InlineData("multi01", FaultKind.Duplicate, HeaderName.CallID)]
    [InlineData("multi01", FaultKind.Duplicate, HeaderName.From)]
    [InlineData("multi01", FaultKind.Duplicate, HeaderName.To)]
    [InlineData("multi01", FaultKind.Duplicate, HeaderName.MaxForwards)]
    [InlineData("mcl01", FaultKind.Mismatch, HeaderName.ContentLength)]
    [InlineData("baddate", FaultKind.Syntax, HeaderName.Date)]
    [InlineData("regbadct", FaultKind.Syntax, HeaderName.Contact)]
    public void The_fault_is_found_where_it_is(string name, FaultKind kind, HeaderName header)
    {
        byte[] text = MessageVectors.Torture(name);
        var fault = Assert.Single(Verdict.On(text).Faults, f => f.Kind == kind && f.Header == header);
        Assert.NotEmpty(fault.Rule);
        Assert.InRange(fault.Offset, 0, text.Length);
    }
}
