// Adds sounds, each at its level.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SipEmbedded.Memory;

namespace SipEmbedded.Audio;

/// <summary>
/// Adds up the frames of some sources. For each frame <see cref="Begin"/>, <see cref="Add"/> for each source that has something, <see cref="Finish"/>. What is
/// too loud is cut at full scale. A level that is set is gone to over some milliseconds, so that it does not click.
/// </summary>
public sealed class Mixer
{
    /// <summary>As a level: nothing of it is heard.</summary>
    public const double Mute = double.NegativeInfinity;

    /// <summary>The loudest level, in dB: more would make noise of anything.</summary>
    public const double MostGainDb = 24;

    // How long it takes from silence to a gain of 1, or back.
    private const int RampMs = 10;

    private readonly float[] _sum;

    // Of each source: the gain that is, the one that shall be, and by how much it goes there in a sample.
    private readonly float[] _gains;
    private readonly float[] _targets;
    private readonly float[] _steps;
    private readonly int _ramp;
    private int _length;

    /// <summary>Sources are numbered from 0, all at 0 dB; frames have <paramref name="mostSamples"/> at most.</summary>
    [StartUp(Because = "a pool is made before start")]
    public Mixer(StartGate gate, int sources, int sampleRate, int mostSamples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sources, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 8_000);
        _ramp = sampleRate * RampMs / 1_000;
        _sum = gate.Take<float>("mixers", 1, mostSamples);
        _gains = gate.Take<float>("mixers", 1, sources);
        _targets = gate.Take<float>("mixers", 1, sources);
        _steps = gate.Take<float>("mixers", 1, sources);
        _gains.AsSpan().Fill(1);
        _targets.AsSpan().Fill(1);
    }

    /// <summary>Sets a source's level in dB, <see cref="Mute"/> to <see cref="MostGainDb"/>. <paramref name="isAtOnce"/>: before anything of it was heard.</summary>
    public void SetLevel(int source, double decibels, bool isAtOnce = false)
    {
        _targets[source] = double.IsNaN(decibels) ? 0 : (float)AudioLevel.GainOf(Math.Min(decibels, MostGainDb));
        // A gain above 1 is gone to in larger steps, which are to it as the others are to 1.
        _steps[source] = Math.Max(1, Math.Max(_gains[source], _targets[source])) / _ramp;
        if (isAtOnce)
            _gains[source] = _targets[source];
    }

    /// <summary>A frame of so many samples begins, as silence. A length beyond the largest is that.</summary>
    public void Begin(int length)
    {
        _length = Math.Clamp(length, 0, _sum.Length);
        _sum.AsSpan(0, _length).Clear();
    }

    /// <summary>Adds what a source has; what is shorter than the frame ends in silence, and what is longer is cut.</summary>
    public void Add(int source, ReadOnlySpan<short> samples)
    {
        samples = samples[..Math.Min(samples.Length, _length)];
        var sum = _sum.AsSpan(0, samples.Length);
        ref float gain = ref _gains[source];
        float target = _targets[source];
        if (gain != target)
        {
            float step = _steps[source];
            int count = (int)Math.Min(Math.Ceiling(Math.Abs(target - gain) / step), samples.Length);
            float signed = target > gain ? step : -step;
            AddRamp(samples[..count], sum, gain, signed);
            float reached = gain + signed * count;
            gain = target > gain ? Math.Min(reached, target) : Math.Max(reached, target);
            samples = samples[count..];
            sum = sum[count..];
        }
        if (gain != 0)
            AddSteady(samples, sum, gain);
    }

    /// <summary>Writes the frame; the samples written.</summary>
    public int Finish(Span<short> frame)
    {
        int length = Math.Min(frame.Length, _length);
        Saturate(_sum.AsSpan(0, length), frame);
        return length;
    }

    private static void AddRamp(ReadOnlySpan<short> samples, Span<float> sum, float gain, float step)
    {
        for (int i = 0; i < samples.Length; i++)
            sum[i] += samples[i] * (gain + step * i);
    }

    private static void AddSteady(ReadOnlySpan<short> samples, Span<float> sum, float gain)
    {
        var eights = MemoryMarshal.Cast<short, Vector128<short>>(samples);
        var fours = MemoryMarshal.Cast<float, Vector128<float>>(sum);
        var factor = Vector128.Create(gain);
        for (int i = 0; i < eights.Length; i++)
        {
            var (low, high) = Vector128.Widen(eights[i]);
            fours[2 * i] += Vector128.ConvertToSingle(low) * factor;
            fours[2 * i + 1] += Vector128.ConvertToSingle(high) * factor;
        }
        for (int i = eights.Length * Vector128<short>.Count; i < samples.Length; i++)
            sum[i] += samples[i] * gain;
    }

    // To the nearest, halves up, by the same operations in both forms.
    private static void Saturate(ReadOnlySpan<float> sum, Span<short> frame)
    {
        var fours = MemoryMarshal.Cast<float, Vector128<float>>(sum);
        var eights = MemoryMarshal.Cast<short, Vector128<short>>(frame[..sum.Length]);
        var least = Vector128.Create((float)short.MinValue);
        var most = Vector128.Create((float)short.MaxValue);
        var half = Vector128.Create(0.5f);
        for (int i = 0; i < eights.Length; i++)
        {
            var low = Vector128.Floor(Vector128.Min(Vector128.Max(fours[2 * i], least), most) + half);
            var high = Vector128.Floor(Vector128.Min(Vector128.Max(fours[2 * i + 1], least), most) + half);
            eights[i] = Vector128.Narrow(Vector128.ConvertToInt32(low), Vector128.ConvertToInt32(high));
        }
        for (int i = eights.Length * Vector128<short>.Count; i < sum.Length; i++)
            frame[i] = (short)MathF.Floor(Math.Clamp(sum[i], short.MinValue, short.MaxValue) + 0.5f);
    }
}
