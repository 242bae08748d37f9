// Where the memory is that the kernel reads and writes: arrays that the collector never moves.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SipEmbedded.Host.Interop;

internal static unsafe class Pinned
{
    /// <summary>The address of an element of an array that was taken as pinned (<see cref="Memory.StartGate.Take"/>).</summary>
    public static T* At<T>(T[] array, int index)
        where T : unmanaged
    {
        Debug.Assert((uint)index < (uint)array.Length);
        return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)) + index;
    }
}
