// A visitor, a room, a far end, and an echo path in between: who talks when, how loud, and what becomes of it.
using SipEmbedded.Audio;
using SipEmbedded.Memory;

namespace SipEmbedded.Voice.Tests.Echo;

/// <summary>What is played out. Levels are of the whole speech, in dB beside a full scale of 32,768.</summary>
internal sealed record EchoScene
{
    /// <summary>The level of the near side's speech at the microphone.</summary>
    public const double NearDbov = -26;

    private const double FarDbov = -20;

    public int SampleRate { get; init; } = 16_000;

    public int FrameMs { get; init; } = 10;

    public double Seconds { get; init; } = 12;

    /// <summary>Seconds until the room's echo has fallen by 60 dB.</summary>
    public double Rt60 { get; init; } = 0.3;

    /// <summary>How much louder the echo is than the near side's speech.</summary>
    public double EchoDb { get; init; } = 6;

    /// <summary>How much softer the near side talks than that.</summary>
    public double SofterDb { get; init; }

    /// <summary>See <see cref="Room"/>.</summary>
    public double Drive { get; init; }

    /// <summary>The street's noise beside the near side's speech.</summary>
    public double NoiseDb { get; init; } = -50;

    /// <summary>What the sound card holds between playing and capturing.</summary>
    public int DelayMs { get; init; } = 40;

    /// <summary>By how much it tells more than that.</summary>
    public double ToldTooLongMs { get; init; }

    /// <summary>By how many millionths the loudspeaker's clock is slower than the microphone's.</summary>
    public double DriftPpm { get; init; }

    /// <summary>When the card stops playing for a moment (xrun), and for how long: what is played from then on comes so much later.</summary>
    public (double At, int Ms) Stop { get; init; } = (double.MaxValue, 0);

    /// <summary>When the far side talks, in seconds.</summary>
    public (double From, double To) Far { get; init; } = (0, double.MaxValue);

    /// <summary>When the near side talks.</summary>
    public (double From, double To) Near { get; init; } = (double.MaxValue, double.MaxValue);

    public int FrameSamples => SampleRate * FrameMs / 1000;

    /// <summary>Plays the scene through a path that is set like this.</summary>
    public EchoResult Run(EchoOptions options)
    {
        int frame = FrameSamples, count = (int)(Seconds * SampleRate) / frame * frame, delay = DelayMs * SampleRate / 1000;
        float[] far = Speech(count, seed: 11, FarDbov, Far), near = Speech(count, seed: 12, NearDbov - SofterDb, Near), street = Room.Street(SampleRate, count, seed: 13);
        double noise = 32768 * AudioLevel.GainOf(NearDbov + NoiseDb);
        var room = new Room(SampleRate, Rt60, NearDbov + EchoDb - FarDbov, Drive, frame, seed: 14);
        var gate = new StartGate();
        var path = new EchoPath(gate, options, SampleRate, frame);
        gate.Close();

        // What the loudspeaker plays, as the path has let it.
        int most = delay + SampleRate * Stop.Ms / 1000 + (int)(Math.Abs(DriftPpm) * 1e-6 * count) + 2 * frame;
        short[] played = new short[count + most], captured = new short[count], cleaned = new short[count], heard = new short[count];
        var talkers = new Talkers[count / frame];
        float[] echo = new float[frame];
        int tooLong = (int)(ToldTooLongMs * SampleRate / 1000), stop = (int)Math.Min(int.MaxValue, Stop.At * SampleRate), begun = delay;
        for (int at = 0; at < count; at += frame)
        {
            int before = delay;
            delay = begun + (int)(DriftPpm * 1e-6 * at) + (at >= stop ? SampleRate * Stop.Ms / 1000 : 0);
            // While this frame was captured, the loudspeaker played what was handed over a delay and a frame ago.
            room.Sound(played.AsSpan(at, frame), echo);
            for (int i = 0; i < frame; i++)
                captured[at + i] = ToSample(echo[i] + near[at + i] + noise * street[at + i]);
            var next = played.AsSpan(at + delay + frame, frame);
            for (int i = 0; i < frame; i++)
                next[i] = ToSample(far[at + i]);
            // A clock that has become slower by a sample plays one twice.
            if (delay == before + 1)
                played[at + delay + frame - 1] = played[at + delay + frame - 2];
            path.Play(next);
            next.CopyTo(heard.AsSpan(at));
            path.Clean(captured.AsSpan(at, frame), delay + tooLong, cleaned.AsSpan(at, frame));
            talkers[at / frame] = path.Figures.Talkers;
        }
        return new(this, path, captured, cleaned, heard, talkers, [.. near.Select(sample => ToSample(sample))], [.. far.Select(sample => ToSample(sample))]);
    }

