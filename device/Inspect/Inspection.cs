// Goes through the inputs: opens, frames, inspects, prints, and keeps the exit status.
using System.Text;
using SipEmbedded.Device.Inspect.Reports;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Device.Inspect;

internal sealed class Inspection(InspectOptions options, IReport report, TextWriter errors)
{
    // One octet more than a datagram can have shows that there are too many.
    private const int MaxDatagramOctets = Slice.MaxTextLength;

    private readonly MessageInspector _inspector = new(options.Allow);
    private int _status = ExitStatus.Done;

    /// <summary>Inspects with the process's own standard streams. The result is the exit status.</summary>
    public static int RunOnConsole(InspectOptions options, Terminal terminal)
    {
        // Not disposed: Run flushes it, and disposing would try once more on a pipe that is closed.
        var output = new BufferedStream(Console.OpenStandardOutput());
        var errors = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true };
        try
        {
            return Run(options, terminal, output, errors, Console.OpenStandardInput);
        }
        catch (IOException)
        {
            // The reader of the output went away (a closed pipe): nobody is left to print for.
            return ExitStatus.Usage;
        }
    }

    public static int Run(InspectOptions options, Terminal terminal, Stream output, TextWriter errors, Func<Stream> standardInput)
    {
        using var text = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        IReport report = options.Json ? new JsonReport(output)
            : options.Inputs.Count > 1 && !options.Verbose ? new VerdictReport(text, terminal)
            : new TableReport(text, terminal);
        var inspection = new Inspection(options, report, errors);
        foreach (string name in options.Inputs)
            inspection.Read(name, standardInput);
        report.Flush();
        output.Flush();
        return inspection._status;
    }

    private void Read(string name, Func<Stream> standardInput)
    {
        bool isStandardInput = name == InspectOptions.StandardInput;
        string source = isStandardInput ? "standard input" : name;
        try
        {
            using var input = isStandardInput ? standardInput() : File.OpenRead(name);
            if (options.IsStream)
                new StreamInspection(source, options.Allow, _inspector, Add).Read(input);
            else
                ReadDatagram(source, input);
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException or ArgumentException)
        {
            report.Flush();
            errors.WriteLine($"doorphone: {EscapedText.Of(source, onlyAscii: true)} cannot be read: {ReasonOf(failure, name)}");
            _status = ExitStatus.Usage;
        }
    }

    private static string ReasonOf(Exception failure, string name) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        _ when Directory.Exists(name) => "it is a directory",
        UnauthorizedAccessException => "it is not permitted",
        _ => failure.Message,
    };

    private void ReadDatagram(string source, Stream input)
    {
        byte[] octets = new byte[MaxDatagramOctets + 1];
        int length = input.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
        Add(_inspector.Inspect(source, octets.AsMemory(0, length), Framing.Datagram, 0, 1));
    }

    private void Add(InspectedMessage message)
    {
        report.Add(message);
        if (message.Faults.Count == 0)
            return;
        if (_status == ExitStatus.Done)
            _status = ExitStatus.Fault;
        report.Flush();
        foreach (var fault in message.Faults)
        {
            errors.WriteLine($"{EscapedText.Of(message.Source, onlyAscii: true)}:{fault.Offset}: {FaultText.KindOf(fault.Kind)} in {fault.Rule} "
                + $"({EscapedText.Of(fault.Place, onlyAscii: true)}): {fault.Explanation}; line {fault.LineNumber}, column {fault.Column}");
        }
    }
}
