// Captures made octet by octet, for what PcapWriter does not write: other link types, byte orders, fragments, segments out of order.
using System.Buffers.Binary;
using SipEmbedded.Device.Ladder;

namespace SipEmbedded.Device.Tests.Ladders;

internal sealed class CaptureBuilder(uint linkType, bool isBigEndian = false, bool isNanoseconds = false)
{
    private readonly MemoryStream _file = new();
    private bool _hasHeader;
    private uint _time = 1_000_000;

    public CaptureBuilder Packet(byte[] frame, int cutTo = int.MaxValue)
    {
        WriteHeader();
        int captured = Math.Min(frame.Length, cutTo);
        Number(_time++);
        Number(isNanoseconds ? 5_000_000u : 5_000u);
        Number((uint)captured);
        Number((uint)frame.Length);
        _file.Write(frame, 0, captured);
        return this;
    }

    public byte[] ToArray()
    {
        WriteHeader();
        return _file.ToArray();
    }

    public CaptureReading Read() => CaptureLadder.Read(new MemoryStream(ToArray()), []);

    private void WriteHeader()
    {
        if (_hasHeader)
            return;
        _hasHeader = true;
        Number(isNanoseconds ? 0xA1B23C4D : 0xA1B2C3D4);
        Number(isBigEndian ? 0x0002_0004u : 0x0004_0002u);
        Number(0);
        Number(0);
        Number(65_535);
        Number(linkType);
    }

    private void Number(uint value)
    {
        Span<byte> octets = stackalloc byte[4];
        if (isBigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(octets, value);
        _file.Write(octets);
    }

    // ---- Packets, without checksums: the reader does not look at them ---------------------------------------------------------------

    public static byte[] Udp(byte[] payload, ushort from = 5060, ushort to = 5060) =>
        [.. Port(from), .. Port(to), .. Port((ushort)(8 + payload.Length)), 0, 0, .. payload];

    public static byte[] Tcp(uint sequence, byte flags, byte[] payload, ushort from = 40_000, ushort to = 5060)
    {
        byte[] number = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, sequence);
        return [.. Port(from), .. Port(to), .. number, 0, 0, 0, 0, 0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0, .. payload];
    }

    public static byte[] V4(byte[] payload, byte protocol = 17, int fragmentOffset = 0, bool hasMore = false, byte[]? options = null, bool isBack = false)
    {
        options ??= [];
        byte[] total = Port((ushort)(20 + options.Length + payload.Length));
        byte[] fragment = Port((ushort)(fragmentOffset / 8 | (hasMore ? 0x2000 : 0)));
        byte[] a = [192, 0, 2, 1], b = [192, 0, 2, 2];
        return [(byte)(0x45 + options.Length / 4), 0, .. total, 0, 7, .. fragment, 64, protocol, 0, 0, .. isBack ? b : a, .. isBack ? a : b, .. options, .. payload];
    }

    public static byte[] V6(byte[] payload, byte next = 17) =>
        [0x60, 0, 0, 0, .. Port((ushort)payload.Length), next, 64, .. Address(1), .. Address(2), .. payload];

    private static byte[] Address(byte last) => [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];

    private static byte[] Port(ushort value) => [(byte)(value >> 8), (byte)value];
}
