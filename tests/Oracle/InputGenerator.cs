// Inputs from the grammar itself: for a rule, a set of inputs that together go through every branch of every rule reachable from
// it. For each branch not yet covered it takes a shortest derivation that goes through it (a path cover, greedy: what else an
// input goes through counts as covered too). The same seed gives the same inputs.
//
// The branches are those of derivations. Where the grammar is ambiguous, the first parse of an input in priority order (see note
// [first parse]) may go another way than the derivation that produced it; the input is in the rule's language all the same.
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Oracle;

internal sealed class InputGenerator
{
    /// <summary>No input is longer: a few KiB is what the reference matcher is good for.</summary>
    public const int MaxInputOctets = 4096;

    /// <summary>A repetition's maximum up to this many is generated exactly, since off-by-one errors sit there.</summary>
    private const int MaxExactIterations = 256;

    /// <summary>For a repetition without a maximum (or with a greater one) "many" is this many more than the minimum.</summary>
    private const int ManyIterations = 16;

    /// <summary>For every repetition "a few" is this many more than the minimum.</summary>
    private const int FewIterations = 3;

    /// <summary>
    /// The length of what derives nothing; far above any real length, far below overflow when added or multiplied.
    /// </summary>
    private const long Underivable = 1L << 40;

    private readonly Grammar _grammar;
    private readonly Random _random;
    private readonly Reference _root;

    /// <summary>Reachable nodes in order of discovery, each with the rule that it stands in.</summary>
    private readonly List<(Node Node, string Rule)> _nodes = [];

    /// <summary>Octets of the node's shortest derivation.</summary>
    private readonly Dictionary<Node, long> _shortest = [];

    /// <summary>Octets of the root's shortest derivation that goes through the node, and the step that it comes by.</summary>
    private readonly Dictionary<Node, (long Octets, Node? Parent, int Child)> _through = [];

    private readonly List<Branch> _branches = [];
    private readonly Dictionary<Node, List<Branch>> _branchesOf = [];
    private readonly HashSet<Branch> _covered = [];

    /// <exception cref="InvalidOperationException">The grammar lacks a rule that is reached.</exception>
    public InputGenerator(Grammar grammar, string rule, int seed)
    {
        _grammar = grammar;
        _random = new Random(seed);
        var found = Find(rule);
        _root = new Reference(found.At, found.Name);
        Discover();
        FindShortest();
        FindThrough();
        foreach (var (node, owner) in _nodes)
        {
            _branchesOf.Add(node, [.. BranchesOf(node, owner)]);
            _branches.AddRange(_branchesOf[node]);
        }
    }

    /// <summary>Inputs that cover every branch that can be covered, in the order of the branches.</summary>
    public GeneratedInputs Cover()
    {
        var inputs = new List<byte[]>();
        var seen = new HashSet<string>();
        var uncovered = new List<UncoveredBranch>();
        _covered.Clear();
        foreach (var branch in _branches)
        {
            if (_covered.Contains(branch))
                continue;
            var octets = OctetsThrough(branch);
            if (octets > MaxInputOctets)
            {
                uncovered.Add(new UncoveredBranch(branch, octets >= Underivable
                    ? "nothing can be derived through it"
                    : $"its shortest input has {octets} octets, the limit is {MaxInputOctets}"));
                continue;
            }

            var input = Derive(branch);
            if (!_covered.Contains(branch))
                throw new InvalidOperationException($"the derivation missed {branch}");
            if (seen.Add(Convert.ToHexString(input)))
                inputs.Add(input);
        }

        return new GeneratedInputs(inputs, _branches.Count, _covered.Count, uncovered);
    }

    /// <summary>One random derivation, at most <paramref name="octets"/> longer than the shortest one.</summary>
    /// <exception cref="InvalidOperationException">The rule derives nothing that is short enough.</exception>
    public byte[] Sample(int octets)
    {
        var shortest = _shortest[_root];
        if (shortest > MaxInputOctets)
            throw new InvalidOperationException($"{_root.Name} derives nothing of {MaxInputOctets} octets or less");
        var output = new List<byte>();
        var slack = Math.Min(octets, MaxInputOctets - shortest);
        Wander(_root, ref slack, output);
        return [.. output];
    }

    private Rule Find(string name) =>
        _grammar.Find(name) ?? throw new InvalidOperationException($"the grammar has no rule {name}");

    private Node[] Children(Node node) => node switch
    {
        Reference reference => [Find(reference.Name).Definition],
        Alternation alternation => [.. alternation.Alternatives],
        Concatenation concatenation => [.. concatenation.Elements],
        Repetition { Max: > 0 } repetition => [repetition.Element],
        _ => [],
    };

