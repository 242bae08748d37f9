// Keys sent, received, joined and heard, tones and prompts mixed, measured and recorded, and not one octet on the heap.
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Rtp;
using SipEmbedded.Tests;
using Xunit;

namespace SipEmbedded.Voice.Tests.Tones;

public class KeyAndToneAllocationTests
{
    private const int Frames = 20_000;

    private readonly KeySender _sender;
    private readonly KeyReceiver _receiver;
    private readonly KeyCollector _collector;
    private readonly ToneDetector _detector;
    private readonly ToneGenerator _generator = new(16_000);
    private readonly PromptPlayer _player = new(16_000);
    private readonly Mixer _mixer;
    private readonly Recorder _recorder;
    private readonly Prompt _prompt;
    private readonly short[] _frame = new short[320];
    private readonly short[] _mixed = new short[320];
    private int _told;
    private long _octets;

    public KeyAndToneAllocationTests()
    {
        var gate = new StartGate();
        _sender = new(gate, new());
        _receiver = new(gate, new());
        _collector = new(gate);
        _detector = new(gate, 16_000, new());
        _mixer = new(gate, 3, 16_000, 320);
        _recorder = new(gate, new());
        _prompt = new(gate, new short[700], 8_000, 16_000);
        gate.Close();
        _sender.Reset(16_000);
        _receiver.Reset(16_000);
    }

    [Fact]
    public void A_call_full_of_keys_and_tones_allocates_nothing()
    {
        Run(400);
        long before = HeapCount.Begin();
        Run(Frames);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(_told > Frames / 20);
        Assert.True(_octets > Frames * 320);
    }

    // What a device prints before it commits itself to it.
    [Fact]
    public void A_rehearsal_counts_what_they_take()
    {
        var gate = StartGate.Rehearsal();
        _ = new KeySender(gate, new());
        _ = new KeyReceiver(gate, new());
        _ = new KeyCollector(gate);
        _ = new ToneDetector(gate, 16_000, new());
        _ = new Mixer(gate, 3, 16_000, 320);
        _ = new Recorder(gate, new());
        string[] pools = ["keys to send", "received keys", "collected keys", "tone detectors", "heard keys", "mixers", "recordings"];
        Assert.Equal(pools, gate.Plan().Entries.ToArray().Select(entry => entry.Pool));
        Assert.InRange(gate.Plan().TotalBytes, 64 * 1_024, 96 * 1_024);
    }

    private void Run(int frames)
    {
        Span<byte> payload = stackalloc byte[TelephoneEvent.Length];
        _recorder.Start();
        for (int i = 0; i < frames; i++)
        {
            var now = Instant.FromMilliseconds(20 * i);
            if (i % 20 == 0)
                _sender.TryBegin("0123456789*#ABCD!"u8[i / 20 % 17]);
            _sender.Advance((uint)i * 320, 320);
            while (_sender.TryTake(payload, out var packet))
                _receiver.Receive(now, new RtpHeader { Sequence = (ushort)i, Timestamp = packet.Timestamp, IsMarked = packet.IsMarked }, payload);
            if (_receiver.NextDeadline <= now)
                _receiver.Tick(now);
            while (_receiver.TryTake(out var happened))
                _collector.Take(now, happened);

            if (i % 250 == 0)
                _generator.Play(TonePlan.Of((ToneCountry)(i / 250 % TonePlan.Countries), ProgressTone.Busy));
            else if (i % 50 == 25)
                _generator.PlayKey((byte)'5', 100, 0, -10);
            else if (i % 50 == 40)
                _generator.Stop();
            if (!_player.IsPlaying)
                _player.Play(_prompt.Samples, 16_000, 2, TimeSpan.FromMilliseconds(30));
            _mixer.SetLevel(1, -(i % 20));
            _mixer.Begin(_frame.Length);
            _generator.Fill(_frame);
            _mixer.Add(0, _frame);
            _detector.Listen(_frame);
            while (_detector.TryTake(out var heard))
                _collector.Take(now, heard);
            _player.Fill(_frame);
            _mixer.Add(1, _frame);
            _mixer.Finish(_mixed);
            _ = LevelMeter.Of(_mixed);
            _recorder.Write(_mixed, _frame);
            if (i % 7 == 0)
                _collector.TakeWhole(now, KeyMethod.Info, (byte)'1', 100);
            while (_collector.TryTake(out _))
                _told++;
            Fetch();
        }
        _recorder.Stop();
        Fetch();
    }

    private void Fetch()
    {
        while (_recorder.TryPeek(out _, out var octets))
        {
            _octets += octets.Length;
            _recorder.Release();
        }
    }
}
