// Reads, writes and dispatches package manifests; it prints what the test expects.
using System.Text;
using SipEmbedded.Memory;
using SipEmbedded.Text;

namespace Packages;

[StartUp(Because = "it prints what the rest found")]
public static class Demonstration
{
    private static readonly StringBuilder s_log = new();

    public static string Run()
    {
        Read("INSTALL libfoo 1.20.3-rc.1");
        Read("UPGRADE libfoo 1.2.3");
        Read("REMOVE  libfoo   1.2.3");
        Read("REMOVE  libfoo   1.2.3", Tolerance.AlignedColumns);
        Read("INSTALL libfoo 1000.0.0");
        Read("INSTALL libfoo 1.256.0");
        Read("INSTALL libfoo 1.0.256");
        Read("INSTALL libfoo 1.0");
        Line("Depends", "libbar 2.0.1 ;optional; MIRROR=eu.1;level=7 , libc 6.0.0");
        Line("D", "libbar 2.0.1;level=x");
        Line("Priority", "0.25");
        Line("Priority", "0.2500");
        var counts = new Counts();
        foreach (string word in new[] { "INSTALL", "REMOVE", "HOLD", "install", "PURGE" })
        {
            Request.TryParse("INSTALL a 3.0.0"u8, out var request, out _);
            var outcome = Machine.Dispatch(Encoding.ASCII.GetBytes(word), ref counts, request, out bool result);
            Log($"{word}: {outcome} {result}");
        }
        Log($"{counts.Installed} installed, {counts.Removed} removed, Allow: {Encoding.ASCII.GetString(Machine.Allow)}");
        return s_log.ToString();
    }

    private static void Read(string line, Tolerance allow = 0)
    {
        byte[] text = Encoding.ASCII.GetBytes(line);
        if (!Request.TryParse(text, out var value, out var fault, (uint)allow))
        {
            Log($"{line}: {fault.Kind} at {fault.Offset} in {fault.Rule}");
            return;
        }
        var writer = new ByteWriter(new byte[100]);
        value.Write(ref writer, text);
        Log($"{line}: {value.Command} {Of(value.CommandText, text)} {Of(value.Package, text)} {value.Version.Major} {value.Version.Minor} "
            + $"{value.Version.Patch} {Of(value.Version.PreRelease, text)} > {Encoding.ASCII.GetString(writer.WrittenSpan)}");
    }

    private static void Line(string name, string line)
    {
        byte[] head = Encoding.ASCII.GetBytes(name), text = Encoding.ASCII.GetBytes(line);
        var field = Fields.Parse(head, 0, head.Length);
        int end = Fields.Match(field, text, 0, text.Length, default);
        Log($"{name}: {field} {Fields.FormOf(field)} {(end == text.Length ? "read" : Fields.FaultOf(field, end).Rule)}");
        if (field == Field.Priority && Priority.TryParse(text, out var priority, out _))
            Log($"  {priority.Weight}");
        for (int at = 0; field == Field.Depends && at >= 0;)
        {
            int stop = HeaderValues.Next(text, at, text.Length, default, out Depends value, out at);
            if (stop < 0)
                break;
            var writer = new ByteWriter(new byte[100]);
            value.Write(ref writer, text);
            Log($"  {Of(value.Package, text)} {value.Version.Major} level {value.Level} optional {value.IsOptional} mirror {Of(value.Mirror, text)} "
                + $"> {Encoding.ASCII.GetString(writer.WrittenSpan)}");
        }
    }

    private static string Of(Slice slice, byte[] text) => slice.IsPresent ? Encoding.ASCII.GetString(slice.In(text)) : "-";

    private static void Log(string line) => s_log.Append(line).Append('\n');
}
