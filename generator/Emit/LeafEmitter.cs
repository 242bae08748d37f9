// The body of a matcher for a regular part: the longest match of its minimal automaton, written as code.
//
// note [a state is a label]
// A state becomes a label, a transition a test and a goto: the automaton's states are the program's positions, so there is no state
// variable and no table on the hot path. A state that loops on itself over a large set skips the whole run at once. An
// automaton with more than MaxLabelledStates states is rare in traffic (IPv6 addresses, dates) and is driven by a table.
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using SipEmbedded.Generator.Automata;

namespace SipEmbedded.Generator.Emit;

internal sealed class LeafEmitter(CharacterSets sets)
{
    private const int MaxLabelledStates = 40;

    private static readonly ByteSet s_ascii = ByteSet.Range(0, 0x7F);

    /// <summary>The fewest octets of a self-loop that is worth a vector scan.</summary>
    private const int RunOctets = 12;

    /// <summary>Emits statements that return the end of the longest match of <paramref name="dfa"/> at p, or the failure.</summary>
    public void EmitBody(CodeWriter code, Dfa dfa, string ruleId)
    {
        var states = dfa.States;
        if (states.Length == 1 && states[0].Transitions.IsEmpty)
        {
            code.Line("return p;");
        }
        else if (states.Length == 2 && !states[0].IsAccepting && states[1].Transitions.IsEmpty)
        {
            code.Line($"return (uint)p < (uint)s.Length && {sets.Test(dfa.First, "s[p]")} ? p + 1 : MatchResult.Fail(p, {ruleId});");
        }
        else if (AsRun(dfa) is { } run)
        {
            if (states[0].IsAccepting)
            {
                code.Line($"return {sets.EndOfRun(run, "p")};");
            }
            else
            {
                code.Line($"int end = {sets.EndOfRun(run, "p")};");
                code.Line($"return end > p ? end : MatchResult.Fail(p, {ruleId});");
            }
        }
        else if (states.Length <= MaxLabelledStates)
        {
            EmitLabels(code, dfa, ruleId);
        }
        else
        {
            EmitTable(code, dfa, ruleId);
        }
    }

    /// <summary>The class of ASCII octets that the automaton repeats; null where it does anything else.</summary>
    public static ByteSet? AsRun(Dfa dfa)
    {
        var loop = dfa.States[dfa.States.Length - 1];
        if (dfa.States.Length > 2 || !loop.IsAccepting || loop.Transitions.Length != 1 || loop.Transitions[0].Target != dfa.States.Length - 1)
            return null;
        var set = loop.Transitions[0].On;
        if (!set.IsSubsetOf(s_ascii))
            return null;
        return dfa.States.Length == 1 || dfa.States[0].Transitions.Length == 1 && dfa.First == set ? set : null;
    }

    /// <summary>
    /// Emits the fast way through a separator such as SEMI, which is nearly always the bare octet, or that and one space: both are tried
    /// in line, anything else is left to <paramref name="slow"/>. False where the automaton has no such words.
    /// </summary>
    public bool TryEmitSeparator(CodeWriter code, Dfa dfa, string slow, string ruleId)
    {
        var states = dfa.States;
        if (states.Length < 3)
            return false;
        foreach (var step in states[Dfa.Start].Transitions)
        {
            var after = states[step.Target];
            if (!after.IsAccepting || step.On.Count > 2 || step.Target == Dfa.Start || after.Octets.Count is 0 or > 4)
                continue;
            var space = after.Transitions.Where(s => s.On.Contains((byte)' ') && states[s.Target].IsAccepting).ToList();
            // Plain comparisons with the blank do for the usual cases; where white space really follows, the automaton decides.
            string after1 = Behind(after.Octets, "s[p + 1]"), after2 = Behind(after.Octets, "s[p + 2]");
            code.Open("if ((uint)(p + 3) < (uint)s.Length)");
            code.Line("byte c = s[p];");
            code.Open($"if ({sets.Test(step.On, "c")})");
            code.Then($"if ({after1})", "return p + 1;");
            if (after.Transitions.Any(s => s.On.Contains((byte)' ') && states[s.Target].IsAccepting))
                code.Then($"if (s[p + 1] == ' ' && {after2})", "return p + 2;");
            if (Fold(after) is { } folded)
                code.Then($"if ({sets.Test(folded.First, "s[p + 1]")} && {Behind(folded.Third, "s[p + 3]")})", "return p + 1;");
            code.Close();
            if (Fold(states[Dfa.Start]) is { } fold)
                code.Then($"else if ({sets.Test(fold.First, "c")} && {Behind(fold.Third, "s[p + 2]")})", $"return MatchResult.Fail(p, {ruleId});");
            code.Close();
            code.Line($"return {slow}(s, p);");
            return true;

            string Behind(ByteSet set, string octet) => set.IsSubsetOf(ByteSet.Range(0, 0x20)) ? $"{octet} > ' '" : $"!({sets.Test(set, octet)})";

            (ByteSet First, ByteSet Third)? Fold(DfaState from) => LeafEmitter.Fold(dfa, from);
        }
        return false;
    }

