// What Wireshark makes of a capture of ours.
using Xunit;

namespace SipEmbedded.Interop.Tests;

internal static class Capture
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static string NewPath() => Path.Combine(Path.GetTempPath(), $"doorphone-{Environment.ProcessId}-{Guid.NewGuid():N}.pcap");

    /// <summary>Holds a capture to the program's own counters: nothing malformed, and every message seen as SIP.</summary>
    public static void Check(string path, Counters counters) => CheckMessages(path, counters.Messages);

    /// <summary>The same for a number of messages that is known.</summary>
    public static void CheckMessages(string path, long messages)
    {
        Assert.Equal("", Read(path, "-Y", "_ws.malformed").Trim());
        // A segment may hold several messages: one Call-ID each.
        string[] found = Read(path, "-Y", "sip", "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|", "-e", "sip.Call-ID")
            .Split(['\n', '|'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(messages, found.Length);
        File.Delete(path);
    }

    private static string Read(string path, params string[] arguments)
    {
        // What it says about itself (running as root, for one) goes to the standard error.
        (int status, string output) = ChildProcess.Run("/bin/sh", Limit, ["-c", "exec tshark \"$@\" 2>/dev/null", "tshark", "-n", "-r", path, .. arguments]);
        Assert.True(status == 0, output);
        return output;
    }
}
