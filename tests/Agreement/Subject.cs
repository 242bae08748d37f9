// The generated code of one record, whatever its type: its matchers, its TryParse, its writer, and what a header tells the message
// reader. Reflection finds them once; calls go through delegates, since spans cannot be boxed.
using System.Globalization;
using System.Reflection;
using SipEmbedded.Text;

namespace SipEmbedded.Agreement;

/// <summary>The result of one match: the value where the end is not negative, and the fault where it is.</summary>
internal readonly record struct Outcome(int End, object? Value, ParseFault Fault);

internal abstract class Subject
{
    public abstract DeclaredRecord Record { get; }

    /// <summary>Reads all of the text by TryParse.</summary>
    public abstract (bool IsAccepted, object Value, ParseFault Fault) Parse(ReadOnlySpan<byte> text, uint allow);

    /// <summary>Matches the rule of that number at an offset.</summary>
    public abstract Outcome Match(int rule, ReadOnlySpan<byte> text, int offset, uint allow);

    public abstract int MatchSole(ReadOnlySpan<byte> text, int offset, uint allow);

    public abstract int MatchSeparator(ReadOnlySpan<byte> text, int offset, uint allow);

    public abstract HeaderForm Form { get; }

    /// <summary>The value written, of the text that it was read from.</summary>
    public abstract byte[] Write(object value, byte[] text);

    public static Subject Of(DeclaredRecord record) => (Subject)Activator.CreateInstance(
        (record.IsHeader ? typeof(HeaderSubject<>) : typeof(RecordSubject<>)).MakeGenericType(record.Type), record)!;

    /// <summary>The value's properties; text that they point to is taken from <paramref name="text"/>.</summary>
    public static Reading Read(DeclaredRecord record, object value, byte[] text)
    {
        var reading = new Reading();
        Read(record, value, text, "", reading);
        return reading;
    }

    private static void Read(DeclaredRecord record, object value, byte[] text, string prefix, Reading reading)
    {
        foreach (var property in record.Properties)
        {
            string name = prefix + property.Name;
            switch (property.Property.GetValue(value))
            {
                case null:
                    reading.Add(name, Reading.Absent);
                    break;
                case Slice { IsPresent: false }:
                    reading.Add(name, Reading.Absent);
                    break;
                case Slice slice:
                    reading.Add(name, text, slice.Offset, slice.End);
                    break;
                case bool flag:
                    reading.Add(name, flag ? "true" : "false");
                    break;
                case Enum number:
                    reading.Add(name, Convert.ToInt32(number, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
                    break;
                case byte or ushort or uint or ulong:
                    reading.Add(name, string.Create(CultureInfo.InvariantCulture, $"{property.Property.GetValue(value)}"));
                    break;
                case var nested:
                    var inner = Declarations.RecordOf(property.Type);
                    bool isPresent = ((Slice)property.Type.GetProperty("Extent")!.GetValue(nested)!).IsPresent;
                    reading.Add(name, isPresent ? "present" : Reading.Absent);
                    if (isPresent)
                        Read(inner, nested, text, name + ".", reading);
                    break;
            }
        }
    }
}

internal class RecordSubject<T> : Subject
    where T : struct, IRecord<T>
{
    private readonly TryParse _parse;
    private readonly Matcher[] _matchers;

    public RecordSubject(DeclaredRecord record)
    {
        Record = record;
        _parse = typeof(T).GetMethod("TryParse")!.CreateDelegate<TryParse>();
        var matchers = typeof(T).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(method => method.Name.StartsWith("Match", StringComparison.Ordinal) && method.GetParameters() is [_, _, _, { IsOut: true }]).ToList();
        // The first rule's matcher is Match; another's has the rule's name behind it.
        _matchers = [.. record.Rules.Select((rule, index) => matchers.Single(method => index == 0 ? method.Name == "Match"
            : string.Equals(method.Name, "Match" + rule.Replace("-", ""), StringComparison.OrdinalIgnoreCase)).CreateDelegate<Matcher>())];
    }

    private delegate bool TryParse(ReadOnlySpan<byte> text, out T value, out ParseFault fault, uint allow);

    private delegate int Matcher(ReadOnlySpan<byte> text, int offset, uint allow, out T value);

    public override DeclaredRecord Record { get; }

    public override HeaderForm Form => HeaderForm.Single;

    public override (bool IsAccepted, object Value, ParseFault Fault) Parse(ReadOnlySpan<byte> text, uint allow)
    {
        bool accepted = _parse(text, out var value, out var fault, allow);
        return (accepted, value, fault);
    }

    public override Outcome Match(int rule, ReadOnlySpan<byte> text, int offset, uint allow)
    {
        int end = _matchers[rule](text, offset, allow, out var value);
        return end < 0 ? new Outcome(end, null, T.FaultOf(end)) : new Outcome(end, value, default);
    }

    public override int MatchSole(ReadOnlySpan<byte> text, int offset, uint allow) => -1;

    public override int MatchSeparator(ReadOnlySpan<byte> text, int offset, uint allow) => -1;

    public override byte[] Write(object value, byte[] text)
    {
        // Separators and spaces may be spelled longer than they were read, but never twice as long with some room.
        var buffer = new byte[2 * text.Length + 256];
        var writer = new ByteWriter(buffer);
        ((T)value).Write(ref writer, text);
        return !writer.Overflowed ? writer.WrittenSpan.ToArray() : throw new InvalidOperationException($"{Record} writes more than twice its text");
    }
}

internal sealed class HeaderSubject<T>(DeclaredRecord record) : RecordSubject<T>(record)
    where T : struct, IHeader<T>
{
    public override HeaderForm Form => T.Form;

    public override int MatchSole(ReadOnlySpan<byte> text, int offset, uint allow) => T.MatchSole(text, offset, allow);

    public override int MatchSeparator(ReadOnlySpan<byte> text, int offset, uint allow) => T.MatchSeparator(text, offset, allow);
}