    /// <summary>
    /// Emits one step over a separator in a loop: the bare octet in line, the end of the line at once, anything else by <paramref name="call"/>;
    /// <paramref name="end"/> is the step's end, or negative. False where the automaton is no separator.
    /// </summary>
    public bool TryEmitSeparatorStep(CodeWriter code, Dfa dfa, string end, string call)
    {
        var start = dfa.States[Dfa.Start];
        var bare = start.Transitions.Where(s => s.On.Count == 1 && dfa.States[s.Target].IsAccepting && s.Target != Dfa.Start).ToList();
        if (bare.Count != 1 || !dfa.States[bare[0].Target].Octets.IsSubsetOf(ByteSet.Range(0, 0x20)) || dfa.States.Length < 3)
            return false;
        code.Line($"int {end};");
        code.Open($"if ((uint)(p + 2) < (uint)s.Length && {sets.Test(bare[0].On, "s[p]")} && s[p + 1] > ' ')").Line($"{end} = p + 1;").Close();
        if (Fold(dfa, start) is { } fold && fold.Third.IsSubsetOf(ByteSet.Range(0, 0x20)))
            code.Then($"else if ((uint)(p + 2) < (uint)s.Length && {sets.Test(fold.First, "s[p]")} && s[p + 2] > ' ')", "break;");
        code.Line("else").Line($"    {end} = {call};");
        return true;
    }

    // An octet that begins a word only together with two more, neither of which ends one: the CR of CRLF and white space.
    private static (ByteSet First, ByteSet Third)? Fold(Dfa dfa, DfaState from)
    {
        foreach (var step in from.Transitions)
        {
            var second = dfa.States[step.Target];
            if (step.On.Count != 1 || second.IsAccepting || second.Transitions.Length != 1)
                continue;
            var third = dfa.States[second.Transitions[0].Target];
            if (second.Octets.Count == 1 && !third.IsAccepting)
                return (step.On, third.Octets);
        }
        return null;
    }

