// One run of "doorphone inspect" within the process: what it printed, what it complained of, how it exited.
using System.Text;
using SipEmbedded.Device.Inspect;

namespace SipEmbedded.Device.Tests;

internal sealed record InspectRun(int Status, byte[] Octets, string Errors)
{
    public string Output => Encoding.UTF8.GetString(Octets);

    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static string Corpus(string name) => Path.Combine(AppContext.BaseDirectory, "corpus", name);

    public static IEnumerable<string> CorpusFiles => Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "corpus"), "*.sip").Order();

    /// <summary>Inspects a message given as text, in which a line break stands for CRLF.</summary>
    public static InspectRun OfText(string message, bool json = false, bool stream = false, Terminal? terminal = null, Tolerance? allow = null) =>
        OfOctets(Encoding.UTF8.GetBytes(message.ReplaceLineEndings("\r\n")), json, stream, terminal, allow);

    public static InspectRun OfOctets(
        byte[] input, bool json = false, bool stream = false, Terminal? terminal = null, Tolerance? allow = null, int pieceOctets = int.MaxValue) =>
        Of(new InspectOptions([InspectOptions.StandardInput], stream, allow ?? Tolerance.Default, json, Verbose: false),
            terminal, new PiecewiseStream(input, pieceOctets));

    public static InspectRun OfFiles(IEnumerable<string> files, bool json = false, bool verbose = false) =>
        Of(new InspectOptions([.. files], IsStream: false, Tolerance.Default, json, verbose), null, Stream.Null);

    private static InspectRun Of(InspectOptions options, Terminal? terminal, Stream input)
    {
        using var output = new MemoryStream();
        using var errors = new StringWriter { NewLine = "\n" };
        int status = Inspection.Run(options, terminal ?? Terminal.None, output, errors, () => input);
        return new(status, output.ToArray(), errors.ToString());
    }

    // A network or a pipe gives what it has, not what was asked for.
    private sealed class PiecewiseStream(byte[] octets, int pieceOctets) : MemoryStream(octets)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, pieceOctets));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, pieceOctets)]);
    }
}
