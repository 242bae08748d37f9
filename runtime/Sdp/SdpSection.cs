// Looking things up in one section of a description that is known to be well formed, by walking its lines again: a section has few
// lines, and an index of them would cost more than the walks that a call makes.
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

internal static class SdpSection
{
    /// <summary>The first line of a type at or behind <paramref name="position"/>, and the position behind it; false where there is none.</summary>
    public static bool TryFind(ReadOnlySpan<byte> text, ref int position, int end, byte type, out int start)
    {
        while (position < end)
        {
            start = position;
            int lineFeed = text[start..end].IndexOf((byte)'\n');
            position = lineFeed < 0 ? end : start + lineFeed + 1;
            if (text[start] == type)
                return true;
        }
        start = end;
        return false;
    }

    public static bool TryGetBandwidth(ReadOnlySpan<byte> text, Slice section, SdpLeniency allow, ReadOnlySpan<byte> type, out BandwidthField bandwidth)
    {
        int position = section.Offset;
        while (TryFind(text, ref position, section.End, (byte)'b', out int start))
        {
            if (BandwidthField.Match(text, start, (uint)allow, out bandwidth) >= 0 && bandwidth.Type.In(text).SequenceEqual(type))
                return true;
        }
        bandwidth = default;
        return false;
    }

    public static MediaDirection? DirectionOf(ReadOnlySpan<byte> text, Slice section, SdpLeniency allow)
    {
        int position = section.Offset;
        while (TryFind(text, ref position, section.End, (byte)'a', out int start))
        {
            // Most lines are about something else, which is told without reading them.
            if (!MayBeDirection(text[(start + SdpLine.ValueOffset)..]) || AttributeField.Match(text, start, (uint)allow, out var attribute) < 0)
                continue;
            switch (attribute.Known)
            {
                case AttributeName.Sendrecv:
                    return MediaDirection.SendReceive;
                case AttributeName.Sendonly:
                    return MediaDirection.SendOnly;
                case AttributeName.Recvonly:
                    return MediaDirection.ReceiveOnly;
                case AttributeName.Inactive:
                    return MediaDirection.Inactive;
            }
        }
        return null;
    }

    private static bool MayBeDirection(ReadOnlySpan<byte> line) =>
        line.StartsWith("send"u8) || line.StartsWith("recv"u8) || line.StartsWith("inac"u8);
}
