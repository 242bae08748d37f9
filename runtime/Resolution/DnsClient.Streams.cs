// Questions over TCP (RFC 1035 §4.2.2, RFC 7766): each message behind its length in two octets. For answers that a datagram does not hold, and against floods of
// forged ones. Several questions share the stream to one server; it is closed when the last of them has ended.
using System.Buffers.Binary;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

internal sealed partial class DnsClient
{
    private const int LengthOctets = 2;

    private struct Stream
    {
        // default where the slot is free.
        public Handle<Connection> Connection;

        // Octets that arrived of a message that is not whole.
        public int Held;
    }

    private int StreamOctets => LengthOctets + Math.Clamp(_options.StreamAnswerOctets, DnsReader.HeaderOctets, ushort.MaxValue);

    // The same question to the same server; where there is no room for a stream, the next server.
    private void AskOnStream(Instant now, int index)
    {
        LeaveFlow(index);
        ref var question = ref _questions.At(index);
        ref readonly var server = ref _configuration.Servers[question.Server];
        Span<byte> message = stackalloc byte[LengthOctets + DnsQuestionText.MaxOctets];
        int length = Write(ref question, message[LengthOctets..]);
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)length);
        var flow = new Flow(Protocol.DnsStream, server.Endpoint.AnyOfFamily, server.Endpoint);
        if (!TryFindStream(server.Endpoint, out int stream) || _transport.Send(now, ref flow, message[..(LengthOctets + length)]) != SendResult.Sent)
        {
            Counters.StreamsRefused++;
            SendNext(now, index);
            return;
        }
        if (_streams[stream].Connection != flow.Connection)
            _streams[stream] = new() { Connection = flow.Connection };
        Counters.StreamQuestionsSent++;
        question.Flow = flow;
        question.IsOnStream = true;
        _timers.Arm(index, now + s_streamTimeout);
    }

    // The stream that leads there, else a free slot for one.
    private bool TryFindStream(in IpEndpoint server, out int stream)
    {
        stream = -1;
        for (int i = 0; i < _streams.Length; i++)
        {
            var connection = _streams[i].Connection;
            if (!_transport.IsLive(connection))
                stream = i;
            else if (_transport.FlowOf(connection).Remote == server)
            {
                stream = i;
                return true;
            }
        }
        return stream >= 0;
    }

    private int StreamOf(Handle<Connection> connection)
    {
        for (int i = 0; i < _streams.Length; i++)
        {
            if (connection.IsSome && _streams[i].Connection == connection)
                return i;
        }
        return -1;
    }

    // A question has left it; the last one closes it.
    private void LeaveStream(Handle<Connection> connection)
    {
        int stream = StreamOf(connection);
        if (stream < 0 || QuestionOn(connection, id: null) >= 0)
            return;
        _streams[stream] = default;
        _transport.Close(connection);
    }

    // A question on a stream, by its identifier or any.
    private int QuestionOn(Handle<Connection> connection, ushort? id)
    {
        for (int i = _questions.NextTaken(0); i >= 0; i = _questions.NextTaken(i + 1))
        {
            ref readonly var question = ref _questions.At(i);
            if (question.IsOnStream && question.Flow.Connection == connection && (id is not { } wanted || question.Id == wanted))
                return i;
        }
        return -1;
    }

    /// <summary>Octets of a stream; those of one that is left are passed over.</summary>
    public void HandleStreamBytes(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> octets)
    {
        int stream = StreamOf(connection);
        if (stream < 0)
        {
            // In a piece of unknown length stands some message, or none: one input, counted once.
            Counters.Received++;
            Counters.Strays++;
            return;
        }
        var held = _streamOctets.AsSpan(stream * StreamOctets, StreamOctets);
        // An answer may end the last question, and with it the stream.
        while (!octets.IsEmpty && StreamOf(connection) == stream)
        {
            ref int count = ref _streams[stream].Held;
            int wanted = LengthOctets;
            if (count >= LengthOctets)
            {
                wanted += BinaryPrimitives.ReadUInt16BigEndian(held);
                if (wanted > held.Length || wanted < LengthOctets + DnsReader.HeaderOctets)
                {
                    Break(now, connection);
                    return;
                }
            }
            int taken = Math.Min(wanted - count, octets.Length);
            octets[..taken].CopyTo(held[count..]);
            octets = octets[taken..];
            count += taken;
            if (count == wanted && wanted > LengthOctets)
            {
                count = 0;
                TakeFrom(now, connection, held[LengthOctets..wanted]);
            }
        }
    }

    private void TakeFrom(Instant now, Handle<Connection> connection, ReadOnlySpan<byte> message)
    {
        Counters.Received++;
        int index = DnsReader.TryBegin(message, out var reader) ? QuestionOn(connection, reader.Id) : -1;
        if (index < 0)
            Counters.Strays++;
        else
            TryTake(now, index, message);
    }

    // What comes is no stream of answers.
    private void Break(Instant now, Handle<Connection> connection)
    {
        Counters.Received++;
        Counters.Malformed++;
        Counters.StreamsBroken++;
        _transport.Close(connection);
        ConnectionEnded(now, connection);
    }

    /// <summary>A stream ended, was never opened, or is closed: its questions go to the next server.</summary>
    public void ConnectionEnded(Instant now, Handle<Connection> connection)
    {
        int stream = StreamOf(connection);
        if (stream < 0)
            return;
        _streams[stream] = default;
        while (QuestionOn(connection, id: null) is >= 0 and var index)
            SendNext(now, index);
    }
}
