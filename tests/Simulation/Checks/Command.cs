// What an application tells its agent to do, as checks need to know it: nothing new may be sent without.
namespace SipEmbedded.Simulation;

internal enum CommandKind : byte
{
    Request,
    Response,
    Cancel,
    Ack,
}

/// <param name="Key">Of a response the server transaction's (<see cref="SipText.ServerKey"/>), else Call-ID and CSeq number of the request meant.</param>
/// <param name="Status">Of a response, else 0.</param>
internal sealed record Command(Node Node, CommandKind Kind, string Method, string Key, int Status = 0)
{
    /// <summary>How a request is named before anybody knows its branch.</summary>
    public static string KeyOf(string callId, uint sequence) => $"{callId} {sequence}";
}
