// The messages of bench/corpus, and single header values and bodies taken from them, so that the parts are measured over what the
// whole is measured over.
using System.Reflection;
using SipEmbedded.Messages;

namespace SipEmbedded.Bench.Micro;

internal static class Corpus
{
    public static byte[] Invite { get; } = Message("a_invite");

    public static byte[] Ok { get; } = Message("c_200_invite");

    public static byte[] Unauthorized { get; } = Message("d_401");

    /// <summary>The body of the 200 to the INVITE.</summary>
    public static byte[] Description { get; } = Ok[(Ok.AsSpan().IndexOf("\r\n\r\n"u8) + "\r\n\r\n".Length)..];

    private static byte[] Message(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"bench/corpus holds no {name}.sip");
        var octets = new byte[stream.Length];
        stream.ReadExactly(octets);
        return octets;
    }

    /// <summary>The first line of a header, up to its end; the value begins at <paramref name="offset"/>.</summary>
    public static byte[] Line(byte[] message, HeaderName name, out int offset)
    {
        var index = new MessageIndex();
        if (!SipMessage.TryRead(message, Framing.Datagram, ref index, out var read, out var fault))
            throw new InvalidOperationException($"{fault.Kind} at {fault.Offset} in {fault.Rule}");
        int line = read.FirstLineOf(name);
        if (line < 0)
            throw new InvalidOperationException($"no {name} in the message");
        var header = read.HeaderLines[line];
        offset = header.ValueOffset - header.NameOffset;
        // With the rest of the message behind it, as a receive path has it.
        return message[header.NameOffset..];
    }
}
