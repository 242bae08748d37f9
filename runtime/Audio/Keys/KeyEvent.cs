// What is told of a key, whatever it came by.
namespace SipEmbedded.Audio;

/// <summary>How a key came.</summary>
public enum KeyMethod : byte
{
    /// <summary>As packets of its own (RFC 4733).</summary>
    TelephoneEvent,

    /// <summary>In SIP INFO.</summary>
    Info,

    /// <summary>As the tones themselves.</summary>
    InBand,
}

public enum KeyEventKind : byte
{
    Pressed,
    Released,
}

/// <summary>A key goes down, or up. For each press there is one of each, in this order; presses may overlap where packets came late.</summary>
public readonly record struct KeyEvent
{
    public KeyEventKind Kind { get; init; }

    /// <summary>See <see cref="TelephoneKeys"/>.</summary>
    public byte Key { get; init; }

    public KeyMethod Method { get; init; }

    /// <summary>dBm0 without its sign, as in <see cref="TelephoneEvent.Volume"/>; 0 where nobody says.</summary>
    public byte Volume { get; init; }

    /// <summary>Of what was released: how long it was down, as far as is known, in milliseconds.</summary>
    public uint DurationMs { get; init; }
}
