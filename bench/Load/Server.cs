// A server under load: a child process on its own processor.

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SipEmbedded.Bench.Load;

internal sealed class Server : IDisposable
{
    // sipp and the native programs bind within some 100 ms; memory for 400,000 transactions takes no longer, since nobody touches it.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    public Server(Layout layout, Contender contender, Processors processors)
    {
        Port = FreePort();
        // The log takes what it prints; a pipe would have to be read.
        ProcessStartInfo start = new("/bin/sh", [
            "-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", layout.LogOf(contender.Name.Replace(' ', '-')),
            "taskset", "--cpu-list", $"{processors.Server}", contender.Program, .. contender.ArgumentsFor(Port),
        ]);
        start.Environment["TERM"] = "dumb";
        _process = Process.Start(start)!;
        var began = Stopwatch.StartNew();
        while (!IsBound(Port))
        {
            if (_process.HasExited || began.Elapsed > s_patience)
            {
                Dispose();
                throw new InvalidOperationException($"{contender.Name} does not serve; see {layout.LogOf(contender.Name.Replace(' ', '-'))}.");
            }
            Thread.Sleep(20);
        }
    }

    public int Port { get; }

    public int Id => _process.Id;

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    // The second column is "address:port" in hexadecimal (proc(5)).
    private static bool IsBound(int port)
    {
        string suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines("/proc/net/udp").Skip(1)
            .Any(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1].EndsWith(suffix, StringComparison.Ordinal));
    }
}

/// <summary>Who runs where: the server has a processor to itself, as far as the system lets it.</summary>
internal readonly record struct Processors(int Generator, int Server)
{
    public static Processors Choose() => Environment.ProcessorCount >= 2
        ? new(Environment.ProcessorCount - 2, Environment.ProcessorCount - 1)
        : throw new InvalidOperationException("The generator and the server need a processor each; this machine has one.");
}
