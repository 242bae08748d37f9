// Steps in time that are not to be heard: where they are found, and that vectors find what plain loops do.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Jitter;

public sealed class TimeScaleTests
{
    [Fact]
    public void Vectors_sum_as_plain_loops_do()
    {
        var random = new Random(2);
        for (int length = 0; length < 100; length++)
        {
            short[] left = [.. Enumerable.Range(0, length).Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
            short[] right = [.. left.Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
            int shift = Math.Max(TimeScale.ShiftFor(left), TimeScale.ShiftFor(right));
            Assert.Equal(TimeScale.DotOneByOne(left, right, shift), TimeScale.Dot(left, right, shift));
            Assert.Equal(length == 0 ? 0 : (int)left.Average(sample => Math.Abs((int)sample)), TimeScale.Loudness(left));
        }
    }

    [Fact]
    public void The_loudest_sound_does_not_overflow()
    {
        short[] loudest = [.. Enumerable.Repeat(short.MinValue, 5760)];
        int shift = TimeScale.ShiftFor(loudest);
        Assert.Equal((long)loudest.Length << 30 >> shift, TimeScale.Dot(loudest, loudest, shift));
    }

    [Theory]
    [InlineData(8000, 100)]
    [InlineData(8000, 173)]
    [InlineData(16_000, 80)]
    [InlineData(16_000, 217)]
    [InlineData(48_000, 97)]
    [InlineData(48_000, 320)]
    public void A_step_is_a_whole_number_of_pitch_periods(int sampleRate, double hertz)
    {
        // A pulse a period, with a decay: a voice, nearly.
        short[] sound = new short[sampleRate / 20];
        for (int i = 0; i < sound.Length; i++)
        {
            double phase = i * hertz / sampleRate % 1;
            sound[i] = (short)(9000 * Math.Exp(-5 * phase) * Math.Cos(30 * phase));
        }
        foreach (bool isForward in (bool[])[true, false])
        {
            int lag = TimeScale.FindLag(sound, sound.Length / 2, sampleRate, isForward, sound.Length, out float likeness);
            double periods = lag * hertz / sampleRate;
            Assert.InRange(periods - Math.Round(periods), -0.05, 0.05);
            Assert.InRange(lag, TimeScale.LeastLag(sampleRate), TimeScale.MostLag(sampleRate));
            Assert.InRange(likeness, 0.85f, 1.01f);
        }
    }

    [Fact]
    public void Noise_is_like_nothing_and_silence_like_silence()
    {
        var random = new Random(4);
        short[] noise = [.. Enumerable.Range(0, 800).Select(_ => (short)random.Next(-5000, 5000))];
        TimeScale.FindLag(noise, 400, 8000, isForward: true, 800, out float likeness);
        Assert.InRange(likeness, -1, 0.7f);
        TimeScale.FindLag(new short[800], 400, 8000, isForward: true, 800, out likeness);
        Assert.Equal(1, likeness);
    }

    [Fact]
    public void Without_room_there_is_no_step()
    {
        Assert.Equal(0, TimeScale.FindLag(new short[240], 200, 8000, isForward: true, 800, out _));
        Assert.Equal(0, TimeScale.FindLag(new short[400], 50, 8000, isForward: false, 800, out _));
        Assert.Equal(0, TimeScale.FindLag(new short[800], 400, 8000, isForward: true, 19, out _));
        Assert.Equal(20, TimeScale.FindLag(new short[800], 400, 8000, isForward: true, 20, out _));
    }

    // A period more or less of a tone is the same tone.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_period_is_left_out_or_repeated_and_the_tone_goes_on(bool isLeftOut)
    {
        const int Period = 80, Kept = 320, Overlap = 40;
        static short Sample(int i) => (short)(8000 * Math.Sin(2 * Math.PI * i / Period));
        var queue = new SoundQueue(new StartGate(), "test", Kept, 2000);
        queue.Clear();
        var first = queue.Add(1000);
        for (int i = 0; i < first.Length; i++)
            first[i] = Sample(i);
        short[] heard = new short[500];
        queue.Take(heard);
        if (isLeftOut)
            queue.LeaveOut(Period, Overlap);
        else
            queue.Repeat(Period, Overlap);

        Assert.Equal(isLeftOut ? 420 : 580, queue.Count);
        var around = queue.Around(out int now);
        Assert.Equal(Kept, now);
        for (int i = 0; i < around.Length; i++)
            Assert.InRange(around[i], Sample(500 - Kept + i) - 1, Sample(500 - Kept + i) + 1);
    }
}
