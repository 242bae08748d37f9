// The native program does what the managed one does, without a warning of the trimmer or of the native compiler, and its size is known.
using System.Text.RegularExpressions;
using Xunit;

namespace SipEmbedded.Native.Tests;

public partial class NativeInspectTests(NativeProgram program) : IClassFixture<NativeProgram>
{
    // An empty program is 1.1 MB; of 7.5 MB the messages have 0.9, the rest of the library 0.7, LINQ over value types 1.5, collections 0.5, the command line 0.3;
    // the rest is JSON, files and signals.
    // Larger than this, something came in that a device need not carry: look at what before raising the limit.
    private const long MaxBytes = 8_000_000;

    private static readonly TimeSpan RunLimit = TimeSpan.FromSeconds(30);

    [NativeFact]
    public void Publish_has_no_warning()
    {
        Assert.Empty(Warning().Matches(program.PublishLog));
    }

    [Fact]
    public void A_trim_warning_would_be_seen() =>
        Assert.Single(Warning().Matches("X.cs(1,2): Trim analysis warning IL2026: Using member 'Y' … [DoorPhone.csproj]\nrestored"));

    [NativeFact]
    public void Corpus_gives_the_same_JSON_as_the_managed_build()
    {
        string[] arguments = ["inspect", "--json", .. NativeProgram.Corpus];
        var native = NativeProgram.Run(program.Executable, RunLimit, arguments);
        var managed = NativeProgram.Run("dotnet", RunLimit, [Path.Combine(AppContext.BaseDirectory, "doorphone.dll"), .. arguments]);

        Assert.Equal(0, native.Status);
        Assert.Equal(NativeProgram.Corpus.Count, native.Output.Count(c => c == '\n'));
        Assert.Equal(managed, native);
    }

    [NativeFact]
    public void Faults_and_usage_errors_are_the_same_as_in_the_managed_build()
    {
        string bad = Path.GetTempFileName();
        try
        {
            File.WriteAllText(bad, "OPTIONS sip:a@b SIP/2.0\r\nCSeq: 1 INVITE\r\nSubject: \u001b[31m\r\n\r\n");
            foreach (string[] arguments in (string[][])[["inspect", bad], ["inspect", bad, NativeProgram.Corpus[0]], ["inspect", "--nope"], ["--help"]])
            {
                var native = NativeProgram.Run(program.Executable, RunLimit, arguments);
                var managed = NativeProgram.Run("dotnet", RunLimit, [Path.Combine(AppContext.BaseDirectory, "doorphone.dll"), .. arguments]);

                Assert.Equal(managed, native);
            }
        }
        finally
        {
            File.Delete(bad);
        }
    }

    [NativeFact]
    public void Size_is_recorded_and_small()
    {
        long bytes = new FileInfo(program.Executable).Length;
        File.WriteAllText(Path.Combine(NativeProgram.Root, "artifacts", "native-size.txt"), $"doorphone linux-x64 {bytes} bytes\n");

        Assert.InRange(bytes, 1, MaxBytes);
    }

    [GeneratedRegex(@"warning\s+[A-Z]+[0-9]+:.*", RegexOptions.IgnoreCase)]
    private static partial Regex Warning();
}
