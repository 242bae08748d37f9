// Opus packets in an Ogg file (RFC 3533, RFC 7845), a packet a page: the container in which other programs take them.
using System.Buffers.Binary;

namespace SipEmbedded.Voice.Tests.Codecs;

internal static class OggOpus
{
    private const byte First = 2, Last = 4;

    /// <summary>A file of mono packets of <paramref name="packetMs"/> each, without a pre-skip.</summary>
    public static byte[] Write(List<byte[]> packets, int sampleRate, int packetMs)
    {
        var file = new MemoryStream();
        byte[] head = [.. "OpusHead"u8, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), sampleRate);
        byte[] tags = [.. "OpusTags"u8, 1, 0, 0, 0, (byte)'-', 0, 0, 0, 0];
        WritePage(file, First, 0, 0, head);
        WritePage(file, 0, 0, 1, tags);
        for (int i = 0; i < packets.Count; i++)
            WritePage(file, i == packets.Count - 1 ? Last : (byte)0, (i + 1L) * packetMs * 48, i + 2, packets[i]);
        return file.ToArray();
    }

    private static void WritePage(MemoryStream file, byte kind, long samplesAt48kHz, int sequence, byte[] packet)
    {
        int segments = packet.Length / 255 + 1;
        byte[] page = new byte[27 + segments + packet.Length];
        "OggS"u8.CopyTo(page);
        page[5] = kind;
        BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(6), samplesAt48kHz);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(14), 1);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(18), sequence);
        page[26] = (byte)segments;
        page.AsSpan(27, segments - 1).Fill(255);
        page[27 + segments - 1] = (byte)(packet.Length % 255);
        packet.CopyTo(page, 27 + segments);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(22), Checksum(page));
        file.Write(page);
    }

    // Polynomial 04C11DB7, the high bit first, no inversion (RFC 3533 §6).
    private static uint Checksum(byte[] page)
    {
        uint sum = 0;
        foreach (byte octet in page)
        {
            sum ^= (uint)octet << 24;
            for (int bit = 0; bit < 8; bit++)
                sum = (sum << 1) ^ ((sum & 0x8000_0000) != 0 ? 0x04C1_1DB7u : 0u);
        }
        return sum;
    }
}
