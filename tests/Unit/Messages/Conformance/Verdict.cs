// What the message layer says of a message: every fault, and which of them a UAS may pass over.
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Tests.Conformance;

public sealed record FoundFault(FaultKind Kind, int Offset, string Rule, HeaderName Header, bool MayBeIgnored, int Status)
{
    public override string ToString() => $"{Kind} {Rule} at {Offset}{(MayBeIgnored ? " (may be ignored)" : "")}";
}

public sealed record Verdict(IReadOnlyList<FoundFault> Faults, bool IsRequest)
{
    public bool IsAccepted => Faults.All(f => f.MayBeIgnored);

    public FoundFault? Grave => Faults.FirstOrDefault(f => !f.MayBeIgnored);

    /// <summary>accept, tolerate (with faults that may be ignored) or reject.</summary>
    public string Outcome => Faults.Count == 0 ? "accept" : IsAccepted ? "tolerate" : "reject";

    public static Verdict On(ReadOnlySpan<byte> text, Leniency allow = Leniency.Default,
        Framing framing = Framing.Datagram)
    {
        var index = new MessageIndex();
        var check = MessageCheck.Of(text, framing, ref index, allow);
        var faults = new List<FoundFault>();
        while (check.MoveNext())
        {
            var fault = check.Current;
            faults.Add(new(fault.Kind, fault.Offset, fault.Rule, check.Header, check.MayBeIgnored, MessageCheck.StatusFor(fault)));
        }
        return new(faults, check.Message.IsRequest);
    }
}
