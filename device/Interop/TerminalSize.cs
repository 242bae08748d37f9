// The width of the terminal, asked from the kernel. Console.WindowWidth knows it too, but sets up the terminal first, which writes
// escape sequences into the output.
using System.Runtime.InteropServices;

namespace SipEmbedded.Device.Interop;

internal static partial class TerminalSize
{
    private const int StandardOutput = 1;

    // TIOCGWINSZ (asm-generic/ioctls.h: x86, Arm, RISC-V).
    private const nuint GetWindowSize = 0x5413;

    // struct winsize of ioctl_tty(2).
    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort WidthPixels;
        public ushort HeightPixels;
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(int descriptor, nuint request, out WindowSize size);

    /// <summary>Columns of the terminal that the standard output goes to, or 0 where it is not known.</summary>
    public static int Columns() => OperatingSystem.IsLinux() && Ioctl(StandardOutput, GetWindowSize, out var size) == 0 ? size.Columns : 0;
}
