// Between the rates of codecs, prompts and sound cards: 8, 16 and 48 kHz.
//
// note [the converter's filter]
// One lowpass for each ratio, at the higher rate: a sinc whose zeros lie at the lower rate's samples, under a Kaiser window (beta 7.1) of 32 samples of the lower rate. It passes
// what lies below 0.85 of half the lower rate within 0.01 dB, and holds what lies above 1.15 of it down by more than 70 dB; tests measure both. In between it falls through 6 dB,
// so a little of what lies just above the middle comes back just below it, where speech has next to nothing.
// Upwards the samples that are there pass unchanged, since the sinc is zero at all of them but one, and those between are made by one phase of the filter each. Downwards
// only the samples that are kept are computed. Products are added in four lanes in one order, so that every machine has the same sum.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>Converts a stream of samples from one rate to another, piece by piece; see note [the converter's filter]. The delay is <see cref="DelaySamples"/>.</summary>
public sealed class RateConverter
{
    private const int LowestHz = 8000;
    private const int MiddleHz = 16_000;
    private const int HighestHz = 48_000;

    /// <summary>Samples of the lower of the two rates by which a sound comes out later: half the filter. None where the rates are equal.</summary>
    public const int DelaySamples = 16;

    // Samples of the lower rate that the filter spans.
    private const int LowSamples = 2 * DelaySamples;
    private const double KaiserBeta = 7.1;

    // What is converted at a time: 20 ms of 16 kHz, or less of 48 kHz. Longer pieces are cut.
    private const int PieceSamples = 320;

    // 1.5 * 2^23: added to a number, it leaves the nearest whole one in the low bits of the sum.
    private const float Rounding = 12_582_912f;

    private static readonly float[] s_upTwo = Design(new float[LowSamples * 2], 2, phases: 2);
    private static readonly float[] s_upThree = Design(new float[LowSamples * 3], 3, phases: 3);
    private static readonly float[] s_upSix = Design(new float[LowSamples * 6], 6, phases: 6);
    private static readonly float[] s_downTwo = Design(new float[LowSamples * 2], 2, phases: 1);
    private static readonly float[] s_downThree = Design(new float[LowSamples * 3], 3, phases: 1);
    private static readonly float[] s_downSix = Design(new float[LowSamples * 6], 6, phases: 1);

    private readonly int _ratio;
    private readonly bool _isUpwards;

    // Upwards phase by phase, downwards the whole filter; from the oldest sample to the newest.
    private readonly float[] _taps;

    // What the filter still needs of earlier pieces, then the piece at hand.
    private readonly float[] _sound;
    private readonly int _earlier;

    // Downwards: samples that are passed over before the next that is kept.
    private int _skipped;

    /// <param name="gate">Where its memory comes from.</param>
    /// <param name="pool">Whose memory it is, in the plan.</param>
    /// <param name="fromHz">8,000, 16,000 or 48,000; anything else throws <see cref="ArgumentOutOfRangeException"/>.</param>
    /// <param name="toHz">The same.</param>
    [StartUp(Because = "converters are made before start")]
    public RateConverter(StartGate gate, string pool, int fromHz, int toHz)
    {
        if (fromHz is not (LowestHz or MiddleHz or HighestHz))
            throw new ArgumentOutOfRangeException(nameof(fromHz), fromHz, "The rate is 8, 16 or 48 kHz.");
        if (toHz is not (LowestHz or MiddleHz or HighestHz))
            throw new ArgumentOutOfRangeException(nameof(toHz), toHz, "The rate is 8, 16 or 48 kHz.");
        _isUpwards = toHz > fromHz;
        _ratio = _isUpwards ? toHz / fromHz : fromHz / toHz;
        _taps = _ratio switch
        {
            2 => _isUpwards ? s_upTwo : s_downTwo,
            3 => _isUpwards ? s_upThree : s_downThree,
            6 => _isUpwards ? s_upSix : s_downSix,
            _ => [],
        };
        _earlier = _ratio == 1 ? 0 : _isUpwards ? LowSamples - 1 : LowSamples * _ratio - 1;
        _sound = gate.Take<float>(pool, 1, _ratio == 1 ? 0 : _earlier + PieceSamples);
    }

    /// <summary>Forgets what it has heard: another stream begins.</summary>
    public void Reset()
    {
        Array.Clear(_sound);
        _skipped = 0;
    }

    /// <summary>How many samples the next <paramref name="count"/> will give.</summary>
    public int OutputFor(int count) => _isUpwards ? count * _ratio : (count - _skipped + _ratio - 1) / _ratio;

    /// <summary>Converts all of <paramref name="input"/>. The samples written, <see cref="OutputFor"/>; 0 where <paramref name="output"/> is too small for them: then nothing has changed.</summary>
    public int Convert(ReadOnlySpan<short> input, Span<short> output)
    {
        int count = OutputFor(input.Length);
        if (output.Length < count)
            return 0;
        if (_ratio == 1)
        {
            input.CopyTo(output);
            return count;
        }
        while (!input.IsEmpty)
        {
            var piece = input[..Math.Min(input.Length, PieceSamples)];
            int written = OutputFor(piece.Length);
            Widen(piece, _sound.AsSpan(_earlier));
            if (_isUpwards)
                Raise(piece, output[..written]);
            else
                Lower(piece.Length, output[..written]);
            _sound.AsSpan(piece.Length, _earlier).CopyTo(_sound);
            input = input[piece.Length..];
            output = output[written..];
        }
        return count;
    }

