// All bodies: one for each typed record that a user can reach, found in the built assembly, and those over whole texts.
using SipEmbedded.Agreement;
using SipEmbedded.Messages;
using SipEmbedded.Sdp;

namespace SipEmbedded.Fuzz;

internal static class FuzzBodies
{
    /// <summary>New bodies; each serves one thread.</summary>
    public static List<FuzzBody> All() =>
    [
        new DatagramBody(),
        new AnswerBody(),
        new IdentityBody(),
        new StreamBody(),
        new MultipartBody(),
        new DescriptionBody(),
        new NegotiationBody(),
        new AgentDatagramBody(),
        new AgentStreamBody(),
        new ChallengeBody(),
        new CredentialsBody(),
        new StunBody(),
        new NameServerBody(),
        .. Declarations.Records.Where(record => record.Type.IsPublic).Select(Of),
    ];

    private static FuzzBody Of(DeclaredRecord record)
    {
        uint leniencies = record.Grammar switch
        {
            "sip" => (uint)Leniency.Default,
            "sdp" => (uint)SdpLeniency.All,
            _ => 0,
        };
        if (record.Type == typeof(SipUri))
            return new UriBody(record, leniencies);
        var body = record.IsHeader ? typeof(HeaderBody<>) : typeof(RecordBody<>);
        return (FuzzBody)Activator.CreateInstance(body.MakeGenericType(record.Type), record, leniencies)!;
    }
}
