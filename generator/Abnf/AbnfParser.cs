// Parses one ABNF file into its rules, in order: recursive descent over RFC 5234 section 4 as amended by RFC 7405, one method
// a production. A fault costs the rule it stands in, never the file: parsing goes on at the next rule, and the damaged rule is
// still known by its name, so that references to it raise no second fault.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using SipEmbedded.Generator.Report;

namespace SipEmbedded.Generator.Abnf;

/// <summary><c>name = definition</c>, or with <see cref="IsAddition"/> <c>name =/ definition</c>.</summary>
/// <param name="IsBroken">True where the definition has a fault, so that no conclusion may be drawn from it.</param>
internal sealed record ParsedRule(string Name, AbnfLocation At, Node Definition, bool IsAddition, bool IsBroken);

internal sealed class AbnfParser
{
    /// <summary>Groups within groups. The RFCs stay below 10; the limit keeps a hostile file off the end of the stack.</summary>
    private const int MaxNesting = 200;

    /// <summary>The largest count in a repeat. The RFCs stay below 300; the limit leaves room to multiply nested
    /// counts.</summary>
    private const int MaxRepeat = 65_535;

    private readonly string _path;
    private readonly string _text;
    private readonly AbnfLexer _lexer;
    private readonly List<Fault> _faults;
    private AbnfToken _token;
    private AbnfToken _previous;
    private int _nesting;
    private bool _ruleIsBroken;

    private AbnfParser(string path, string text, List<Fault> faults)
    {
        _path = path;
        _text = text;
        _faults = faults;
        _lexer = new AbnfLexer(text);
    }

    /// <summary>The rules of one file in order; what is wrong with it is appended to <paramref name="faults"/>.</summary>
    public static List<ParsedRule> Parse(string path, string text, List<Fault> faults) =>
        new AbnfParser(path, text, faults).Rulelist();

    // rulelist = 1*( rule / (*c-wsp c-nl) )
    private List<ParsedRule> Rulelist()
    {
        var rules = new List<ParsedRule>();
        Advance();
        while (_token.Kind != AbnfTokenKind.EndOfFile)
        {
            Advance(); // RuleStart: the lexer opens every line sequence with it, and recovery stops only there
            if (ParseRule() is { } rule)
                rules.Add(rule);
            while (_token.Kind is not (AbnfTokenKind.RuleStart or AbnfTokenKind.EndOfFile))
                Advance();
        }

        return rules;
    }

    // rule = rulename defined-as elements c-nl
    private ParsedRule? ParseRule()
    {
        _ruleIsBroken = false;
        _nesting = 0;
        var name = _token;
        if (name.Kind != AbnfTokenKind.RuleName)
        {
            SyntaxFault("a rule starts with its name; a line that continues a rule must be indented further than the rule");
            return null;
        }

        Advance();
        var isAddition = _token.Kind == AbnfTokenKind.AddedTo;
        if (!isAddition && _token.Kind != AbnfTokenKind.DefinedAs)
        {
            SyntaxFault($"'=' or '=/' must follow the rule name '{Text(name)}'");
            return new ParsedRule(Text(name), Location(name, name), Nothing(name), IsAddition: false, IsBroken: true);
        }

        Advance();
        var definition = ParseAlternation();
        if (definition is not null && _token.Kind is not (AbnfTokenKind.RuleStart or AbnfTokenKind.EndOfFile))
        {
            SyntaxFault(_token.Kind switch
            {
                AbnfTokenKind.DefinedAs or AbnfTokenKind.AddedTo =>
                    "a second '=' in one rule; the line of a new rule must not be indented further than the rule before it",
                AbnfTokenKind.CloseGroup => "')' without a '(' before it",
                AbnfTokenKind.CloseOption => "']' without a '[' before it",
                _ => $"'{Text(_token)}' cannot stand here",
            });
        }

        return new ParsedRule(Text(name), Location(name, name), definition ?? Nothing(name), isAddition, _ruleIsBroken);
    }

    // alternation = concatenation *(*c-wsp "/" *c-wsp concatenation)
    private Node? ParseAlternation()
    {
        var first = _token;
        var node = ParseConcatenation();
        if (node is null || _token.Kind != AbnfTokenKind.Slash)
            return node;

        var alternatives = ImmutableArray.CreateBuilder<Node>();
        alternatives.Add(node);
        while (_token.Kind == AbnfTokenKind.Slash)
        {
            Advance();
            node = ParseConcatenation();
            if (node is null)
                return null;
            alternatives.Add(node);
        }

        return new Alternation(Location(first, _previous), alternatives.ToImmutable());
    }

