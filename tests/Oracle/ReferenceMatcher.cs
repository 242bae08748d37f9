// The oracle: interprets the ABNF tree (RFC 5234) directly. Slow and obvious; generated code is held to what this says.
//
// note [first parse]. The meaning of a grammar here is the first parse in priority order under full backtracking, as a Perl
// regular expression would find it, over a context-free grammar without left recursion: alternatives in listed order, repetitions
// and options greedy, everything backtracks, and the whole input must be taken. Once a repetition has its minimum, an iteration
// that takes no octet is not tried, so a repetition of something that can be empty ends (ECMAScript has the same rule).
//
// note [two passes]. Backtracking as such is exponential. Here the first pass asks only, and once for each node and start, at
// which offsets the node can end: that is polynomial. The second pass walks down with the set of ends that the rest of the input
// can live with, and at every choice takes the first branch that can reach that set: this is where backtracking would have come
// to rest.
//
// note [commitment]. In an alternation that commits, an alternative that begins with a literal, directly or as the first element of
// the rules it refers to, shuts out every later one wherever that literal is there. Nothing behind it is tried, so backtracking into
// the choice finds no more than its own ends.
using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using SipEmbedded.Generator.Abnf;

namespace SipEmbedded.Oracle;

internal sealed class ReferenceMatcher(Grammar grammar)
{
    /// <summary>Inputs up to this many octets are matched on the caller's stack: a nesting that short fits into any.</summary>
    private const int OwnStackOctets = 128;

    /// <summary>
    /// Stack for longer inputs. A nested comment of 4 KiB takes about 10 frames of 200 octets a level: 256 MiB is ample.
    /// </summary>
    private const int DeepStackBytes = 256 << 20;

    /// <summary>Matches the whole input.</summary>
    /// <exception cref="InvalidOperationException">The grammar lacks a rule that is reached, or is left recursive.</exception>
    public MatchResult Match(string rule, byte[] input) => WithDeepStack(input, run =>
    {
        var root = Root(rule);
        if (run.Ends(root, 0).Contains(input.Length))
            return new MatchResult(run.First(root, 0, EndSet.Of(input.Length)), input.Length, rule);
        return run.Rejected(root, run.Ends(root, 0));
    });

    /// <summary>
    /// Every offset at which a prefix of the input that the rule matches can end, ascending; none if none matches.
    /// </summary>
    /// <exception cref="InvalidOperationException">The grammar lacks a rule that is reached, or is left recursive.</exception>
    public int[] PrefixEnds(string rule, byte[] input) => WithDeepStack(input, run => run.Ends(Root(rule), 0).ToArray());

    private Reference Root(string rule) => grammar.Find(rule) is { } found
        ? new Reference(found.At, found.Name)
        : throw new InvalidOperationException($"the grammar has no rule {rule}");

