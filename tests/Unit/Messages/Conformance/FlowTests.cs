// Every message that RFC 3261, 3327, 3428, 3515, 3665 and 4028 print.
using SipEmbedded.Messages;
using SipEmbedded.Tests.Vectors;
using SipEmbedded.Text;
using Xunit;

namespace SipEmbedded.Tests.Conformance;

public sealed class FlowTests
{
    // Messages whose print is not what their RFC means: the fault that this makes, and why it is one.
    private static readonly Dictionary<string, (string Faults, string Because)> Exclusions = new()
    {
        ["rfc3261/030"] = ("Syntax Authorization", "an ellipsis, <...>, stands for further parameters"),
        ["rfc3261/031"] = ("Syntax ContentDisposition", "the semicolon before handling is missing at the line's end"),
        ["rfc3261/033"] = ("Syntax To, Syntax From", "<bob@biloxi.com> is no URI: the scheme is missing"),
        ["rfc3327/001"] = ("Syntax Supported", "an ellipsis, . . ., stands for further headers and reads as a fold"),
        ["rfc3327/002"] = ("Syntax Path", "an ellipsis"),
        ["rfc3327/003"] = ("Syntax Path", "an ellipsis"),
        ["rfc3327/004"] = ("Syntax Path", "an ellipsis"),
        ["rfc3327/005"] = ("Syntax Path", "an ellipsis"),
        ["rfc3327/006"] = ("Syntax Path", "an ellipsis"),
        ["rfc3327/007"] = ("Syntax Path", "an ellipsis"),
        ["rfc3327/008"] = ("Syntax Path", "an ellipsis"),
        ["rfc3428/003"] = ("Syntax Via", "two semicolons before branch"),
        ["rfc3428/004"] = ("Syntax From", "two semicolons before tag"),
        ["rfc3515/005"] = ("Syntax ReferTo", "prose, (whatever URI), stands for the value"),
        ["rfc3515/007"] = ("Syntax SubscriptionState", "prose, (depends on Refer-To URI), stands for the value"),
        ["rfc3515/013"] = ("Syntax ReferTo", "prose, (some different URI), stands for the value"),
        ["rfc3515/015"] = ("Syntax SubscriptionState", "prose, (depends on Refer-To URI), stands for the value"),
        ["rfc3665/003"] = ("Syntax Authorization", "the comma before nonce is missing at the line's end"),
        ["rfc4028/005"] = ("Syntax RecordRoute", "a URI without angle brackets, which name-addr must have"),
        ["rfc4028/006"] = ("Syntax Route", "a URI without angle brackets, which name-addr must have"),
    };

    public static TheoryData<string> All() => MessageVectors.Ids(MessageVectors.Flows);

    [Fact]
    public void All_messages_are_there() => Assert.Equal(50 + 8 + 4 + 20 + 178 + 7, MessageVectors.Flows.Count);

    [Theory]
    [MemberData(nameof(All))]
    public void Every_header_is_typed_without_a_fault(string id)
    {
        var vector = MessageVectors.Get(id);
        var verdict = Verdict.On(vector.Read());
        var faults = verdict.Faults.Where(f => !IsOfThePrint(vector, f)).ToList();
        if (Exclusions.TryGetValue(id, out var exclusion))
        {
            // An exclusion that has become unnecessary must go.
            Assert.Equal(exclusion.Faults, string.Join(", ", faults.Select(f => $"{f.Kind} {f.Header}")));
            return;
        }
        Assert.Empty(faults);
        Assert.Equal(vector.Kind == "req", verdict.IsRequest);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void None_needs_a_leniency(string id)
    {
        var vector = MessageVectors.Get(id);
        Assert.Equal(
            Verdict.On(vector.Read()).Faults.Select(f => (f.Kind, f.Header)), Verdict.On(vector.Read(), Leniency.None).Faults.Select(f => (f.Kind, f.Header)));
    }

    // An excerpt lacks mandatory headers; a body that the RFC leaves out, or replaces by prose, has another length than the message says.
    private static bool IsOfThePrint(MessageVector vector, FoundFault fault) =>
        (!vector.IsComplete && fault.Kind == FaultKind.Missing)
        || (fault.Kind == FaultKind.Length && vector.DeclaredLength > vector.PrintedLength);
}
