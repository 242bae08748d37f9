// A capture of a sender of keys (RFC 4733), for SIPp to play: silence in PCMU, and in it each key as events with its end sent three times.
using System.Buffers.Binary;

namespace SipEmbedded.Interop.Tests.Voice;

internal static class KeyCapture
{
    private const int PacketMs = 20, PacketUnits = 160;
    private const byte Pcmu = 0, Events = 101, Silence = 0xFF;
    private const int LengthPackets = 5, EndPackets = 3, PausePackets = 5, BeginPackets = 25;
    private const int HeadOctets = 14 + 20 + 8, RtpOctets = 12;

    /// <summary>How long it takes to play.</summary>
    public static int MillisecondsOf(string keys) => PacketMs * (2 * BeginPackets + keys.Length * (LengthPackets + EndPackets + PausePackets));

    public static void Write(string path, string keys)
    {
        using var file = new BinaryWriter(File.Create(path));
        foreach (uint word in (uint[])[0xA1B2C3D4, 0x0004_0002, 0, 0, 65_535, 1])
            file.Write(word);
        int sent = 0;
        uint timestamp = 4_000;
        byte[] silence = [.. Enumerable.Repeat(Silence, PacketUnits)];
        for (int i = 0; i < BeginPackets; i++)
            Sound();
        foreach (char key in keys)
        {
            byte code = (byte)"0123456789*#ABCD".IndexOf(key, StringComparison.Ordinal);
            for (int i = 0; i < LengthPackets + EndPackets; i++)
            {
                bool isEnd = i >= LengthPackets;
                int duration = PacketUnits * Math.Min(i + 1, LengthPackets + 1);
                Packet(Events, i == 0, [code, (byte)(isEnd ? 0x80 | 10 : 10), (byte)(duration >> 8), (byte)duration]);
            }
            timestamp += PacketUnits * (LengthPackets + EndPackets);
            for (int i = 0; i < PausePackets; i++)
                Sound();
        }
        for (int i = 0; i < BeginPackets; i++)
            Sound();

        void Sound()
        {
            Packet(Pcmu, false, silence);
            timestamp += PacketUnits;
        }

        void Packet(byte type, bool isMarked, ReadOnlySpan<byte> payload)
        {
            // Ethernet, IPv4 and UDP as they must look to be found; SIPp writes its own.
            Span<byte> octets = stackalloc byte[HeadOctets + RtpOctets + payload.Length];
            octets.Clear();
            octets[12] = 8;
            octets[14] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(octets[16..], (ushort)(octets.Length - 14));
            octets[22] = 64;
            octets[23] = 17;
            "\u007F\0\0\u0001\u007F\0\0\u0001"u8.CopyTo(octets[26..]);
            BinaryPrimitives.WriteUInt16BigEndian(octets[34..], 30_000);
            BinaryPrimitives.WriteUInt16BigEndian(octets[36..], 30_000);
            BinaryPrimitives.WriteUInt16BigEndian(octets[38..], (ushort)(octets.Length - 34));
            var rtp = octets[HeadOctets..];
            rtp[0] = 0x80;
            rtp[1] = (byte)(type | (isMarked ? 0x80 : 0));
            BinaryPrimitives.WriteUInt16BigEndian(rtp[2..], (ushort)sent);
            BinaryPrimitives.WriteUInt32BigEndian(rtp[4..], timestamp);
            BinaryPrimitives.WriteUInt32BigEndian(rtp[8..], 0x51505021);
            payload.CopyTo(rtp[RtpOctets..]);
            int atMs = sent++ * PacketMs;
            file.Write(1 + atMs / 1000);
            file.Write(atMs % 1000 * 1000);
            file.Write(octets.Length);
            file.Write(octets.Length);
            file.Write(octets);
        }
    }
}
