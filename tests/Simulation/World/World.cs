// The world: agents, the network between them, one clock, one thread. Time is what the next thing that happens says it is.
//
// note [what comes next]
// Three things happen: what stands on the agenda (deliveries of the network, scripted actions), an agent's deadline, and nothing else. The earliest is
// next and the clock jumps to it. Of an agenda item and a deadline at one instant the seed decides which is first, since both orders are real; items of the
// agenda keep the order in which they were put there. Before the clock moves on, checks are asked whether anything that was due has not been done.
using SipEmbedded.Memory;

namespace SipEmbedded.Simulation;

internal sealed class World
{
    /// <summary>So many steps without time moving on are a loop: no agent has so much to do at one instant.</summary>
    private const int MaxStepsAtOneInstant = 200_000;

    private readonly PriorityQueue<Action, (long Ticks, long Order)> _agenda = new();
    private readonly List<Node> _nodes = [];

    // Of each node the time that it wants to be called at, and times that it does not want any more.
    private readonly PriorityQueue<Node, (long Ticks, int Place)> _deadlines = new();
    private readonly List<Check> _checks = [];
    private readonly Chance _ties;
    private long _order;
    private int _stepsAtThisInstant;

    public World(ulong seed, NetworkFaults faults, Instant start = default, bool keepsHistory = true)
    {
        Chance = new(seed);
        _ties = Chance.Fork(1);
        Now = start;
        History = new() { IsKept = keepsHistory };
        Network = new(this, Chance.Fork(2), faults);
    }

    public Instant Now { get; private set; }

    /// <summary>Of the size that <see cref="Transport.ISipEngine.PollTransmit"/> may write; one for all nodes, since no two are at work at once.</summary>
    public byte[] TransmitBuffer { get; } = new byte[65535];

    /// <summary>For the scenario's own draws.</summary>
    public Chance Chance { get; }

    public Network Network { get; }

    public History History { get; }

    public IReadOnlyList<Node> Nodes => _nodes;

    public IReadOnlyList<Check> Checks => _checks;

    public void Add(Node node)
    {
        node.Place = _nodes.Count;
        _nodes.Add(node);
        Network.Attach(node);
    }

    /// <summary>A node's deadline has changed.</summary>
    public void WillCall(Node node)
    {
        if (node.Timeout != Instant.Never)
            _deadlines.Enqueue(node, (node.Timeout.Ticks, node.Place));
    }

    public void Add(Check check) => _checks.Add(check);

    public void At(Instant time, Action action) => _agenda.Enqueue(action, (Math.Max(time.Ticks, Now.Ticks), _order++));

    public void After(TimeSpan span, Action action) => At(Now + span, action);

    /// <summary>Puts something into the history and shows it to the checks.</summary>
    public void Tell(OccurrenceKind kind, Node? node, in Transport.Flow flow, byte[] octets, string note = "")
    {
        var occurrence = new Occurrence(kind, Now, node, flow, octets, note);
        History.Add(occurrence);
        foreach (var check in _checks)
            check.Saw(occurrence);
    }

    public void Tell(OccurrenceKind kind, Node? node, string note) => Tell(kind, node, default, [], note);

    /// <summary>Runs up to and including <paramref name="end"/>, where the clock then stands.</summary>
    public void RunUntil(Instant end)
    {
        while (Step(end))
        {
        }
        MoveTo(end);
    }

    /// <summary>Runs until nothing is left to happen. False where that is not so before <paramref name="end"/>.</summary>
    public bool RunToRest(Instant end)
    {
        while (Step(end))
        {
        }
        return !TryNext(out _, out _);
    }

    /// <summary>Does the next thing; false where it would lie behind <paramref name="end"/>, or there is none.</summary>
    public bool Step(Instant end)
    {
        if (!TryNext(out var next, out var node) || next > end)
            return false;
        MoveTo(next);
        if (++_stepsAtThisInstant > MaxStepsAtOneInstant)
            throw new SimulationFailure("Progress", $"{MaxStepsAtOneInstant} steps at one instant; {node?.Name ?? "the agenda"} is next again");
        if (node is not null)
            node.HandleTimeout();
        else
            _agenda.Dequeue()();
        return true;
    }

    private void MoveTo(Instant time)
    {
        if (time <= Now)
            return;
        foreach (var check in _checks)
            check.TimeMoves(Now, time);
        Now = time;
        _stepsAtThisInstant = 0;
    }

    // See note [what comes next]. No node: the agenda is next.
    private bool TryNext(out Instant next, out Node? node)
    {
        node = null;
        next = Instant.Never;
        while (_deadlines.TryPeek(out var candidate, out var deadline))
        {
            if (candidate.Timeout.Ticks == deadline.Ticks)
            {
                (next, node) = (candidate.Timeout, candidate);
                break;
            }
            _deadlines.Dequeue();
        }
        if (_agenda.TryPeek(out _, out var key))
        {
            var agenda = Instant.FromTicks(key.Ticks);
            bool isTie = node is not null && agenda == (next > Now ? next : Now);
            if (node is null || (isTie ? _ties.Happens(500) : agenda < next))
                (next, node) = (agenda, null);
        }
        return next != Instant.Never;
    }
}
