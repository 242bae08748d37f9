// One direction of a TCP connection as a capture shows it: segments put in order (RFC 9293 §3.4), messages cut out of the stream by the project's own
// framer (RFC 3261 §18.3).
using SipEmbedded.Messages;

namespace SipEmbedded.Device.Ladder;

/// <summary>A message or keep-alive of a stream, or a complaint about what cannot be read of it.</summary>
internal readonly record struct StreamFinding(byte[]? Octets, string Complaint);

/// <summary>Takes segments and gives what they complete.</summary>
/// <param name="isFromOpener">The side that opened the connection sends it; that side pings (RFC 5626 §4.4.1).</param>
/// <param name="isKnownPort">It is on SIP's own port: also what does not look like SIP is shown.</param>
internal sealed class TcpStream(bool isFromOpener, bool isKnownPort)
{
    // Segments that wait for one before them. A capture that lost one never gets it: then the stream goes on behind the gap.
    private const int MaxWaiting = 64;

    private readonly List<(uint Sequence, byte[] Octets)> _waiting = [];
    private byte[] _buffer = [];
    private StreamFramer _framer = new(SideOf(isFromOpener));
    private int _held;
    private uint? _next;
    private bool _isSip;
    private bool _hasGap;

    /// <summary>Nothing of it is or will be read: it is not SIP, or cannot be framed any further.</summary>
    public bool IsGivenUp { get; private set; }

    private static StreamSide SideOf(bool isFromOpener) => isFromOpener ? StreamSide.Accepted : StreamSide.Opened;

    /// <summary>A SYN: the stream begins behind this number.</summary>
    public void Begin(uint sequence) => _next = unchecked(sequence + 1);

    /// <summary>Takes a segment. What it completes is added to <paramref name="found"/>.</summary>
    public void Add(uint sequence, ReadOnlySpan<byte> octets, List<StreamFinding> found)
    {
        if (IsGivenUp || octets.IsEmpty)
            return;
        // A capture that began later than the connection has no SYN of it.
        _next ??= sequence;
        if (!Take(sequence, octets, found))
        {
            _waiting.Add((sequence, octets.ToArray()));
            if (_waiting.Count > MaxWaiting)
                Skip(found);
        }
        TakeWaiting(found);
    }

    /// <summary>The connection ended, or the capture did: what waits for a gap to be filled is taken as it is, and what is left is shown.</summary>
    public void End(List<StreamFinding> found)
    {
        while (_waiting.Count > 0 && !IsGivenUp)
        {
            Skip(found);
            TakeWaiting(found);
        }
        if (_held > 0 && _isSip && !IsGivenUp)
        {
            found.Add(new(_buffer[.._held], ""));
            if (_buffer.AsSpan(0, _held).IndexOfAnyExcept((byte)'\r', (byte)'\n') >= 0)
                found.Add(new(null, "the stream ends within a message"));
        }
        GiveUp();
    }

    private void TakeWaiting(List<StreamFinding> found)
    {
        for (int i = 0; i < _waiting.Count; i++)
        {
            var (sequence, octets) = _waiting[i];
            if (!Take(sequence, octets, found))
                continue;
            // Any of those before it may have waited for this one. Giving up empties the list.
            if (!IsGivenUp)
                _waiting.RemoveAt(i);
            i = -1;
        }
    }

    // False where something before it is missing.
    private bool Take(uint sequence, ReadOnlySpan<byte> octets, List<StreamFinding> found)
    {
        // Distances in the ring of sequence numbers (RFC 9293 §3.4): negative is old.
        int ahead = unchecked((int)(sequence - _next!.Value));
        if (ahead > 0)
            return false;
        if ((long)ahead + octets.Length <= 0)
            return true;
        var fresh = octets[-ahead..];
        _next = unchecked(_next.Value + (uint)fresh.Length);
        while (!fresh.IsEmpty && !IsGivenUp)
        {
            // The framer asks for more only below its limits, which are the buffer's.
            int length = Math.Min(fresh.Length, StreamFramer.MaxMessageOctets - _held);
            if (_buffer.Length < _held + length)
                Array.Resize(ref _buffer, Math.Min(2 * (_held + length), StreamFramer.MaxMessageOctets));
            fresh[..length].CopyTo(_buffer.AsSpan(_held));
            _held += length;
            fresh = fresh[length..];
            Frame(found);
        }
        return true;
    }

    private void Skip(List<StreamFinding> found)
    {
        uint next = _next!.Value;
        int least = _waiting.Min(segment => unchecked((int)(segment.Sequence - next)));
        found.Add(new(null, $"{least} octets of the stream were not captured"));
        _next = unchecked(next + (uint)least);
        _framer = new(SideOf(isFromOpener));
        _held = 0;
        _hasGap = true;
    }

    private void Frame(List<StreamFinding> found)
    {
        if (!_isSip || _hasGap)
        {
            if (_hasGap)
                DropToStartLine();
            switch (SipTraffic.BeginsWithStartLine(_buffer.AsSpan(0, _held)))
            {
                case null when _held < SipTraffic.MaxStartLineOctets:
                    return;
                case true:
                    (_isSip, _hasGap) = (true, false);
                    break;
                default:
                    if (_hasGap)
                        return;
                    if (isKnownPort)
                        found.Add(new(null, "what the stream carries is not SIP, or is encrypted"));
                    GiveUp();
                    return;
            }
        }
        while (_held > 0)
        {
            var input = _framer.Next(_buffer.AsSpan(0, _held), out int consumed);
            if (input == StreamInput.NeedMore)
                return;
            if (input == StreamInput.Fault)
            {
                found.Add(new(_buffer[.._held], ""));
                found.Add(new(null, $"the stream cannot be cut into messages from here on: {_framer.Fault.Kind} in {_framer.Fault.Rule}".ToLowerInvariant()));
                GiveUp();
                return;
            }
            found.Add(new(_buffer[..consumed], ""));
            _held -= consumed;
            _buffer.AsSpan(consumed, _held).CopyTo(_buffer);
        }
    }

    // Behind a gap a message begins at some line's beginning.
    private void DropToStartLine()
    {
        int from = Math.Max(_buffer.AsSpan(0, _held).IndexOfAnyExcept((byte)'\r', (byte)'\n'), 0);
        while (SipTraffic.BeginsWithStartLine(_buffer.AsSpan(from, _held - from)) == false)
        {
            int feed = _buffer.AsSpan(from, _held - from).IndexOf((byte)'\n');
            if (feed < 0)
            {
                from = _held;
                break;
            }
            from += feed + 1;
        }
        _held -= from;
        _buffer.AsSpan(from, _held).CopyTo(_buffer);
    }

    private void GiveUp()
    {
        IsGivenUp = true;
        _waiting.Clear();
        _buffer = [];
        _held = 0;
    }
}
