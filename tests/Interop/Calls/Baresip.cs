// baresip without a terminal or a sound card: told what to do by its module ctrl_tcp (JSON in netstrings), which tells what happens as well. Its sound is that of the
// peer, given back, or files.
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using SipEmbedded.Interop.Tests.Registration;
using Xunit;

namespace SipEmbedded.Interop.Tests.Calls;

internal sealed class Baresip : IDisposable
{
    private const string Modules = "/usr/lib/baresip/modules";

    private readonly string _folder = Directory.CreateTempSubdirectory("baresip-").FullName;
    private readonly ChildProcess _process;
    private readonly TcpClient _control = new();
    private readonly BlockingCollection<JsonNode> _events = [];
    private readonly ConcurrentQueue<string> _told = new();
    private readonly int _keys = Ports.Free();

    /// <param name="sound">What it says and speaks; null gives back the sound of one call into it.</param>
    public Baresip(BaresipSound? sound = null)
    {
        Port = Ports.Free();
        int control = Ports.Free();
        File.WriteAllText(Path.Combine(_folder, "config"), $"""
            sip_listen 127.0.0.1:{Port}
            call_max_calls 1
            audio_player aubridge,door
            audio_source {(sound is null ? "aubridge,door" : "aufile," + sound.SpokenPath)}
            audio_alert aubridge,bell
            module_path {Modules}
            module g711.so
            module aubridge.so
            {(sound is null ? "" : sound.Configuration(_folder, _keys))}
            module_tmp account.so
            module_app ctrl_tcp.so
            module_app menu.so
            ctrl_tcp_listen 127.0.0.1:{control}

            """);
        string more = sound is null ? "answermode=manual" : $"answermode=auto;audio_codecs={sound.Codec}";
        File.WriteAllText(Path.Combine(_folder, "accounts"), $"<sip:bob@127.0.0.1>;regint=0;{more}\n");
        _process = new("baresip", ["-4", "-f", _folder], _folder);
        try
        {
            Ports.WaitFor(Port, isTcp: false, _process);
            Ports.WaitFor(control, isTcp: true, _process);
            _control.Connect(IPAddress.Loopback, control);
        }
        catch
        {
            Dispose();
            throw;
        }
        new Thread(Read) { IsBackground = true }.Start();
    }

    public int Port { get; }

    public string Text => $"{string.Join('\n', _told)}\n{_process.Text}";

    // LENGTH ":" JSON ","
    private void Read()
    {
        var stream = _control.GetStream();
        try
        {
            while (true)
            {
                int length = 0;
                for (int octet; (octet = stream.ReadByte()) != ':'; length = length * 10 + (octet - '0'))
                {
                    if (octet < 0)
                        return;
                }
                byte[] text = new byte[length + 1];
                stream.ReadExactly(text);
                var told = JsonNode.Parse(text.AsSpan(0, length))!;
                _told.Enqueue(told.ToJsonString());
                if ((bool?)told["event"] == true && ((string)told["type"]!).StartsWith("CALL_", StringComparison.Ordinal))
                    _events.Add(told);
            }
        }
        catch (IOException)
        {
            // It has ended.
        }
        catch (ObjectDisposedException)
        {
            // We have.
        }
    }

    /// <summary>Does what its menu does: dial, accept, hangup, hold, resume.</summary>
    public void Do(string command, string parameters = "")
    {
        string json = new JsonObject { ["command"] = command, ["params"] = parameters }.ToJsonString();
        _control.GetStream().Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{json.Length}:{json},")));
    }

    /// <summary>Presses a key and releases it, as its own keyboard does: its module cons takes keys by UDP, 4 is a key's release.</summary>
    public void Press(char key, TimeSpan duration)
    {
        using var keyboard = new UdpClient();
        keyboard.Send([(byte)key], new(IPAddress.Loopback, _keys));
        Thread.Sleep(duration);
        keyboard.Send([4], new(IPAddress.Loopback, _keys));
    }

    /// <summary>The keys that it heard so far, of events that <see cref="Next"/> has not taken.</summary>
    public string HeardKeys => string.Concat(_events.Where(told => (string?)told["type"] == "CALL_DTMF_START").Select(told => (string)told["param"]!));

    /// <summary>The file of what it has heard in its only call with sound of files, once that has ended.</summary>
    public string HeardPath => Directory.GetFiles(_folder, "dump-*-dec.wav").Single();

    /// <summary>The next event of this type; those before it are passed over.</summary>
    public JsonNode Next(string type)
    {
        while (_events.TryTake(out var told, Expect.Soon))
        {
            if ((string?)told["type"] == type)
                return told;
        }
        Assert.Fail($"baresip told no {type}:\n{Text}");
        return null;
    }

    public void Dispose()
    {
        _control.Dispose();
        _process.Dispose();
        _events.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A file for a voice, and the codec that is spoken, as baresip names it.</summary>
internal sealed record BaresipSound(string Codec, string SpokenPath)
{
    // What it hears is kept by its module sndfile, frame by frame as it was decoded.
    public string Configuration(string folder, int keysPort) => $"""
        module g722.so
        module opus.so
        module l16.so
        module aufile.so
        module sndfile.so
        module cons.so
        snd_path {folder}
        cons_listen 127.0.0.1:{keysPort}
        rtcp_mux yes
        jitter_buffer_delay 5-10
        opus_inbandfec yes
        opus_packet_loss 20
        """;
}
