// Runs one body over mutants of its seeds. The same body, seed and number of executions give the same run on any machine.
//
// note [signature feedback]
// This is no coverage of branches: nothing is instrumented. A mutant is kept in the corpus when its outcome's signature
// (accepted or not,
// the rule and kind of the fault, sizes by bucket, which fields were there) was not seen before. The rule that stopped a matcher
// stands
// for the place in the generated code.
using System.Diagnostics;

namespace SipEmbedded.Fuzz;

internal sealed class Campaign(FuzzBody body, int seed, bool countsAllocations = true)
{
    /// <summary>Executions between two counts of what was allocated.</summary>
    private const int BatchExecutions = 128;

    /// <summary>Texts in the corpus; the seeds stay, what was kept is replaced from the oldest on.</summary>
    private const int MaxCorpus = 4096;

    /// <summary>Signatures that are remembered; behind this many the corpus changes no more.</summary>
    private const int MaxSignatures = 1 << 18;

    /// <summary>Different properties of which a failure is shown in full.</summary>
    private const int MaxShown = 10;

    private readonly Surroundings _around = new(body.MaxOctets);
    private readonly HashSet<ulong> _signatures = [];
    private readonly List<byte[]> _corpus = [];
    private readonly byte[][] _batch = new byte[BatchExecutions][];
    private readonly Outcome[] _outcomes = new Outcome[BatchExecutions];
    private long _current;

    public Tally Tally { get; } = new(body.Name);

    public string Body => body.Name;

    /// <summary>The execution under way: a watcher on another thread sees by it whether one hangs.</summary>
    public long Current => Volatile.Read(ref _current);

    public Tally Run(long executions)
    {
        _corpus.AddRange(body.Seeds(seed).Where(text => text.Length <= body.MaxOctets));
        Tally.Seeds = _corpus.Count;
        var mutation = new Mutation(seed, body);
        int seeds = 0;
        while (Tally.Executions < executions)
        {
            int count = (int)Math.Min(BatchExecutions, executions - Tally.Executions);
            for (int i = 0; i < count; i++)
                _batch[i] = seeds < Tally.Seeds ? _corpus[seeds++] : mutation.Next(_corpus);
            RunBatch(count);
            for (int i = 0; i < count; i++)
                Learn(_batch[i], _outcomes[i].Signature, seeds: Tally.Executions + i < Tally.Seeds);
            Tally.Executions += count;
        }
        Tally.Signatures = _signatures.Count;
        Volatile.Write(ref _current, executions);
        return Tally;
    }

    private void Learn(byte[] text, ulong signature, bool seeds)
    {
        if (_signatures.Count == MaxSignatures || !_signatures.Add(signature) || seeds)
            return;
        if (_corpus.Count < MaxCorpus)
            _corpus.Add(text);
        else
            _corpus[Tally.Seeds + Tally.Kept % Math.Max(1, MaxCorpus - Tally.Seeds)] = text;
        Tally.Kept++;
    }

    private void RunBatch(int count)
    {
        // What the first use of a type allocates is not a message's; so a batch that allocates is run again, and then must not.
        if (TryBatch(count) || TryBatch(count, again: true))
            return;
        for (int i = 0; i < count; i++)
        {
            if (Allocated(_batch[i]) > 0)
            {
                Fail(i, AllocationProperty, text => Allocated(text) > 0);
                return;
            }
        }
        Fail(0, AllocationProperty + " (the batch does, none of its texts alone)", _ => false);
    }

    private const string AllocationProperty = "an execution allocates nothing";

    private bool TryBatch(int count, bool again = false)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool failed = false;
        for (int i = 0; i < count; i++)
        {
            Volatile.Write(ref _current, Tally.Executions + i);
            try
            {
                _outcomes[i] = Execute(_batch[i], i);
            }
            catch (Exception e)
            {
                _outcomes[i] = default;
                failed = true;
                if (!again)
                    Fail(i, PropertyOf(e), text => FailsAgain(text, e));
            }
        }
        return failed || !countsAllocations || GC.GetAllocatedBytesForCurrentThread() == before;
    }

    // Once in the midst of digits, once in the midst of what would go on with the text.
    private Outcome Execute(byte[] text, int number)
    {
        var first = body.Execute(_around.Lay(text, "0"u8));
        var second = body.Execute(_around.Lay(text, (number % 8) switch
        {
            0 => " \t"u8,
            1 => "\r\n "u8,
            2 => "a"u8,
            3 => ";a=b,"u8,
            4 => "\"\\\""u8,
            5 => "\xFF"u8,
            6 => "%41@:/"u8,
            _ => "\r\n\r\n"u8,
        }));
        PropertyViolation.Unless(first.Digest == second.Digest && first.Signature == second.Signature,
            "the same text gives the same again, whatever is in front of it and behind it");
        return first;
    }

    private long Allocated(byte[] text)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2; i++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            body.Execute(_around.Lay(text, "0"u8));
        }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // The same property, or the same exception thrown by the same method of ours.
    private static string PropertyOf(Exception e)
    {
        if (e is PropertyViolation)
            return e.Message;
        var thrower = new StackTrace(e).GetFrames().Select(frame => frame.GetMethod())
            .FirstOrDefault(method => method?.DeclaringType?.Namespace?.StartsWith(nameof(SipEmbedded), StringComparison.Ordinal) == true);
        return $"no exception: {e.GetType().Name} in {thrower?.DeclaringType?.Name}.{thrower?.Name}";
    }

    private bool FailsAgain(byte[] text, Exception first)
    {
        for (int around = 0; around < 8; around++)
        {
            try
            {
                Execute(text, around);
            }
            catch (Exception e)
            {
                return PropertyOf(e) == PropertyOf(first);
            }
        }
        return false;
    }

    private void Fail(int number, string property, Func<byte[], bool> fails)
    {
        Tally.Failures++;
        if (Tally.First.Count < MaxShown && !Tally.First.Exists(failure => failure.Property == property))
            Tally.First.Add(new(body.Name, seed, Tally.Executions + number, property, Minimiser.Minimise(_batch[number], fails)));
    }
}
