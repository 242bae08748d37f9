// A byte stream as a SIP element receives it over TCP (RFC 3261 §18.3): messages framed by Content-Length, keep-alives between them
// (RFC 5626 §4.4.1). It is read piece by piece, and each message is handed on as soon as it is whole.
//
// note [pings and pongs in a recording]
// A recording does not say who opened the stream, and the framer must know it. So it is told that the peer did, which makes a double CRLF a
// ping; the single CRLF that it then takes for an empty line before a message is shown as the pong that it is in the other direction.
using SipEmbedded.Messages;

namespace SipEmbedded.Device.Inspect;

internal sealed class StreamInspection(string source, Tolerance allow, MessageInspector inspector, Action<InspectedMessage> add)
{
    private readonly byte[] _buffer = new byte[StreamFramer.MaxMessageOctets];
    private StreamFramer _framer = new(StreamSide.Accepted, allow.Sip);
    private int _held;
    private long _offset;
    private long _line = 1;

    /// <summary>Reads to the stream's end, or to where it cannot be framed any further.</summary>
    public void Read(Stream input)
    {
        while (true)
        {
            // The framer asks for more only below its limits, which are the buffer's.
            int length = input.Read(_buffer, _held, _buffer.Length - _held);
            if (length == 0)
                break;
            _held += length;
            if (!TakeAll())
                return;
        }
        if (IsLineEnds(_held))
            AddKeepAlive(InspectedKind.Pong, _held);
        else if (_held > 0)
            AddMessage(_held);
    }

    private bool TakeAll()
    {
        while (_held > 0)
        {
            switch (_framer.Next(_buffer.AsSpan(0, _held), out int consumed))
            {
                case StreamInput.NeedMore:
                    return true;
                case StreamInput.Message:
                    AddMessage(consumed);
                    break;
                case StreamInput.Ping:
                    AddKeepAlive(InspectedKind.Ping, consumed);
                    break;
                case StreamInput.Pong:
                    AddKeepAlive(InspectedKind.Pong, consumed);
                    break;
                case StreamInput.Fault:
                    AddMessage(_held);
                    return false;
            }
        }
        return true;
    }

    private void AddMessage(int length)
    {
        // See note [pings and pongs in a recording].
        int leading = _buffer.AsSpan(0, length).IndexOfAnyExcept((byte)'\r', (byte)'\n');
        if (leading > 0)
        {
            AddKeepAlive(InspectedKind.Pong, leading);
            length -= leading;
        }
        // The message that is handed on outlives the buffer's content.
        var message = inspector.Inspect(source, _buffer.AsSpan(0, length).ToArray(), Framing.Stream, _offset, _line);
        if (_framer.Fault is { IsFault: true } fault && message.Faults.Count == 0)
            message.Faults.Add(MessageInspector.Locate(_buffer.AsMemory(0, length), fault, leading, _offset, _line));
        add(message);
        Consume(length);
    }

    private void AddKeepAlive(InspectedKind kind, int length)
    {
        add(new InspectedMessage { Source = source, Kind = kind, Offset = _offset, Length = length });
        Consume(length);
    }

    private bool IsLineEnds(int length) => length > 0 && _buffer.AsSpan(0, length).IndexOfAnyExcept((byte)'\r', (byte)'\n') < 0;

    private void Consume(int length)
    {
        _line += _buffer.AsSpan(0, length).Count((byte)'\n');
        _offset += length;
        _held -= length;
        _buffer.AsSpan(length, _held).CopyTo(_buffer);
    }
}
