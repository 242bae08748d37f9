// System calls by which tests make trouble for a host.
using System.Runtime.InteropServices;

namespace SipEmbedded.Host.Tests;

internal static partial class Native
{
    public const int SigHup = 1;
    public const int SigTerm = 15;
    public const int NetworkNamespace = 0x4000_0000;
    private const int DescriptorLimit = 7;

    [LibraryImport("libc.so.6", EntryPoint = "eventfd")]
    public static partial int EventDescriptor(uint value, int flags);

    [LibraryImport("libc.so.6", EntryPoint = "read")]
    public static partial nint Read(int descriptor, ref ulong value, nint count);

    [LibraryImport("libc.so.6", EntryPoint = "write")]
    public static partial nint Write(int descriptor, ref ulong value, nint count);

    [LibraryImport("libc.so.6", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc.so.6", EntryPoint = "dup2")]
    public static partial int Duplicate(int descriptor, int onto);

    [LibraryImport("libc.so.6", EntryPoint = "kill")]
    public static partial int Kill(int process, int signal);

    [LibraryImport("libc.so.6", EntryPoint = "unshare")]
    public static partial int Unshare(int what);

    [LibraryImport("libc.so.6", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, nuint[] limits);

    [LibraryImport("libc.so.6", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, nuint[] limits);

    [LibraryImport("libc.so.6", EntryPoint = "getsockname")]
    private static partial int GetSocketName(int descriptor, byte[] address, ref int length);

    [LibraryImport("libc.so.6", EntryPoint = "getsockopt")]
    private static partial int GetSocketOption(int descriptor, int level, int name, ref int value, ref int length);

    // struct msghdr and struct iovec.
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Message
    {
        public void* Name;
        public int NameLength;
        public void** Segments;
        public nint SegmentCount;
        public byte* Control;
        public nint ControlLength;
        public int Flags;
    }

    [LibraryImport("libc.so.6", EntryPoint = "recvmsg")]
    private static unsafe partial nint ReceiveMessage(int descriptor, Message* message, int flags);

    /// <summary>Takes a datagram and returns its type of service, on a socket that was asked to tell it (IP_RECVTOS); -1 where it does not.</summary>
    public static unsafe int ReceiveTypeOfService(SafeHandle socket)
    {
        byte* octets = stackalloc byte[100];
        byte* control = stackalloc byte[100];
        void** segment = stackalloc void*[] { octets, (void*)100 };
        var message = new Message { Segments = segment, SegmentCount = 1, Control = control, ControlLength = 100 };
        // What the control message holds stands behind its length, level and type.
        return ReceiveMessage((int)socket.DangerousGetHandle(), &message, 0) < 0 || message.ControlLength <= sizeof(nint) + 2 * sizeof(int)
            ? -1
            : control[sizeof(nint) + 2 * sizeof(int)];
    }

    /// <summary>Adds to a descriptor made by <see cref="EventDescriptor"/>.</summary>
    public static void Signal(int descriptor)
    {
        ulong one = 1;
        if (Write(descriptor, ref one, sizeof(ulong)) != sizeof(ulong))
            throw new InvalidOperationException("eventfd");
    }

    /// <summary>Makes a descriptor made by <see cref="EventDescriptor"/> quiet; returns what was added.</summary>
    public static ulong Quiet(int descriptor)
    {
        ulong value = 0;
        _ = Read(descriptor, ref value, sizeof(ulong));
        return value;
    }

    /// <summary>Descriptors that this process may have from here on; returns how many it might before.</summary>
    public static nuint LimitDescriptors(nuint count)
    {
        var limits = new nuint[2];
        _ = GetLimit(DescriptorLimit, limits);
        var before = limits[0];
        limits[0] = count;
        if (SetLimit(DescriptorLimit, limits) != 0)
            throw new InvalidOperationException("setrlimit");
        return before;
    }

    /// <summary>The descriptor of this process's socket of a type (1 stream, 2 datagram) that is bound to an IPv4 port.</summary>
    public static int DescriptorOf(int type, int port)
    {
        for (int descriptor = 3; descriptor < 4096; descriptor++)
        {
            var address = new byte[28];
            int length = address.Length, itsType = 0, typeLength = sizeof(int);
            if (GetSocketName(descriptor, address, ref length) == 0 && (address[2] << 8 | address[3]) == port
                && GetSocketOption(descriptor, 1, 3, ref itsType, ref typeLength) == 0 && itsType == type)
                return descriptor;
        }
        throw new InvalidOperationException($"no socket has port {port}");
    }
}
