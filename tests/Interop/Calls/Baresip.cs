// baresip without a terminal or a sound card: told what to do by its module ctrl_tcp (JSON in netstrings), which tells what happens as well.
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

    public Baresip()
    {
        Port = Ports.Free();
        int control = Ports.Free();
        // The sound of one call goes back into it; nothing is played.
        File.WriteAllText(Path.Combine(_folder, "config"), $"""
            sip_listen 127.0.0.1:{Port}
            call_max_calls 1
            audio_player aubridge,door
            audio_source aubridge,door
            audio_alert aubridge,bell
            module_path {Modules}
            module g711.so
            module aubridge.so
            module_tmp account.so
            module_app ctrl_tcp.so
            module_app menu.so
            ctrl_tcp_listen 127.0.0.1:{control}

            """);
        File.WriteAllText(Path.Combine(_folder, "accounts"), "<sip:bob@127.0.0.1>;regint=0;answermode=manual\n");
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
