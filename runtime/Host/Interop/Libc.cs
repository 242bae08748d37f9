// The C library's functions that Host calls: every system call of this stack is on this page.
//
// note [why not System.Net.Sockets]
// There a reset connection or an ICMP error is a SocketException: an object on the heap with a stack trace, as often as a stranger likes to cause one. Its
// sockets hide the error queue, so that nobody learns which datagram an ICMP error is about. It has neither recvmmsg nor sendmmsg. And its sockets cannot
// share one poll with the descriptors of GPIO lines and sound cards, so a second thread would be needed to wait for those. The calls below take and
// return numbers and pointers alone, so no marshalling code stands between.
//
// note [errno]
// A call that fails returns -1, and the reason is asked for at once by Marshal.GetLastSystemError: it reads errno of this thread. SetLastError on an import
// would do the same for every call, also for those that succeed. The runtime keeps errno if it stops the thread on its way back.
using System.Runtime.InteropServices;
using SipEmbedded.Memory;

namespace SipEmbedded.Host.Interop;

internal static unsafe class Libc
{
    // By soname: libc.so is a linker's script, and there only where development packages are.
    private const string Library = "libc.so.6";

    [DllImport(Library, EntryPoint = "socket")]
    public static extern int Socket(int family, int type, int protocol);

    [DllImport(Library, EntryPoint = "bind")]
    public static extern int Bind(int descriptor, SocketAddress* address, uint length);

    [DllImport(Library, EntryPoint = "listen")]
    public static extern int Listen(int descriptor, int backlog);

    [DllImport(Library, EntryPoint = "accept4")]
    public static extern int Accept(int descriptor, SocketAddress* address, uint* length, int flags);

    [DllImport(Library, EntryPoint = "connect")]
    public static extern int Connect(int descriptor, SocketAddress* address, uint length);

    [DllImport(Library, EntryPoint = "shutdown")]
    public static extern int ShutDown(int descriptor, int how);

    [DllImport(Library, EntryPoint = "getsockname")]
    public static extern int GetSocketName(int descriptor, SocketAddress* address, uint* length);

    [DllImport(Library, EntryPoint = "setsockopt")]
    public static extern int SetSocketOption(int descriptor, int level, int name, void* value, uint length);

    [DllImport(Library, EntryPoint = "getsockopt")]
    public static extern int GetSocketOption(int descriptor, int level, int name, void* value, uint* length);

    [DllImport(Library, EntryPoint = "ppoll")]
    public static extern int Poll(PollDescriptor* descriptors, nuint count, TimeSpecification* timeout, void* signalMask);

    [DllImport(Library, EntryPoint = "recvmmsg")]
    public static extern int ReceiveMessages(int descriptor, BatchedMessage* messages, uint count, int flags, TimeSpecification* timeout);

    [DllImport(Library, EntryPoint = "sendmmsg")]
    public static extern int SendMessages(int descriptor, BatchedMessage* messages, uint count, int flags);

    [DllImport(Library, EntryPoint = "recvmsg")]
    public static extern nint ReceiveMessage(int descriptor, MessageHeader* message, int flags);

    [DllImport(Library, EntryPoint = "recv")]
    public static extern nint Receive(int descriptor, byte* octets, nuint count, int flags);

    [DllImport(Library, EntryPoint = "send")]
    public static extern nint Send(int descriptor, byte* octets, nuint count, int flags);

    [DllImport(Library, EntryPoint = "recvfrom")]
    public static extern nint ReceiveFrom(int descriptor, byte* octets, nuint count, int flags, SocketAddress* address, uint* length);

    [DllImport(Library, EntryPoint = "sendto")]
    public static extern nint SendTo(int descriptor, byte* octets, nuint count, int flags, SocketAddress* address, uint length);

    // Its third argument is for files that are created.
    [DllImport(Library, EntryPoint = "open")]
    public static extern int Open(byte* path, int flags);

    [DllImport(Library, EntryPoint = "read")]
    public static extern nint Read(int descriptor, void* octets, nuint count);

    [DllImport(Library, EntryPoint = "write")]
    public static extern nint Write(int descriptor, void* octets, nuint count);

    // off_t is as wide as a pointer in these two, on 64-bit systems and on 32-bit ones.
    [DllImport(Library, EntryPoint = "ftruncate")]
    public static extern int Truncate(int descriptor, nint length);

    [DllImport(Library, EntryPoint = "lseek")]
    public static extern nint Seek(int descriptor, nint offset, int whence);

    [DllImport(Library, EntryPoint = "close")]
    public static extern int Close(int descriptor);

    [DllImport(Library, EntryPoint = "eventfd")]
    public static extern int EventDescriptor(uint value, int flags);

    // Some tens of nanoseconds, without the kernel: telling the collector about the excursion would cost more.
    [DllImport(Library, EntryPoint = "clock_gettime"), SuppressGCTransition]
    public static extern int GetTime(int clock, TimeSpecification* time);

    [DllImport(Library, EntryPoint = "getrandom")]
    public static extern nint GetRandom(byte* octets, nuint count, uint flags);

    /// <summary>Why the call before this one failed.</summary>
    public static int LastError => Marshal.GetLastSystemError();

    /// <summary>
    /// Calls every function once with a descriptor that is none. A function is looked up on its first call, which allocates; after this, also the ones
    /// that only errors need are known.
    /// </summary>
    [StartUp(Because = "the first call of a function looks it up")]
    public static void LookUpAll()
    {
        const int None = -1;
        TimeSpecification time = default;
        _ = Socket(None, 0, 0);
        _ = Bind(None, null, 0);
        _ = Listen(None, 0);
        _ = Accept(None, null, null, 0);
        _ = Connect(None, null, 0);
        _ = ShutDown(None, 0);
        _ = GetSocketName(None, null, null);
        _ = SetSocketOption(None, 0, 0, null, 0);
        _ = GetSocketOption(None, 0, 0, null, null);
        _ = Poll(null, 0, &time, null);
        _ = ReceiveMessages(None, null, 0, 0, null);
        _ = SendMessages(None, null, 0, 0);
        _ = ReceiveMessage(None, null, 0);
        _ = Receive(None, null, 0, 0);
        _ = ReceiveFrom(None, null, 0, 0, null, null);
        _ = SendTo(None, null, 0, 0, null, 0);
        _ = Send(None, null, 0, 0);
        _ = Open(null, 0);
        _ = Read(None, null, 0);
        _ = Write(None, null, 0);
        _ = Truncate(None, 0);
        _ = Seek(None, 0, 0);
        _ = Close(EventDescriptor(0, Number.EventCloseOnExec));
        _ = GetTime(Number.ClockMonotonic, &time);
        _ = GetRandom(null, 0, 0);
        _ = LastError;
    }
}
