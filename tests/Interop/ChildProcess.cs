// A program as a child: bounded in time, its output kept, ended by its process id.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace SipEmbedded.Interop.Tests;

internal sealed partial class ChildProcess : IDisposable
{
    private const int HangUp = 1;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly SemaphoreSlim _more = new(0);

    /// <param name="program">Its name or path.</param>
    /// <param name="arguments">What it is started with.</param>
    /// <param name="folder">Where it runs; null for the folder of temporary files.</param>
    /// <param name="isTold">Whether it reads commands, which <see cref="Tell"/> gives it; else its input is at its end from the beginning.</param>
    public ChildProcess(string program, IEnumerable<string> arguments, string? folder = null, bool isTold = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        if (!isTold)
            _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The program under test, as it is built for these tests.</summary>
    public static ChildProcess DoorPhone(params IEnumerable<string> arguments) => new("dotnet", [ProgramPath, .. arguments]);

    public static string ProgramPath => Path.Combine(AppContext.BaseDirectory, "doorphone.dll");

    /// <summary>Every line so far, of both outputs.</summary>
    public IReadOnlyList<string> Lines => [.. _output];

    public string Text => string.Join('\n', _output);

    public bool HasExited => _process.HasExited;

    private void Take(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        _more.Release();
    }

    /// <summary>A line for its standard input.</summary>
    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>The first line that holds <paramref name="text"/>; fails where none comes.</summary>
    public string WaitForLine(string text, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (_output.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } found)
                return found;
            if (_process.HasExited)
            {
                // Its last lines may still be on their way.
                _process.WaitForExit();
                if (_output.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } last)
                    return last;
            }
            if (_process.HasExited || clock.Elapsed > limit)
                Assert.Fail($"no line with '{text}' within {limit}:\n{Text}");
            _more.Wait(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Waits for the program's own end and gives its status; a program that does not end is killed, and the test fails.</summary>
    public int WaitForExit(TimeSpan limit)
    {
        if (_process.WaitForExit(limit))
        {
            // Without a limit it also waits for the end of the output.
            _process.WaitForExit();
            return _process.ExitCode;
        }
        _process.Kill();
        Assert.Fail($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} did not end within {limit}:\n{Text}");
        return -1;
    }

    /// <summary>Waits for a program that was asked to end, and ends it with all that it started where it does not.</summary>
    public void EndWithin(TimeSpan limit)
    {
        if (!_process.WaitForExit(limit))
            _process.Kill(entireProcessTree: true);
    }

    /// <summary>SIGTERM.</summary>
    public void AskToEnd() => _ = Kill(_process.Id, Terminate);

    /// <summary>SIGINT, as Ctrl-C sends it.</summary>
    public void AskToStop() => _ = Kill(_process.Id, Interrupt);

    /// <summary>SIGHUP.</summary>
    public void AskToReload() => _ = Kill(_process.Id, HangUp);

    /// <summary>Runs a program to its end.</summary>
    public static (int Status, string Output) Run(string program, TimeSpan limit, params IEnumerable<string> arguments)
    {
        using var child = new ChildProcess(program, arguments);
        int status = child.WaitForExit(limit);
        return (status, child.Text);
    }

    /// <summary>Octets of memory that are its own and present (Linux: RssAnon, in kibibytes).</summary>
    public long ResidentOctets
    {
        get
        {
            string line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], System.Globalization.CultureInfo.InvariantCulture) * 1024;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
        _more.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
