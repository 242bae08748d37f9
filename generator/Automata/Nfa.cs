// The nondeterministic automaton between an ABNF tree and its Dfa: Thompson's construction, except that a referenced rule comes
// in as its finished minimal Dfa, which keeps these automata small (a token is one state, not its 77 characters).
using System.Collections.Generic;
using System.Linq;

namespace SipEmbedded.Generator.Automata;

internal sealed class Nfa
{
    /// <summary>Stands in the place of a set where a step takes no octet.</summary>
    private const int NoOctet = -1;

    private readonly int _maxStates;
    private readonly List<int> _firstEdge = new();
    private readonly List<(int Set, int Target, int NextEdge)> _edges = new();
    private readonly List<ByteSet> _sets = new();
    private readonly Dictionary<ByteSet, int> _setIndex = new();

    public Nfa(int maxStates) => _maxStates = maxStates;

    /// <summary>True once more states were asked for than allowed; the automaton is then of no use.</summary>
    public bool IsTooLarge { get; private set; }

    public int StateCount => _firstEdge.Count;

    public int AddState()
    {
        if (_firstEdge.Count >= _maxStates)
        {
            IsTooLarge = true;
            return 0;
        }

        _firstEdge.Add(-1);
        return _firstEdge.Count - 1;
    }

    public void AddStep(int from, int to) => AddEdge(from, NoOctet, to);

    public void AddStep(int from, ByteSet on, int to)
    {
        if (on.IsEmpty)
            return;
        if (!_setIndex.TryGetValue(on, out var set))
        {
            set = _sets.Count;
            _setIndex.Add(on, set);
            _sets.Add(on);
        }

        AddEdge(from, set, to);
    }

    /// <summary>Copies <paramref name="dfa"/> in between two states.</summary>
    public void AddDfa(int from, Dfa dfa, int to)
    {
        var offset = StateCount;
        for (var i = 0; i < dfa.States.Length; i++)
            AddState();
        if (IsTooLarge)
            return;
        AddStep(from, offset);
        for (var i = 0; i < dfa.States.Length; i++)
        {
            var state = dfa.States[i];
            foreach (var step in state.Transitions)
                AddStep(offset + i, step.On, offset + step.Target);
            if (state.IsAccepting)
                AddStep(offset + i, to);
        }
    }

    /// <summary>Subset construction from <paramref name="start"/>, accepting at <paramref name="end"/>; null where it passes
    /// <paramref name="maxDfaStates"/>.</summary>
    public DfaTable? Determinise(int start, int end, int maxDfaStates)
    {
        var classes = ByteClasses.Of(_sets);
        var classesOfSet = _sets.Select(classes.In).ToArray();
        var states = new Dictionary<int[], int>(IntArrayComparer.Instance);
        // From the raw targets of a step, before their closure: octets that lead the same way need the closure only once.
        var stateOfTargets = new Dictionary<int[], int>(IntArrayComparer.Instance);
        var members = new List<int[]>();
        var rows = new List<int[]>();
        var accepting = new List<bool>();
        var stamp = new int[StateCount];
        var round = 0;
        var stack = new Stack<int>();
        var closure = new List<int>();
        var buckets = Enumerable.Range(0, classes.Count).Select(_ => new List<int>()).ToArray();

        StateOf(new[] { start });
        for (var current = 0; current < members.Count; current++)
        {
            if (members.Count > maxDfaStates)
                return null;
            foreach (var bucket in buckets)
                bucket.Clear();
            foreach (var state in members[current])
            {
                for (var edge = _firstEdge[state]; edge >= 0; edge = _edges[edge].NextEdge)
                {
                    var (set, target, _) = _edges[edge];
                    if (set == NoOctet)
                        continue;
                    foreach (var octetClass in classesOfSet[set])
                        buckets[octetClass].Add(target);
                }
            }

            var row = new int[classes.Count];
            for (var octetClass = 0; octetClass < row.Length; octetClass++)
                row[octetClass] = buckets[octetClass].Count == 0 ? Dfa.Dead : StateOf(buckets[octetClass].ToArray());
            rows.Add(row);
        }

        return new DfaTable(classes, rows, accepting);

        int StateOf(int[] targets)
        {
            if (stateOfTargets.TryGetValue(targets, out var known))
                return known;
            round++;
            closure.Clear();
            foreach (var target in targets)
                Visit(target);
            var accepts = false;
            while (stack.Count > 0)
            {
                var state = stack.Pop();
                var matters = state == end;
                accepts |= matters;
                for (var edge = _firstEdge[state]; edge >= 0; edge = _edges[edge].NextEdge)
                {
                    if (_edges[edge].Set == NoOctet)
                        Visit(_edges[edge].Target);
                    else
                        matters = true;
                }

                if (matters)
                    closure.Add(state);
            }

            closure.Sort();
            var key = closure.ToArray();
            if (!states.TryGetValue(key, out var number))
            {
                number = members.Count;
                states.Add(key, number);
                members.Add(key);
                accepting.Add(accepts);
            }

            stateOfTargets.Add(targets, number);
            return number;
        }

        void Visit(int state)
        {
            if (stamp[state] == round)
                return;
            stamp[state] = round;
            stack.Push(state);
        }
    }

    private void AddEdge(int from, int set, int to)
    {
        if (IsTooLarge)
            return;
        _edges.Add((set, to, _firstEdge[from]));
        _firstEdge[from] = _edges.Count - 1;
    }

    private sealed class IntArrayComparer : IEqualityComparer<int[]>
    {
        public static readonly IntArrayComparer Instance = new();

        public bool Equals(int[] a, int[] b)
        {
            if (a.Length != b.Length)
                return false;
            for (var i = 0; i < a.Length; i++)
            {
                if (a[i] != b[i])
                    return false;
            }

            return true;
        }

        public int GetHashCode(int[] values)
        {
            var hash = values.Length;
            foreach (var value in values)
                hash = unchecked((hash ^ value) * 16_777_619);
            return hash;
        }
    }
}
