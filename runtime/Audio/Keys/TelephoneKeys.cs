// The keys of a telephone and their numbers as events (RFC 4733 §3.2, table 3; 16 is the hook flash of RFC 2833 §3.10, reserved for it by RFC 4733 §7).
namespace SipEmbedded.Audio;

/// <summary>Keys are octets: <c>0</c> to <c>9</c>, <c>*</c>, <c>#</c>, <c>A</c> to <c>D</c>, and <see cref="Flash"/>; the calls layer has the same in INFO.</summary>
public static class TelephoneKeys
{
    /// <summary>The hook flash, which has no tone.</summary>
    public const byte Flash = (byte)'!';

    /// <summary>Events 0 to 16.</summary>
    public const int Count = 17;

    // In the order of their events.
    private static ReadOnlySpan<byte> All => "0123456789*#ABCD!"u8;

    /// <summary>False for an event that is no key.</summary>
    public static bool TryGetKey(byte code, out byte key)
    {
        key = code < Count ? All[code] : (byte)0;
        return code < Count;
    }

    /// <summary>False for an octet that is no key.</summary>
    public static bool TryGetEvent(byte key, out byte code)
    {
        int at = All.IndexOf(key);
        code = at < 0 ? (byte)0 : (byte)at;
        return at >= 0;
    }
}
