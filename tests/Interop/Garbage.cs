// Datagrams that are no SIP, almost SIP, and SIP cut short; the same for the same seed.
using System.Text;

namespace SipEmbedded.Interop.Tests;

internal sealed class Garbage(int seed, int port)
{
    private const int MaxRandomOctets = 600;

    private readonly Random _random = new(seed);

    // Whole messages to spoil. They keep one branch each, so that what stays readable is one transaction again and again: a flood of good requests is
    // another test. The INVITE has no Contact, so no call comes of it.
    private readonly byte[][] _seeds =
    [
        Octets(Messages.Options("z9hG4bKgarbage1", port)),
        Octets(Messages.Request("INVITE", "z9hG4bKgarbage2", port, extra: "Content-Type: application/sdp\r\n", body: "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n")),
        Octets(Messages.Request("BYE", "z9hG4bKgarbage3", port)),
        Octets(Messages.Request("CANCEL", "z9hG4bKgarbage2", port)),
        Octets(Messages.Request("ACK", "z9hG4bKgarbage2", port)),
        Octets($"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKaaaaaaaaaaaaa\r\nFrom: <sip:a@127.0.0.1>;tag=a\r\n"
            + "To: <sip:b@127.0.0.1>;tag=b\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"),
    ];

    private static byte[] Octets(string text) => Encoding.ASCII.GetBytes(text);

    /// <summary>Writes the next datagram and gives its length.</summary>
    public int Next(Span<byte> buffer) => _random.Next(3) switch
    {
        0 => Noise(buffer),
        1 => Spoiled(buffer),
        _ => Cut(buffer),
    };

    private int Noise(Span<byte> buffer)
    {
        int length = _random.Next(1, MaxRandomOctets);
        _random.NextBytes(buffer[..length]);
        return length;
    }

    private int Spoiled(Span<byte> buffer)
    {
        byte[] seed = _seeds[_random.Next(_seeds.Length)];
        seed.CopyTo(buffer);
        for (int i = _random.Next(1, 8); i > 0; i--)
            buffer[_random.Next(seed.Length)] = (byte)_random.Next(256);
        return seed.Length;
    }

    private int Cut(Span<byte> buffer)
    {
        byte[] seed = _seeds[_random.Next(_seeds.Length)];
        int length = _random.Next(1, seed.Length);
        seed.AsSpan(0, length).CopyTo(buffer);
        return length;
    }
}
