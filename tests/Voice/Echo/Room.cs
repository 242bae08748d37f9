// A room as a loudspeaker and a microphone know it: the direct way, then what walls give back, ever weaker, as noise that decays (J.-M. Polack's model of reverberation).
using System.Numerics;

namespace SipEmbedded.Voice.Tests.Echo;

/// <summary>What is played comes back, frame by frame.</summary>
internal sealed class Room
{
    // Loudspeaker and microphone are in one case, 30 cm apart, and their converters take 2 ms.
    private const double DirectMs = 3;

    // What walls give back begins 2 ms later, and is so much weaker than the direct way, all together.
    private const double WallsMs = 5;
    private const double WallsDb = -6;

    private readonly float[] _taps;
    private readonly float[] _played;

    // Newest tap last, as the samples stand.
    private readonly double _drive;
    private readonly float _gain;

    /// <param name="rt60">Seconds until an echo has fallen by 60 dB.</param>
    /// <param name="gainDb">How loud the echo is at the microphone beside what is played.</param>
    /// <param name="drive">How far the loudspeaker is driven into its limits: 0 not at all, 1 so that a full scale sample comes out at three quarters.</param>
    public Room(int sampleRate, double rt60, double gainDb, double drive, int mostFrame, int seed)
    {
        var random = new Random(seed);
        float[] impulse = new float[(int)(sampleRate * (rt60 + WallsMs / 1000)) / Vector<float>.Count * Vector<float>.Count + Vector<float>.Count];
        int direct = (int)(sampleRate * DirectMs / 1000), walls = (int)(sampleRate * WallsMs / 1000);
        double power = 0;
        for (int i = walls; i < impulse.Length; i++)
        {
            // The sum of some even numbers is as good as a Gaussian one.
            double noise = random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5;
            impulse[i] = (float)(noise * Math.Pow(10, -3 * (i - walls) / (rt60 * sampleRate)));
            power += impulse[i] * impulse[i];
        }
        double weaker = Math.Pow(10, WallsDb / 20) / Math.Sqrt(power);
        for (int i = walls; i < impulse.Length; i++)
            impulse[i] *= (float)weaker;
        impulse[direct] = 1;
        Array.Reverse(impulse);
        _taps = impulse;
        _played = new float[impulse.Length + mostFrame];
        _drive = drive;
        _gain = (float)(Math.Pow(10, gainDb / 20) / Math.Sqrt(1 + Math.Pow(10, WallsDb / 10)));
    }

    /// <summary>What the microphone has of the loudspeaker while <paramref name="played"/> sounds.</summary>
    public void Sound(ReadOnlySpan<short> played, Span<float> echo)
    {
        _played.AsSpan(played.Length).CopyTo(_played);
        var newest = _played.AsSpan(_played.Length - played.Length);
        for (int i = 0; i < played.Length; i++)
            newest[i] = Loudspeaker(played[i]);
        for (int i = 0; i < played.Length; i++)
            echo[i] = _gain * Product(_played.AsSpan(_played.Length - played.Length + i + 1 - _taps.Length, _taps.Length));
    }

    private float Loudspeaker(short sample) => _drive == 0 ? sample : (float)(Math.Tanh(sample / 32768.0 * _drive) / _drive * 32768);

    private float Product(ReadOnlySpan<float> sound)
    {
        var sum = Vector<float>.Zero;
        for (int i = 0; i < _taps.Length; i += Vector<float>.Count)
            sum += new Vector<float>(_taps, i) * new Vector<float>(sound[i..]);
        return Vector.Sum(sum);
    }

    /// <summary>A street's noise: mostly low, now louder and now quieter as cars pass; its mean power is 1.</summary>
    public static float[] Street(int sampleRate, int count, int seed)
    {
        var random = new Random(seed);
        float[] noise = new float[count];
        double rumble = 0, hiss = 0, low = 1 - Math.Exp(-2 * Math.PI * 250 / sampleRate), sum = 0;
        for (int i = 0; i < count; i++)
        {
            double white = random.NextDouble() * 2 - 1;
            rumble += (white - rumble) * low;
            hiss += (white - hiss) * 0.6;
            double passing = 1 + 0.7 * Math.Sin(2 * Math.PI * 0.23 * i / sampleRate) + 0.25 * Math.Sin(2 * Math.PI * 0.61 * i / sampleRate);
            noise[i] = (float)((rumble + 0.03 * hiss) * passing);
            sum += noise[i] * noise[i];
        }
        float scale = (float)(1 / Math.Sqrt(sum / count));
        for (int i = 0; i < count; i++)
            noise[i] *= scale;
        return noise;
    }
}