    private void Discover()
    {
        var seen = new HashSet<Node> { _root };
        var pending = new Queue<(Node, string)>([(_root, _root.Name)]);
        while (pending.TryDequeue(out var next))
        {
            _nodes.Add(next);
            var (node, rule) = next;
            foreach (var child in Children(node))
            {
                if (seen.Add(child))
                    pending.Enqueue((child, node is Reference reference ? Find(reference.Name).Name : rule));
            }
        }
    }

    // A fixpoint from above: every length starts underivable and falls until nothing changes.
    private void FindShortest()
    {
        foreach (var (node, _) in _nodes)
            _shortest[node] = Underivable;
        bool changed;
        do
        {
            changed = false;
            // Against the order of discovery, since most children are found after their parents.
            for (var i = _nodes.Count - 1; i >= 0; i--)
            {
                var node = _nodes[i].Node;
                var octets = Math.Min(Underivable, node switch
                {
                    Literal literal => literal.Text.Length,
                    OctetRange range => range.From <= range.To ? 1 : Underivable,
                    Prose => Underivable,
                    Alternation => Children(node).Min(child => _shortest[child]),
                    Repetition repetition => repetition.Min == 0 ? 0 : Times(repetition.Min, _shortest[repetition.Element]),
                    _ => Children(node).Sum(child => _shortest[child]),
                });
                changed |= octets < _shortest[node];
                _shortest[node] = octets;
            }
        }
        while (changed);
    }

    private static long Times(int count, long octets) =>
        octets >= Underivable ? Underivable : Math.Min(Underivable, count * octets);

    // Dijkstra's shortest paths from the root, where a step's length is what going through that child costs above the parent's
    // shortest.
    private void FindThrough()
    {
        foreach (var (node, _) in _nodes)
            _through[node] = (Underivable, null, -1);
        _through[_root] = (_shortest[_root], null, -1);
        var pending = new PriorityQueue<Node, long>([(_root, _shortest[_root])]);
        var settled = new HashSet<Node>();
        while (pending.TryDequeue(out var node, out var octets))
        {
            if (octets >= Underivable || !settled.Add(node))
                continue;
            var children = Children(node);
            for (var i = 0; i < children.Length; i++)
            {
                var child = node switch
                {
                    Alternation => octets - _shortest[node] + _shortest[children[i]],
                    Repetition { Min: > 0 } => octets,
                    Repetition => octets + _shortest[children[i]],
                    _ => octets,
                };
                if (child >= _through[children[i]].Octets)
                    continue;
                _through[children[i]] = (child, node, i);
                pending.Enqueue(children[i], child);
            }
        }
    }

    private static IEnumerable<Branch> BranchesOf(Node node, string rule) => node switch
    {
        Alternation alternation => alternation.Alternatives.Select((_, i) => new Branch(rule, node, BranchKind.Alternative, i)),
        Repetition repetition => Iterations(repetition).Select(count => new Branch(rule, node, BranchKind.Iterations, count)),
        Literal literal => Spellings(literal).Select(spelling => new Branch(rule, node, BranchKind.Spelling, (int)spelling)),
        OctetRange range => new[] { range.From, (range.From + range.To) / 2, range.To }.Distinct()
            .Select(octet => new Branch(rule, node, BranchKind.Octet, octet)),
        _ => [],
    };

    private static IEnumerable<int> Iterations(Repetition repetition)
    {
        var (min, max) = (repetition.Min, repetition.Max);
        var many = max <= MaxExactIterations ? max : min + ManyIterations;
        return new[] { min, min + 1, min + FewIterations, many }.Where(count => count <= max).Distinct().Order();
    }

    private static IEnumerable<LetterCase> Spellings(Literal literal)
    {
        var letters = literal.Text.Count(char.IsAsciiLetter);
        return (literal.CaseSensitive, letters) switch
        {
            (true, _) or (_, 0) => [LetterCase.Exact],
            (_, 1) => [LetterCase.Lower, LetterCase.Upper],
            _ => [LetterCase.Lower, LetterCase.Upper, LetterCase.Mixed],
        };
    }

    private long OctetsThrough(Branch branch)
    {
        var (node, through) = (branch.Node, _through[branch.Node].Octets);
        return through >= Underivable ? Underivable : branch.Kind switch
        {
            BranchKind.Alternative => through - _shortest[node] + _shortest[Children(node)[branch.Value]],
            BranchKind.Iterations when branch.Value > 0 =>
                through - _shortest[node] + Times(branch.Value, _shortest[((Repetition)node).Element]),
            BranchKind.Iterations => through - _shortest[node],
            _ => through,
        };
    }

