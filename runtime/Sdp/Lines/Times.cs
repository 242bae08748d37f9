// When a session takes place: RFC 8866 §5.9 to §5.11. Calls write t=0 0 (RFC 3264 §5); the rest is for announcements.
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary><c>t=</c> (RFC 8866 §5.9), in seconds since 1900 UTC; 0 is unbounded.</summary>
[Record("time-field", Grammar = "sdp")]
public readonly partial struct TimeField
{
    [Capture("start-time")] public partial ulong StartSeconds { get; }

    [Capture("stop-time")] public partial ulong StopSeconds { get; }
}

/// <summary><c>r=</c> (RFC 8866 §5.10).</summary>
[Record("repeat-field", Grammar = "sdp")]
public readonly partial struct RepeatField
{
    /// <summary>How often it repeats; <see cref="TypedTime"/> reads it.</summary>
    [Capture("repeat-interval")] public partial Slice Interval { get; }

    /// <summary>How long it takes each time; <see cref="TypedTime"/> reads it.</summary>
    [Capture("typed-time[1]")] public partial Slice Duration { get; }

    /// <summary>When it begins after the start time: a list, from its first space; <see cref="SdpItems"/> walks it.</summary>
    [Capture("*typed-time")] public partial Slice Offsets { get; }
}

/// <summary><c>z=</c> (RFC 8866 §5.11).</summary>
[Record("zone-field", Grammar = "sdp")]
public readonly partial struct ZoneField
{
    /// <summary>When the first adjustment takes effect, in seconds since 1900 UTC.</summary>
    [Capture("time[1]")] public partial ulong AdjustmentSeconds { get; }

    [Capture("\"-\"[1]")] public partial bool IsNegative { get; }

    /// <summary>The first adjustment without its sign; <see cref="TypedTime"/> reads it.</summary>
    [Capture("typed-time[1]")] public partial Slice Offset { get; }

    /// <summary>Further pairs of time and offset, from the first space; <see cref="SdpItems"/> walks them.</summary>
    [Capture("*time")] public partial Slice Others { get; }
}

/// <summary>A length of time in <c>r=</c> and <c>z=</c> (RFC 8866 §5.10): seconds, or a number with a unit.</summary>
[Record("typed-time", "repeat-interval", Grammar = "sdp")]
public readonly partial struct TypedTime
{
    private const ulong SecondsPerMinute = 60;
    private const ulong SecondsPerHour = 60 * SecondsPerMinute;
    private const ulong SecondsPerDay = 24 * SecondsPerHour;

    [Capture(".")] public partial Slice Text { get; }

    /// <summary><c>d</c>, <c>h</c>, <c>m</c> or <c>s</c>.</summary>
    [Capture("fixed-len-time-unit")] public partial Slice Unit { get; }

    /// <summary>In seconds; null where 64 bits do not hold it.</summary>
    public ulong? Seconds(ReadOnlySpan<byte> text)
    {
        ulong unit = Unit.IsPresent
            ? text[Unit.Offset] switch { (byte)'d' => SecondsPerDay, (byte)'h' => SecondsPerHour, (byte)'m' => SecondsPerMinute, _ => 1 }
            : 1;
        ulong max = ulong.MaxValue / unit - 1;
        ulong number = Scan.Number(text, Text.Offset, Unit.IsPresent ? Unit.Offset : Text.End, max);
        return number > max ? null : number * unit;
    }
}
