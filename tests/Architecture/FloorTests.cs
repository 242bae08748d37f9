using Xunit;

namespace SipEmbedded.Architecture.Tests;

public class FloorTests
{
    [Fact]
    public void Every_file_uses_lower_floors_alone()
    {
        var files = Repository.Files("runtime", "*.cs").Concat(Repository.Files("device", "*.cs")).ToList();

        Assert.NotEmpty(files);
        Assert.Equal([], files.SelectMany(path => Floors.Violations(path, Repository.Read(path))));
    }

    [Fact]
    public void Every_file_declares_the_namespace_of_its_folder()
    {
        // Floors are told by namespaces, so a namespace must not lie about its folder.
        var wrong = Repository.Files("runtime", "*.cs")
            .Select(path => (Path: path, Folder: Floors.FolderOf(path), Source: Repository.Read(path)))
            .Where(file => file.Folder is not null && file.Source.Contains("\nnamespace ")
                && !file.Source.Contains($"\nnamespace SipEmbedded.{file.Folder};") && !file.Source.Contains($"\nnamespace SipEmbedded.{file.Folder}."))
            .Select(file => file.Path);

        Assert.Equal([], wrong);
    }

    [Theory]
    [InlineData("runtime/Messages/X.cs", "using SipEmbedded.Calls;", "uses Calls, which lies above Messages")]
    [InlineData("runtime/Text/X.cs", "using SipEmbedded.Messages;", "uses Messages, which lies above Text")]
    [InlineData("runtime/Memory/X.cs", "class C { SipEmbedded.Text.Slice s; }", "uses Text, which lies above Memory")]
    [InlineData("runtime/Dialogs/X.cs", "class C { int M() => SipEmbedded.Agent.Limits.Most; }", "uses Agent, which lies above Dialogs")]
    [InlineData("runtime/Agent/X.cs", "class C { int M() => global::SipEmbedded.Host.Clock.Now; }", "uses Host, which lies above Agent")]
    [InlineData("runtime/Events/X.cs", "using SipEmbedded.Calls;", "uses Calls, which lies beside Events")]
    [InlineData("runtime/Rtp/X.cs", "using SipEmbedded.Messages;", "uses Messages, which lies beside Rtp")]
    [InlineData("device/Peer/X.cs", "using SipEmbedded.Host;", "uses Host, which lies above Peer")]
    [InlineData("runtime/Host/X.cs", "using SipEmbedded.Device.Inspect;", "uses Device, which lies above Host")]
    [InlineData("runtime/Calls/X.cs", "using static SipEmbedded.Host.Clock;", "uses Host, which lies above Calls")]
    [InlineData("runtime/Calls/X.cs", "using C = SipEmbedded.Host.Clock;", "uses Host, which lies above Calls")]
    [InlineData("runtime/Elsewhere/X.cs", "class C;", "the folder 'Elsewhere' is on no floor")]
    public void Upward_and_sideways_uses_are_caught(string path, string source, string told) =>
        Assert.Contains(Floors.Violations(path, source), violation => violation.Contains(told));

    [Theory]
    [InlineData("class C { long M() => System.DateTime.UtcNow.Ticks; }")]
    [InlineData("class C { long M() => DateTime.Now.Ticks; }")]
    [InlineData("class C { int M() => Environment.TickCount; }")]
    [InlineData("class C { System.Guid M() => Guid.NewGuid(); }")]
    [InlineData("class C { int M() => new Random(1).Next(); }")]
    [InlineData("class C { int M() => Random.Shared.Next(); }")]
    [InlineData("class C { void M() => System.Threading.Thread.Sleep(1); }")]
    [InlineData("class C { async Task M() { } }")]
    [InlineData("class C { System.Threading.Tasks.Task<int> M() => null; }")]
    [InlineData("class C { System.Net.Sockets.Socket s; }")]
    [InlineData("class C { long M() => Stopwatch.GetTimestamp(); }")]
    [InlineData("class C { string M() => File.ReadAllText(\"x\"); }")]
    [InlineData("class C { void M() { lock (this) { } } }")]
    [InlineData("class C { void M() => System.Threading.Monitor.Enter(this); }")]
    [InlineData("class C { int _n; int M() => Interlocked.Increment(ref _n); }")]
    [InlineData("class C { async void M() { } }")]
    [InlineData("class C { volatile int _n; }")]
    [InlineData("class C { [ThreadStatic] static readonly int s_n; }")]
    [InlineData("class C { [System.Runtime.InteropServices.DllImport(\"c\")] static int getpid() => 0; }")]
    [InlineData("class C { static extern int getpid(); }")]
    [InlineData("class C { static int s_count; }")]
    [InlineData("class C { static int Count { get; set; } }")]
    [InlineData("class C { byte[] M(int n) => new byte[n]; }")]
    [InlineData("class C { byte[] _b = new byte[5]; }")]
    [InlineData("class C { int[] M() => new[] { 1 }; }")]
    public void Reaching_outside_is_caught_below_Host_and_allowed_there(string source)
    {
        Assert.NotEmpty(Floors.Violations("runtime/Transactions/X.cs", source));
        Assert.Empty(Floors.Violations("runtime/Host/X.cs", source));
    }

    [Theory]
    [InlineData("runtime/Calls/X.cs", "using SipEmbedded.Sdp;")]
    [InlineData("runtime/Messages/X.cs", "using SipEmbedded.Uris;")]
    [InlineData("runtime/Rtp/X.cs", "using SipEmbedded.Text;")]
    [InlineData("runtime/Transactions/X.cs", "/* Random, Calls */ class C { int Timer; string s = \"SipEmbedded.Host\"; }")]
    [InlineData("runtime/Transactions/X.cs", "class C { const int N = 1; static readonly int[] s_t = new[] { 1 }; int M() { Span<int> s = stackalloc int[N]; return s[0]; } }")]
    [InlineData("runtime/Transactions/X.cs", "class C { int Count { get; set; } static int Most => 5; int _n; }")]
    [InlineData("runtime/Memory/X.cs", "class C { byte[] M(int n) => new byte[n]; }")]
    public void Downward_uses_and_mere_words_are_not(string path, string source) => Assert.Empty(Floors.Violations(path, source));
}
