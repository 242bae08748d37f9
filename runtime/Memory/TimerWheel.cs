// Deadlines: arm, cancel, what has expired, and when to look again, each in constant time, moves shared out.
//
// note [the wheel]
// Nine levels of 64 slots; a slot of level n spans 64^n ms, so the wheel holds every deadline that there is. A timer stands at the lowest level on which its
// deadline and the present lie in different slots of the same block, so no slot is ever used for two rounds at once, and the first set bit of the lowest
// level that has one is what comes next. When the present enters a slot of a higher level its timers move down, each to a lower level. So a timer of d ms,
// 64^n <= d < 64^(n+1), moves n times at most, or n + 1 times where a border of a larger block lies on its way: 32 s twice or three times. The present is
// that of the last look; after a time without timers it lies behind the clock, and d counts from there. A look that finds nothing has moved a timer, so there
// are no more of these than moves: eight a timer at the very most. A deadline is rounded up to a millisecond: a timer never fires early, and at most a
// millisecond late.
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace SipEmbedded.Memory;

/// <summary>
/// Timers with fixed numbers, from 0 up to but not including the capacity: whoever owns a thing owns the timers of its number. Timers that expire in the
/// same millisecond come in no promised order, though in the same one for the same history.
/// </summary>
public sealed class TimerWheel
{
    private const int SlotBits = 6;

    // The last millisecond that Instant counts has 50 bits.
    private const int Levels = 9;
    private const int Slots = 1 << SlotBits;

    // A timer that is not armed.
    private const short Nowhere = 0;

    private struct Entry
    {
        public long Tick;

        // Neighbours in the slot's list, from 1; 0 is none. The first's Previous is 0.
        public int Next;
        public int Previous;

        // Level and slot, from 1.
        public short Place;
    }

    private readonly Entry[] _timers;
    private readonly int[] _first;
    private readonly int[] _last;
    private readonly ulong[] _occupied;

    // A bit for each level that has an occupied slot.
    private uint _occupiedLevels;

    // The present: every slot that began before or at it has been seen to, but for the one of this very millisecond.
    private long _present;

    [StartUp(Because = "a pool is made before start")]
    public TimerWheel(StartGate gate, string pool, int capacity)
    {
        Capacity = capacity;
        _timers = gate.Take<Entry>(pool, capacity);
        _first = gate.Take<int>(pool + ": wheel", Levels * Slots);
        _last = gate.Take<int>(pool + ": wheel", Levels * Slots);
        _occupied = gate.Take<ulong>(pool + ": wheel", Levels);
    }

    public int Capacity { get; }

    /// <summary>Timers armed.</summary>
    public int Count { get; private set; }

    public bool IsArmed(int timer) => _timers[timer].Place != Nowhere;

    /// <summary>Arms a timer, or moves it if it is armed. A deadline that has passed expires at once; <see cref="Instant.Never"/> disarms it.</summary>
    public void Arm(int timer, Instant deadline)
    {
        if (deadline == Instant.Never)
        {
            Cancel(timer);
            return;
        }
        if (_timers[timer].Place != Nowhere)
            Unlink(timer);
        else
            Count++;
        _timers[timer].Tick = TickOf(deadline);
        Link(timer);
    }

    /// <summary>Disarms a timer; nothing happens if it is not armed.</summary>
    public void Cancel(int timer)
    {
        if (_timers[timer].Place == Nowhere)
            return;
        Unlink(timer);
        Count--;
    }

    /// <summary>
    /// When to call <see cref="TryPop"/> next, or <see cref="Instant.Never"/>. Never later than the earliest deadline; it may be earlier, since timers far
    /// ahead have to be moved on the way (see note [the wheel]).
    /// </summary>
    public Instant NextDeadline => TryNext(out int level, out int slot) ? Instant.FromMilliseconds(StartOf(level, slot)) : Instant.Never;

    /// <summary>Takes one timer whose deadline has come; false where there is none. <paramref name="now"/> never goes back.</summary>
    public bool TryPop(Instant now, out int timer)
    {
        long tick = now.Milliseconds;
        while (TryNext(out int level, out int slot))
        {
            long start = StartOf(level, slot);
            if (start > tick)
                break;
            _present = Math.Max(_present, start);
            int place = level * Slots + slot;
            if (level == 0)
            {
                timer = _first[place] - 1;
                Unlink(timer);
                Count--;
                return true;
            }
            MoveDown(level, slot, place);
        }
        _present = Math.Max(_present, tick);
        timer = -1;
        return false;
    }

    private void MoveDown(int level, int slot, int place)
    {
        int next = _first[place];
        _first[place] = _last[place] = 0;
        Vacate(level, slot);
        while (next != 0)
        {
            int timer = next - 1;
            next = _timers[timer].Next;
            Link(timer);
        }
    }

    // A deadline within a millisecond is that millisecond's end.
    private static long TickOf(Instant deadline)
    {
        long tick = deadline.Milliseconds;
        return tick * TimeSpan.TicksPerMillisecond < deadline.Ticks ? tick + 1 : tick;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryNext(out int level, out int slot)
    {
        level = BitOperations.TrailingZeroCount(_occupiedLevels);
        slot = level < Levels ? BitOperations.TrailingZeroCount(_occupied[level]) : 0;
        return level < Levels;
    }

    private void Vacate(int level, int slot)
    {
        _occupied[level] &= ~(1UL << slot);
        if (_occupied[level] == 0)
            _occupiedLevels &= ~(1U << level);
    }

    private long StartOf(int level, int slot)
    {
        int shift = level * SlotBits;
        long block = _present & ~((1L << shift + SlotBits) - 1);
        return block | (long)slot << shift;
    }

    private void Link(int timer)
    {
        ref var entry = ref _timers[timer];
        long tick = Math.Max(entry.Tick, _present);
        int level = (63 - BitOperations.LeadingZeroCount((ulong)(_present ^ tick) | (Slots - 1))) / SlotBits;
        int slot = (int)(tick >> level * SlotBits) & (Slots - 1);
        int place = level * Slots + slot;
        entry.Place = (short)(place + 1);
        entry.Next = 0;
        entry.Previous = _last[place];
        if (_last[place] == 0)
            _first[place] = timer + 1;
        else
            _timers[_last[place] - 1].Next = timer + 1;
        _last[place] = timer + 1;
        _occupied[level] |= 1UL << slot;
        _occupiedLevels |= 1U << level;
    }

    private void Unlink(int timer)
    {
        ref var entry = ref _timers[timer];
        int place = entry.Place - 1;
        Debug.Assert(place >= 0, "a timer that is not armed was taken out");
        entry.Place = Nowhere;
        if (entry.Previous == 0)
            _first[place] = entry.Next;
        else
            _timers[entry.Previous - 1].Next = entry.Next;
        if (entry.Next == 0)
            _last[place] = entry.Previous;
        else
            _timers[entry.Next - 1].Previous = entry.Previous;
        if (_first[place] == 0)
            Vacate(place / Slots, place % Slots);
    }
}
