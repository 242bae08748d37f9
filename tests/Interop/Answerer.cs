// "doorphone answer" under test: on ports of its own, with what it counted at the end.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace SipEmbedded.Interop.Tests;

/// <summary>An answering agent as a process.</summary>
internal sealed class Answerer : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    // A BYE that nobody answers takes 32 s.
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(45);

    public Answerer(params IEnumerable<string> options)
    {
        Process = ChildProcess.DoorPhone(["answer", "--listen", "127.0.0.1:0", .. options]);
        Udp = PortOf(Process.WaitForLine("listening on udp", StartLimit));
        Tcp = PortOf(Process.WaitForLine("listening on tcp", StartLimit));
    }

    public ChildProcess Process { get; }

    public int Udp { get; }

    public int Tcp { get; }

    public IPEndPoint UdpAddress => new(IPAddress.Loopback, Udp);

    public IPEndPoint TcpAddress => new(IPAddress.Loopback, Tcp);

    private static int PortOf(string line) => int.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);

    /// <summary>Ends it in order and gives its counters; one that is not there is 0.</summary>
    public Counters Stop()
    {
        Process.AskToEnd();
        return WaitForEnd();
    }

    /// <summary>The same where it has been asked to end.</summary>
    public Counters WaitForEnd()
    {
        int status = Process.WaitForExit(EndLimit);
        var counters = new Counters(Process.Lines);
        Assert.True(status == 0, $"answer ended with {status}:\n{Process.Text}");
        return counters;
    }

    /// <summary>Asks by OPTIONS over UDP until an answer comes; gives its status, 0 where none came.</summary>
    public int Ask()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return Ask(socket);
    }

    /// <summary>The same from a socket; asked again from there it is the same request, which takes no further transaction.</summary>
    public int Ask(UdpClient socket)
    {
        int port = ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
        byte[] request = Encoding.ASCII.GetBytes(Messages.Options($"z9hG4bKask{port}", port));
        socket.Client.ReceiveTimeout = 500;
        for (var end = DateTime.UtcNow + AnswerLimit; DateTime.UtcNow < end;)
        {
            socket.Send(request, UdpAddress);
            try
            {
                var from = new IPEndPoint(IPAddress.Any, 0);
                return StatusOf(socket.Receive(ref from));
            }
            catch (SocketException)
            {
                // Not yet.
            }
        }
        return 0;
    }

    /// <summary>The same over a connection.</summary>
    public int AskByTcp()
    {
        using var socket = new TcpClient();
        socket.Connect(TcpAddress);
        socket.ReceiveTimeout = (int)AnswerLimit.TotalMilliseconds;
        var stream = socket.GetStream();
        stream.Write(Encoding.ASCII.GetBytes(Messages.Options($"z9hG4bKask{Guid.NewGuid():N}", 5060, "TCP")));
        byte[] answer = new byte[4096];
        try
        {
            return StatusOf(answer.AsSpan(0, stream.Read(answer)));
        }
        catch (IOException)
        {
            return 0;
        }
    }

    public static int StatusOf(ReadOnlySpan<byte> response)
    {
        string text = Encoding.Latin1.GetString(response);
        return text.StartsWith("SIP/2.0 ", StringComparison.Ordinal) ? int.Parse(text.AsSpan(8, 3), CultureInfo.InvariantCulture) : 0;
    }

    public void Dispose() => Process.Dispose();
}

/// <summary>What the program printed at its end.</summary>
internal sealed class Counters(IEnumerable<string> lines)
{
    private readonly Dictionary<string, long> _values = lines.Select(line => line.Split(' ')).Where(words => words.Length == 2 && words[0].Contains('.'))
        .ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));

    public long this[string name] => _values.GetValueOrDefault(name);

    /// <summary>Every message that was handed in or out as one.</summary>
    public long Messages => this["transport.DatagramsReceived"] + this["transport.DatagramsSent"] + this["transport.StreamMessagesReceived"]
        + this["transport.StreamMessagesSent"];

    public override string ToString() => string.Join('\n', _values.Select(pair => $"{pair.Key} {pair.Value}"));
}
