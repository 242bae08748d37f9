// The payload types that mean something without a=rtpmap: tables 4 and 5 of RFC 3551 §6.
namespace SipEmbedded.Sdp;

internal static class StaticPayloadTypes
{
    private const uint VideoClockRate = 90_000;

    /// <summary>False for numbers that the tables leave dynamic, unassigned or reserved.</summary>
    public static bool TryGet(byte payloadType, out RtpEncoding encoding)
    {
        encoding = payloadType switch
        {
            0 => Of("PCMU"u8, 8000),
            3 => Of("GSM"u8, 8000),
            4 => Of("G723"u8, 8000),
            5 => Of("DVI4"u8, 8000),
            6 => Of("DVI4"u8, 16_000),
            7 => Of("LPC"u8, 8000),
            8 => Of("PCMA"u8, 8000),
            9 => Of("G722"u8, 8000), // samples at 16 kHz; the clock rate is an error kept for compatibility (RFC 3551 §4.5.2)
            10 => Of("L16"u8, 44_100, 2),
            11 => Of("L16"u8, 44_100),
            12 => Of("QCELP"u8, 8000),
            13 => Of("CN"u8, 8000),
            14 => Of("MPA"u8, 90_000),
            15 => Of("G728"u8, 8000),
            16 => Of("DVI4"u8, 11_025),
            17 => Of("DVI4"u8, 22_050),
            18 => Of("G729"u8, 8000),
            25 => Of("CelB"u8, VideoClockRate),
            26 => Of("JPEG"u8, VideoClockRate),
            28 => Of("nv"u8, VideoClockRate),
            31 => Of("H261"u8, VideoClockRate),
            32 => Of("MPV"u8, VideoClockRate),
            33 => Of("MP2T"u8, VideoClockRate),
            34 => Of("H263"u8, VideoClockRate),
            _ => default,
        };
        return encoding.ClockRate != 0;
    }

    private static RtpEncoding Of(ReadOnlySpan<byte> name, uint clockRate, byte channels = 1) => new(name, clockRate, channels, isStatic: true);
}
