// A handler that says what a test wrote down for each place, and notes what it is told.
using System.Text;
using SipEmbedded.Negotiation;
using SipEmbedded.Text;

namespace SipEmbedded.Tests.Negotiation;

internal sealed class ScriptedHandler : IStreamHandler
{
    /// <summary>A media section for each place; null is not mine, an empty one refuses.</summary>
    public List<string?> Sections { get; set; } = [];

    /// <summary>Given where a stream is not handled.</summary>
    public WarningCode Cause { get; set; } = WarningCode.IncompatibleMediaFormat;

    /// <summary>Gives every negotiation up.</summary>
    public bool Fails { get; set; }

    /// <summary>What it says to streams of answers.</summary>
    public StreamOutcome OfAnswers { get; set; } = StreamOutcome.Handled;

    /// <summary>What it was told, oldest first.</summary>
    public List<string> Told { get; } = [];

    public StreamOutcome TakeOffer(in StreamContext session, in StreamView stream, ref ByteWriter answer, ref WarningCode cause)
    {
        cause = Cause;
        return Write(stream.Index, ref answer);
    }

    public StreamOutcome WriteOffer(in StreamContext session, in StreamView stream, ref ByteWriter offer) => Write(stream.Index, ref offer);

    public void WriteCapabilities(in StreamContext context, ref ByteWriter text)
    {
        foreach (string? section in Sections)
            text.Write(Encoding.UTF8.GetBytes(Party.Lines(section ?? "")));
    }

    public StreamOutcome TakeAnswer(in StreamContext session, in StreamView stream) => Fails ? StreamOutcome.Failed : OfAnswers;

    public void Agreed(in StreamContext session, in StreamView stream) =>
        Told.Add($"agreed {stream.Index}: {FirstLine(stream.Local.Text, stream.Local.Section)} / {FirstLine(stream.Remote.Text, stream.Remote.Section)}");

    public void Removed(in StreamContext session, int stream) => Told.Add($"removed {stream}");

    public void RolledBack(in StreamContext session) => Told.Add("rolled back");

    public void Ended(in StreamContext session) => Told.Add($"ended {session.Session}");

    private StreamOutcome Write(int place, ref ByteWriter writer)
    {
        if (Fails)
            return StreamOutcome.Failed;
        if (place >= Sections.Count || Sections[place] is not { } section)
            return StreamOutcome.NotMine;
        if (section.Length == 0)
            return StreamOutcome.Refused;
        writer.Write(Encoding.UTF8.GetBytes(Party.Lines(section)));
        return StreamOutcome.Handled;
    }

    private static string FirstLine(ReadOnlySpan<byte> text, Slice section)
    {
        string lines = Encoding.UTF8.GetString(section.In(text));
        return lines[..lines.IndexOf('\r')];
    }
}
