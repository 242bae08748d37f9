// A SIP URI beyond its record: escapes, parameters, headers and the comparison of RFC 3261 §19.1.4.
using SipEmbedded.Agreement;
using SipEmbedded.Messages;

namespace SipEmbedded.Fuzz;

internal sealed class UriBody(DeclaredRecord record, uint leniencies) : RecordBody<SipUri>(record, leniencies)
{
    private readonly byte[] _unescaped = new byte[1024];

    public override int Weight => 8;

    protected override void CheckValue(ReadOnlySpan<byte> text, in SipUri value, ref Outcome outcome)
    {
        PropertyViolation.Unless(UriText.TryUnescape(value.User.In(text), _unescaped, out int length),
            "a text unescaped is no longer than it was");
        PropertyViolation.Unless(length <= value.User.Length, "a text unescaped is no longer than it was");
        PropertyViolation.Unless(UriText.UnescapesTo(value.User.In(text), _unescaped.AsSpan(0, length)),
            "UnescapesTo agrees with TryUnescape");
        foreach (var parameter in UriParameters.Of(value, text))
        {
            PropertyViolation.UnlessWithin(parameter.Name, text);
            PropertyViolation.UnlessWithin(parameter.Value, text);
            outcome.AddPlace(parameter.Name);
        }
        foreach (var header in UriHeaders.Of(value, text))
        {
            PropertyViolation.UnlessWithin(header.Name, text);
            PropertyViolation.UnlessWithin(header.Value, text);
            outcome.AddPlace(header.Name);
        }
        PropertyViolation.Unless(UriComparison.AreEqual(value, text, value, text), "a URI equals itself");
        CheckCase(text, value, ref outcome);
    }

    // The scheme's case means nothing, but the text is another, so that the parts are compared; the answer is the same in both
    // directions.
    private void CheckCase(ReadOnlySpan<byte> text, in SipUri value, ref Outcome outcome)
    {
        if (text.Length > _unescaped.Length || text.IsEmpty)
            return;
        var other = _unescaped.AsSpan(0, text.Length);
        text.CopyTo(other);
        other[0] ^= 0x20;
        if (!SipUri.TryParse(other, out var second, out _, Leniencies))
            return;
        bool equal = UriComparison.AreEqual(value, text, second, other);
        PropertyViolation.Unless(equal == UriComparison.AreEqual(second, other, value, text),
            "the comparison of URIs is symmetric");
        outcome.Add(equal ? 1UL : 0);
    }
}
