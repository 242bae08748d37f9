// Which counts of which nonces were used (RFC 7616 §3.4: nc, §5.5).
//
// note [a full table of nonces]
// Only a nonce that was used with a right response takes a place, so who has no password fills nothing. When the table is full, the oldest nonce gives way; it
// and all that were issued before it and are not in the table are refused from then on as stale, which costs their clients a retry. A nonce that was forgotten
// can thus not be used again with a count that it was used with.
using SipEmbedded.Memory;

namespace SipEmbedded.Auth;

/// <summary>A window of counts for each nonce in use: the highest, and which of the 64 up to it were seen, since requests overtake each other.</summary>
internal sealed class NonceWindows
{
    private const int WindowCounts = 64;

    private struct Window
    {
        public bool IsTaken;
        public Instant Issued;
        public ulong Salt;
        public uint Highest;

        // Bit n: the count Highest - n.
        public ulong Seen;
    }

    private readonly Window[] _windows;
    private Instant _forgotten = Instant.FromTicks(long.MinValue);

    [StartUp(Because = "a pool is made before start")]
    public NonceWindows(StartGate gate, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _windows = gate.Take<Window>("nonces in use", capacity);
    }

    /// <summary>Nonces that were forgotten before their time.</summary>
    public long Forgotten { get; private set; }

    /// <summary>
    /// Notes that a nonce of ours is used with a count, which is not 0. Accepted, Replayed where that count was used or is too far behind, Stale where the nonce
    /// was forgotten. Nonces issued up to <paramref name="expired"/> are refused by the caller, and their places free.
    /// </summary>
    public AuthVerdict Use(Instant issued, ulong salt, uint count, Instant expired)
    {
        int at = 0;
        for (int i = 0; i < _windows.Length; i++)
        {
            ref var window = ref _windows[i];
            if (window.IsTaken && window.Issued <= expired)
                window.IsTaken = false;
            if (window.IsTaken && window.Salt == salt && window.Issued == issued)
                return Use(ref window, count);
            // The place to take: a free one, else the oldest's.
            if (_windows[at].IsTaken && (!window.IsTaken || window.Issued < _windows[at].Issued))
                at = i;
        }
        if (issued <= _forgotten)
            return AuthVerdict.Stale;
        if (_windows[at].IsTaken)
        {
            Forgotten++;
            _forgotten = _windows[at].Issued;
        }
        _windows[at] = new() { IsTaken = true, Issued = issued, Salt = salt, Highest = count, Seen = 1 };
        return AuthVerdict.Accepted;
    }

    private static AuthVerdict Use(ref Window window, uint count)
    {
        if (count > window.Highest)
        {
            uint further = count - window.Highest;
            window.Seen = further < WindowCounts ? window.Seen << (int)further | 1 : 1;
            window.Highest = count;
            return AuthVerdict.Accepted;
        }
        uint behind = window.Highest - count;
        if (behind >= WindowCounts || (window.Seen >> (int)behind & 1) != 0)
            return AuthVerdict.Replayed;
        window.Seen |= 1UL << (int)behind;
        return AuthVerdict.Accepted;
    }
}
