// A name server with records of the test's own: dnsmasq, on an address of its own, port 53, since a resolv.conf names no port.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace SipEmbedded.Interop.Tests.Registration;

/// <summary>Records of the domain door.test, changed by <see cref="Publish"/>. Made without records; starts with the first.</summary>
internal sealed class TestDns : IDisposable
{
    public const string Domain = "door.test";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("names-").FullName;
    private readonly string _address;
    private readonly NetworkNamespace? _network;
    private ChildProcess? _process;

    /// <param name="address">Its own: on loopback everything from 127.0.0.2 on is free.</param>
    /// <param name="network">Where it runs; null: beside the test.</param>
    public TestDns(string address, NetworkNamespace? network = null)
    {
        _address = address;
        _network = network;
        File.WriteAllText(ResolvConf, $"nameserver {address}\noptions timeout:1 attempts:2\n");
        File.WriteAllText(Hosts, "127.0.0.1 localhost\n");
    }

    /// <summary>What a resolver is to read instead of /etc/resolv.conf.</summary>
    public string ResolvConf => Path.Combine(_folder, "resolv.conf");

    /// <summary>What a resolver is to read instead of /etc/hosts.</summary>
    public string Hosts => Path.Combine(_folder, "hosts");

    /// <summary>Questions for a type of record since the last <see cref="Publish"/>.</summary>
    public int QuestionsFor(string type) => _process?.Lines.Count(line => line.Contains($": query[{type}]", StringComparison.Ordinal)) ?? 0;

    /// <summary>Why there can be no name server here, or null.</summary>
    public static string? WhyNot
    {
        get
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Parse("127.77.0.53"), 53));
                return null;
            }
            catch (SocketException failure)
            {
                return $"no name server can be had on port 53 here, which takes root: {failure.Message}";
            }
        }
    }

    public static string Address(string host, string address) => $"host-record={host}.{Domain},{address}";

    public static string Service(string protocol, string host, int port, int priority, int weight = 100) =>
        string.Create(CultureInfo.InvariantCulture, $"srv-host=_sip._{protocol}.{Domain},{host}.{Domain},{port},{priority},{weight}");

    public static string Pointer(string service, string protocol, int order) =>
        string.Create(CultureInfo.InvariantCulture, $"naptr-record={Domain},{order},50,S,{service},,_sip._{protocol}.{Domain}");

    /// <summary>Has these records and no others from now on, each good for so many seconds.</summary>
    public void Publish(int timeToLive, params string[] records)
    {
        Stop();
        string[] settings =
        [
            "port=53", $"listen-address={_address}", "bind-interfaces", "no-resolv", "no-hosts", "no-poll", "keep-in-foreground", "pid-file=",
            $"user={Environment.UserName}", "log-queries", "log-facility=-", $"local=/{Domain}/",
            string.Create(CultureInfo.InvariantCulture, $"local-ttl={timeToLive}"),
        ];
        string path = Path.Combine(_folder, "dnsmasq.conf");
        File.WriteAllLines(path, [.. settings, .. records]);
        string program = Peers.Find("dnsmasq")!;
        string[] arguments = [$"--conf-file={path}"];
        _process = _network is { } network ? network.Start(program, arguments) : new(program, arguments);
        // Its sockets are open before it says so.
        _process.WaitForLine("started, version", Limit);
    }

    /// <summary>Answers no more.</summary>
    public void Stop()
    {
        if (_process is not { } process)
            return;
        process.AskToEnd();
        process.WaitForExit(Limit);
        _process = null;
        process.Dispose();
    }

    public void Dispose()
    {
        Stop();
        Directory.Delete(_folder, recursive: true);
    }
}
