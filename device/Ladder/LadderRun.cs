// One run of "doorphone ladder": reads the capture, writes what was asked for, keeps the exit status.
using System.Text;
using SipEmbedded.Device.Inspect;
using SipEmbedded.Device.Inspect.Reports;

namespace SipEmbedded.Device.Ladder;

/// <summary>What was asked for. <see cref="LadderRun.StandardStream"/> is a file's name for a standard stream.</summary>
/// <param name="Html">Where the page goes, or null.</param>
/// <param name="Svg">Where the picture goes, or null. The text is printed where both are.</param>
/// <param name="Call">The call to show, or null for all.</param>
internal sealed record LadderOptions(string File, string? Html, string? Svg, string? Call, bool OnlyAscii, IReadOnlyList<ParticipantName> Names);

internal sealed class LadderRun(LadderOptions options, Terminal terminal, Stream output, TextWriter errors, Func<Stream> standardInput)
{
    public const string StandardStream = "-";

    // Calls that are named where the one asked for is not there.
    private const int MaxSuggestions = 10;

    /// <summary>Runs with the process's own standard streams. The result is the exit status.</summary>
    public static int RunOnConsole(LadderOptions options, Terminal terminal)
    {
        // Not disposed: it is flushed, and disposing would try once more on a pipe that is closed.
        var output = new BufferedStream(Console.OpenStandardOutput());
        var errors = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true };
        try
        {
            return new LadderRun(options, terminal, output, errors, Console.OpenStandardInput).Run();
        }
        catch (IOException)
        {
            // The reader of the output went away (a closed pipe): nobody is left to print for.
            return ExitStatus.Usage;
        }
    }

    public int Run()
    {
        if (Read() is not { } reading)
            return ExitStatus.Usage;
        string source = options.File == StandardStream ? "standard input" : options.File;
        if (reading.Fault is { } fault)
            Complain($"{source}:{fault.Offset}: {fault.Explanation}");
        if (reading.CutPackets > 0)
            Complain($"{source}: {Number(reading.CutPackets, "packet")} of {reading.Packets} cut when captured (tcpdump -s 0 captures all of them)");
        var view = reading.Ladder.View(options.Call);
        if (reading.Messages == 0 && reading.Fault is null)
            Complain($"{source}: there is no SIP in {Number(reading.Packets, "packet")}; what TLS carries cannot be read");
        else if (options.Call is not null && view.Calls.Count == 0)
            ComplainOfCall(reading.Ladder.View());
        bool isWhole = reading.Fault is null && view.Rows.Count > 0;
        if (view.Rows.Count > 0 && !Write(view, source))
            return ExitStatus.Usage;
        return isWhole ? ExitStatus.Done : ExitStatus.Fault;
    }

    private static string Number(int count, string of) => count == 1 ? $"1 {of}" : $"{count} {of}s";

    private void Complain(string text) => errors.WriteLine(EscapedText.Of(text, onlyAscii: true));

    private void ComplainOfCall(LadderView all)
    {
        Complain($"There is no call '{options.Call}' in it; its calls are:");
        foreach (string call in all.Calls.Take(MaxSuggestions))
            Complain("  " + call);
        if (all.Calls.Count > MaxSuggestions)
            Complain($"  and {all.Calls.Count - MaxSuggestions} more");
    }

    private CaptureReading? Read()
    {
        try
        {
            using var input = options.File == StandardStream ? standardInput() : File.OpenRead(options.File);
            using var buffered = new BufferedStream(input, 1 << 16);
            return CaptureLadder.Read(buffered, options.Names);
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException or ArgumentException)
        {
            Complain($"doorphone: {options.File} cannot be read: {ReasonOf(failure, options.File)}");
            return null;
        }
    }

    private static string ReasonOf(Exception failure, string name) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        _ when Directory.Exists(name) => "it is a directory",
        UnauthorizedAccessException => "it is not permitted",
        _ => failure.Message,
    };

    private bool Write(LadderView view, string source)
    {
        if (options.Html is null && options.Svg is null)
        {
            using var text = WriterOf(output);
            LadderText.Write(text, view, terminal.Columns, terminal.IsUtf8 && !options.OnlyAscii, terminal.HasColor);
        }
        string title = "SIP messages of " + Path.GetFileName(source) + (options.Call is null ? "" : ", call " + options.Call);
        bool isWritten = TryWrite(options.Html, text => LadderPage.Write(text, view, title)) & TryWrite(options.Svg, text => LadderSvg.Write(text, view, title));
        output.Flush();
        return isWritten;
    }

    private bool TryWrite(string? name, Action<TextWriter> write)
    {
        if (name is null)
            return true;
        if (name == StandardStream)
        {
            using var text = WriterOf(output);
            write(text);
            return true;
        }
        try
        {
            using var text = WriterOf(File.Create(name), leaveOpen: false);
            write(text);
            return true;
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException or ArgumentException)
        {
            Complain($"doorphone: {name} cannot be written: {ReasonOf(failure, name)}");
            return false;
        }
    }

    private static StreamWriter WriterOf(Stream stream, bool leaveOpen = true) => new(stream, new UTF8Encoding(false), leaveOpen: leaveOpen) { NewLine = "\n" };
}
