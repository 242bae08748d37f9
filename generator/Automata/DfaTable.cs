// A deterministic automaton while it is being made: a table of states by octet classes, and its minimisation.
//
// Minimisation refines a partition of the states, at first by acceptance, until the states of a block lead the same way on every
// class. Only states with a step into a block that was split are looked at again, and of a split block the largest part keeps
// its number, so each state is looked at a logarithmic number of times (Hopcroft's argument).
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace SipEmbedded.Generator.Automata;

internal sealed class DfaTable
{
    private readonly ByteClasses _classes;
    private readonly List<int[]> _rows;
    private readonly List<bool> _accepting;

    /// <param name="rows">For each state, state 0 the start, the target of each class or <see cref="Dfa.Dead"/>.</param>
    public DfaTable(ByteClasses classes, List<int[]> rows, List<bool> accepting)
    {
        _classes = classes;
        _rows = rows;
        _accepting = accepting;
    }

    /// <summary>The smallest automaton of the same language, its states numbered in breadth-first order by ascending octet, so
    /// that equal languages give equal automata.</summary>
    public Dfa Minimise()
    {
        var blockOf = Blocks();

        // One state stands for each block, numbered as it is reached.
        var numberOfBlock = new Dictionary<int, int>();
        var representatives = new List<int>();
        Number(Dfa.Start);
        for (var i = 0; i < representatives.Count; i++)
        {
            foreach (var target in _rows[representatives[i]])
            {
                if (target != Dfa.Dead)
                    Number(target);
            }
        }

        var states = ImmutableArray.CreateBuilder<DfaState>(representatives.Count);
        var table = new int[representatives.Count * _classes.Count];
        var targets = new List<int>();
        var octetsTo = new ByteSet[representatives.Count];
        foreach (var representative in representatives)
        {
            targets.Clear();
            var row = _rows[representative];
            for (var octetClass = 0; octetClass < row.Length; octetClass++)
            {
                ref var entry = ref table[states.Count * _classes.Count + octetClass];
                entry = Dfa.Dead;
                if (row[octetClass] == Dfa.Dead)
                    continue;
                entry = numberOfBlock[blockOf[row[octetClass]]];
                if (octetsTo[entry].IsEmpty)
                    targets.Add(entry);
                octetsTo[entry] |= _classes.Octets[octetClass];
            }

            var transitions = ImmutableArray.CreateBuilder<DfaTransition>(targets.Count);
            foreach (var target in targets)
            {
                transitions.Add(new DfaTransition(octetsTo[target], target));
                octetsTo[target] = ByteSet.Empty;
            }

            states.Add(new DfaState(_accepting[representative], transitions.MoveToImmutable()));
        }

        return new Dfa(states.MoveToImmutable(), _classes, table);

        void Number(int state)
        {
            if (numberOfBlock.ContainsKey(blockOf[state]))
                return;
            numberOfBlock.Add(blockOf[state], representatives.Count);
            representatives.Add(state);
        }
    }

    /// <summary>The block of each state, where all states of a block accept the same inputs.</summary>
    private int[] Blocks()
    {
        var count = _rows.Count;
        var predecessors = Predecessors();
        var blockOf = new int[count];
        var members = new List<List<int>> { new(), new() };
        for (var state = 0; state < count; state++)
        {
            blockOf[state] = _accepting[state] ? 1 : 0;
            members[blockOf[state]].Add(state);
        }

        var sameBehaviour = new SameBehaviour(_rows, blockOf);
        var isChanged = new bool[count];
        var changed = Enumerable.Range(0, count).ToList();
        while (changed.Count > 0)
        {
            // The states to look at, by block. The others of a block still behave alike, so that one of them stands for all.
            var groups = new Dictionary<int, List<int>>();
            foreach (var state in changed)
            {
                isChanged[state] = true;
                if (!groups.TryGetValue(blockOf[state], out var group))
                    groups.Add(blockOf[state], group = new List<int>());
                group.Add(state);
            }

            var parts = new List<(int Block, List<int> States)>();
            foreach (var group in groups)
                Split(group.Key, group.Value, parts);
            foreach (var state in changed)
                isChanged[state] = false;

            // Numbers change only now: while blocks are split, behaviour is compared by the numbers of before.
            changed.Clear();
            foreach (var (_, part) in parts)
            {
                foreach (var state in part)
                    blockOf[state] = members.Count;
                members.Add(part);
            }

            foreach (var block in parts.Select(part => part.Block).Distinct())
                members[block].RemoveAll(state => blockOf[state] != block);
            foreach (var (_, part) in parts)
            {
                foreach (var state in part)
                {
                    foreach (var predecessor in predecessors[state])
                    {
                        if (isChanged[predecessor])
                            continue;
                        isChanged[predecessor] = true;
                        changed.Add(predecessor);
                    }
                }
            }
        }

        return blockOf;

        void Split(int block, List<int> states, List<(int Block, List<int> States)> parts)
        {
            if (members[block].Count == 1)
                return;
            var byBehaviour = new Dictionary<int, List<int>>(sameBehaviour);
            var unchanged = -1;
            if (states.Count < members[block].Count)
            {
                unchanged = members[block].First(state => !isChanged[state]);
                byBehaviour.Add(unchanged, new List<int>());
            }

            foreach (var state in states)
            {
                if (!byBehaviour.TryGetValue(state, out var alike))
                    byBehaviour.Add(state, alike = new List<int>());
                alike.Add(state);
            }

            if (byBehaviour.Count == 1)
                return;
            if (unchanged >= 0)
                byBehaviour[unchanged].AddRange(members[block].Where(state => !isChanged[state]));
            var largest = byBehaviour.Values.Aggregate((a, b) => b.Count > a.Count ? b : a);
            foreach (var part in byBehaviour.Values)
            {
                if (part != largest)
                    parts.Add((block, part));
            }
        }
    }

    private List<int>[] Predecessors()
    {
        var predecessors = new List<int>[_rows.Count];
        for (var state = 0; state < predecessors.Length; state++)
            predecessors[state] = new List<int>();
        for (var state = 0; state < predecessors.Length; state++)
        {
            foreach (var target in _rows[state])
            {
                if (target == Dfa.Dead)
                    continue;
                var known = predecessors[target];
                if (known.Count == 0 || known[known.Count - 1] != state)
                    known.Add(state);
            }
        }

        return predecessors;
    }

    /// <summary>Compares states by the blocks that their rows lead to.</summary>
    private sealed class SameBehaviour(List<int[]> rows, int[] blockOf) : IEqualityComparer<int>
    {
        public bool Equals(int a, int b)
        {
            var rowA = rows[a];
            var rowB = rows[b];
            for (var i = 0; i < rowA.Length; i++)
            {
                var targetA = rowA[i];
                var targetB = rowB[i];
                if (targetA != targetB && (targetA == Dfa.Dead || targetB == Dfa.Dead || blockOf[targetA] != blockOf[targetB]))
                    return false;
            }

            return true;
        }

        public int GetHashCode(int state)
        {
            var hash = 0;
            foreach (var target in rows[state])
                hash = unchecked((hash ^ (target == Dfa.Dead ? Dfa.Dead : blockOf[target])) * 16_777_619);
            return hash;
        }
    }
}
