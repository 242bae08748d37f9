// Makes a failing input small enough to read.
namespace SipEmbedded.Fuzz;

internal static class Minimiser
{
    /// <summary>A failure is minimised in a few seconds, or not further.</summary>
    private const int MaxTries = 20_000;

    /// <summary>The text without the pieces that it fails without, large ones tried first.</summary>
    public static byte[] Minimise(byte[] text, Func<byte[], bool> fails)
    {
        int tries = 0;
        for (int length = Math.Max(1, text.Length / 2); ; length = Math.Max(1, length / 2))
        {
            bool shorter = false;
            for (int start = 0; start < text.Length && tries < MaxTries; tries++)
            {
                byte[] candidate = [.. text[..start], .. text[Math.Min(text.Length, start + length)..]];
                if (!fails(candidate))
                {
                    start += length;
                    continue;
                }
                text = candidate;
                shorter = true;
            }
            if (tries >= MaxTries || length == 1 && !shorter)
                return text;
        }
    }
}
