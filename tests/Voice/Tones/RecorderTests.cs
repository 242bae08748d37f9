// A recording's blocks put together as a file, and what becomes of it where nobody fetches them.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Tones;

public class RecorderTests
{
    // A file as who owns one would write it.
    private static void Fetch(Recorder recorder, List<byte> file)
    {
        while (recorder.TryPeek(out long offset, out var octets))
        {
            while (file.Count < offset + octets.Length)
                file.Add(0);
            octets.CopyTo(CollectionsMarshal.AsSpan(file)[(int)offset..]);
            recorder.Release();
        }
    }

    private static short[] SamplesOf(List<byte> file, int channels, int sampleRate)
    {
        var octets = CollectionsMarshal.AsSpan(file);
        Assert.Equal("RIFF", Encoding.ASCII.GetString(octets[..4]));
        Assert.Equal(octets.Length - 8, BinaryPrimitives.ReadInt32LittleEndian(octets[4..]));
        Assert.Equal("WAVEfmt ", Encoding.ASCII.GetString(octets[8..16]));
        Assert.Equal(16, BinaryPrimitives.ReadInt32LittleEndian(octets[16..]));
        Assert.Equal(1, BinaryPrimitives.ReadInt16LittleEndian(octets[20..]));
        Assert.Equal(channels, BinaryPrimitives.ReadInt16LittleEndian(octets[22..]));
        Assert.Equal(sampleRate, BinaryPrimitives.ReadInt32LittleEndian(octets[24..]));
        Assert.Equal(sampleRate * channels * 2, BinaryPrimitives.ReadInt32LittleEndian(octets[28..]));
        Assert.Equal(channels * 2, BinaryPrimitives.ReadInt16LittleEndian(octets[32..]));
        Assert.Equal(16, BinaryPrimitives.ReadInt16LittleEndian(octets[34..]));
        Assert.Equal("data", Encoding.ASCII.GetString(octets[36..40]));
        Assert.Equal(octets.Length - Recorder.HeaderOctets, BinaryPrimitives.ReadInt32LittleEndian(octets[40..]));
        return MemoryMarshal.Cast<byte, short>(octets[Recorder.HeaderOctets..]).ToArray();
    }

    private static short[] Ramp(int from, int length) => [.. Enumerable.Range(from, length).Select(i => (short)i)];

    [Theory]
    [InlineData(true, 160)]
    [InlineData(false, 160)]
    [InlineData(true, 7)]
    [InlineData(false, 960)]
    [InlineData(true, 4_000)]
    public void Both_directions_stand_in_the_file(bool isStereo, int frame)
    {
        var recorder = new Recorder(new StartGate(), new() { IsStereo = isStereo, SampleRate = 16_000, BlockOctets = 1_000, Blocks = 20 });
        var file = new List<byte>();
        Assert.True(recorder.Start());
        var expected = new List<short>();
        for (int i = 0; i < 30; i++)
        {
            var ours = Ramp(i * frame, frame);
            var theirs = Ramp(-5 * i, frame);
            recorder.Write(ours, theirs);
            for (int k = 0; k < frame; k++)
            {
                if (isStereo)
                    expected.AddRange([ours[k], theirs[k]]);
                else
                    expected.Add((short)Math.Clamp(ours[k] + theirs[k], short.MinValue, short.MaxValue));
            }
            Fetch(recorder, file);
        }
        recorder.Stop();
        Assert.False(recorder.IsDone);
        Fetch(recorder, file);
        Assert.True(recorder.IsDone);
        Assert.Equal(expected, SamplesOf(file, isStereo ? 2 : 1, 16_000));
        Assert.Equal(30 * frame, recorder.Counters.Samples);
        Assert.Equal(0, recorder.Counters.Lost);
    }

    [Fact]
    public void A_direction_without_sound_is_silent()
    {
        var recorder = new Recorder(new StartGate(), new());
        var file = new List<byte>();
        recorder.Start();
        recorder.Write([1, 2, 3], [7]);
        recorder.Write([], [8, 9]);
        recorder.Stop();
        Fetch(recorder, file);
        Assert.Equal([1, 7, 2, 0, 3, 0, 0, 8, 0, 9], SamplesOf(file, 2, 8_000));
    }

    [Fact]
    public void Frames_that_find_no_room_are_left_out_on_both_sides_and_counted()
    {
        var recorder = new Recorder(new StartGate(), new() { Blocks = 2, BlockOctets = 400 });
        var file = new List<byte>();
        recorder.Start();
        for (int i = 0; i < 5; i++)
            recorder.Write(Ramp(100 * i, 80), Ramp(-100 * i, 80));
        Assert.Equal(160, recorder.Counters.Samples);
        Assert.Equal(240, recorder.Counters.Lost);
        Fetch(recorder, file);
        recorder.Write([1], [2]);
        recorder.Stop();
        Fetch(recorder, file);
        var samples = SamplesOf(file, 2, 8_000);
        Assert.Equal(2 * 161, samples.Length);
        Assert.Equal([1, 2], samples[^2..]);
        Assert.Equal([100, -100], samples[160..162]);
    }

    [Fact]
    public void A_recording_of_nothing_is_a_file_of_nothing()
    {
        var recorder = new Recorder(new StartGate(), new());
        Assert.True(recorder.IsDone);
        var file = new List<byte>();
        recorder.Write([1], [1]);
        recorder.Start();
        recorder.Stop();
        Fetch(recorder, file);
        Assert.Empty(SamplesOf(file, 2, 8_000));
    }

    [Fact]
    public void Another_file_begins_when_the_last_is_fetched()
    {
        var recorder = new Recorder(new StartGate(), new());
        for (int i = 0; i < 3; i++)
        {
            var file = new List<byte>();
            Assert.True(recorder.Start());
            Assert.False(recorder.Start());
            recorder.Write([(short)i], [5]);
            recorder.Stop();
            Assert.False(recorder.Start());
            Fetch(recorder, file);
            Assert.Equal([(short)i, 5], SamplesOf(file, 2, 8_000));
        }
    }

    [Fact]
    public void A_file_that_is_never_ended_can_be_read_as_far_as_it_goes()
    {
        var recorder = new Recorder(new StartGate(), new() { BlockOctets = 8 });
        var file = new List<byte>();
        recorder.Start();
        recorder.Write([1, 2, 3, 4], [5, 6, 7, 8]);
        Fetch(recorder, file);
        Assert.Equal(Recorder.HeaderOctets + 16, file.Count);
        Assert.Equal("data", Encoding.ASCII.GetString(CollectionsMarshal.AsSpan(file)[36..40]));
    }
}
