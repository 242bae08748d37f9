// --trace: what passes the sockets, in a file that Wireshark reads.
using SipEmbedded.Host;
using SipEmbedded.Memory;

namespace SipEmbedded.Device.Serving;

/// <summary>A capture that lasts as long as a command.</summary>
internal sealed class Trace : IDisposable
{
    public const string Description = "Write what is sent and received to this file (pcap; Wireshark and tshark read it), at most 1 GiB.";

    // A day of a busy device, and less than what fills a disk unnoticed.
    private const int MaxOctets = 1 << 30;

    private readonly CaptureFile _file;

    private Trace(StartGate gate, string path, int connections)
    {
        _file = new(path, isRotating: false);
        Writer = new(gate, _file, new()
        {
            Start = new SystemClock().Now, StartTime = DateTimeOffset.UtcNow, MaxOctets = MaxOctets, Connections = connections,
        });
    }

    public PcapWriter Writer { get; }

    /// <summary>Opens the file; null without a path. False, told on the standard error, where it cannot be created.</summary>
    public static bool TryOpen(StartGate gate, string? path, int connections, out Trace? trace)
    {
        trace = null;
        if (path is null)
            return true;
        try
        {
            trace = new(gate, path, connections);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"doorphone: cannot write the trace: {failure.Message}");
            return false;
        }
    }

    public void Dispose()
    {
        Writer.CloseAll();
        var counters = Writer.Counters;
        if (counters.NotWritten > 0)
            Console.Error.WriteLine($"doorphone: the trace is incomplete: {counters.NotWritten} messages were not written (the disk or the file is full).");
        _file.Dispose();
    }
}
