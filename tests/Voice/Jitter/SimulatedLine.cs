// A sender, a network and a sound card in simulated time: each has a clock of its own, and what is heard is kept.
using System.Runtime.InteropServices;
using SipEmbedded.Audio;
using SipEmbedded.Memory;
using SipEmbedded.Rtp;

namespace SipEmbedded.Voice.Tests.Jitter;

/// <summary>When a packet comes, for the time it was sent at, in ms: nothing for a lost one, two times for one that is doubled.</summary>
internal delegate IEnumerable<double> Network(int packet, double sentMs);

internal sealed class SimulatedLine
{
    public const int ReadMs = 10;

    private readonly PriorityQueue<int, (double, int)> _underWay = new();
    private int _sent;
    private int _reads;
    private readonly byte[] _payload;

    public SimulatedLine(short[] sound, int sampleRate, Network network, JitterBufferOptions? options = null)
    {
        var gate = new StartGate();
        Buffer = new(gate, options ?? new() { HasComfortNoise = false });
        Buffer.Reset(sampleRate);
        gate.Close();
        Sound = sound;
        SampleRate = sampleRate;
        Network = network;
        Decoder = new(sampleRate);
        _payload = new byte[sampleRate / 1000 * 60 * sizeof(short)];
    }

    public JitterBuffer Buffer { get; }

    /// <summary>What is sent, again and again.</summary>
    public short[] Sound { get; }

    public int SampleRate { get; }

    public Network Network { get; set; }

    public PlainDecoder Decoder { get; }

    public int PacketMs { get; init; } = 20;

    /// <summary>How much faster the clocks of the sender and the sound card run.</summary>
    public double SenderPpm { get; init; }

    public double CardPpm { get; init; }

    /// <summary>What was heard, all of it or the last.</summary>
    public List<short> Heard { get; } = [];

    /// <summary>So many samples are kept of what was heard, or some more.</summary>
    public int Kept { get; init; } = int.MaxValue;

    /// <summary>Looks at the buffer after each read.</summary>
    public Action<double>? AfterRead { get; set; }

    public int Sent => _sent;

    /// <summary>Until <paramref name="seconds"/> of true time are over since the beginning.</summary>
    public void RunUntil(double seconds)
    {
        short[] piece = new short[SampleRate / 1000 * ReadMs];
        while (true)
        {
            // A packet is sent when its last sample is there.
            double sending = (_sent + 1) * PacketMs / (1 + SenderPpm * 1e-6);
            double reading = (_reads + 1) * ReadMs / (1 + CardPpm * 1e-6);
            double coming = _underWay.TryPeek(out _, out var first) ? first.Item1 : double.MaxValue;
            double next = Math.Min(Math.Min(sending, reading), coming);
            if (next > seconds * 1000)
                return;
            if (next == sending)
            {
                foreach (double at in Network(_sent, sending))
                    _underWay.Enqueue(_sent, (Math.Max(at, sending), _sent));
                _sent++;
            }
            else if (next == coming)
                Put(coming, _underWay.Dequeue());
            else
            {
                _reads++;
                Buffer.Read(At(reading), piece);
                Heard.AddRange(piece);
                if (Heard.Count / 2 > Kept)
                    Heard.RemoveRange(0, Heard.Count - Kept);
                AfterRead?.Invoke(reading);
            }
        }
    }

    /// <summary>
    /// From mouth to the end of the read, in ms of true time, as the last <paramref name="samples"/> that were heard tell, looked for up to <paramref name="mostMs"/>.
    /// </summary>
    public double DelayMs(int samples, out double alike, int mostMs = 600)
    {
        long from = (long)_reads * SampleRate / 1000 * ReadMs - samples;
        // What the clocks have drifted apart is no delay.
        double fromMs = from * 1000.0 / SampleRate / (1 + CardPpm * 1e-6);
        int apart = (int)Math.Round(from - fromMs * (1 + SenderPpm * 1e-6) * SampleRate / 1000);
        ReadOnlySpan<short> heard = Heard.ToArray();
        int delay = Likeness.Delay(Sound, heard[^samples..], from, apart, apart + SampleRate / 1000 * mostMs, out alike);
        return (delay - apart) * 1000.0 / SampleRate;
    }

    private void Put(double ms, int packet)
    {
        int count = SampleRate / 1000 * PacketMs;
        var samples = MemoryMarshal.Cast<byte, short>(_payload.AsSpan())[..count];
        int first = (int)((long)packet * count % Sound.Length);
        for (int i = 0; i < count; i++)
            samples[i] = Sound[(first + i) % Sound.Length];
        var header = new RtpHeader { Sequence = (ushort)(packet + 65_000), Timestamp = (uint)(packet * (long)count + 4_294_900_000), Source = 7 };
        Buffer.Put(At(ms), header, MemoryMarshal.AsBytes(samples), Decoder, (uint)SampleRate, SampleRate);
    }

    private static Instant At(double ms) => Instant.FromTicks((long)(ms * TimeSpan.TicksPerMillisecond));
}
