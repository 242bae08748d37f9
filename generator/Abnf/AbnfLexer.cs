// Turns one ABNF file into tokens. It exists apart from the parser because ABNF's only layout rule lives here: a line that is
// indented no further than the rules of the file starts a rule, any other line continues one (RFC 5234 sections 2.1 and 2.2).
// Read first: RFC 5234 section 4 (the ABNF of ABNF) and RFC 7405 (%s and %i).
//
// More lenient than section 4 in layout alone, because grammars are cut out of RFCs: LF and CR end a line as CRLF does, the
// last line needs no end, all rules may be indented, elements may stand without a blank between them, and a comment may hold
// any character.
using System;

namespace SipEmbedded.Generator.Abnf;

internal enum AbnfTokenKind : byte
{
    EndOfFile,

    /// <summary>Nothing of its own: the next token is the first of a line on which a rule starts.</summary>
    RuleStart,
    RuleName,
    DefinedAs,
    AddedTo,
    Slash,
    Star,
    Digits,
    OpenGroup,
    CloseGroup,
    OpenOption,
    CloseOption,

    /// <summary><c>"..."</c> with its quotes and, where there is one, its <c>%i</c> or <c>%s</c>.</summary>
    QuotedString,

    /// <summary><c>%x..</c>, <c>%d..</c> or <c>%b..</c> with everything up to the first character that cannot belong to
    /// it.</summary>
    NumericValue,

    /// <summary><c>&lt;...&gt;</c> with its brackets.</summary>
    ProseValue,

    /// <summary>Something that is no token; <see cref="AbnfLexer.Problem"/> says in words what is wrong.</summary>
    Invalid,
}

/// <summary>A token: offsets into the text and, since no token crosses a line end, one line. All count from 0.</summary>
internal readonly record struct AbnfToken(AbnfTokenKind Kind, int Start, int End, int Line, int Column)
{
    public int Length => End - Start;
    public int EndColumn => Column + Length;
}

internal sealed class AbnfLexer
{
    private readonly string _text;
    private int _at;
    private int _line;
    private int _lineStart;
    private int _ruleIndent = -1;
    private bool _atLineStart = true;

    public AbnfLexer(string text)
    {
        _text = text;
        if (text.Length > 0 && text[0] == '\uFEFF')
            _at = 1; // a byte order mark; Roslyn keeps it out of the text, other readers may not
    }

    /// <summary>What is wrong with the <see cref="AbnfTokenKind.Invalid"/> token returned last.</summary>
    public string Problem { get; private set; } = "";

    public AbnfToken Next()
    {
        while (true)
        {
            if (_atLineStart)
            {
                _atLineStart = false;
                if (StartsRule())
                    return new AbnfToken(AbnfTokenKind.RuleStart, _at, _at, _line, _at - _lineStart);
            }

            SkipBlanksAndComment();
            if (_at >= _text.Length)
                return new AbnfToken(AbnfTokenKind.EndOfFile, _text.Length, _text.Length, _line, _text.Length - _lineStart);
            if (!TakeLineEnd())
                return Token();
        }
    }

    /// <summary>At the start of a line: moves to its first visible character and says whether a rule starts there.</summary>
    private bool StartsRule()
    {
        var lineStart = _at;
        while (_at < _text.Length && IsBlank(_text[_at]))
            _at++;
        if (_at >= _text.Length || IsLineEnd(_text[_at]) || _text[_at] == ';')
            return false;
        var indent = _at - lineStart;
        if (_ruleIndent >= 0 && indent > _ruleIndent)
            return false;
        _ruleIndent = indent;
        return true;
    }

    private void SkipBlanksAndComment()
    {
        while (_at < _text.Length && IsBlank(_text[_at]))
            _at++;
        if (_at < _text.Length && _text[_at] == ';')
        {
            while (_at < _text.Length && !IsLineEnd(_text[_at]))
                _at++;
        }
    }

    private bool TakeLineEnd()
    {
        if (!IsLineEnd(_text[_at]))
            return false;
        if (_text[_at] == '\r' && _at + 1 < _text.Length && _text[_at + 1] == '\n')
            _at++;
        _at++;
        _line++;
        _lineStart = _at;
        _atLineStart = true;
        return true;
    }

