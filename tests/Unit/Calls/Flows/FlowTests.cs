// The call flows of RFC 3665 §3 and the races of RFC 5407 §3, each a document in this folder that says what is done and what is seen.
//
// Flows that are not here, and why:
//     RFC 3665 §3.5   a session through an ALG: it changes descriptions on the way, which neither agent can see
//     RFC 3665 §3.7   a re-INVITE from another address: calls stay on the address that they began on
//     RFC 5407 §3.1.3 a BYE of the caller in an early dialog, which the RFC itself does not recommend (appendix A): our caller sends CANCEL
//     RFC 5407 §3.2.4 a BYE of the callee before the ACK: ours waits for the ACK (RFC 3261 §15)
//     RFC 5407 §3.3.3 a REFER that crosses a BYE: there is no REFER yet; the document has a MESSAGE in its place, which meets the same answer
// What the proxies of RFC 3665 say hop by hop (100, ACKs to refusals) is not in the ladders: those here keep no transactions (FlowProxy).
using Xunit;

namespace SipEmbedded.Tests.Calls;

public class FlowTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Calls", "Flows");

    private static List<string> Names =>
        [.. Directory.GetFiles(Folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Documents
    {
        get
        {
            var documents = new TheoryData<string>();
            foreach (string name in Names)
                documents.Add(name);
            return documents;
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_flow_goes_as_its_document_says(string document)
    {
        var flow = FlowScript.Read(File.ReadAllText(Path.Combine(Folder, document + ".txt")));
        string seen = flow.Play();
        Assert.True(seen == flow.Sees, $"{flow.Title}\n{seen}");
    }

    [Fact]
    public void Every_flow_that_applies_has_its_document()
    {
        string[] names =
        [
            "rfc3665-3.1", "rfc3665-3.2", "rfc3665-3.3", "rfc3665-3.4", "rfc3665-3.6", "rfc3665-3.8", "rfc3665-3.9", "rfc3665-3.10", "rfc3665-3.11",
            "rfc5407-3.1.1", "rfc5407-3.1.2", "rfc5407-3.1.4", "rfc5407-3.1.5", "rfc5407-3.1.6", "rfc5407-3.2.1", "rfc5407-3.2.2", "rfc5407-3.2.3", "rfc5407-3.3.1",
            "rfc5407-3.3.2", "rfc5407-3.3.3",
        ];
        Assert.Equal(names.Order(StringComparer.Ordinal), Names);
    }
}
