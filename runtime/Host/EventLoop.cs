// One poll for everything that this process waits for: SIP sockets, GPIO lines, sound cards, and the next deadline.
//
// note [one poll]
// poll and not epoll: a device has some tens of descriptors, which the kernel walks in a microsecond or two; the set is one array that costs no call to change;
// and nothing is told of a descriptor that was closed a moment ago. The timer is poll's own timeout, in nanoseconds (ppoll): it is given exactly what is left
// until the deadline, and the kernel never wakes early, so the loop neither spins before a deadline nor sleeps past it by more than the timer slack (50 µs) and the work of the turn before.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SipEmbedded.Host.Interop;
using SipEmbedded.Memory;

namespace SipEmbedded.Host;

/// <summary>A descriptor that is watched; named by its handle, stale once it is not.</summary>
public struct DescriptorWatch
{
    internal IDescriptorHandler Handler;
    internal int Token;
}

/// <summary>A poll set and its handlers. One thread uses it.</summary>
public sealed class EventLoop
{
    // What the kernel passes over.
    private const int NoDescriptor = -1;

    // A poll that fails does not sleep; so long a sleep takes its place, or the loop would spin.
    private const nint FailurePauseNanoseconds = 10_000_000;

    private readonly SlotMap<DescriptorWatch> _watches;
    private readonly PollDescriptor[] _polled;
    private readonly HostCounters _counters;

    // Slots from here on were never taken.
    private int _end;

    // Where dispatching is, and how many ready descriptors are left to it.
    private int _next;
    private int _ready;

    [StartUp(Because = "a pool is made before start")]
    internal EventLoop(StartGate gate, int capacity, HostCounters counters)
    {
        _watches = new(gate, "descriptors", capacity);
        // The kernel writes to it.
        _polled = gate.Take<PollDescriptor>("descriptors", capacity, isPinned: true);
        _counters = counters;
    }

    /// <summary>Descriptors that are watched.</summary>
    public int Count => _watches.Count;

    /// <summary>
    /// Watches an open descriptor. <paramref name="token"/> comes back with every call of the handler. False, counted, where there are too many
    /// (<see cref="HostOptions.ForeignDescriptors"/>).
    /// </summary>
    public bool TryWatch(int descriptor, DescriptorEvents events, IDescriptorHandler handler, int token, out Handle<DescriptorWatch> watch)
    {
        Debug.Assert(descriptor >= 0);
        if (!_watches.TryAdd(out watch))
        {
            _counters.WatchesRefused++;
            return false;
        }
        _watches[watch] = new() { Handler = handler, Token = token };
        _polled[watch.Index] = new() { Descriptor = descriptor, Events = events };
        _end = Math.Max(_end, watch.Index + 1);
        return true;
    }

    /// <summary>Watches for other events from now on; nothing happens for a stale handle.</summary>
    public void Change(Handle<DescriptorWatch> watch, DescriptorEvents events)
    {
        if (_watches.IsLive(watch))
            _polled[watch.Index].Events = events;
    }

    /// <summary>Watches no longer; nothing happens for a stale handle. Do this before the descriptor is closed.</summary>
    public void Unwatch(Handle<DescriptorWatch> watch)
    {
        if (!_watches.IsLive(watch))
            return;
        _watches.Remove(watch);
        _polled[watch.Index] = new() { Descriptor = NoDescriptor };
    }

    /// <summary>Sleeps until a descriptor is ready or <paramref name="deadline"/> has come.</summary>
    internal unsafe void Wait(Instant now, Instant deadline)
    {
        TimeSpecification timeout;
        long ticks = Math.Max(0, deadline.Ticks - now.Ticks);
        timeout.Seconds = (nint)(ticks / TimeSpan.TicksPerSecond);
        timeout.Nanoseconds = (nint)(ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick);
        _ready = Libc.Poll(_end == 0 ? null : Pinned.At(_polled, 0), (nuint)_end, deadline == Instant.Never ? null : &timeout, null);
        _next = 0;
        _counters.Polls++;
        if (_ready >= 0)
            return;
        _ready = 0;
        if (Libc.LastError == Errno.EINTR)
        {
            _counters.Interruptions++;
            return;
        }
        // The kernel lacks a page or two (ENOMEM), or somebody has lowered the limit of descriptors below what is open (EINVAL). Both may pass.
        _counters.PollFailures++;
        timeout.Seconds = 0;
        timeout.Nanoseconds = FailurePauseNanoseconds;
        _ = Libc.Poll(null, 0, &timeout, null);
    }

    /// <summary>Calls the next handler whose descriptor was found ready; false where there is none left.</summary>
    internal bool TryDispatch(Instant now)
    {
        while (_ready > 0 && _next < _end)
        {
            int slot = _next++;
            var events = _polled[slot].Returned;
            if (events == DescriptorEvents.None)
                continue;
            _ready--;
            // What is put into this slot from here on was not asked about.
            _polled[slot].Returned = DescriptorEvents.None;
            var watch = _watches.At(slot);
            if ((events & DescriptorEvents.Invalid) != 0)
                Unwatch(_watches.HandleOf(slot));
            watch.Handler.HandleReady(now, watch.Token, events);
            return true;
        }
        return false;
    }
}
