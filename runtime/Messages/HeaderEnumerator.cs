// Every value of a header, across commas and lines (RFC 3261 §7.3.1: both mean the same, in order).
using SipEmbedded.Text;

namespace SipEmbedded.Messages;

/// <summary>
/// Walks the values of a header. It stops at the first that does not match its grammar; <see cref="Fault"/> then says why. <c>foreach</c> walks a
/// copy, so who wants the fault keeps the enumerator and calls <see cref="MoveNext"/>.
/// </summary>
public ref struct HeaderEnumerator<T>
    where T : struct, IHeader<T>
{
    private readonly SipMessage _message;
    private readonly LineRules _rules;
    private int _line;
    private int _offset;
    private int _end;
    private T _current;

    internal HeaderEnumerator(SipMessage message)
    {
        _message = message;
        _rules = message.Rules;
        _line = -1;
        _offset = HeaderValues.NoMore;
    }

    public readonly T Current => _current;

    /// <summary>What ended the walk before its time.</summary>
    public ParseFault Fault { get; private set; }

    /// <summary>The line that the current value stands on; of no meaning before the first value and behind the last.</summary>
    public readonly int Line => _line;

    /// <summary>True where the current "value" is one that stands alone, such as Contact's <c>*</c>; <see cref="Current"/> is then empty.</summary>
    public bool IsSole { get; private set; }

    public readonly HeaderEnumerator<T> GetEnumerator() => this;

    public bool MoveNext()
    {
        IsSole = false;
        while (_offset < 0)
        {
            if (Fault.IsFault)
                return false;
            _line = _message.LineOf<T>(_line);
            if (_line < 0)
            {
                _line = int.MaxValue - 1;
                return false;
            }
            var header = _message.HeaderLines[_line];
            _end = header.ValueEnd;
            _offset = HeaderValues.First<T>(_message.Text, header.ValueOffset, _end, _rules, out int fault);
            if (fault < 0)
                Fault = T.FaultOf(fault);
            if (_offset >= 0 && T.MatchSole(_message.Text, _offset, _rules.Allow) == _end)
            {
                IsSole = true;
                _current = default;
                _offset = HeaderValues.NoMore;
                return true;
            }
        }
        int result = HeaderValues.Next(_message.Text, _offset, _end, _rules, out _current, out _offset);
        if (result >= 0)
            return true;
        Fault = T.FaultOf(result);
        _offset = HeaderValues.NoMore;
        return false;
    }
}
