// Writing the items of a parameter list again, without the white space that the grammar lets stand around "=" and the separator.
namespace SipEmbedded.Text;

public static class ParameterText
{
    /// <summary>
    /// The end of the item that starts at <paramref name="start"/> in an already matched list that ends at <paramref name="stop"/>: the next
    /// <paramref name="separator"/> outside quotes, or the list's end.
    /// </summary>
    public static int EndOfItem(ReadOnlySpan<byte> text, int start, int stop, int separator)
    {
        bool quoted = false;
        for (int i = start; i < stop; i++)
        {
            byte c = text[i];
            if (c == '"')
                quoted = !quoted;
            else if (quoted && c == '\\')
                i++;
            else if (!quoted && c == separator)
                return i;
        }
        return stop;
    }

    /// <summary>Writes <c>name</c> or <c>name=value</c> from the item between two offsets.</summary>
    public static void Write(ref ByteWriter writer, ReadOnlySpan<byte> text, int start, int end)
    {
        int equal = text[start..end].IndexOf((byte)'=');
        if (equal < 0)
        {
            writer.Write(Scan.Trimmed(text, start, end).In(text));
            return;
        }
        writer.Write(Scan.Trimmed(text, start, start + equal).In(text));
        writer.Write((byte)'=');
        writer.Write(Scan.Trimmed(text, start + equal + 1, end).In(text));
    }
}
