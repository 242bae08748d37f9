// Writes indented C#.
using System.Text;

namespace SipEmbedded.Generator.Emit;

internal sealed class CodeWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public CodeWriter Line(string line = "")
    {
        if (line.Length != 0)
            _text.Append(' ', _depth * 4).Append(line);
        _text.Append('\n');
        return this;
    }

    /// <summary>An opening brace on its own line.</summary>
    public CodeWriter Open(string? head = null)
    {
        if (head is not null)
            Line(head);
        Line("{");
        _depth++;
        return this;
    }

    public CodeWriter Close(string tail = "")
    {
        _depth--;
        return Line("}" + tail);
    }

    /// <summary>One indented statement under a head: <c>if (x)</c> and its line.</summary>
    public CodeWriter Then(string head, string statement)
    {
        Line(head);
        _depth++;
        Line(statement);
        _depth--;
        return this;
    }

    /// <summary>Several lines of text at this depth.</summary>
    public CodeWriter Block(string lines)
    {
        foreach (var line in lines.Replace("\r", "").Split('\n'))
            Line(line);
        return this;
    }

    /// <summary>A label, one level out.</summary>
    public CodeWriter Label(string name)
    {
        _text.Append(' ', (_depth > 0 ? _depth - 1 : 0) * 4).Append(name).Append(":\n");
        return this;
    }

    public override string ToString() => _text.ToString();
}
