// Questions: asked from a port of their own with an identifier of their own, each server in turn, until one of them answers (RFC 1035 §4.2, §7.2, RFC 5452).
//
// note [against forgers]
// Who cannot see a question must guess its identifier and its port to be heard: 32 bits, drawn anew each time that it is sent, since the port is used for nothing
// else and closed afterwards. One question is open for a name and type at a time, so there is one pair to guess. The answer must come from the server that was
// asked, and repeat the question; wrong ones are counted, and after some the question goes over a stream, which cannot be forged blindly.
using System.Buffers.Binary;
using System.Diagnostics;
using SipEmbedded.Memory;
using SipEmbedded.Transport;

namespace SipEmbedded.Resolution;

/// <summary>A question that is open.</summary>
internal struct DnsQuestion
{
    /// <summary>The entry of the cache that it is for, which stays as long as the question.</summary>
    public int Entry;

    /// <summary>The port that it was last sent from and the server, or the stream.</summary>
    public Flow Flow;

    public ushort Id;
    public byte Server;

    /// <summary>Which server's turn is first.</summary>
    public byte First;

    /// <summary>How often each server may be asked, and was: an octet a server, the first in the low one.</summary>
    public byte Attempts;

    public uint Tries;

    /// <summary>Wrong answers on this port.</summary>
    public byte Mismatches;

    public bool HasOpt;
    public bool IsOnStream;

    /// <summary>Which letters were sent in upper case (<see cref="DnsName.Mix"/>).</summary>
    public ulong CaseBits;
}

internal sealed partial class DnsClient
{
    // Ports that need no privilege.
    private const int FirstPort = 1024;
    private const int Ports = 65536 - FirstPort;

    // A port drawn twice is drawn again; three open questions out of 64,512 ports do not meet four times.
    private const int MaxDraws = 4;

    // Some answers are late ones of another question. More than these are a flood of guesses (RFC 5452 §9.2 has the sums).
    private const int MaxMismatches = 8;

    private const int BitsAServer = 8;

    // Beyond it the shortest wait is above any longest one.
    private const byte MaxDoublings = 16;

    // To connect, ask and answer: as long as a transport has to connect alone (TransportOptions.ConnectTimeout), and the answer's time.
    private static readonly TimeSpan s_streamTimeout = TimeSpan.FromSeconds(6);

    private byte _rotation;

    // Begins a question for an entry. Nothing happens where there is no slot; where there is no server it fails at once.
    private void Ask(Instant now, int entry)
    {
        if (_configuration.ServerCount == 0)
        {
            Fail(now, entry, isExhausted: false);
            return;
        }
        if (!_questions.TryAdd(out var handle))
            return;
        Counters.Questions++;
        ref var question = ref _questions[handle];
        question.Entry = entry;
        _cache[entry].Question = handle.Index + 1;
        Begin(now, ref question);
        SendNext(now, handle.Index);
    }

    private void Begin(Instant now, ref DnsQuestion question)
    {
        question.Tries = 0;
        question.First = _configuration.Rotates ? (byte)(_rotation++ % _configuration.ServerCount) : (byte)0;
        // Where all were silent just now, one round tells whether they are still.
        bool areAllDead = true;
        foreach (ref readonly var server in _configuration.Servers)
            areAllDead &= server.DeadUntil > now;
        question.Attempts = areAllDead ? (byte)1 : (byte)_configuration.Attempts;
    }

    // Other servers, or another way to them: every open question begins anew.
    private void AskAnew(Instant now)
    {
        for (int i = _questions.NextTaken(0); i >= 0; i = _questions.NextTaken(i + 1))
        {
            if (_configuration.ServerCount > 0)
                Begin(now, ref _questions.At(i));
            SendNext(now, i);
        }
        // Who waits looks again even where nothing was open.
        Ended++;
    }

    // To the next server, or the end of the question.
    private void SendNext(Instant now, int index)
    {
        LeaveFlow(index);
        ref var question = ref _questions.At(index);
        int server = NextServer(now, question);
        if (server < 0)
        {
            int entry = question.Entry;
            Counters.QuestionsFailed++;
            Free(index);
            Fail(now, entry, isExhausted: false);
            return;
        }
        question.Server = (byte)server;
        question.Tries += 1u << server * BitsAServer;
        SendDatagram(now, index);
    }

