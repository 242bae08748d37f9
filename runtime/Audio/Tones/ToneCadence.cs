// What a tone is: steps of one or two frequencies, or none, each for its time (ITU-T E.180 §2).
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SipEmbedded.Audio;

/// <summary>One step of a cadence. Frequencies in Hz; both 0 is silence.</summary>
public readonly record struct ToneStep
{
    public float First { get; init; }

    /// <summary>Another frequency at the same time, or 0.</summary>
    public float Second { get; init; }

    /// <summary>How much louder the second frequency is, in dB.</summary>
    public float SecondDb { get; init; }

    /// <summary>How much louder the step is than its cadence, in dB.</summary>
    public float LevelDb { get; init; }

    /// <summary>The second frequency modulates the first, as E.180 writes with a cross: 400 × 16.</summary>
    public bool IsModulated { get; init; }

    /// <summary>Milliseconds; 0 or less lasts for ever.</summary>
    public int DurationMs { get; init; }

    /// <summary>What is struck, not blown: after so many milliseconds it has e times less amplitude. 0 keeps its level.</summary>
    public int DecayMs { get; init; }

    public bool IsSilent => First == 0 && Second == 0;
}

/// <summary>A tone's steps, once or again and again.</summary>
public readonly struct ToneCadence
{
    /// <summary>The most that any country's tone has: three bursts with their pauses.</summary>
    public const int MostSteps = 6;

    [InlineArray(MostSteps)]
    private struct StepList
    {
        private ToneStep _first;
    }

    private readonly StepList _steps;

    /// <summary>One to <see cref="MostSteps"/> steps; more are not taken.</summary>
    public ToneCadence(ReadOnlySpan<ToneStep> steps, bool repeats)
    {
        Debug.Assert(steps.Length <= MostSteps, "a cadence has more steps than any known");
        Count = Math.Min(steps.Length, MostSteps);
        for (int i = 0; i < Count; i++)
            _steps[i] = steps[i];
        Repeats = repeats;
    }

    public int Count { get; }

    public bool Repeats { get; }

    public ToneStep this[int index] => _steps[index];

    /// <summary>The time of all steps; 0 where one lasts for ever.</summary>
    public int PeriodMs
    {
        get
        {
            int sum = 0;
            for (int i = 0; i < Count; i++)
            {
                if (_steps[i].DurationMs <= 0)
                    return 0;
                sum += _steps[i].DurationMs;
            }
            return sum;
        }
    }
}
