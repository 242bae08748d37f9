// What holds for a call as its two users hear of it: it begins once and ends once on each side, nothing is told behind the end, and who is left alone in it does not
// stay longer than the session timer lets it (RFC 4028 §10), nor at all where it has answered a BYE (RFC 3261 §15.1.2). Messages are looked at for their
// Call-ID and the number of the call alone.
using SipEmbedded.Calls;
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

internal sealed class CallCheck(World world) : MessageCheck
{
    /// <summary>
    /// Behind the end of a session interval at worst: its last refresh and the BYE after it each wait for an answer for 64·T1 (RFC 3261 §17.1.2.2), and that is
    /// enough twice over for what was on its way when the other side went.
    /// </summary>
    public static TimeSpan LongestEnd { get; } = TimeSpan.FromSeconds(2 * 64 * 0.5 + 10);

    /// <summary>One side of a call. <paramref name="key"/>: what its user calls it; <paramref name="call"/>: all sides of the call, itself among them.</summary>
    private sealed class Side(Node node, ulong key, bool isCaller, Instant began, List<Side> call)
    {
        public Node Node { get; } = node;

        public int Life { get; } = node.Life;

        public ulong Key { get; } = key;

        public bool IsCaller { get; } = isCaller;

        public Instant Began { get; } = began;

        public List<Side> Call { get; } = call;

        public bool IsConfirmed { get; set; }

        /// <summary>It was told the end, or its agent is no more.</summary>
        public bool IsOver { get; set; }

        /// <summary>Since when nobody is at the other end while this side has the call, and the session interval that it had then.</summary>
        public Instant AloneSince { get; set; } = Instant.Never;

        public uint SessionSeconds { get; set; }

        public bool IsAlone => !Call.Exists(other => other.IsCaller != IsCaller && !other.IsOver);
    }

    private readonly Dictionary<ulong, List<Side>> _calls = [];
    private readonly Dictionary<(Node, int Life, ulong Key), Side> _sides = [];
    private readonly Dictionary<string, ulong> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<Node, CallUser> _users = [];
    private readonly HashSet<Side> _answeredBye = [];
    private ulong _number;

    /// <summary>The longest that anybody was alone in a call with a session timer.</summary>
    public TimeSpan LongestAlone { get; private set; }

    /// <summary>The session interval of that call, in seconds.</summary>
    public uint LongestAloneInterval { get; private set; }

    /// <summary>Sides that were left alone in a call with a session timer, and went in time.</summary>
    public long LeftAlone { get; private set; }

    public ulong NextNumber() => ++_number;

    /// <summary>The user of a node's new life.</summary>
    public void Follow(Node node, CallUser user) => _users[node] = user;

    // ---- What users say -------------------------------------------------------------------------------------------------------------------

    /// <summary>A side of a call begins; its user knows it as <paramref name="key"/> from here on.</summary>
    public void Began(Node node, ulong key, ulong number, bool isCaller)
    {
        if (!_calls.TryGetValue(number, out var call))
            _calls.Add(number, call = []);
        var side = new Side(node, key, isCaller, world.Now, call);
        if (!_sides.TryAdd((node, node.Life, key), side))
            throw Failure($"call {key} began twice at {node.Name}");
        call.Add(side);
    }

    public void Told(Node node, in CallEvent told)
    {
        if (!_sides.TryGetValue((node, node.Life, told.User), out var side))
            throw Failure($"{node.Name} was told {told.Kind} of call {told.User}, which it does not have");
        if (side.IsOver)
            throw Failure($"{node.Name} was told {told.Kind} of call {told.User} behind its end");
        switch (told.Kind)
        {
            case CallEventKind.Confirmed when side.IsConfirmed:
                throw Failure($"{node.Name} was told twice that call {told.User} stands");
            case CallEventKind.Confirmed:
                side.IsConfirmed = true;
                LeaveIfAlone(side);
                break;
            case CallEventKind.Ended:
                End(side);
                break;
        }
    }

    private void End(Side side)
    {
        side.IsOver = true;
        JudgeLoneliness(side);
        foreach (var other in side.Call)
        {
            if (other.IsCaller != side.IsCaller && !other.IsOver && other.IsConfirmed)
                LeaveIfAlone(other);
        }
    }

    private void LeaveIfAlone(Side side)
    {
        if (!side.IsAlone || side.AloneSince != Instant.Never)
            return;
        side.AloneSince = world.Now;
        side.SessionSeconds = _users[side.Node].SessionSecondsOf(side.Key);
    }

    private void JudgeLoneliness(Side side)
    {
        if (side.AloneSince == Instant.Never || side.SessionSeconds == 0)
            return;
        var alone = world.Now - side.AloneSince;
        LeftAlone++;
        if (alone > LongestAlone)
            (LongestAlone, LongestAloneInterval) = (alone, side.SessionSeconds);
        if (alone > TimeSpan.FromSeconds(side.SessionSeconds) + LongestEnd)
            throw Failure($"{side.Node.Name} was alone in call {side.Key} for {alone.TotalSeconds} s, with a session of {side.SessionSeconds} s");
    }

    // ---- What is seen -----------------------------------------------------------------------------------------------------------------------

    public override void Saw(Occurrence occurrence)
    {
        // An agent that is no more takes its calls with it.
        if (occurrence.Kind != OccurrenceKind.Lifecycle || occurrence.Node is not { IsUp: false } node)
            return;
        foreach (var side in _sides.Values.Where(side => side.Node == node && !side.IsOver).ToList())
        {
            // Whatever it owed, nobody can judge.
            side.AloneSince = Instant.Never;
            _answeredBye.Remove(side);
            End(side);
        }
    }

    public override void Sent(MessageSeen message)
    {
        if (message.Text is not { } text)
            return;
        if (text is { IsRequest: true, IsInvite: true } && text.Header(CallUser.NumberHeader) is { } number)
            _numbers[text.CallId] = ulong.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
        if (text is not { Status: 200, Method: "BYE" } || !_numbers.TryGetValue(text.CallId, out ulong call) || !_calls.TryGetValue(call, out var sides))
            return;
        // Before its INVITE has an answer a BYE ends one early dialog of a caller's, and the INVITE goes on.
        if (sides.Find(side => side.Node == message.Node && side.Life == message.Node.Life && !side.IsOver) is { } answered && (answered.IsConfirmed || !answered.IsCaller))
            _answeredBye.Add(answered);
    }

    public override void TimeMoves(Instant from, Instant to)
    {
        foreach (var side in _answeredBye)
        {
            if (!side.IsOver)
                throw Failure($"{side.Node.Name} answered a BYE at {from.Milliseconds} ms and still has the call");
        }
        _answeredBye.Clear();
    }

    public override void AtRest()
    {
        foreach (var side in _sides.Values.Where(side => !side.IsOver))
            throw Failure($"{side.Node.Name} was never told the end of call {side.Key}, which began at {side.Began.Milliseconds} ms");
    }
}
