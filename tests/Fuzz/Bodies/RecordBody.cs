// One typed record: its matcher, its TryParse, its writer.
using SipEmbedded.Agreement;
using SipEmbedded.Text;

namespace SipEmbedded.Fuzz;

internal class RecordBody<T>(DeclaredRecord record, uint leniencies) : FuzzBody(record.Type.Name)
    where T : struct, IRecord<T>
{
    // Separators and spaces may be spelled longer than they were read, but never twice as long with some room.
    private readonly byte[] _written = new byte[4096];
    private readonly byte[] _again = new byte[4096];

    private readonly TryParse _parse = typeof(T).GetMethod("TryParse")!.CreateDelegate<TryParse>();

    private delegate bool TryParse(ReadOnlySpan<byte> text, out T value, out ParseFault fault, uint allow);

    protected DeclaredRecord Record { get; } = record;

    protected uint Leniencies { get; } = leniencies;

    public override List<byte[]> Seeds(int seed) => GrammarSeeds.Of(Record, Leniencies, seed);

    public override Outcome Execute(ReadOnlySpan<byte> text)
    {
        var outcome = default(Outcome);
        bool strict = Read(text, 0, ref outcome);
        if (Leniencies == 0)
            return outcome;
        bool lenient = Read(text, Leniencies, ref outcome);
        PropertyViolation.Unless(!strict || lenient, "what is accepted without leniencies is accepted with them");
        return outcome;
    }

    private bool Read(ReadOnlySpan<byte> text, uint allow, ref Outcome outcome)
    {
        bool accepted = _parse(text, out var value, out var fault, allow);
        int end = T.Match(text, 0, allow, out var matched);
        PropertyViolation.Unless(accepted == (end == text.Length), "TryParse agrees with Match");
        outcome.Add(accepted ? 1UL : 0);
        if (end < 0)
            PropertyViolation.UnlessWithin(T.FaultOf(end), text);
        else
            CheckMatch(text, end, matched, ref outcome);
        if (!accepted)
        {
            PropertyViolation.UnlessWithin(fault, text);
            outcome.Add(fault);
            return false;
        }
        PropertyViolation.Unless(!fault.IsFault, "what is accepted has no fault");
        CheckWriting(text, value, allow);
        CheckValue(text, value, ref outcome);
        return true;
    }

    private static void CheckMatch(ReadOnlySpan<byte> text, int end, in T value, ref Outcome outcome)
    {
        PropertyViolation.Unless(end <= text.Length, "a match ends in the text");
        PropertyViolation.Unless(value.Extent.End <= end, "a value lies within its match");
        var digest = new FieldDigest(text);
        value.Visit(ref digest);
        outcome.Add(digest.Outcome.Signature);
        outcome.Digest = Outcome.Mix(outcome.Digest, digest.Outcome.Digest);
    }

    /// <summary>More that must hold for a value of this type.</summary>
    protected virtual void CheckValue(ReadOnlySpan<byte> text, in T value, ref Outcome outcome)
    {
    }

    private void CheckWriting(ReadOnlySpan<byte> text, in T value, uint allow)
    {
        var writer = new ByteWriter(_written);
        value.Write(ref writer, text);
        PropertyViolation.Unless(!writer.Overflowed, "a value is written in at most twice its text and some room");
        var written = writer.WrittenSpan;
        PropertyViolation.Unless(_parse(written, out var second, out _, allow), "what is written is read again");
        PropertyViolation.Unless(Contents(text, value) == Contents(written, second), "what is written holds the same fields");
        var rewriter = new ByteWriter(_again);
        second.Write(ref rewriter, written);
        PropertyViolation.Unless(rewriter.WrittenSpan.SequenceEqual(written), "what is written is canonical");
    }

    private static ulong Contents(ReadOnlySpan<byte> text, in T value)
    {
        // "* / *" is written as "*/*", whose Type is then all of it: known to the agreement tests as a difference that does no
        // harm.
        if (typeof(T) == typeof(Messages.Accept) && text.IndexOf((byte)'*') >= 0)
            return 0;
        var digest = new FieldDigest(text);
        value.Visit(ref digest);
        return digest.Contents;
    }
}
