// One report of an event, four octets (RFC 4733 §2.3).
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   |     event     |E|R| volume    |          duration             |
using System.Buffers.Binary;

namespace SipEmbedded.Audio;

/// <summary>What a telephone-event packet says. One packet may hold several, each of which begins where the one before it ends (RFC 4733 §2.5.1.5).</summary>
public readonly record struct TelephoneEvent
{
    /// <summary>Octets of a report.</summary>
    public const int Length = 4;

    /// <summary>The longest that a report can say; what lasts longer goes on in another segment (RFC 4733 §2.5.1.3).</summary>
    public const ushort LongestDuration = ushort.MaxValue;

    /// <summary>The lowest level that a report can say.</summary>
    public const byte QuietestVolume = 63;

    private const byte EndBit = 0x80;

    /// <summary>The event's number; see <see cref="TelephoneKeys"/>.</summary>
    public byte Event { get; init; }

    /// <summary>The event is over, and <see cref="Duration"/> is all of it.</summary>
    public bool IsEnd { get; init; }

    /// <summary>dBm0 without its sign: 0 to 63, the larger the quieter.</summary>
    public byte Volume { get; init; }

    /// <summary>How long the event, or this segment of it, has lasted, in timestamp units.</summary>
    public ushort Duration { get; init; }

    /// <summary>Reads the first report of a payload; false where there are fewer than four octets. The R bit is ignored, as §2.3.3 has it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out TelephoneEvent report)
    {
        if (payload.Length < Length)
        {
            report = default;
            return false;
        }
        report = new()
        {
            Event = payload[0],
            IsEnd = (payload[1] & EndBit) != 0,
            Volume = (byte)(payload[1] & QuietestVolume),
            Duration = BinaryPrimitives.ReadUInt16BigEndian(payload[2..]),
        };
        return true;
    }

    /// <summary>The octets written; 0 where they have no room. A volume below <see cref="QuietestVolume"/> is written as that.</summary>
    public int Write(Span<byte> payload)
    {
        if (payload.Length < Length)
            return 0;
        payload[0] = Event;
        payload[1] = (byte)((IsEnd ? EndBit : 0) | Math.Min(Volume, QuietestVolume));
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], Duration);
        return Length;
    }
}
