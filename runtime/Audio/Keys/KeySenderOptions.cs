// What may be set about sending keys (RFC 4733 §3.1; ITU-T Q.24 table A-1).
namespace SipEmbedded.Audio;

/// <summary>Settings of a <see cref="KeySender"/>, read once when it is made.</summary>
public sealed class KeySenderOptions
{
    /// <summary>No exchange hears a key or a pause that is shorter (ITU-T Q.24 table A-1).</summary>
    public static readonly TimeSpan LeastAudible = TimeSpan.FromMilliseconds(40);

    /// <summary>Keys that wait: a code of four digits with its star and hash, twice, and some to spare.</summary>
    public int Queued { get; init; } = 16;

    /// <summary>How long a key is where nobody says.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A key that was asked to be shorter lasts so long: as a sender of V.18 does (RFC 4733 §3.1). At least <see cref="LeastAudible"/>.</summary>
    public TimeSpan LeastDuration { get; init; } = TimeSpan.FromMilliseconds(70);

    /// <summary>From the end of a key to the next. V.18 asks for 50 ms; at least <see cref="LeastAudible"/>.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A key that nobody releases ends by itself.</summary>
    public TimeSpan LongestDuration { get; init; } = TimeSpan.FromSeconds(60);
}
