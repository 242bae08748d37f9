// Which of the last packets came, and how losses run together. Reports count losses by subtraction (RFC 3550 A.3), which a duplicate deceives; here each
// sequence number is remembered until it is too old to come, so that duplicates are known and runs of losses can be counted: quality suffers more from one
// long run than from many short ones (ITU-T G.107 §7.5, BurstR).
namespace SipEmbedded.Rtp;

internal struct LossPattern
{
    /// <summary>Sequence numbers remembered: more than may be misordered (<see cref="RtpReceiver.MaxMisorder"/>).</summary>
    public const int Window = 128;

    // Bit n stands for the number n behind the highest; set where it came.
    private UInt128 _came;

    // How many of the bits, from the lowest, are numbers that were expected: those before the first packet were not.
    private int _expected;
    private bool _wasLost;

    /// <summary>Losses that are certain, their number left the window.</summary>
    public long Lost { get; private set; }

    /// <summary>Runs of losses without a packet between, among the certain ones.</summary>
    public long Runs { get; private set; }

    /// <summary>A sequence begins with its first packet. What the window held becomes certain.</summary>
    public void Begin()
    {
        Settle(_expected);
        _came = UInt128.One;
        _expected = 1;
        _wasLost = false;
    }

    /// <summary>The highest number moves on by <paramref name="by"/>, at least 1, and that one came.</summary>
    public void Advance(int by)
    {
        int leaving = _expected + by - Window;
        if (leaving > 0)
            Settle(leaving);
        _came = by >= Window ? UInt128.One : _came << by | UInt128.One;
        _expected = Math.Min(Window, _expected + by);
    }

    /// <summary>The number <paramref name="behind"/> the highest came, less than <see cref="Window"/>; false where it had come before.</summary>
    public bool TryFill(int behind)
    {
        var bit = UInt128.One << behind;
        if ((_came & bit) != UInt128.Zero)
            return false;
        _came |= bit;
        return true;
    }

    /// <summary>Losses and their runs as they stand, those of the window too.</summary>
    public readonly (long Lost, long Runs) Count()
    {
        var all = this;
        all.Settle(_expected);
        return (all.Lost, all.Runs);
    }

    // The oldest numbers become certain; those beyond the window were never seen.
    private void Settle(int count)
    {
        int known = Math.Min(count, _expected);
        for (int bit = _expected - 1; bit >= _expected - known; bit--)
            Note(1, (_came >> bit & UInt128.One) == UInt128.Zero);
        if (count > known)
            Note(count - known, isLost: true);
    }

    private void Note(int count, bool isLost)
    {
        if (isLost)
        {
            Lost += count;
            Runs += _wasLost ? 0 : 1;
        }
        _wasLost = isLost;
    }
}
