// "doorphone call": its options, and what its help says.
using System.CommandLine;
using SipEmbedded.Audio;
using SipEmbedded.Device.Serving;
using SipEmbedded.Transport;

namespace SipEmbedded.Device.Call;

internal static class CallCommand
{
    private const int DefaultMediaPort = 40_000;
    private const int LastMediaPort = 65_000;
    private const int MostDelayMs = 500;
    private const int MostSeconds = 24 * 3600;

    private static readonly Dictionary<string, AudioCodec> s_codecs = new(StringComparer.OrdinalIgnoreCase)
    {
        ["pcmu"] = AudioCodec.Pcmu, ["pcma"] = AudioCodec.Pcma, ["g722"] = AudioCodec.G722, ["opus"] = AudioCodec.Opus, ["l16"] = AudioCodec.L16,
    };

    public static Command Create()
    {
        Argument<string?> uri = new("SIP-URI")
        {
            Description = "Whom to call: sip:alice@192.0.2.1, \"sip:[2001:db8::1];transport=tcp\", sip:alice@example.com. Without one, wait to be called and answer.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string[]> listen = new("--listen")
        {
            Description = "Where to be reached: an address, with a port behind a colon; more than once for several. Default: every IPv4 address, at a free port to call and at 5060 to wait.",
            HelpName = "ADDRESS[:PORT]", AllowMultipleArgumentsPerToken = false,
        };
        Option<string> codecs = new("--codecs")
        {
            Description = "Codecs, the most wanted first, with commas: pcmu, pcma, g722 (libspandsp), opus (libopus), l16. Default: pcmu,pcma.",
            HelpName = "LIST", DefaultValueFactory = _ => "pcmu,pcma",
        };
        var packetTime = NumberOption.Create("--ptime", "MS", 20, 10, 60, "Milliseconds of sound that a packet to us should hold. Default: 20.");
        var mediaPort = NumberOption.Create(
            "--media-port", "PORT", DefaultMediaPort, 1024, LastMediaPort, $"The first port for sound, an even one. Default: {DefaultMediaPort}.");
        var mostDelay = NumberOption.Create("--most-delay", "MS", 400, 20, MostDelayMs, "The longest delay of the jitter buffer. Default: 400.");
        Option<string> play = new("--play") { Description = "Say this WAV file (PCM; 8, 16 or 48 kHz) once the call is answered. Without it: silence.", HelpName = "FILE" };
        Option<bool> repeat = new("--repeat") { Description = "Say it again and again." };
        Option<string> record = new("--record") { Description = "Record the call: a WAV file, left what was said here, right what was heard.", HelpName = "FILE" };
        var talk = NumberOption.Create("--talk", "SECONDS", 0, 0, MostSeconds, "Hang up so long after the answer; 0 leaves it to the other end. Default: 0.");
        Option<string> keys = new("--keys") { Description = "Press these keys once the call is answered: 0 to 9, *, #, A to D.", HelpName = "KEYS", DefaultValueFactory = _ => "" };
        var keysAfter = NumberOption.Create("--keys-after", "MS", 500, 0, 60_000, "Press the first so long after the answer. Default: 500.");
        Option<KeyWay> way = new("--key-way") { Description = "How: event (RFC 4733), info (SIP INFO) or tone (in the sound). Default: event.", DefaultValueFactory = _ => KeyWay.Event };
        Option<bool> detect = new("--detect-tones") { Description = "Listen for keys in the sound, too." };
        var count = NumberOption.Create("--count", "N", 1, 1, int.MaxValue, "Waiting: end after so many calls. Default: 1.");
        Option<bool> json = new("--json") { Description = "Print JSON lines, an object for each event." };
        Option<string> trace = new("--trace") { Description = Trace.Description, HelpName = "FILE" };

        Command command = new(
            "call",
            "Call somebody, or wait to be called and answer, with a WAV file for a voice: what happens is printed as it happens, and at the end how it sounded. "
            + "Ctrl-C hangs up; a second one ends it at once. Exits with 0 where a call was answered and ended in order, 1 where none was, 2 where the command line "
            + "is wrong, a file cannot be read or an address cannot be had.")
        {
            uri, listen, codecs, packetTime, mediaPort, mostDelay, play, repeat, record, talk, keys, keysAfter, way, detect, count, json, trace,
        };
        codecs.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                string[] names = NamesIn(token.Value);
                if (names.Length == 0 || names.Any(name => !s_codecs.ContainsKey(name)) || names.Distinct(StringComparer.OrdinalIgnoreCase).Count() != names.Length)
                    result.AddError($"--codecs: '{token.Value}' is no list of {string.Join(", ", s_codecs.Keys)}, each once.");
            }
        });
        keys.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.Any(key => key > 127 || !TelephoneKeys.TryGetEvent((byte)key, out _))))
                result.AddError($"--keys: '{token.Value}' has what is no key.");
        });
        listen.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !EndpointText.TryRead(token.Value, 0, out _)))
                result.AddError($"--listen: '{token.Value}' is no address.");
        });
        command.SetAction(result =>
        {
            string? target = result.GetValue(uri);
            return CallRun.Run(new()
            {
                Uri = target,
                Listen = EndpointsIn(result.GetValue(listen), target is null ? ResponseRoute.DefaultPort : (ushort)0),
                Codecs = [.. NamesIn(result.GetRequiredValue(codecs)).Select(name => s_codecs[name])],
                PacketTimeMs = result.GetValue(packetTime),
                MediaPort = result.GetValue(mediaPort) & ~1,
                MostDelayMs = result.GetValue(mostDelay),
                PlayPath = result.GetValue(play),
                PlaysOn = result.GetValue(repeat),
                RecordPath = result.GetValue(record),
                TalkTime = TimeSpan.FromSeconds(result.GetValue(talk)),
                Keys = result.GetRequiredValue(keys),
                KeysAfter = TimeSpan.FromMilliseconds(result.GetValue(keysAfter)),
                KeyWay = result.GetValue(way),
                DetectsTones = result.GetValue(detect),
                Count = result.GetValue(count),
                IsJson = result.GetValue(json),
                TracePath = result.GetValue(trace),
            });
        });
        return command;
    }

    private static string[] NamesIn(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static IpEndpoint[] EndpointsIn(string[]? texts, ushort defaultPort)
    {
        if (texts is not { Length: > 0 })
            return [IpEndpoint.V4(0, defaultPort)];
        return [.. texts.Select(text => EndpointText.TryRead(text, defaultPort, out var endpoint) ? endpoint : default)];
    }
}
