// What a phone sends and receives, as a ladder is read: for assertions, and to be shown where one fails.
using System.Collections.Concurrent;
using System.Text;
using SipEmbedded.Host;
using SipEmbedded.Memory;
using SipEmbedded.Transport;
using Xunit;

namespace SipEmbedded.Interop.Tests.Calls;

/// <summary>Every message on the wire. A piece of a stream counts as one message, which it is here: small ones, one after the other.</summary>
internal sealed class Traffic : ITrafficObserver
{
    private readonly ConcurrentQueue<(bool IsSent, string Text)> _messages = new();

    public void Sent(Instant now, in Flow flow, ReadOnlySpan<byte> octets) => _messages.Enqueue((true, Encoding.Latin1.GetString(octets)));

    public void Received(Instant now, in Flow flow, ReadOnlySpan<byte> octets) => _messages.Enqueue((false, Encoding.Latin1.GetString(octets)));

    public void Closed(in Flow flow)
    {
    }

    /// <summary>A line each: <c>&gt; INVITE sdp</c> was sent, <c>&lt; 180</c> received.</summary>
    public IReadOnlyList<string> Ladder => [.. _messages.Select(message => Describe(message.IsSent, message.Text))];

    private static string Describe(bool isSent, string text)
    {
        string line = text.Split("\r\n")[0];
        string what = line.StartsWith("SIP/2.0 ", StringComparison.Ordinal) ? line.Split(' ')[1] : line.Split(' ')[0];
        return $"{(isSent ? '>' : '<')} {what}{(text.Contains("\r\nv=0", StringComparison.Ordinal) ? " sdp" : "")}";
    }

    /// <summary>How often a message of a ladder's name passed.</summary>
    public int Count(string what) => Ladder.Count(line => line == what);

    /// <summary>The text of the last message of a ladder's name, such as <c>&gt; 200 sdp</c>.</summary>
    public string Last(string what)
    {
        string? text = _messages.LastOrDefault(message => Describe(message.IsSent, message.Text) == what).Text;
        Assert.True(text is not null, $"no message {what}:\n{this}");
        return text;
    }

    public override string ToString() => string.Join('\n', _messages.Select(message => $"{(message.IsSent ? "----- sent" : "----- received")}\n{message.Text}"));
}
