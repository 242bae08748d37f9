// The texts of resolv.conf and hosts: handed in at the beginning, and again when they say something else.
using SipEmbedded.Transport;
using Xunit;
using static SipEmbedded.Host.Tests.RunningHost;

namespace SipEmbedded.Host.Tests;

public sealed class ResolverFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("resolver-files").FullName;

    private string Configuration => Path.Combine(_folder, "resolv.conf");

    private string Hosts => Path.Combine(_folder, "hosts");

    private RunningHost Start() => new(
        new() { WritesTexts = true }, new() { Udp = [IpEndpoint.Loopback(0)], ResolverConfigurationPath = Configuration, HostsPath = Hosts, WatchesNetwork = false });

    // As whoever writes such a file should: whole at once.
    private void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }

    [Fact]
    public void Texts_are_handed_in_at_the_beginning_and_when_they_change()
    {
        Replace(Configuration, "nameserver 192.0.2.53\n");
        Replace(Hosts, "192.0.2.1 door\n");
        using var host = Start();
        host.UntilTold("hosts 15 192.0.2.1 door");
        Assert.Equal(["resolver 22 nameserver 192.0.2.53", "hosts 15 192.0.2.1 door"], host.Engine.Log!);

        Replace(Configuration, "nameserver 192.0.2.54\n");
        host.UntilTold("resolver 22 nameserver 192.0.2.54");
        // The same again is no news, and nothing was said of the other.
        Replace(Hosts, "192.0.2.1 door\n");
        Replace(Configuration, "nameserver 192.0.2.55\n");
        host.UntilTold("resolver 22 nameserver 192.0.2.55");
        Assert.Equal(4, host.Engine.Log!.Count);
        Assert.Equal(4, host.Counters.ResolverFileChanges);
    }

    [Fact]
    public void A_file_that_is_not_there_is_as_an_empty_one()
    {
        using var host = Start();
        host.UntilTold("hosts 0");
        Assert.Equal(["resolver 0", "hosts 0"], host.Engine.Log!);

        Replace(Hosts, "192.0.2.1 door\n");
        host.UntilTold("hosts 15 192.0.2.1 door");
        File.Delete(Hosts);
        Until(() => host.Engine.Log!.Count == 4, "it is told as empty");
        Assert.Equal("hosts 0", host.Engine.Log!.Last());
        Assert.Equal(0, host.Counters.ResolverFileFailures);
    }

    [Fact]
    public void What_cannot_be_read_changes_nothing_and_is_counted()
    {
        Directory.CreateDirectory(Configuration);
        Replace(Hosts, "");
        using var host = Start();

        Until(() => host.Counters.ResolverFileFailures > 0, "it is counted");

        Assert.Equal(["hosts 0"], host.Engine.Log!);
    }

    [Fact]
    public void Of_a_long_file_the_whole_lines_that_fit_are_handed_in()
    {
        Replace(Configuration, string.Concat(Enumerable.Repeat("0123456789\n", 10_000)));
        Replace(Hosts, new string('x', 70_000));
        using var host = Start();

        host.UntilTold("hosts 0");

        Assert.Equal($"resolver {65_536 / 11 * 11} 0123456789\n0123456789\n0123456789\n0123456", host.Engine.Log!.First());
        Assert.True(host.Counters.ResolverFilesCut >= 2);
    }

    [Fact]
    public void Files_that_are_not_wanted_are_not_read()
    {
        var engine = new TestEngine { WritesTexts = true };
        using var host = new RunningHost(engine, new() { Udp = [IpEndpoint.Loopback(0)], ResolverConfigurationPath = "", HostsPath = "" });
        host.Do(() => { });
        host.Do(() => { });
        Assert.Empty(engine.Log!);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
