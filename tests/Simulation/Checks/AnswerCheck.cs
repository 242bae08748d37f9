// Responses answer requests: none without one, none to a response, one final status for each transaction, and one To tag (RFC 3261 §8.2.6.2, §17.2). What no
// user ordered is what an agent may say by itself; a refusal for want of room is 503 with a Retry-After. This holds whatever the pools hold, and knows nothing
// of timers.
namespace SipEmbedded.Simulation;

/// <param name="mayBeTooLarge">Buffers may be too small for a message on a stream: it is answered before it is there (RFC 3261 §21.4.11).</param>
internal sealed class AnswerCheck(MessageTap tap, bool mayBeTooLarge) : MessageCheck
{
    private sealed class Seen
    {
        public HashSet<int> Ordered { get; } = [];

        public int Final { get; set; }

        public string Tag { get; set; } = "";
    }

    private readonly Dictionary<(Node, int Life, string Key), Seen> _requests = [];

    public override void Commanded(Command command)
    {
        if (command.Kind == CommandKind.Response && _requests.TryGetValue((command.Node, command.Node.Life, command.Key), out var request))
            request.Ordered.Add(command.Status);
    }

    public override void Received(MessageSeen message)
    {
        if (message.Text is { IsRequest: true } text && text.Method != "ACK")
            _requests.TryAdd((message.Node, message.Node.Life, text.ServerKey), new());
    }

    /// <summary>The user was told of it: when it comes again after its transaction is over, it is a new one.</summary>
    public void Told(Node node, string key)
    {
        Forget(node, key);
        // The answer to a CANCEL has the tag of its INVITE's transaction.
        if (key.EndsWith(" INVITE", StringComparison.Ordinal))
            Forget(node, key[..^"INVITE".Length] + "CANCEL");
    }

    private void Forget(Node node, string key)
    {
        if (_requests.TryGetValue((node, node.Life, key), out var request))
            (request.Final, request.Tag) = (0, "");
    }

    public override void Sent(MessageSeen message)
    {
        if (tap.IsTainted || message.Text is not { IsRequest: false } text)
            return;
        if (mayBeTooLarge && text.Status == 413 && message.Flow.IsReliable)
            return;
        if (!_requests.TryGetValue((message.Node, message.Node.Life, text.ServerKey), out var request))
            throw Failure($"{message} answers no request that {message.Node.Name} got");
        if (!request.Ordered.Contains(text.Status) && !MaySayByItself(text))
            throw Failure($"{message} was ordered by nobody and is nothing that an agent says by itself");
        if (text.Status == 100)
            return;
        if (text.ToTag.Length == 0)
            throw Failure($"{message} has no To tag");
        // 503, 481 and 482 are given without a transaction; the request may be taken up when it comes again.
        if (!text.IsFinal || text.Status is 503 or 481 or 482)
            return;
        if (request.Final != 0 && (request.Final != text.Status || request.Tag != text.ToTag))
            throw Failure($"{message} is a second final response; the first was {request.Final} with tag {request.Tag}");
        (request.Final, request.Tag) = (text.Status, text.ToTag);
    }

    private static bool MaySayByItself(SipText response) => response.Status switch
    {
        100 or 481 or 482 => true,
        200 => response.Method == "CANCEL",
        // Nobody answered an INVITE for too long.
        408 => response.IsInvite,
        503 => response.Header("Retry-After") is not null,
        _ => false,
    };
}
