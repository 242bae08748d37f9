// From a captured frame to the IP packet in it (https://www.tcpdump.org/linktypes.html).
using System.Buffers.Binary;

namespace SipEmbedded.Device.Ladder;

internal static class LinkLayer
{
    private const uint Null = 0, Ethernet = 1, Raw = 101, Loop = 108, LinuxCooked = 113, LinuxCooked2 = 276;

    private const ushort V4Type = 0x0800, V6Type = 0x86DD;

    // IEEE 802.1Q and 802.1ad; a third tag is nowhere used.
    private const ushort VlanTag = 0x8100, ServiceTag = 0x88A8;
    private const int MaxTags = 2;

    public const string Known = "0 and 108 (loopback), 1 (Ethernet), 101 (raw IP), 113 and 276 (Linux cooked, from \"any\")";

    public static bool IsKnown(uint linkType) => linkType is Null or Ethernet or Raw or Loop or LinuxCooked or LinuxCooked2;

    /// <summary>The IP packet in a frame, with whatever padding follows it; empty where the frame carries something else, or is too short to tell.</summary>
    public static ReadOnlySpan<byte> PacketIn(ReadOnlySpan<byte> frame, uint linkType) => linkType switch
    {
        Raw => frame,
        // A protocol family in the byte order of the machine that captured; its numbers differ as well, so the packet itself tells.
        Null or Loop => Behind(frame, 4),
        Ethernet => OfType(frame, 12, 14),
        LinuxCooked => OfType(frame, 14, 16),
        LinuxCooked2 => OfType(frame, 0, 20),
        _ => default,
    };

    private static ReadOnlySpan<byte> OfType(ReadOnlySpan<byte> frame, int typeOffset, int packetOffset)
    {
        for (int tags = 0; tags <= MaxTags && frame.Length >= Math.Max(packetOffset, typeOffset + 2); tags++)
        {
            ushort type = BinaryPrimitives.ReadUInt16BigEndian(frame[typeOffset..]);
            if (type is V4Type or V6Type)
                return frame[packetOffset..];
            if (type is not (VlanTag or ServiceTag))
                return default;
            // A tag is two octets and the type of what follows.
            typeOffset = packetOffset + 2;
            packetOffset += 4;
        }
        return default;
    }

    private static ReadOnlySpan<byte> Behind(ReadOnlySpan<byte> frame, int octets) => frame.Length < octets ? default : frame[octets..];
}
