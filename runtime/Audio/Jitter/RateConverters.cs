using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>A converter from each rate of a decoder to each rate of a sound card, so that either can change while a stream runs.</summary>
internal sealed class RateConverters
{
    private readonly RateConverter _8To16;
    private readonly RateConverter _8To48;
    private readonly RateConverter _16To8;
    private readonly RateConverter _16To48;
    private readonly RateConverter _48To8;
    private readonly RateConverter _48To16;

    [StartUp(Because = "converters are made before start")]
    public RateConverters(StartGate gate, string pool)
    {
        _8To16 = new(gate, pool, 8000, 16_000);
        _8To48 = new(gate, pool, 8000, 48_000);
        _16To8 = new(gate, pool, 16_000, 8000);
        _16To48 = new(gate, pool, 16_000, 48_000);
        _48To8 = new(gate, pool, 48_000, 8000);
        _48To16 = new(gate, pool, 48_000, 16_000);
    }

    public static bool Knows(int sampleRate) => sampleRate is 8000 or 16_000 or 48_000;

    /// <summary>Null where the rates are equal; both must be known.</summary>
    public RateConverter? Find(int from, int to) => (from, to) switch
    {
        (8000, 16_000) => _8To16,
        (8000, 48_000) => _8To48,
        (16_000, 8000) => _16To8,
        (16_000, 48_000) => _16To48,
        (48_000, 8000) => _48To8,
        (48_000, 16_000) => _48To16,
        _ => null,
    };
}
