// A call on a host, from the sockets to the figures of its sound.
using SipEmbedded.Agent;
using SipEmbedded.Audio;
using SipEmbedded.Device.Serving;
using SipEmbedded.Device.Sound;
using SipEmbedded.Host;
using SipEmbedded.Memory;
using SipEmbedded.NativeAudio;
using SipEmbedded.Negotiation;
using SipEmbedded.Rtp;
using SipEmbedded.Transport;
using SipEmbedded.Voice;

namespace SipEmbedded.Device.Call;

/// <summary>Runs "doorphone call".</summary>
internal static class CallRun
{
    private const int SampleRate = 16_000;

    // One call, and those that are refused beside it.
    private const int Calls = 2;
    private const int Connections = 8;

    // A peer that is gone does not keep somebody at the terminal waiting for all of 64*T1.
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(8);

    public static int Run(CallOptions options)
    {
        var gate = new StartGate();
        if (!TryCodecs(options, out var codecs))
            return ExitStatus.Usage;
        Prompt? prompt = null;
        if (options.PlayPath is { } path && !WavFile.TryRead(gate, path, SampleRate, out prompt, out string why))
        {
            Console.Error.WriteLine($"doorphone: {why}");
            return ExitStatus.Usage;
        }
        if (!WavOutput.TryOpen(options.RecordPath, out var output) || !Trace.TryOpen(gate, options.TracePath, Connections, out var trace))
            return ExitStatus.Usage;
        var hostOptions = new HostOptions
        {
            Udp = options.Listen,
            Tcp = options.Listen,
            Media = [.. options.Listen.Select(listen => listen.WithPort((ushort)options.MediaPort)).Distinct()],
            MediaPairs = 2 * Calls,
            HandlesSignals = true,
            StopTimeout = s_stopTimeout,
        };
        using (output)
        using (trace)
        using (var host = new SipHost(gate, hostOptions, observer: trace?.Writer))
        {
            if (!Listening.TryOpen(host, out var points))
                return ExitStatus.Usage;
            var voice = new VoiceLayer(gate, new()
            {
                Sessions = Calls,
                Pairs = hostOptions.Media.Count * hostOptions.MediaPairs,
                SampleRate = SampleRate,
                Codecs = codecs,
                Jitter = new() { MaximumDelay = TimeSpan.FromMilliseconds(options.MostDelayMs) },
                DetectsTones = options.DetectsTones,
                WallClock = NtpTime.UnixEpoch + (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch) - (host.Now - Instant.FromTicks(0)),
                Recording = output is null ? null : new() { SampleRate = SampleRate },
            }, new KernelEntropy());
            var audio = new AudioStreamHandler(new()
            {
                Codecs = options.Codecs,
                PacketTimeMs = (ushort)options.PacketTimeMs,
                MultiplexesRtcp = true,
                EventPayloadType = options.KeyWay == KeyWay.Tone ? null : (byte)101,
            }, voice);
            var agent = new SipAgent(
                gate,
                new()
                {
                    Transport = new() { ListeningPoints = points, Connections = Connections, HonoursMulticastAddress = false },
                    Resolver = new(),
                    Calls = new() { Calls = Calls, Streams = [audio] },
                    Voice = voice,
                },
                new KernelEntropy(), host.Addresses);
            var phone = new Phone(agent, voice, options, prompt, output, new(options.IsJson, host.Now), host.RequestStop);
            gate.Close();
            if (!phone.Start(host.Now, points))
                return ExitStatus.Usage;
            var reason = host.Run(phone, phone);
            return reason == StopReason.Drained && phone.HasTalked ? ExitStatus.Done : ExitStatus.Fault;
        }
    }

    private static bool TryCodecs(CallOptions options, out IAudioCodec[] codecs)
    {
        codecs = new IAudioCodec[options.Codecs.Length];
        for (int i = 0; i < codecs.Length; i++)
        {
            string why = "";
            IAudioCodec? codec = options.Codecs[i] switch
            {
                AudioCodec.G722 => G722Codec.TryLoad(out var g722, out why) ? g722 : null,
                AudioCodec.Opus => OpusCodec.TryLoad(new() { SampleRate = SampleRate }, out var opus, out why) ? opus : null,
                AudioCodec.L16 => new L16Codec(),
                _ => new G711Codec(options.Codecs[i]),
            };
            if (codec is null)
            {
                Console.Error.WriteLine($"doorphone: {why}");
                return false;
            }
            codecs[i] = codec;
        }
        return true;
    }
}