    private void EmitLabels(CodeWriter code, Dfa dfa, string ruleId)
    {
        var states = dfa.States;
        bool needsLast = NeedsLast(dfa);
        if (needsLast)
            code.Line(states[Dfa.Start].IsAccepting ? "int last = p;" : "int last = -1;");
        code.Line("byte c;");
        var targets = new HashSet<int>(states.SelectMany((state, index) => state.Transitions
            .Where(step => (step.Target != index || !IsRun(step.On) || !step.On.IsSubsetOf(s_ascii)) && !states[step.Target].Transitions.IsEmpty)
            .Select(step => step.Target)));
        bool startIsTarget = targets.Contains(Dfa.Start);
        for (int index = 0; index < states.Length; index++)
        {
            var state = states[index];
            if (state.Transitions.IsEmpty)
                continue;
            if (index != Dfa.Start || startIsTarget)
                code.Label(Label(index));
            foreach (var step in state.Transitions.Where(step => step.Target == index && IsRun(step.On)))
                code.Line($"p = {sets.EndOfRun(step.On, "p")};");
            // Where the start leads to a run by that run's own octets, the run is tried at once.
            if (index == Dfa.Start && !startIsTarget && LeadingRun(dfa) is { } leading)
            {
                code.Line($"int run = {sets.EndOfRun(leading.On, "p")};");
                code.Open("if (run > p)").Line("p = run;").Line($"goto {Label(leading.Target)}Run;").Close();
            }
            if (LeadingRun(dfa) is { } entered && entered.Target == index && !startIsTarget && index != Dfa.Start)
                code.Label(Label(index) + "Run");
            if (state.IsAccepting && needsLast && index != Dfa.Start || state.IsAccepting && needsLast && (startIsTarget || HasRun(state, index)))
                code.Line("last = p;");
            string leave = !needsLast ? state.IsAccepting ? "return p;" : $"return MatchResult.Fail(p, {ruleId});" : "goto End;";
            code.Then("if ((uint)p >= (uint)s.Length)", leave);
            code.Line("c = s[p];");
            foreach (var step in state.Transitions.OrderByDescending(step => step.On.Count == 1).ThenBy(step => step.On.First()))
            {
                var on = step.Target == index && IsRun(step.On) ? step.On - s_ascii : step.On;
                if (on.IsEmpty)
                    continue;
                if (states[step.Target].Transitions.IsEmpty)
                    code.Then($"if ({sets.Test(on, "c")})", "return p + 1;");
                else
                    code.Open($"if ({sets.Test(on, "c")})").Line("p++;").Line($"goto {Label(step.Target)};").Close();
            }
            code.Line(leave);
        }
        if (needsLast)
            code.Label("End").Line($"return last >= 0 ? last : MatchResult.Fail(p, {ruleId});");
    }

    private static DfaTransition? LeadingRun(Dfa dfa)
    {
        foreach (var step in dfa.States[Dfa.Start].Transitions)
        {
            if (step.Target != Dfa.Start && IsRun(step.On) && dfa.States[step.Target].Transitions.Any(loop => loop.Target == step.Target && (loop.On & s_ascii) == (step.On & s_ascii)))
                return step;
        }
        return null;
    }

    private static bool IsRun(ByteSet set) => (set & s_ascii).Count >= RunOctets;

    private static bool HasRun(DfaState state, int index) => state.Transitions.Any(step => step.Target == index && IsRun(step.On));

    // A longest match must be remembered only where a non-accepting state can be reached from an accepting one.
    private static bool NeedsLast(Dfa dfa)
    {
        var seen = new HashSet<int>();
        var todo = new Stack<int>(Enumerable.Range(0, dfa.States.Length).Where(i => dfa.States[i].IsAccepting));
        while (todo.Count > 0)
        {
            foreach (var step in dfa.States[todo.Pop()].Transitions)
            {
                if (!dfa.States[step.Target].IsAccepting)
                    return true;
                if (seen.Add(step.Target))
                    todo.Push(step.Target);
            }
        }
        return false;
    }

    private static string Label(int state) => "S" + state.ToString(CultureInfo.InvariantCulture);

    // Rows are states counted from 1 (0 is dead), columns are classes of octets that the automaton cannot tell apart.
    private static void EmitTable(CodeWriter code, Dfa dfa, string ruleId)
    {
        var octetClasses = ByteClasses.Of(dfa.States.SelectMany(state => state.Transitions).Select(step => step.On));
        var classOf = octetClasses.ClassOf.Select(c => (int)c).ToList();
        int classes = octetClasses.Count;
        var representative = Enumerable.Range(0, classes).Select(c => (byte)classOf.IndexOf(c)).ToList();
        var next = Enumerable.Repeat(0, classes).Concat(Enumerable.Range(0, dfa.States.Length)
            .SelectMany(state => representative.Select(octet => dfa.Next(state, octet) + 1)));
        var accepts = new[] { 0 }.Concat(dfa.States.Select(state => state.IsAccepting ? 1 : 0));
        CharacterSets.Table(code, "ReadOnlySpan<byte> ClassOf()", classOf, local: true);
        CharacterSets.Table(code, "ReadOnlySpan<byte> Next()", next, local: true);
        CharacterSets.Table(code, "ReadOnlySpan<byte> Accepts()", accepts, local: true);
        code.Line($"int end = Scan.LongestMatch(s, p, ClassOf(), {classes.ToString(CultureInfo.InvariantCulture)}, Next(), Accepts());");
        code.Line($"return end >= 0 ? end : MatchResult.Fail(p, {ruleId});");
    }
}
