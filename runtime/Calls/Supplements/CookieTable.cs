// What supplements keep with each call: one value of a type a call, in memory taken at start, found by the call's index.
using System.Runtime.CompilerServices;
using SipEmbedded.Memory;

namespace SipEmbedded.Calls;

/// <summary>
/// The cookies of one type, one for each call that can be. The generated half of a chain makes it, and begins and ends the cookies; supplements and the
/// program read and write them through <see cref="Of(Handle{Call})"/>.
/// </summary>
public sealed class CookieTable<T>
    where T : unmanaged
{
    private struct Slot
    {
        public Handle<Call> Owner;
        public T Cookie;
    }

    private readonly Slot[] _slots;
    private T _nobodys;

    [StartUp(Because = "a pool is made before start")]
    public CookieTable(StartGate gate, int calls, string pool) => _slots = gate.Take<Slot>(pool, calls);

    /// <summary>A call begins: its cookie is zero, whatever an earlier call of its slot left there.</summary>
    public void Begin(in CallSession call)
    {
        if ((uint)call.Call.Index < (uint)_slots.Length)
            _slots[call.Call.Index] = new() { Owner = call.Call };
    }

    /// <summary>The call has ended: from here on its handle leads to nobody's cookie.</summary>
    public void End(in CallSession call)
    {
        if (IsLive(call.Call))
            _slots[call.Call.Index] = default;
    }

    /// <summary>True from the beginning of a call to its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsLive(Handle<Call> call)
    {
        var slots = _slots;
        return (uint)call.Index < (uint)slots.Length && call.IsSome && slots[call.Index].Owner == call;
    }

    /// <summary>
    /// The cookie of a call, to be read and written until the next step of any call. The handle of a call that has ended gives nobody's cookie: it is zero, and
    /// what is written to it is lost.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Of(Handle<Call> call)
    {
        if (IsLive(call))
            return ref _slots[call.Index].Cookie;
        _nobodys = default;
        return ref _nobodys;
    }

    /// <summary>The same for the call of a step.</summary>
    public ref T Of(in CallSession call) => ref Of(call.Call);
}
