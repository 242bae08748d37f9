// What an agent tells its user: every request of its own has one outcome, every request of a peer is told once, what has ended stays ended.
using SipEmbedded.Memory;
using SipEmbedded.Transactions;

namespace SipEmbedded.Simulation;

internal sealed class OutcomeCheck : Check
{
    private sealed class Request(string name, bool isInvite)
    {
        public string Name { get; } = name;

        public bool IsInvite { get; } = isInvite;

        /// <summary>The final status, or -1 for a timeout or an error; 0 while there is none.</summary>
        public int Outcome { get; set; }
    }

    private readonly Dictionary<(Node, int Life, ulong User), Request> _requests = [];
    private readonly Dictionary<(Node, int Life), Dictionary<string, Handle<ServerTransaction>>> _told = [];
    private readonly Dictionary<(Node, int Life, Handle<ServerTransaction>), int> _accepted = [];

    public long Outcomes { get; private set; }

    public void Requested(Node node, ulong user, string method) => _requests.Add((node, node.Life, user), new($"{node.Name}'s {method} {user}", method == "INVITE"));

    public void Heard(Node node, in TransactionEvent happened)
    {
        var request = _requests[(node, node.Life, happened.User)];
        int outcome = happened.Kind == TransactionEventKind.Response ? happened.Status : -1;
        if (outcome is >= 100 and < 200)
        {
            if (request.Outcome != 0)
                throw Failure($"{request.Name} heard {outcome} behind its outcome, {request.Outcome}");
            return;
        }
        // RFC 6026 §7.2: each 2xx to an INVITE is told, be it a fork's or the same again.
        bool isFurtherSuccess = request.IsInvite && request.Outcome is >= 200 and < 300 && outcome is >= 200 and < 300;
        if (request.Outcome != 0 && !isFurtherSuccess)
            throw Failure($"{request.Name} has two outcomes, {request.Outcome} and {outcome}");
        if (request.Outcome == 0)
            Outcomes++;
        request.Outcome = outcome;
    }

    /// <summary>A new request. <paramref name="isLive"/> tells of the one that had the same key before, if there was one.</summary>
    public void Told(Node node, string key, Handle<ServerTransaction> server, Func<Handle<ServerTransaction>, bool> isLive)
    {
        if (key.Length == 0)
            return;
        if (!_told.TryGetValue((node, node.Life), out var told))
            _told.Add((node, node.Life), told = []);
        if (told.TryGetValue(key, out var before) && isLive(before))
            throw Failure($"{node.Name} was told of {key} twice");
        told[key] = server;
    }

    public void Accepted(Node node, Handle<ServerTransaction> server) => _accepted.Add((node, node.Life, server), 0);

    public void Acknowledged(Node node, Handle<ServerTransaction> server)
    {
        if (!_accepted.TryGetValue((node, node.Life, server), out int acks) || acks < 0)
            throw Failure($"{node.Name} was told of an ACK to what it did not accept, or of one behind the end");
        _accepted[(node, node.Life, server)] = acks + 1;
    }

    public void Unacknowledged(Node node, Handle<ServerTransaction> server, int status)
    {
        if (status >= 300)
            return;
        if (!_accepted.TryGetValue((node, node.Life, server), out int acks) || acks != 0)
            throw Failure($"{node.Name} was told that no ACK came for what it had {acks} of");
        _accepted[(node, node.Life, server)] = -1;
    }

    public override void AtRest()
    {
        foreach (var ((node, life, _), request) in _requests)
        {
            if (request.Outcome == 0 && node.Life == life)
                throw Failure($"{request.Name} never had an outcome");
        }
        foreach (var ((node, life, _), acks) in _accepted)
        {
            if (acks == 0 && node.Life == life)
                throw Failure($"{node.Name} accepted an INVITE and was told neither of an ACK nor of its lack");
        }
    }
}
