// Before anything is timed: every parser must have really parsed every message, so that no figure is the price of an
// error path. The facts come from the parsers' own structures and are held against Corpus.cs; and two damaged messages
// show that the check itself can fail.

namespace SipEmbedded.Bench.Peers;

internal static class Verification
{
    /// <summary>Throws at the first parser that did not find what is there.</summary>
    /// <exception cref="InvalidOperationException">Names the parser, the message, and what was expected and found.</exception>
    public static void Check(
        string parser, CorpusMessage[] corpus, Func<byte[], MessageFacts?> facts, Func<byte[], SdpFacts?> sdpFacts)
    {
        foreach (CorpusMessage message in corpus)
        {
            Expect(parser, message.Name, message.Facts, facts(message.Bytes));
            if (message.Sdp is not null)
                Expect(parser, message.Name + " (SDP)", message.Sdp, sdpFacts(message.Body));

            // A wrong CSeq must show in the facts, or they would not come from this message.
            MessageFacts? altered = facts(WithAnotherCSeq(message.Bytes));
            if (altered is null || altered.CSeq == message.Facts.CSeq)
                throw new InvalidOperationException($"{parser}, {message.Name}: an altered CSeq went unnoticed.");
        }

        // What is no SIP at all must be rejected, or a rejection could hide in the figures.
        if (facts([.. "no start line\r\n\r\n"u8]) is { } invented)
            throw new InvalidOperationException($"{parser} accepted what is no SIP message: {invented}");
    }

    private static void Expect<T>(string parser, string message, T expected, T? found) where T : class
    {
        if (!expected.Equals(found))
            throw new InvalidOperationException(
                $"{parser}, {message}: expected {expected}, found {found?.ToString() ?? "a rejection"}");
    }

    /// <summary>The message with the first digit of its CSeq number replaced by another.</summary>
    private static byte[] WithAnotherCSeq(byte[] message)
    {
        byte[] altered = [.. message];
        ReadOnlySpan<byte> header = "\r\nCSeq: "u8;
        int digit = altered.AsSpan().IndexOf(header) + header.Length;
        altered[digit] = altered[digit] == (byte)'9' ? (byte)'1' : (byte)(altered[digit] + 1);
        return altered;
    }
}