    private float[] Speech(int count, int seed, double dbov, (double From, double To) when)
    {
        short[] speech = SpeechLike.Make(SampleRate, Seconds, seed);
        float scale = (float)(32768 * AudioLevel.GainOf(dbov) / Sound.Rms(speech));
        int from = (int)Math.Min(count, when.From * SampleRate), to = (int)Math.Min(count, when.To * SampleRate);
        float[] sound = new float[count];
        for (int i = from; i < to; i++)
            sound[i] = speech[i] * scale;
        return sound;
    }

    private static short ToSample(double value) => (short)Math.Clamp(Math.Round(value), short.MinValue, short.MaxValue);
}

/// <summary>What was captured, what became of it, what was heard at the door; and the two voices by themselves.</summary>
internal sealed record EchoResult(EchoScene Scene, EchoPath Path, short[] Captured, short[] Cleaned, short[] Heard, Talkers[] Talkers, short[] Near, short[] Far)
{
    private const double WindowSeconds = 0.25;

    private int Late => Path.Canceller.DelaySamples;

    /// <summary>By how many dB there is less than was captured.</summary>
    public double Erle(double from, double to)
    {
        int begin = At(from), end = Math.Min(At(to), Captured.Length - Late);
        return Decibels(Captured.AsSpan(begin, end - begin), Cleaned.AsSpan(begin + Late, end - begin));
    }

    /// <summary>The same over time: a window's middle in seconds, and dB.</summary>
    public IEnumerable<(double Time, double Decibels)> Windows()
    {
        for (double at = 0; at + WindowSeconds <= Scene.Seconds - 0.05; at += WindowSeconds)
            yield return (at + WindowSeconds / 2, Erle(at, at + WindowSeconds));
    }

    /// <summary>The first time from which on so many dB are cancelled for two seconds on average; infinite where there is none.</summary>
    public double TimeTo(double decibels)
    {
        for (double at = 0; at <= Scene.Seconds - 2.1; at += WindowSeconds)
        {
            if (Erle(at, at + WindowSeconds) >= decibels && Erle(at, at + 2) >= decibels)
                return at;
        }
        return double.PositiveInfinity;
    }

    /// <summary>By how many dB the near voice is louder in what is left than at the microphone: what of it has the same shape.</summary>
    public double KeptDb(double from, double to)
    {
        int begin = At(from), end = At(to);
        double product = 0, power = 0;
        for (int i = begin; i < end - Late; i++)
        {
            product += (double)Near[i] * Cleaned[i + Late];
            power += (double)Near[i] * Near[i];
        }
        return 20 * Math.Log10(Math.Max(1e-6, product / power));
    }

    /// <summary>Segment SNR in dB, 20 ms each, at most 35 and at least -10, against another result's, where that has a voice.</summary>
    public double SegmentSnr(EchoResult alone, double from, double to)
    {
        int segment = Scene.SampleRate / 50, segments = 0;
        double sum = 0;
        for (int at = At(from); at + segment <= At(to); at += segment)
        {
            var voice = alone.Cleaned.AsSpan(at, segment);
            if (LevelMeter.Of(voice).LevelDbov < EchoScene.NearDbov - 15)
                continue;
            double power = 0, error = 0;
            for (int i = 0; i < segment; i++)
            {
                double difference = Cleaned[at + i] - voice[i];
                power += (double)voice[i] * voice[i];
                error += difference * difference;
            }
            sum += Math.Clamp(10 * Math.Log10(power / Math.Max(1, error)), -10, 35);
            segments++;
        }
        return sum / segments;
    }

    /// <summary>How much louder the second is heard than it would be: what a ducker leaves of a loudspeaker.</summary>
    public double HeardDb(double from, double to) => Decibels(Heard.AsSpan(At(from), At(to) - At(from)), Far.AsSpan(At(from), At(to) - At(from)));

    /// <summary>In which part of the frames somebody talks, by the figures, 0 to 1.</summary>
    public double Share(Talkers talker, double from, double to)
    {
        var frames = Talkers.AsSpan((int)(from * 1000 / Scene.FrameMs), (int)((to - from) * 1000 / Scene.FrameMs));
        int count = 0;
        foreach (var frame in frames)
            count += (frame & talker) != 0 ? 1 : 0;
        return (double)count / frames.Length;
    }

    private int At(double seconds) => (int)(Math.Min(seconds, Scene.Seconds) * Scene.SampleRate);

    private static double Decibels(ReadOnlySpan<short> first, ReadOnlySpan<short> second) =>
        20 * Math.Log10(Math.Max(0.5, Sound.Rms(first)) / Math.Max(0.5, Sound.Rms(second)));
}
