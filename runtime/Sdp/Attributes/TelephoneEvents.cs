// Which DTMF digits and tones a peer takes: the a=fmtp parameters of telephone-event (RFC 4733 §2.4.1).
using SipEmbedded.Generation;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>A list of events such as <c>0-15,66,70</c> (RFC 4733 §2.4.1).</summary>
[Record("telephone-events", Grammar = "sdp")]
public readonly partial struct TelephoneEvents
{
    /// <summary>The ranges with their commas; <see cref="SdpItems"/> walks them, <see cref="TelephoneEventRange"/> reads each.</summary>
    [Capture(".")] public partial Slice Ranges { get; }

    /// <summary>True where the list names <paramref name="code"/> (0 to 9 digits, 10 star, 11 hash, 12 to 15 A to D: RFC 4733 §3.2).</summary>
    public bool Contains(ReadOnlySpan<byte> text, byte code)
    {
        foreach (var item in new SdpItems(text, Ranges, (byte)','))
        {
            if (SdpValue.TryRead<TelephoneEventRange>(text, item, SdpLeniency.None, out var range, out _)
                && code >= range.First && code <= (range.Last ?? range.First))
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>One event or a range of events (RFC 4733 §2.4.1).</summary>
[Record("event-range", Grammar = "sdp")]
public readonly partial struct TelephoneEventRange
{
    [Capture("event-code[1]")] public partial byte First { get; }

    [Capture("event-code[2]")] public partial byte? Last { get; }
}
