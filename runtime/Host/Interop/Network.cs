// Numbers as the network has them: the first octet is the highest (RFC 791 appendix B).
using System.Buffers.Binary;

namespace SipEmbedded.Host.Interop;

/// <summary>To network order and back, which is the same.</summary>
internal static unsafe class Network
{
    public static ushort Order(ushort number) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(number) : number;

    public static uint Order(uint number) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(number) : number;

    public static UInt128 ReadV6(byte* octets) => BinaryPrimitives.ReadUInt128BigEndian(new ReadOnlySpan<byte>(octets, 16));

    public static void WriteV6(byte* octets, UInt128 address) => BinaryPrimitives.WriteUInt128BigEndian(new Span<byte>(octets, 16), address);
}