    // concatenation = repetition *(1*c-wsp repetition)
    private Node? ParseConcatenation()
    {
        var first = _token;
        var node = ParseRepetition();
        if (node is null || !StartsRepetition(_token.Kind))
            return node;

        var elements = ImmutableArray.CreateBuilder<Node>();
        elements.Add(node);
        while (StartsRepetition(_token.Kind))
        {
            node = ParseRepetition();
            if (node is null)
                return null;
            elements.Add(node);
        }

        return new Concatenation(Location(first, _previous), elements.ToImmutable());
    }

    // repetition = [repeat] element
    // repeat     = 1*DIGIT / (*DIGIT "*" *DIGIT)
    private Node? ParseRepetition()
    {
        var first = _token;
        if (first.Kind is not (AbnfTokenKind.Digits or AbnfTokenKind.Star))
            return ParseElement();

        var min = 0;
        var max = Repetition.Unbounded;
        if (_token.Kind == AbnfTokenKind.Digits)
        {
            min = max = Count(_token);
            Advance();
        }

        if (_token.Kind == AbnfTokenKind.Star && (first.Kind == AbnfTokenKind.Star || _token.Start == _previous.End))
        {
            max = Repetition.Unbounded;
            Advance();
            if (_token.Kind == AbnfTokenKind.Digits && _token.Start == _previous.End)
            {
                max = Count(_token);
                Advance();
            }
        }

        var lastOfRepeat = _previous;
        if (StartsRepetition(_token.Kind) && _token.Start != _previous.End)
        {
            var repeat = _text.Substring(first.Start, _previous.End - first.Start);
            SyntaxFault($"the repeat '{repeat}' must stand directly before its element");
            return null;
        }

        if (_token.Kind is AbnfTokenKind.Digits or AbnfTokenKind.Star)
        {
            SyntaxFault("a repeat has the form n, n*, *m or n*m");
            return null;
        }

        if (min > max)
        {
            ValueFault(Location(first, lastOfRepeat), $"the repeat asks for at least {min} and at most {max}");
            max = min;
        }

        var element = ParseElement();
        return element is null ? null : new Repetition(Location(first, _previous), element, min, max);
    }

    // element = rulename / group / option / char-val / num-val / prose-val
    private Node? ParseElement()
    {
        var token = _token;
        switch (token.Kind)
        {
            case AbnfTokenKind.RuleName:
                Advance();
                return new Reference(Location(token, token), Text(token));
            case AbnfTokenKind.OpenGroup:
                return ParseBracketed(AbnfTokenKind.CloseGroup, "the group opened here is not closed by ')'");
            case AbnfTokenKind.OpenOption:
                var inner = ParseBracketed(AbnfTokenKind.CloseOption, "the option opened here is not closed by ']'");
                return inner is null ? null : new Repetition(Location(token, _previous), inner, 0, 1);
            case AbnfTokenKind.QuotedString:
                Advance();
                return QuotedString(token);
            case AbnfTokenKind.NumericValue:
                Advance();
                return NumericValue(token);
            case AbnfTokenKind.ProseValue:
                Advance();
                return new Prose(Location(token, token), _text.Substring(token.Start + 1, token.Length - 2));
            case AbnfTokenKind.RuleStart:
            case AbnfTokenKind.EndOfFile:
                // The next rule is the wrong place to show it: the fault is at the end of what came before.
                SyntaxFault($"an element must follow '{Text(_previous)}'", _previous);
                return null;
            default:
                SyntaxFault($"an element must stand here, not '{Text(token)}'");
                return null;
        }
    }

    // group  = "(" *c-wsp alternation *c-wsp ")"
    // option = "[" *c-wsp alternation *c-wsp "]"
    private Node? ParseBracketed(AbnfTokenKind closing, string unclosed)
    {
        var opening = _token;
        if (_nesting == MaxNesting)
        {
            SyntaxFault($"groups and options are nested deeper than {MaxNesting}");
            return null;
        }

        _nesting++;
        Advance();
        var inner = ParseAlternation();
        _nesting--;
        if (inner is null)
            return null;
        if (_token.Kind != closing)
        {
            if (_token.Kind == AbnfTokenKind.Invalid)
                SyntaxFault("");
            else
                SyntaxFault(unclosed, opening);
            return null;
        }

        Advance();
        return inner;
    }

    // char-val = case-insensitive-string / case-sensitive-string     (RFC 7405 section 2.1)
    private Literal QuotedString(AbnfToken token)
    {
        var quote = _text[token.Start] == '"' ? 0 : 2;
        var caseSensitive = quote == 2 && _text[token.Start + 1] is 's' or 'S';
        var text = _text.Substring(token.Start + quote + 1, token.Length - quote - 2);
        return new Literal(Location(token, token), text, caseSensitive);
    }