    private byte[] Derive(Branch goal)
    {
        // The way to the goal: for each node on it, the child to go through. A shortest path meets no node twice.
        var way = new Dictionary<Node, int>();
        for (var step = _through[goal.Node]; step.Parent is { } parent; step = _through[parent])
            way.Add(parent, step.Child);
        var output = new List<byte>();
        Derive(_root, onWay: true, way, goal, output);
        return [.. output];
    }

    private void Derive(Node node, bool onWay, Dictionary<Node, int> way, Branch goal, List<byte> output)
    {
        var forced = onWay && ReferenceEquals(node, goal.Node) ? goal : null;
        var through = onWay && forced is null ? way[node] : -1;
        var children = Children(node);
        switch (node)
        {
            case Alternation:
                var taken = forced?.Value ?? (through >= 0 ? through : ShortestAlternative(node, children));
                _covered.Add(_branchesOf[node][taken]);
                Derive(children[taken], through >= 0, way, goal, output);
                break;
            case Repetition repetition:
                var count = forced?.Value ?? Math.Max(repetition.Min, through >= 0 ? 1 : 0);
                Cover(node, count);
                for (var i = 0; i < count; i++)
                    Derive(repetition.Element, through >= 0 && i == 0, way, goal, output);
                break;
            case Reference or Concatenation:
                for (var i = 0; i < children.Length; i++)
                    Derive(children[i], i == through, way, goal, output);
                break;
            default:
                var open = forced ?? _branchesOf[node].Find(branch => !_covered.Contains(branch));
                if (open is not null)
                    _covered.Add(open);
                Write(node, open, output);
                break;
        }
    }

    // Among equally short alternatives an uncovered one comes first; a short input then covers more.
    private int ShortestAlternative(Node node, Node[] children)
    {
        var shortest = Enumerable.Range(0, children.Length).Where(i => _shortest[children[i]] == _shortest[node]).ToList();
        var open = shortest.FindIndex(i => !_covered.Contains(_branchesOf[node][i]));
        return open >= 0 ? shortest[open] : shortest[_random.Next(shortest.Count)];
    }

    private void Cover(Node node, int value)
    {
        if (_branchesOf[node].Find(branch => branch.Value == value) is { } branch)
            _covered.Add(branch);
    }

    /// <summary>Writes a terminal by the given branch, or at random.</summary>
    private void Write(Node terminal, Branch? branch, List<byte> output)
    {
        if (terminal is OctetRange range)
        {
            output.Add((byte)(branch?.Value ?? _random.Next(range.From, range.To + 1)));
            return;
        }

        var literal = (Literal)terminal;
        var spelling = (LetterCase)(branch?.Value ?? _branchesOf[terminal][_random.Next(_branchesOf[terminal].Count)].Value);
        var upper = false;
        foreach (var letter in literal.Text)
        {
            // Mixed case turns with every letter, so that it differs from both others wherever there are two letters.
            upper = spelling == LetterCase.Upper || spelling == LetterCase.Mixed && (char.IsAsciiLetter(letter) ? !upper : upper);
            var written = spelling == LetterCase.Exact || !char.IsAsciiLetter(letter) ? letter
                : upper ? (char)(letter & ~0x20) : (char)(letter | 0x20);
            output.Add((byte)written);
        }
    }

    private void Wander(Node node, ref long slack, List<byte> output)
    {
        var children = Children(node);
        switch (node)
        {
            case Alternation:
                var room = _shortest[node] + slack;
                var open = Array.FindAll(children, child => _shortest[child] <= room);
                var taken = open[_random.Next(open.Length)];
                slack -= _shortest[taken] - _shortest[node];
                Wander(taken, ref slack, output);
                break;
            case Repetition repetition:
                for (var i = 0; i < repetition.Min; i++)
                    Wander(repetition.Element, ref slack, output);
                for (var i = repetition.Min; i < repetition.Max && children.Length > 0; i++)
                {
                    // Half the repetitions go on each time; an iteration is paid for before it is made. One that can be empty
                    // costs nothing, so the number of iterations is limited as well.
                    if (_shortest[children[0]] > slack || i - repetition.Min >= ManyIterations || _random.Next(2) == 0)
                        break;
                    slack -= _shortest[children[0]];
                    Wander(children[0], ref slack, output);
                }

                break;
            case Reference or Concatenation:
                foreach (var child in children)
                    Wander(child, ref slack, output);
                break;
            default:
                Write(node, null, output);
                break;
        }
    }
}
