// A deterministic automaton while it is being made: a table of states by octet classes, and its minimisation.
//
// Minimisation is Moore's: split the states by acceptance, then by where each class leads, until nothing splits. It takes a pass
// for each octet of the longest distinguishing word, which for grammars is tens; Hopcroft's bound is better, its code is not.
using System.Collections.Generic;
using System.Collections.Immutable;

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
        var block = Blocks();

        var numberOfBlock = new Dictionary<int, int>();
        var representatives = new List<int>();
        Number(0);
        for (var i = 0; i < representatives.Count; i++)
        {
            foreach (var target in _rows[representatives[i]])
            {
                if (target != Dfa.Dead)
                    Number(target);
            }
        }

        var states = ImmutableArray.CreateBuilder<DfaState>(representatives.Count);
        var targets = new List<int>();
        var octetsTo = new Dictionary<int, ByteSet>();
        foreach (var representative in representatives)
        {
            targets.Clear();
            octetsTo.Clear();
            for (var octet = 0; octet < 256; octet++)
            {
                var target = _rows[representative][_classes.ClassOf[octet]];
                if (target == Dfa.Dead)
                    continue;
                target = numberOfBlock[block[target]];
                if (!octetsTo.TryGetValue(target, out var octets))
                    targets.Add(target);
                octetsTo[target] = octets | ByteSet.Of((byte)octet);
            }

            var transitions = ImmutableArray.CreateBuilder<DfaTransition>(targets.Count);
            foreach (var target in targets)
                transitions.Add(new DfaTransition(octetsTo[target], target));
            states.Add(new DfaState(_accepting[representative], transitions.MoveToImmutable()));
        }

        return new Dfa(states.MoveToImmutable());

        void Number(int state)
        {
            if (numberOfBlock.ContainsKey(block[state]))
                return;
            numberOfBlock.Add(block[state], representatives.Count);
            representatives.Add(state);
        }
    }

    private int[] Blocks()
    {
        var block = new int[_rows.Count];
        for (var state = 0; state < block.Length; state++)
            block[state] = _accepting[state] ? 1 : 0;

        var count = 0;
        while (true)
        {
            var refined = new Dictionary<int, int>(new SameBehaviour(_rows, block));
            var next = new int[block.Length];
            for (var state = 0; state < block.Length; state++)
            {
                if (!refined.TryGetValue(state, out next[state]))
                {
                    next[state] = refined.Count;
                    refined.Add(state, next[state]);
                }
            }

            if (refined.Count == count)
                return next;
            count = refined.Count;
            block = next;
        }
    }

    /// <summary>Compares states by their block and the blocks that their row leads to.</summary>
    private sealed class SameBehaviour(List<int[]> rows, int[] block) : IEqualityComparer<int>
    {
        public bool Equals(int a, int b)
        {
            if (block[a] != block[b])
                return false;
            var rowA = rows[a];
            var rowB = rows[b];
            for (var i = 0; i < rowA.Length; i++)
            {
                if (BlockOf(rowA[i]) != BlockOf(rowB[i]))
                    return false;
            }

            return true;
        }

        public int GetHashCode(int state)
        {
            var hash = block[state];
            foreach (var target in rows[state])
                hash = unchecked((hash ^ BlockOf(target)) * 16_777_619);
            return hash;
        }

        private int BlockOf(int state) => state == Dfa.Dead ? Dfa.Dead : block[state];
    }
}
