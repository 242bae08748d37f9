// "doorphone register" as a program: what it prints where nobody asked for JSON, and how it ends where it cannot begin.
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace SipEmbedded.Interop.Tests.Registration;

public sealed class RegisterCommandTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("register-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string text)
    {
        string path = Path.Combine(_folder, "doorphone.json");
        File.WriteAllText(path, text);
        return path;
    }

    [PeerFact("kamailio")]
    public void Each_event_is_a_line_and_the_end_is_the_last()
    {
        using var registrar = new Kamailio();
        string path = Write(
            $$"""{ "listen": "127.0.0.1:0", "accounts": [{ "server": "sip:{{registrar.HostPort}}", "user": "alice", "password": "secret", "ping": 1 }] }""");
        using var device = ChildProcess.DoorPhone("register", "--config", path);
        device.WaitForLine($"alice: 401 Unauthorized by udp {registrar.HostPort}; answered with credentials", Limit);
        device.WaitForLine($"alice: registered for 600 s (200 OK by udp {registrar.HostPort}); next in 5", Limit);
        device.WaitForLine("alice: 200 to OPTIONS in ", Limit);

        device.AskToStop();

        Assert.Equal(0, device.WaitForExit(Limit));
        Assert.EndsWith($" alice: unregistered (200 OK by udp {registrar.HostPort})", device.Lines[^1]);
        Assert.Empty(registrar.BindingsOf("alice"));
    }

    [PeerFact("kamailio", "tshark")]
    public void A_trace_has_the_messages()
    {
        using var registrar = new Kamailio();
        string trace = Capture.NewPath();
        string path = Write($$"""{ "listen": "127.0.0.1:0", "accounts": [{ "server": "sip:{{registrar.HostPort}}", "user": "alice", "password": "secret" }] }""");

        (int status, string output) = ChildProcess.Run("dotnet", Limit, ChildProcess.ProgramPath, "register", "--config", path, "--query", "--trace", trace);

        Assert.True(status == 0, output);
        // Two requests and their answers.
        Capture.CheckMessages(trace, 4);
    }

    [Fact]
    public void A_wrong_configuration_is_told_line_by_line()
    {
        string path = Write("{\n  \"accounts\": [{ \"server\": \"pbx\", \"user\": \"u\",\n    \"expires\": -1 }]\n}");

        (int status, string output) = ChildProcess.Run("dotnet", Limit, ChildProcess.ProgramPath, "register", "--config", path);

        Assert.Equal(2, status);
        Assert.Contains($"{path}:2: accounts[0].server: \"pbx\" is no SIP URI", output);
        Assert.Contains($"{path}:3: accounts[0].expires: -1 is not allowed: seconds from 1 to 86400", output);
    }

    [Fact]
    public void Without_an_answer_the_end_is_not_waited_for_long_and_its_status_is_1()
    {
        // Somebody who listens and says nothing.
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        string path = Write($$"""{ "listen": "127.0.0.1:0", "accounts": [{ "server": "sip:{{silent.Client.LocalEndPoint}}", "user": "u" }] }""");
        using var device = ChildProcess.DoorPhone("register", "--config", path, "--plain");
        device.WaitForLine("listening on tcp", Limit);

        device.AskToStop();

        Assert.Equal(1, device.WaitForExit(TimeSpan.FromSeconds(20)));
    }
}