    // Of those that may be asked once more: those that answer before those that were silent, then who was asked least, then in their order.
    private int NextServer(Instant now, in DnsQuestion question)
    {
        const int Silent = 1 << BitsAServer;
        int best = -1, bestRank = int.MaxValue, count = _configuration.ServerCount;
        for (int i = 0; i < count; i++)
        {
            int server = (question.First + i) % count;
            int tries = (int)(question.Tries >> server * BitsAServer & 0xFF);
            int rank = tries + (_configuration.Servers[server].DeadUntil > now ? Silent : 0);
            if (tries < question.Attempts && rank < bestRank)
                (best, bestRank) = (server, rank);
        }
        return best;
    }

    private void SendDatagram(Instant now, int index)
    {
        ref var question = ref _questions.At(index);
        ref readonly var server = ref _configuration.Servers[question.Server];
        question.Mismatches = 0;
        Span<byte> message = stackalloc byte[DnsQuestionText.MaxOctets];
        int length = Write(ref question, message);
        for (int draws = 0; draws < MaxDraws; draws++)
        {
            var flow = new Flow(Protocol.Dns, server.Endpoint.AnyOfFamily.WithPort((ushort)(FirstPort + _entropy.Below(Ports))), server.Endpoint);
            // The own flow of before was left, so what is found is another's.
            if (Find(flow) >= 0)
                continue;
            // One that finds no room in the queue is as one that is lost on the way; it has no port.
            if (_transport.Send(now, ref flow, message[..length]) == SendResult.Sent)
            {
                Counters.DatagramsSent++;
                question.Flow = flow;
            }
            break;
        }
        _timers.Arm(index, now + _configuration.Timeout);
    }

    private int Write(ref DnsQuestion question, Span<byte> message)
    {
        ref readonly var entry = ref _cache[question.Entry];
        Span<byte> name = stackalloc byte[ResolverLimits.MaxNameOctets];
        var plain = _cache.NameOf(entry);
        plain.CopyTo(name);
        question.CaseBits = _options.MixesCase ? _entropy.Next() : 0;
        DnsName.Mix(name[..plain.Length], question.CaseBits);
        question.Id = (ushort)_entropy.Below(ushort.MaxValue + 1);
        question.HasOpt = !_configuration.Servers[question.Server].IsWithoutEdns;
        return DnsQuestionText.Write(message, question.Id, name[..plain.Length], entry.Type, question.HasOpt);
    }

    private int Find(in Flow flow)
    {
        for (int i = _questions.NextTaken(0); i >= 0; i = _questions.NextTaken(i + 1))
        {
            if (_questions.At(i).Flow == flow)
                return i;
        }
        return -1;
    }

    // Gives the port back, or leaves the stream.
    private void LeaveFlow(int index)
    {
        ref var question = ref _questions.At(index);
        var flow = question.Flow;
        bool isOnStream = question.IsOnStream;
        question.Flow = default;
        question.IsOnStream = false;
        if (isOnStream)
            LeaveStream(flow.Connection);
        else if (flow.Protocol == Protocol.Dns)
            _transport.ReleasePort(flow);
    }

    private void Free(int index)
    {
        LeaveFlow(index);
        _timers.Cancel(index);
        _cache[_questions.At(index).Entry].Question = 0;
        _questions.Remove(_questions.HandleOf(index));
    }

    private void Fail(Instant now, int entry, bool isExhausted)
    {
        ref var failed = ref _cache[entry];
        failed.Failed = ++_order;
        failed.IsExhausted = isExhausted;
        failed.RetryAt = now + WaitAfterFailure(failed);
        if (failed.FailuresInRow < MaxDoublings)
            failed.FailuresInRow++;
        Ended++;
    }

    // Who has an older answer can wait.
    private TimeSpan WaitAfterFailure(in CacheEntry entry)
    {
        var wait = TimeSpan.FromTicks(_options.FailureLeast.Ticks << entry.FailuresInRow);
        return entry.Kind == AnswerKind.None && wait < _options.FailureTime ? wait : _options.FailureTime;
    }

    // ---- Inputs -----------------------------------------------------------------------------------------------------------------

    /// <summary>Takes one question whose time is up; false where there is none.</summary>
    public bool HandleTimeout(Instant now)
    {
        if (!_timers.TryPop(now, out int index))
            return false;
        Counters.TimedOut++;
        MarkSilent(now, index);
        SendNext(now, index);
        return true;
    }

    private void MarkSilent(Instant now, int index) => _configuration.Servers[_questions.At(index).Server].DeadUntil = now + _options.FailureTime;

