// What the standard output is: a terminal with colours and a width, or a file.
using SipEmbedded.Device.Interop;

namespace SipEmbedded.Device.Inspect;

/// <param name="IsTerminal">Lines are wrapped at <paramref name="Columns"/>.</param>
/// <param name="HasColor">Colours are wanted.</param>
/// <param name="IsUtf8">Characters beyond ASCII can be shown.</param>
internal sealed record Terminal(bool IsTerminal, bool HasColor, bool IsUtf8, int Columns)
{
    // Where the terminal does not tell.
    private const int UsualColumns = 80;

    /// <summary>Output that is no terminal: no colour, no wrapping, UTF-8.</summary>
    public static Terminal None { get; } = new(false, false, true, int.MaxValue);

    /// <summary>NO_COLOR (https://no-color.org) and the terminal type "dumb" are respected; the locale says whether UTF-8 is shown.</summary>
    public static Terminal OfStandardOutput(bool noColor)
    {
        if (Console.IsOutputRedirected)
            return None;
        bool color = !noColor && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new(true, color, IsUtf8Locale(), Width());
    }

    // The first that is set and not empty decides (POSIX, locale variables).
    private static bool IsUtf8Locale()
    {
        foreach (string name in (ReadOnlySpan<string>)["LC_ALL", "LC_CTYPE", "LANG"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } locale)
                return locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("utf8", StringComparison.OrdinalIgnoreCase);
        }
        return false;
    }

    private static int Width() => TerminalSize.Columns() is > 0 and var columns ? columns : UsualColumns;
}
