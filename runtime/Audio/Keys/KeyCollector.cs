// One press, one event, though peers send it in more than one way at once (RFC 4733, INFO, the tones themselves).
//
// note [one press by two methods]
// Methods are late by different times: packets at once, tones after a few blocks, INFO perhaps when the key is up again. So what a method reports is looked for among
// the presses of the same key that were told of late and that this method has not reported yet, the oldest first. Where there is one, it is that press;
// otherwise it is another and is told. Two real presses stay two: each method reports both, and the second finds only what is left.
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

public struct KeyCollectorCounters
{
    /// <summary>Presses told.</summary>
    public long Told;

    /// <summary>Reports of presses that another method had told of.</summary>
    public long Merged;

    /// <summary>Presses and releases that nobody fetched in time.</summary>
    public long NotTold;
}

/// <summary>
/// Joins what the methods report; see note [one press by two methods]. One <see cref="Take"/>, then <see cref="TryTake"/> until it says no. The method of an
/// event is the one that was first.
/// </summary>
public sealed class KeyCollector
{
    /// <summary>
    /// So long after a key is up, another method may still report it: a request in INFO that was lost is sent again after 500 ms (T1, RFC 3261 §17.1.2.1), and the
    /// network takes its time. A peer that uses one method for one press and another for the next, within this, would lose the second; none is known.
    /// </summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(1_000);

    // A key that is not reported up is taken to be, by then.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    // Presses of one window: ten keys a second is the fastest there is (ITU-T Q.24).
    private const int Remembered = 16;

    // What one report tells at most, and some to spare for who takes several before he asks.
    private const int Events = 32;

    private struct Press
    {
        public byte Key;
        public KeyMethod Method;

        // A bit for each method that has reported it down, and up.
        public byte Reported;
        public byte Released;
        public bool IsDown;

        // When it went down; when it was up.
        public Instant At;
    }

    private readonly Press[] _presses;
    private readonly Ring<KeyEvent> _events;
    private int _next;

    public KeyCollectorCounters Counters;

    [StartUp(Because = "a pool is made before start")]
    public KeyCollector(StartGate gate)
    {
        _presses = gate.Take<Press>("collected keys", Remembered);
        _events = new(gate, "collected keys", Events);
    }

    /// <summary>Another call begins; what was not fetched is forgotten.</summary>
    public void Reset()
    {
        _presses.AsSpan().Clear();
        _next = 0;
        while (_events.TryTake(out _))
        {
        }
    }

    /// <summary>A method reports that a key went down, or up.</summary>
    public void Take(Instant now, in KeyEvent reported)
    {
        if (reported.Kind == KeyEventKind.Pressed)
            TakePress(now, reported);
        else
            TakeRelease(now, reported);
    }

    /// <summary>A key that came in one piece, as in INFO: pressed and released. <paramref name="durationMs"/>: 0 where nobody says.</summary>
    public void TakeWhole(Instant now, KeyMethod method, byte key, uint durationMs)
    {
        if (!TelephoneKeys.TryGetEvent(key, out _))
            return;
        TakePress(now, new() { Kind = KeyEventKind.Pressed, Key = key, Method = method });
        TakeRelease(now, new() { Kind = KeyEventKind.Released, Key = key, Method = method, DurationMs = durationMs });
    }

    /// <summary>What has happened, the oldest first; false where nothing has.</summary>
    public bool TryTake(out KeyEvent happened) => _events.TryTake(out happened);

    private void TakePress(Instant now, in KeyEvent reported)
    {
        byte bit = BitOf(reported.Method);
        for (int i = 0; i < Remembered; i++)
        {
            ref var press = ref _presses[(_next + i) % Remembered];
            if (press.Key == reported.Key && (press.Reported & bit) == 0 && now - press.At <= (press.IsDown ? s_longest : Window))
            {
                press.Reported |= bit;
                Counters.Merged++;
                return;
            }
        }
        _presses[_next] = new() { Key = reported.Key, Method = reported.Method, Reported = bit, IsDown = true, At = now };
        _next = (_next + 1) % Remembered;
        Counters.Told++;
        Tell(reported);
    }

    // The release of the oldest press that this method has reported down and not up. It is told where the method told of the press.
    private void TakeRelease(Instant now, in KeyEvent reported)
    {
        byte bit = BitOf(reported.Method);
        for (int i = 0; i < Remembered; i++)
        {
            ref var press = ref _presses[(_next + i) % Remembered];
            if (press.Key != reported.Key || (press.Reported & ~press.Released & bit) == 0)
                continue;
            press.Released |= bit;
            if (press.Method == reported.Method)
            {
                press.IsDown = false;
                press.At = now;
                Tell(reported);
            }
            return;
        }
    }

    private static byte BitOf(KeyMethod method) => (byte)(1 << (int)method);

    private void Tell(in KeyEvent happened)
    {
        if (!_events.TryAdd(happened))
            Counters.NotTold++;
    }
}
