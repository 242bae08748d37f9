// sendmmsg(2): a million datagrams from one thread in seconds (.NET sends one at a time).
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace SipEmbedded.Interop.Tests;

/// <summary>Sends many datagrams on a connected socket by one call.</summary>
internal static unsafe partial class DatagramBatch
{
    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    // struct msghdr, and struct mmsghdr around it, as glibc has them on 64-bit systems.
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
        public uint Sent;
    }

    /// <summary>Sends pieces of <paramref name="octets"/>, each of its own length; gives how many were sent.</summary>
    public static int Send(Socket socket, ReadOnlySpan<byte> octets, ReadOnlySpan<int> lengths)
    {
        var vectors = stackalloc IoVector[lengths.Length];
        var messages = stackalloc Message[lengths.Length];
        fixed (byte* first = octets)
        {
            int offset = 0;
            for (int i = 0; i < lengths.Length; i++)
            {
                vectors[i] = new() { Base = first + offset, Length = (nuint)lengths[i] };
                messages[i] = new() { Vectors = vectors + i, VectorCount = 1 };
                offset += lengths[i];
            }
            return SendMessages((int)socket.Handle, messages, (uint)lengths.Length, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "sendmmsg")]
    private static partial int SendMessages(int socket, Message* messages, uint count, int flags);
}
