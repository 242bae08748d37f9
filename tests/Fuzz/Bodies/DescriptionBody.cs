// A session description: the line reader, the description with everything it can be asked, line by line (RFC 8866).
using SipEmbedded.Sdp;
using SipEmbedded.Text;

namespace SipEmbedded.Fuzz;

internal sealed class DescriptionBody() : FuzzBody("SDP body")
{
    public override int Weight => 12;

    public override int MaxOctets => 2048;

    public override List<byte[]> Seeds(int seed) => DescriptionSeeds.All();

    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        var outcome = default(Outcome);
        bool strict = Read(text, SdpLeniency.None, ref outcome);
        bool lenient = Read(text, SdpLeniency.All, ref outcome);
        PropertyViolation.Unless(!strict || lenient, "a description that is accepted without leniencies is accepted with them");
        return outcome;
    }

    private static bool Read(ReadOnlySpan<byte> text, SdpLeniency allow, ref Outcome outcome)
    {
        bool wellFormed = WalkLines(text, allow, ref outcome);
        bool accepted = SdpDescription.TryRead(text, allow, out var description, out var fault);
        PropertyViolation.Unless(accepted == wellFormed, "a description is accepted where its lines are");
        outcome.Add(accepted ? 1UL : 0);
        if (!accepted)
        {
            PropertyViolation.UnlessWithin(fault, text);
            outcome.Add(fault);
            return false;
        }
        Visit(description.Origin, text, ref outcome);
        Visit(description.Time, text, ref outcome);
        PropertyViolation.UnlessWithin(description.SessionName, text);
        PropertyViolation.UnlessWithin(description.SessionSection, text);
        outcome.Add((ulong)description.Direction);
        if (description.TryGetConnection(out var connection))
            Visit(connection, text, ref outcome);
        for (int i = 0; i < description.MediaCount; i++)
            Ask(description.Media(i), text, allow, ref outcome);
        return true;
    }

    private static bool WalkLines(ReadOnlySpan<byte> text, SdpLeniency allow, ref Outcome outcome)
    {
        var reader = new SdpReader(text, allow);
        int end = 0;
        bool wellFormed = true;
        while (reader.Read())
        {
            var line = reader.Line;
            PropertyViolation.UnlessWithin(line.Extent, text);
            PropertyViolation.Unless(line.Extent.Offset >= end && line.Extent.Length > 0, "lines follow one another");
            PropertyViolation.Unless(line.Value.Offset >= line.Extent.Offset && line.Value.End <= line.Extent.End,
                "a value stands in its line");
            end = line.Extent.End;
            if (!reader.Check(out var fault))
            {
                PropertyViolation.UnlessWithin(fault, text);
                outcome.Add(fault);
                wellFormed = false;
            }
            outcome.Add(line.Type);
        }
        if (!reader.Fault.IsFault)
            return wellFormed;
        PropertyViolation.UnlessWithin(reader.Fault, text);
        outcome.Add(reader.Fault);
        return false;
    }

    private static void Ask(SdpMedia media, ReadOnlySpan<byte> text, SdpLeniency allow, ref Outcome outcome)
    {
        PropertyViolation.UnlessWithin(media.Section, text);
        Visit(media.Field, text, ref outcome);
        outcome.Add((ulong)media.Direction);
        outcome.Add(media.HasRtcpMux ? 1UL : 0);
        if (media.TryGetConnection(out var connection))
            Visit(connection, text, ref outcome);
        if (media.TryGetPacketTime(out var time))
            Visit(time, text, ref outcome);
        if (media.TryGetRtcp(out var rtcp))
            Visit(rtcp, text, ref outcome);
        if (media.TryGetBandwidth("AS"u8, out var bandwidth))
            Visit(bandwidth, text, ref outcome);
        foreach (var format in media.Formats)
        {
            PropertyViolation.UnlessWithin(format, text);
            outcome.AddPlace(format);
        }
        for (byte type = 0; type < 128; type += 5)
        {
            if (media.TryGetEncoding(type, out var encoding))
                outcome.AddSize(encoding.ClockRate + encoding.Name.Length);
            if (media.TryGetFormatParameters(type, out var parameters))
                Visit(parameters, text, ref outcome);
        }
        foreach (var attribute in media.Attributes)
        {
            Visit(attribute, text, ref outcome);
            if (!attribute.CheckValue(text, allow, out var fault))
            {
                PropertyViolation.UnlessWithin(fault, text);
                outcome.Add(fault);
            }
        }
    }

    private static void Visit<T>(in T value, ReadOnlySpan<byte> text, ref Outcome outcome)
        where T : struct, IRecord<T>
    {
        PropertyViolation.UnlessWithin(value.Extent, text);
        var digest = new FieldDigest(text);
        value.Visit(ref digest);
        outcome.Add(digest.Outcome.Signature);
        outcome.Digest = Outcome.Mix(outcome.Digest, digest.Outcome.Digest);
    }
}