    // num-val = "%" (bin-val / dec-val / hex-val)
    // hex-val = "x" 1*HEXDIG [ 1*("." 1*HEXDIG) / ("-" 1*HEXDIG) ]
    private Node? NumericValue(AbnfToken token)
    {
        var digits = (_text[token.Start + 1] | 0x20) switch
        {
            'x' => 16,
            'd' => 10,
            _ => 2,
        };
        var octets = new List<char>();
        var separator = '\0';
        var tooLarge = false;
        var at = token.Start + 2;
        while (true)
        {
            var start = at;
            var value = 0;
            while (at < token.End && Digit(_text[at]) is var digit && digit < digits)
            {
                value = Math.Min(value * digits + digit, MaxRepeat); // saturates: beyond 255 only "too large" matters
                at++;
            }

            var part = token with { Start = start, End = at, Column = token.Column + (start - token.Start) };
            if (at == start)
            {
                var baseName = digits switch { 16 => "a hexadecimal", 10 => "a decimal", _ => "a binary" };
                if (at == token.End)
                    SyntaxFault($"{baseName} digit must follow '{Text(token)}'", token);
                else
                    SyntaxFault($"{baseName} digit must stand here, not '{_text[at]}'", part with { End = at + 1 });
                return null;
            }

            if (value > 0xFF)
            {
                var asWritten = $"%{_text[token.Start + 1]}{Text(part)}";
                ValueFault(Location(part, part), $"{asWritten} is above %xFF; grammars here are over octets");
                value = 0xFF;
                tooLarge = true;
            }

            octets.Add((char)value);
            if (at == token.End)
                break;
            if (_text[at] is not ('.' or '-') || separator == '-' || (separator == '.' && _text[at] == '-'))
            {
                var wrong = token with { Start = at, End = at + 1, Column = token.Column + (at - token.Start) };
                SyntaxFault($"'{_text[at]}' cannot stand here in the value '{Text(token)}'", wrong);
                return null;
            }

            separator = _text[at];
            at++;
        }

        var location = Location(token, token);
        if (separator == '.')
            return new Literal(location, new string(octets.ToArray()), caseSensitive: true);
        var from = (byte)octets[0];
        var to = (byte)octets[octets.Count - 1];
        if (from > to && !tooLarge)
        {
            ValueFault(location, $"the range {Text(token)} ends before it starts");
        }

        return new OctetRange(location, from, to < from ? from : to);
    }

    private int Count(AbnfToken token)
    {
        if (int.TryParse(Text(token), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= MaxRepeat)
            return count;
        ValueFault(Location(token, token), $"the repeat count {Text(token)} is above {MaxRepeat}");
        return MaxRepeat;
    }

    private static bool StartsRepetition(AbnfTokenKind kind) => kind is
        AbnfTokenKind.RuleName or AbnfTokenKind.Star or AbnfTokenKind.Digits or
        AbnfTokenKind.OpenGroup or AbnfTokenKind.OpenOption or AbnfTokenKind.QuotedString or
        AbnfTokenKind.NumericValue or AbnfTokenKind.ProseValue or AbnfTokenKind.Invalid;

    private static int Digit(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'f' => c - 'a' + 10,
        >= 'A' and <= 'F' => c - 'A' + 10,
        _ => int.MaxValue,
    };

    private void Advance()
    {
        _previous = _token;
        _token = _lexer.Next();
    }

    /// <summary>Reports a syntax error at the current token, or the lexer's own words where that is no token at all.</summary>
    private void SyntaxFault(string problem) =>
        SyntaxFault(_token.Kind == AbnfTokenKind.Invalid ? _lexer.Problem : problem, _token);

    private void SyntaxFault(string problem, AbnfToken at)
    {
        _ruleIsBroken = true;
        if (at.Length == 0)
            at = _previous;
        _faults.Add(new Fault(DiagnosticIds.SyntaxError, Location(at, at), problem));
    }

    private void ValueFault(AbnfLocation at, string problem)
    {
        _ruleIsBroken = true;
        _faults.Add(new Fault(DiagnosticIds.ValueOutOfRange, at, problem));
    }

    private Node Nothing(AbnfToken at) => new Concatenation(Location(at, at), ImmutableArray<Node>.Empty);

    private AbnfLocation Location(AbnfToken first, AbnfToken last) =>
        new(_path, first.Start, last.End - first.Start, first.Line, first.Column, last.Line, last.EndColumn);

    private string Text(AbnfToken token) => _text.Substring(token.Start, token.Length);
}