    private AbnfToken Token()
    {
        var c = _text[_at];
        if (IsAlpha(c))
        {
            var end = _at + 1;
            while (end < _text.Length && (IsAlpha(_text[end]) || IsDigit(_text[end]) || _text[end] == '-'))
                end++;
            return Take(AbnfTokenKind.RuleName, end);
        }

        if (IsDigit(c))
        {
            var end = _at + 1;
            while (end < _text.Length && IsDigit(_text[end]))
                end++;
            return Take(AbnfTokenKind.Digits, end);
        }

        switch (c)
        {
            case '=':
                return Peek(1) == '/' ? Take(AbnfTokenKind.AddedTo, _at + 2) : Take(AbnfTokenKind.DefinedAs, _at + 1);
            case '/': return Take(AbnfTokenKind.Slash, _at + 1);
            case '*': return Take(AbnfTokenKind.Star, _at + 1);
            case '(': return Take(AbnfTokenKind.OpenGroup, _at + 1);
            case ')': return Take(AbnfTokenKind.CloseGroup, _at + 1);
            case '[': return Take(AbnfTokenKind.OpenOption, _at + 1);
            case ']': return Take(AbnfTokenKind.CloseOption, _at + 1);
            case '"': return Quoted(_at);
            case '<': return ProseValue();
            case '%': return PercentValue();
            case '|': return Invalid(_at + 1, "'|' is not ABNF; alternatives are separated by '/'");
            case '#': return Invalid(_at + 1, "'#' lists are not ABNF (RFC 5234); write the list out, as in 'a *(COMMA a)'");
            default: return Invalid(_at + 1, $"the character {Describe(c)} has no meaning here");
        }
    }

    private AbnfToken Quoted(int openingQuote)
    {
        for (var at = openingQuote + 1; at < _text.Length && !IsLineEnd(_text[at]); at++)
        {
            var c = _text[at];
            if (c == '"')
                return Take(AbnfTokenKind.QuotedString, at + 1);
            if (c is < ' ' or > '~')
            {
                var problem = $"a string holds printable ASCII only, not {Describe(c)}; write other octets as %x values";
                return Invalid(at + 1, problem, at);
            }
        }

        return Invalid(EndOfLine(), "the string is not closed on its line");
    }

    private AbnfToken ProseValue()
    {
        for (var at = _at + 1; at < _text.Length && !IsLineEnd(_text[at]); at++)
        {
            if (_text[at] == '>')
                return Take(AbnfTokenKind.ProseValue, at + 1);
        }

        return Invalid(EndOfLine(), "the prose value is not closed by '>' on its line");
    }

    private AbnfToken PercentValue()
    {
        switch (Peek(1))
        {
            case 's' or 'S' or 'i' or 'I':
                return Peek(2) == '"' ? Quoted(_at + 2) : Invalid(_at + 2, "'%s' and '%i' stand directly before a quoted string");
            case 'x' or 'X' or 'd' or 'D' or 'b' or 'B':
                // Every letter, digit, dot and hyphen belongs to the value, so that the parser can say what is wrong inside it.
                var end = _at + 2;
                while (end < _text.Length && (IsAlpha(_text[end]) || IsDigit(_text[end]) || _text[end] is '.' or '-'))
                    end++;
                return Take(AbnfTokenKind.NumericValue, end);
            default:
                return Invalid(_at + 1, "'%' stands before 'x', 'd', 'b' and a number, or before 's', 'i' and a quoted string");
        }
    }

    private AbnfToken Take(AbnfTokenKind kind, int end)
    {
        var token = new AbnfToken(kind, _at, end, _line, _at - _lineStart);
        _at = end;
        return token;
    }

    private AbnfToken Invalid(int end, string problem, int? start = null)
    {
        Problem = problem;
        _at = start ?? _at;
        return Take(AbnfTokenKind.Invalid, end);
    }

    private int EndOfLine()
    {
        var end = _at;
        while (end < _text.Length && !IsLineEnd(_text[end]))
            end++;
        return end;
    }

    private char Peek(int ahead) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private static string Describe(char c) =>
        c is > ' ' and <= '~' ? $"'{c}'" : $"U+{((int)c).ToString("X4", System.Globalization.CultureInfo.InvariantCulture)}";

    private static bool IsBlank(char c) => c is ' ' or '\t';

    private static bool IsLineEnd(char c) => c is '\n' or '\r';

    private static bool IsAlpha(char c) => c is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z');

    private static bool IsDigit(char c) => c is >= '0' and <= '9';
}
