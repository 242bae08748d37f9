// The pieces together: what is refused, what passes, what is reset.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using Xunit;

namespace SipEmbedded.Voice.Tests.Echo;

public sealed class EchoPathTests
{
    [Fact]
    public void Rates_frames_and_leads_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new EchoPath(new StartGate(), new(), 48_000, 480));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EchoPath(new StartGate(), new(), 16_000, 159));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EchoPath(new StartGate(), new() { Lead = TimeSpan.FromMilliseconds(-1) }, 16_000, 160));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EchoPath(new StartGate(), new() { Lead = TimeSpan.FromSeconds(1) }, 16_000, 160));
    }

    [Fact]
    public void A_rehearsal_plans_the_same_memory()
    {
        StartGate rehearsal = StartGate.Rehearsal(), real = new();
        new EchoPath(rehearsal, new(), 16_000, 160).Reset();
        new EchoPath(real, new(), 16_000, 160).Reset();
        Assert.True(real.Plan().TotalBytes > 0);
        Assert.Equal(real.Plan().TotalBytes, rehearsal.Plan().TotalBytes);
    }

    [Fact]
    public void The_canceller_is_given_what_was_heard_while_it_was_captured()
    {
        var probe = new Probe();
        var path = new EchoPath(new StartGate(), new() { Cancellation = probe, Lead = TimeSpan.Zero, HasHighPass = false, HasGain = false }, 16_000, 160);
        short[] frame = new short[160], cleaned = new short[160];
        // 1,000 samples before the frame that is played next, and a frame of its own.
        for (int i = 0; i < 50; i++)
        {
            for (int at = 0; at < 160; at++)
                frame[at] = (short)(i * 160 + at);
            path.Play(frame);
            path.Clean(new short[160], 1000, cleaned);
            for (int at = 0; at < 160; at++)
                Assert.Equal(Math.Max(0, i * 160 - 1000 - 160 + at), probe.Played[at]);
        }
    }

    [Fact]
    public void A_frame_of_another_length_passes_as_it_is()
    {
        var path = new EchoPath(new StartGate(), new(), 16_000, 160);
        short[] captured = Sound.Tone(16_000, 300, 200), cleaned = new short[200];
        path.Clean(captured, 0, cleaned);
        Assert.Equal(captured, cleaned);
        path.Clean([], 0, cleaned);
        Assert.Equal(captured, cleaned);
    }

    private sealed class Probe : IEchoCancellation, IEchoCanceller
    {
        public short[] Played { get; } = new short[160];

        public int FrameSamples => 160;

        public int DelaySamples => 0;

        public bool HasGain => true;

        public EchoFigures Figures => default;

        public IEchoCanceller Create(StartGate gate, int sampleRate, int frameSamples) => this;

        public void Reset()
        {
        }

        public void Process(ReadOnlySpan<short> captured, ReadOnlySpan<short> played, Span<short> cleaned) => played.CopyTo(Played);
    }
}