    private void Raise(ReadOnlySpan<short> piece, Span<short> output)
    {
        // The centre of the first phase: the samples as they were, half the filter ago.
        for (int i = 0; i < piece.Length; i++)
            output[i * _ratio] = (short)_sound[i + LowSamples - 1 - DelaySamples];
        ref float sound = ref MemoryMarshal.GetArrayDataReference(_sound);
        for (int phase = 1; phase < _ratio; phase++)
        {
            // The eight vectors of a phase stay in registers.
            ref float taps = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_taps), phase * LowSamples);
            var taps0 = Vector128.LoadUnsafe(ref taps, 0);
            var taps1 = Vector128.LoadUnsafe(ref taps, 4);
            var taps2 = Vector128.LoadUnsafe(ref taps, 8);
            var taps3 = Vector128.LoadUnsafe(ref taps, 12);
            var taps4 = Vector128.LoadUnsafe(ref taps, 16);
            var taps5 = Vector128.LoadUnsafe(ref taps, 20);
            var taps6 = Vector128.LoadUnsafe(ref taps, 24);
            var taps7 = Vector128.LoadUnsafe(ref taps, 28);
            for (int i = 0, at = phase; i < piece.Length; i++, at += _ratio)
            {
                ref float from = ref Unsafe.Add(ref sound, i);
                var even = Vector128.LoadUnsafe(ref from, 0) * taps0 + Vector128.LoadUnsafe(ref from, 8) * taps2
                    + Vector128.LoadUnsafe(ref from, 16) * taps4 + Vector128.LoadUnsafe(ref from, 24) * taps6;
                var odd = Vector128.LoadUnsafe(ref from, 4) * taps1 + Vector128.LoadUnsafe(ref from, 12) * taps3
                    + Vector128.LoadUnsafe(ref from, 20) * taps5 + Vector128.LoadUnsafe(ref from, 28) * taps7;
                output[at] = Sum(even + odd);
            }
        }
    }

    private void Lower(int count, Span<short> output)
    {
        nuint length = (nuint)_taps.Length;
        int at = _skipped;
        ref float taps = ref MemoryMarshal.GetArrayDataReference(_taps);
        ref float sound = ref MemoryMarshal.GetArrayDataReference(_sound);
        for (int i = 0; i < output.Length; i++, at += _ratio)
        {
            ref float from = ref Unsafe.Add(ref sound, at);
            var even = Vector128<float>.Zero;
            var odd = Vector128<float>.Zero;
            // Four vectors a round: every filter is a multiple of 32 long.
            for (nuint tap = 0; tap < length; tap += 16)
            {
                even += Vector128.LoadUnsafe(ref from, tap) * Vector128.LoadUnsafe(ref taps, tap);
                odd += Vector128.LoadUnsafe(ref from, tap + 4) * Vector128.LoadUnsafe(ref taps, tap + 4);
                even += Vector128.LoadUnsafe(ref from, tap + 8) * Vector128.LoadUnsafe(ref taps, tap + 8);
                odd += Vector128.LoadUnsafe(ref from, tap + 12) * Vector128.LoadUnsafe(ref taps, tap + 12);
            }
            output[i] = Sum(even + odd);
        }
        _skipped = at - count;
    }

    private static void Widen(ReadOnlySpan<short> samples, Span<float> wide)
    {
        int at = 0;
        ref short from = ref MemoryMarshal.GetReference(samples);
        ref float to = ref MemoryMarshal.GetReference(wide);
        for (; at <= samples.Length - Vector128<short>.Count; at += Vector128<short>.Count)
        {
            var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, (nuint)at));
            Vector128.ConvertToSingle(low).StoreUnsafe(ref to, (nuint)at);
            Vector128.ConvertToSingle(high).StoreUnsafe(ref to, (nuint)(at + 4));
        }
        for (; at < samples.Length; at++)
            wide[at] = samples[at];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static short Sum(Vector128<float> lanes)
    {
        var pairs = lanes + Vector128.Shuffle(lanes, Vector128.Create(2, 3, 0, 1));
        float sum = pairs.ToScalar() + pairs.GetElement(1);
        sum = Math.Min(Math.Max(sum, short.MinValue), short.MaxValue);
        return (short)(BitConverter.SingleToInt32Bits(sum + Rounding) - BitConverter.SingleToInt32Bits(Rounding));
    }

    // Each phase passes 0 Hz alike: otherwise a constant would come out as a tone.
    [StartUp(Because = "tables are made once")]
    private static float[] Design(float[] taps, int ratio, int phases)
    {
        int length = taps.Length / phases;
        for (int phase = 0; phase < phases; phase++)
        {
            double sum = 0;
            for (int tap = 0; tap < length; tap++)
                sum += Tap(tap * phases + phase, ratio);
            for (int tap = 0; tap < length; tap++)
                taps[phase * length + length - 1 - tap] = (float)(Tap(tap * phases + phase, ratio) / sum);
        }
        return taps;
    }

    private static double Tap(int at, int ratio)
    {
        double from = (double)at / ratio - DelaySamples;
        double edge = from / DelaySamples;
        double sinc = from == 0 ? 1 : Math.Sin(Math.PI * from) / (Math.PI * from);
        return sinc * Bessel(KaiserBeta * Math.Sqrt(Math.Max(0, 1 - edge * edge))) / Bessel(KaiserBeta);
    }

    // The modified Bessel function of order 0 by its series.
    private static double Bessel(double x)
    {
        const int Terms = 30;
        double sum = 1, term = 1;
        for (int k = 1; k < Terms; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }
}
