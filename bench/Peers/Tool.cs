// Runs another program of the system (valgrind, nm, size, dpkg-query, gcc) and takes what it prints.

using System.Diagnostics;

namespace SipEmbedded.Bench.Peers;

internal static class Tool
{
    /// <summary>Runs to the end.</summary>
    /// <returns>Standard output, then standard error.</returns>
    /// <exception cref="InvalidOperationException">The program ended with an error; the message holds its output.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static string Run(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string printed = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode == 0
            ? printed
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{printed}");
    }
}
