// The doorphone program compiled ahead of time, as it goes to a device: published once for all tests of this project.
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Xunit;

namespace SipEmbedded.Native.Tests;

public sealed partial class NativeProgram
{
    // A publish takes about a minute and a half on two slow cores that others use too.
    private static readonly TimeSpan PublishLimit = TimeSpan.FromMinutes(8);

    // What the C linker may be; the first that is there is taken.
    private static readonly string[] Linkers = ["gcc", "clang"];

    private static readonly Lazy<string?> Reason = new(FindReason);

    public NativeProgram()
    {
        Executable = Path.Combine(Folder, "program", "doorphone");
        (int status, string output, string errors) = Run("dotnet", PublishLimit, ["publish", .. Arguments, "-o", Path.Combine(Folder, "program")]);
        PublishLog = output + errors;
        Assert.True(status == 0, "The native publish failed:\n" + PublishLog);
    }

    /// <summary>Why there can be no native program on this machine, or null.</summary>
    public static string? WhyNot => Reason.Value;

    public string Executable { get; }

    /// <summary>All that the publish said.</summary>
    public string PublishLog { get; }

    // Kept apart from other builds of the same projects, which may run at the same time.
    private static string Folder => Path.Combine(Root, "artifacts", "native");

    private static string Framework => typeof(NativeProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "NativeFramework").Value!;

    private static string[] Arguments =>
    [
        Path.Combine(Root, "device", "DoorPhone.csproj"), "-c", "Release", "-f", Framework, "-r", "linux-x64",
        "-p:CppCompilerAndLinker=" + Linkers.First(IsThere), "-p:IlcInstructionSet=x86-x64-v2", "--artifacts-path", Folder, "-v", "minimal",
        "-nodeReuse:false", "-tl:off",
    ];

    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<string> Corpus { get; } =
        [.. Directory.GetFiles(Path.Combine(Root, "bench", "corpus"), "*.sip").Order(StringComparer.Ordinal)];

    /// <summary>Runs a program to its end; the result is its status, its output and its complaints.</summary>
    public static (int Status, string Output, string Errors) Run(string program, TimeSpan limit, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Root,
        };
        // What a test run sets for itself is not for the programs that it starts.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} did not end within {limit}.");
        }
        return (process.ExitCode, output.Result, errors.Result);
    }

    private static string? FindReason()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return "the native program is compiled on Linux x64";
        if (!Linkers.Any(IsThere))
            return "neither gcc nor clang is here to link with (apt-get install gcc libc6-dev)";
        string project = Arguments[0];
        (int status, string output, _) = Run("dotnet", PublishLimit,
            ["restore", project, "-r", "linux-x64", "--artifacts-path", Folder, "-v", "minimal", "-nodeReuse:false", "-tl:off"]);
        // A package that is not to be had is a lack of this machine; anything else is for the publish to fail with.
        return status != 0 && PackageMissing().IsMatch(output) ? $"the native compiler's package for {Framework} cannot be restored here" : null;
    }

    private static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    // NuGet's errors for a package or a version that no source has, and for a source that does not answer.
    [GeneratedRegex("NU1101|NU1102|NU1103|NU1301")]
    private static partial Regex PackageMissing();

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SipEmbedded.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("These tests publish from the sources: run them inside the repository.");
        return folder.FullName;
    }
}

/// <summary>A test that needs the native program; skipped, with the reason, where it cannot be made.</summary>
public sealed class NativeFactAttribute : FactAttribute
{
    public NativeFactAttribute() => Skip = NativeProgram.WhyNot;
}