    /// <summary>A question did not reach its server, or found no port.</summary>
    public void Undelivered(Instant now, in Flow flow, TransportFault fault)
    {
        int index = Find(flow);
        if (index < 0)
            return;
        Counters.Undelivered++;
        if (fault is TransportFault.Refused or TransportFault.Unreachable)
            MarkSilent(now, index);
        SendNext(now, index);
    }

    /// <summary>A datagram on a flow that a question was, or was not, sent on.</summary>
    public void HandleDatagram(Instant now, in Flow flow, ReadOnlySpan<byte> datagram)
    {
        Counters.Received++;
        int index = Find(flow);
        if (index < 0)
            Counters.Strays++;
        else if (!TryTake(now, index, datagram) && _questions.At(index).Mismatches >= MaxMismatches)
            AskOnStream(now, index);
    }

    // False where the message is none for the question, which is as before.
    private bool TryTake(Instant now, int index, ReadOnlySpan<byte> message)
    {
        ref var question = ref _questions.At(index);
        if (!DnsReader.TryBegin(message, out var reader) || !reader.IsAnswer)
        {
            Counters.Malformed++;
            question.Mismatches++;
            return false;
        }
        if (reader.Id != question.Id)
        {
            Counters.WrongId++;
            question.Mismatches++;
            return false;
        }
        // Who does not know EDNS may not even repeat the question.
        bool isBareRefusal = reader is { Questions: 0, Code: DnsCode.FormatError };
        if (!isBareRefusal && !Repeats(ref reader, question))
        {
            Counters.WrongQuestion++;
            question.Mismatches++;
            return false;
        }
        ref var server = ref _configuration.Servers[question.Server];
        server.DeadUntil = now;
        bool isOfName = reader.Code is DnsCode.NoError or DnsCode.NoSuchName;
        if (question.HasOpt && (reader.Code == DnsCode.FormatError || reader.Code == DnsCode.NotImplemented))
        {
            Counters.WithoutEdns++;
            server.IsWithoutEdns = true;
            SendAgain(now, index);
        }
        else if (!isOfName)
        {
            Counters.ServerFailures++;
            SendNext(now, index);
        }
        else if (reader.IsTruncated && !question.IsOnStream)
        {
            Counters.Truncated++;
            AskOnStream(now, index);
        }
        else if (reader.IsTruncated || !TryEnd(now, index, reader))
        {
            Counters.Malformed++;
            SendNext(now, index);
        }
        else
            Counters.Answers++;
        return true;
    }

    // To the same server.
    private void SendAgain(Instant now, int index)
    {
        LeaveFlow(index);
        SendDatagram(now, index);
    }

    private bool Repeats(ref DnsReader reader, in DnsQuestion question)
    {
        Span<byte> name = stackalloc byte[ResolverLimits.MaxNameOctets], asked = stackalloc byte[ResolverLimits.MaxNameOctets];
        if (reader.Questions != 1 || !reader.TryReadQuestion(name, out int length, out var type, out ushort @class))
            return false;
        ref readonly var entry = ref _cache[question.Entry];
        var plain = _cache.NameOf(entry);
        if (type != entry.Type || @class != DnsReader.Internet || !DnsName.AreEqual(name[..length], plain))
            return false;
        if (!_options.MixesCase)
            return true;
        plain.CopyTo(asked);
        DnsName.Mix(asked[..plain.Length], question.CaseBits);
        return asked[..plain.Length].SequenceEqual(name[..length]);
    }

    // The answer is kept, and the question ends; false where it is broken.
    private bool TryEnd(Instant now, int index, in DnsReader reader)
    {
        int entry = _questions.At(index).Entry;
        if (!AnswerReading.TryRead(reader, _cache.NameOf(_cache[entry]), _cache[entry].Type, _records, out var answer))
            return false;
        Counters.RecordsDropped += answer.Dropped;
        if (answer.IsRing)
            Counters.AliasRings++;
        bool isNegative = answer.Kind is AnswerKind.NoData or AnswerKind.NoName;
        var longest = isNegative ? _options.MaxNegativeTimeToLive : _options.MaxTimeToLive;
        var timeToLive = isNegative && !answer.HasTimeToLive ? _options.NegativeTimeWithoutSoa : TimeSpan.FromSeconds(answer.TimeToLive);
        var expires = now + (timeToLive < longest ? timeToLive : longest);
        // While the question is open its entry cannot give way to its own answer.
        bool isKept = _cache.TryStore(entry, answer, _records.AsSpan(0, answer.Octets), expires, ++_order);
        Free(index);
        if (isKept)
            Ended++;
        else
            Fail(now, entry, isExhausted: true);
        return true;
    }
}
