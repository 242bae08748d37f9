// FINGERPRINT (RFC 8489 §14.7): a CRC that tells STUN from whatever else comes to the same port.
namespace SipEmbedded.KeepAlive;

internal static class StunFingerprint
{
    // "STUN", so that a packet which carries its own CRC-32 is not taken for ours.
    private const uint Mask = 0x5354554E;

    // The CRC-32 of each four bits (RFC 1952 §8): a few messages a minute want no larger table.
    private static ReadOnlySpan<uint> Remainders =>
    [
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
        0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    ];

    /// <summary>The fingerprint of a message up to its FINGERPRINT; the length in its header counts that already.</summary>
    public static uint Of(ReadOnlySpan<byte> octets)
    {
        uint remainder = uint.MaxValue;
        foreach (byte octet in octets)
        {
            remainder ^= octet;
            remainder = remainder >> 4 ^ Remainders[(int)remainder & 15];
            remainder = remainder >> 4 ^ Remainders[(int)remainder & 15];
        }
        return ~remainder ^ Mask;
    }
}