    private T WithDeepStack<T>(byte[] input, Func<Run, T> match)
    {
        if (input.Length <= OwnStackOctets)
            return match(new Run(grammar, input));

        var result = default(T);
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = match(new Run(grammar, input));
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }, DeepStackBytes);
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    /// <summary>The matching of one input.</summary>
    private sealed class Run(Grammar grammar, byte[] input)
    {
        /// <summary>Stands in the memo while a node is being asked at a start; meeting it again is left recursion.</summary>
        private static readonly EndSet InProgress = new(0, 0);

        private readonly Dictionary<Node, EndSet?[]> _memo = [];
        private readonly Dictionary<string, Rule> _rules = [];
        private readonly EndSet?[] _single = new EndSet?[input.Length + 1];
        private string _rule = "";
        private int _furthest = -1;
        private string _furthestRule = "";

        /// <summary>First pass: the offsets at which the node can end when it starts at <paramref name="start"/>.</summary>
        public EndSet Ends(Node node, int start)
        {
            switch (node)
            {
                case Literal literal:
                    return EndsOf(literal, start);
                case OctetRange range:
                    if (start < input.Length && input[start] >= range.From && input[start] <= range.To)
                        return Single(start + 1);
                    Refused(start);
                    return EndSet.Empty;
                case Prose:
                    return EndSet.Empty;
            }

            if (!_memo.TryGetValue(node, out var memo))
                _memo.Add(node, memo = new EndSet?[input.Length + 1]);
            if (memo[start] is { } known)
            {
                return !ReferenceEquals(known, InProgress)
                    ? known
                    : throw new InvalidOperationException($"{_rule} is left recursive at {node.At.Path}:{node.At.Line + 1}");
            }

            memo[start] = InProgress;
            return memo[start] = node switch
            {
                Reference reference => EndsOf(reference, start),
                Alternation alternation => EndsOf(alternation, start),
                Concatenation concatenation => Steps(concatenation, start)[^1],
                Repetition repetition => EndsOf(repetition, start),
                _ => throw new InvalidOperationException($"unknown node {node.GetType().Name}"),
            };
        }

        private EndSet EndsOf(Literal literal, int start)
        {
            for (var i = 0; i < literal.Text.Length; i++)
            {
                var at = start + i;
                if (at < input.Length && Same(literal.Text[i], (char)input[at], literal.CaseSensitive))
                    continue;
                Refused(at);
                return EndSet.Empty;
            }

            return Single(start + literal.Text.Length);
        }

        // RFC 5234 section 2.3: only the letters of US-ASCII have a case.
        private static bool Same(char a, char b, bool caseSensitive) =>
            a == b || !caseSensitive && (a | 0x20) == (b | 0x20) && (a | 0x20) is >= 'a' and <= 'z';

        private EndSet EndsOf(Reference reference, int start)
        {
            var rule = Find(reference.Name);
            var outer = _rule;
            if (!rule.IsCore || outer.Length == 0)
                _rule = rule.Name;
            var ends = Ends(rule.Definition, start);
            _rule = outer;
            return ends;
        }

        private EndSet EndsOf(Alternation alternation, int start)
        {
            var ends = new EndSet(start, input.Length);
            foreach (var alternative in alternation.Alternatives)
            {
                ends.Add(Ends(alternative, start));
                if (alternation.Commits && Leading(alternative) is { } literal && !EndsOf(literal, start).IsEmpty)
                    break;
            }

            return ends.Trimmed();
        }

        /// <summary>The literal that every match of the node begins with (see note [commitment]); null where it begins otherwise.</summary>
        private Literal? Leading(Node node) => node switch
        {
            Literal literal => literal,
            Reference reference => Leading(Find(reference.Name).Definition),
            Concatenation { Elements: [var first, ..] } => Leading(first),
            _ => null,
        };

        /// <summary>The offsets that can be reached after 0, 1, 2 … elements.</summary>
        private EndSet[] Steps(Concatenation concatenation, int start)
        {
            var steps = new EndSet[concatenation.Elements.Length + 1];
            steps[0] = Single(start);
            for (var i = 0; i < concatenation.Elements.Length; i++)
                steps[i + 1] = Step(concatenation.Elements[i], steps[i], start, strictly: false);
            return steps;
        }

        private EndSet EndsOf(Repetition repetition, int start)
        {
            var layers = Layers(repetition, start);
            var ends = new EndSet(start, input.Length);
            for (var count = repetition.Min; count < layers.Count; count++)
                ends.Add(layers[count]);
            return ends.Trimmed();
        }

        /// <summary>
        /// The offsets that can be reached after 0, 1, 2 … iterations; the last layer is never empty, except that of a failed
        /// minimum. For a repetition without a maximum the last layer holds what any number of iterations from the minimum on can
        /// reach.
        /// </summary>
        private List<EndSet> Layers(Repetition repetition, int start)
        {
            var layers = new List<EndSet> { Single(start) };
            while (layers.Count <= repetition.Max && !layers[^1].IsEmpty)
            {
                if (layers.Count > repetition.Min && repetition.Max == Repetition.Unbounded)
                {
                    layers[^1] = Closure(repetition.Element, layers[^1], start);
                    return layers;
                }

                var next = Step(repetition.Element, layers[^1], start, strictly: layers.Count > repetition.Min);
                if (next.IsEmpty && layers.Count > repetition.Min)
                    return layers;
                layers.Add(next);
            }

            return layers;
        }

        private EndSet Step(Node element, EndSet from, int start, bool strictly)
        {
            var to = new EndSet(start, input.Length);
            for (var at = from.Next(start); at >= 0; at = from.Next(at + 1))
                to.Add(strictly ? Ends(element, at).From(at, strictly: true) : Ends(element, at));
            return to.Trimmed();
        }

        private EndSet Closure(Node element, EndSet from, int start)
        {
            var reached = new EndSet(start, input.Length);
            reached.Add(from);
            for (var at = reached.Next(start); at >= 0; at = reached.Next(at + 1))
                reached.Add(Ends(element, at));
            return reached.Trimmed();
        }

        /// <summary>
        /// Second pass: the first parse in priority order that ends in <paramref name="allowed"/>; one must exist.
        /// </summary>
        public ParseNode First(Node node, int start, EndSet allowed)
        {
            switch (node)
            {
                case Reference reference:
                    var definition = First(Find(reference.Name).Definition, start, allowed);
                    return new ParseNode(node, start, definition.End, [definition]);
                case Alternation alternation:
                    var taken = 0;
                    while (!Ends(alternation.Alternatives[taken], start).Intersects(allowed))
                        taken++;
                    var alternative = First(alternation.Alternatives[taken], start, allowed);
                    return new ParseNode(node, start, alternative.End, [alternative], taken);
                case Concatenation concatenation:
                    return First(concatenation, start, allowed);
                case Repetition repetition:
                    return First(repetition, start, allowed);
                default:
                    return new ParseNode(node, start, Ends(node, start).Next(start), []);
            }
        }

        private ParseNode First(Concatenation concatenation, int start, EndSet allowed)
        {
            var elements = concatenation.Elements;
            var steps = Steps(concatenation, start);
            var live = new EndSet[elements.Length + 1];
            live[^1] = allowed;
            for (var i = elements.Length - 1; i > 0; i--)
            {
                live[i] = new EndSet(start, input.Length);
                for (var at = steps[i].Next(start); at >= 0; at = steps[i].Next(at + 1))
                {
                    if (Ends(elements[i], at).Intersects(live[i + 1]))
                        live[i].Add(at);
                }
            }

            var children = ImmutableArray.CreateBuilder<ParseNode>(elements.Length);
            var end = start;
            for (var i = 0; i < elements.Length; i++)
            {
                children.Add(First(elements[i], end, live[i + 1]));
                end = children[i].End;
            }

            return new ParseNode(concatenation, start, end, children.MoveToImmutable());
        }

        private ParseNode First(Repetition repetition, int start, EndSet allowed)
        {
            // live[count]: where the repetition may stand after that many iterations and still end well. Where there is no
            // maximum, the last layer stands for every count from the minimum on, and an iteration leads from it into itself.
            var layers = Layers(repetition, start);
            var endless = repetition.Max == Repetition.Unbounded;
            var live = new EndSet[layers.Count];
            for (var count = layers.Count - 1; count >= 0; count--)
            {
                live[count] = new EndSet(start, input.Length);
                var positions = layers[count].ToArray();
                for (var i = positions.Length - 1; i >= 0; i--)
                {
                    var at = positions[i];
                    var next = Next(count);
                    var stops = count >= repetition.Min && allowed.Contains(at);
                    if (stops || next >= 0 && Ends(repetition.Element, at).Intersects(Goal(next, at, count)))
                        live[count].Add(at);
                }
            }

            var children = ImmutableArray.CreateBuilder<ParseNode>();
            var end = start;
            for (var count = 0; Next(count) >= 0; count = Next(count))
            {
                var goal = Goal(Next(count), end, count);
                if (!Ends(repetition.Element, end).Intersects(goal))
                    break;
                children.Add(First(repetition.Element, end, goal));
                end = children[^1].End;
            }

            return new ParseNode(repetition, start, end, children.ToImmutable());

            EndSet Goal(int next, int at, int count) => live[next].From(at, strictly: count >= repetition.Min);

            int Next(int count) => count < layers.Count - 1 ? count + 1 : endless && count >= repetition.Min ? count : -1;
        }

        public MatchResult Rejected(Node root, EndSet ends)
        {
            // Octets left over after a complete match are refused too, by no terminal: the rule that was asked for refuses them.
            var last = -1;
            for (var end = ends.Next(0); end >= 0; end = ends.Next(end + 1))
                last = end;
            return last > _furthest
                ? new MatchResult(null, last, ((Reference)root).Name)
                : new MatchResult(null, Math.Max(_furthest, 0), _furthestRule);
        }

        private void Refused(int at)
        {
            if (at <= _furthest)
                return;
            _furthest = at;
            _furthestRule = _rule;
        }

        private EndSet Single(int offset) => _single[offset] ??= EndSet.Of(offset);

        private Rule Find(string name)
        {
            if (_rules.TryGetValue(name, out var known))
                return known;
            var rule = grammar.Find(name) ?? throw new InvalidOperationException($"the grammar has no rule {name}");
            _rules.Add(name, rule);
            return rule;
        }
    }
}
