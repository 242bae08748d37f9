// Everything sent is a message: for the RFCs' grammar, read by the oracle, and for our own reader without any leniency.
//
// note [shapes]
// The oracle is slow. A line is shown to it when its shape is new in this process: its octets with every run of letters, of digits, and of both, replaced by
// one sign. Some lines of known shapes are shown to it as well, by chance, since a run's length can matter.
using System.Collections.Concurrent;
using System.Text;
using SipEmbedded.Agreement;
using SipEmbedded.Messages;

namespace SipEmbedded.Simulation;

internal sealed class GrammarCheck(MessageTap tap, Chance chance) : MessageCheck
{
    /// <summary>How many lines in a thousand are shown to the oracle although their shape is known.</summary>
    private const int SampledPerMille = 1;

    /// <summary>Lines that are longer go by their shape alone: the oracle's time grows faster than their length.</summary>
    private const int MaxSampledOctets = 200;

    // RFC 8489 §5.
    private const int StunHeaderOctets = 20;

    private static readonly ConcurrentDictionary<string, bool> s_shapes = new(StringComparer.Ordinal);

    // Large, and used again for each message, as an agent would.
    private MessageIndex _index;

    public static int ShapeCount => s_shapes.Count;

    public override void Sent(MessageSeen message)
    {
        if (tap.IsTainted)
            return;
        // STUN beside SIP: its first two bits are 0, which no message's are (RFC 5626 §4.4.2).
        if (message.Octets.Length >= StunHeaderOctets && message.Octets[0] < 0x40 && !message.Flow.IsReliable)
            return;
        // A pong of a stream, a keep-alive (RFC 5626 §4.4.1).
        if (message.Octets.AsSpan().IndexOfAnyExcept((byte)'\r', (byte)'\n') < 0)
            return;
        if (message.Text is not { } text)
            throw Failure($"{message.Node.Name} sent what is no message: {Encoding.Latin1.GetString(message.Octets)}");
        ReadByOurselves(message);
        Show(message, text.IsRequest ? "Request-Line" : "Status-Line", text.StartLine + "\r\n");
        string head = Encoding.Latin1.GetString(message.Octets, 0, text.BodyOffset - 4);
        foreach (string line in head.Split("\r\n").Skip(1))
        {
            string name = line[..line.IndexOf(':')].TrimEnd();
            bool isKnown = OracleGrammar.Of("sip", 0).Grammar.Find(name) is not null;
            Show(message, isKnown ? name : "extension-header", line);
        }
    }

    private void ReadByOurselves(MessageSeen message)
    {
        var framing = message.Flow.IsReliable ? Framing.Stream : Framing.Datagram;
        foreach (var fault in Messages.MessageCheck.Of(message.Octets, framing, ref _index, Leniency.None))
            throw Failure($"{message} has a fault for our own reader: {fault}\n{Encoding.Latin1.GetString(message.Octets)}");
    }

    private void Show(MessageSeen message, string rule, string line)
    {
        string shape = ShapeOf(rule, line);
        bool isSampled = line.Length <= MaxSampledOctets && chance.Happens(SampledPerMille);
        if (!isSampled && s_shapes.ContainsKey(shape))
            return;
        if (!OracleGrammar.Of("sip", 0).Matcher.Match(rule, Encoding.Latin1.GetBytes(line)).IsAccepted)
            throw Failure($"{message} has a line that the grammar does not allow as {rule}: {line}");
        s_shapes.TryAdd(shape, true);
    }

    // See note [shapes].
    private static string ShapeOf(string rule, string line)
    {
        var shape = new StringBuilder(rule).Append('|');
        for (int i = 0; i < line.Length;)
        {
            if (!char.IsAsciiLetterOrDigit(line[i]))
            {
                shape.Append(line[i++]);
                continue;
            }
            bool hasLetters = false, hasDigits = false;
            for (; i < line.Length && char.IsAsciiLetterOrDigit(line[i]); i++)
            {
                hasDigits |= char.IsAsciiDigit(line[i]);
                hasLetters |= !char.IsAsciiDigit(line[i]);
            }
            shape.Append(hasLetters ? hasDigits ? 'x' : 'a' : '0');
        }
        return shape.ToString();
    }
}
