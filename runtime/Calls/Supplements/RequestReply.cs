// How a supplement answers a request that it stops: a status, a reason, headers of its own (RFC 3261 §8.2.6, §21).
using SipEmbedded.Messages;

namespace SipEmbedded.Calls;

/// <summary>
/// What is sent for a request that a supplement stopped. Empty at first, which is 500 Server Internal Error: whoever stops a request without a word has
/// failed. Headers go in after <see cref="Answer(int)"/>, which begins anew.
/// </summary>
// No ref struct: the compiler would hold that a supplement may keep the request in it, and ask everybody for "scoped".
public struct RequestReply
{
    /// <summary>Octets of a reason phrase that are kept: people read it, in a line.</summary>
    public const int MaxReason = 128;

    private const int Unsaid = 500;

    private readonly byte[] _buffer;
    private readonly int _least;
    private int _status;
    private int _reasonLength;
    private int _headersLength;

    /// <param name="buffer">Where the reason and the headers are kept until they are sent; the first <see cref="MaxReason"/> octets are the reason's.</param>
    /// <param name="method">The method of the request. An INVITE can be refused here; only the call's user accepts it.</param>
    public RequestReply(byte[] buffer, Method method)
    {
        _buffer = buffer;
        _least = method == Method.Invite ? 300 : 200;
    }

    /// <summary>The status to be sent, 200 to 699.</summary>
    public readonly int Status => _status == 0 ? Unsaid : _status;

    /// <summary>The reason phrase to be sent: the given one, or the usual one of the status.</summary>
    public readonly ReadOnlySpan<byte> Reason => _reasonLength > 0 ? _buffer.AsSpan(0, _reasonLength) : ReasonPhrase.Of(Status);

    /// <summary>Answers with the usual reason phrase of a status; see <see cref="Answer(int, ReadOnlySpan{byte})"/>.</summary>
    public bool Answer(int status) => Answer(status, default);

    /// <summary>
    /// Answers with <paramref name="status"/>, a final one; what was said before is forgotten. False, with nothing changed, for any other number, for a 2xx
    /// to an INVITE, and for a reason that is longer than <see cref="MaxReason"/> or the buffer, or holds CR, LF or NUL.
    /// </summary>
    public bool Answer(int status, scoped ReadOnlySpan<byte> reason)
    {
        if (status < _least || status > 699 || reason.Length > Math.Min(MaxReason, _buffer.Length) || reason.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) >= 0)
            return false;
        _status = status;
        _reasonLength = reason.Length;
        _headersLength = 0;
        reason.CopyTo(_buffer);
        return true;
    }

    /// <summary>Adds a header to the answer. False, with nothing added, where the value may not stand there or does not fit.</summary>
    public bool Header(HeaderName name, scoped ReadOnlySpan<byte> value) => Header(HeaderNames.NameOf(name), value);

    /// <summary>The same for a header of any name.</summary>
    public bool Header(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        // A builder of its own for each line, since one that refused something writes no more.
        var line = new MessageBuilder(Headers[_headersLength..]);
        line.Header(name, value);
        if (!line.IsValid)
            return false;
        _headersLength += line.Written.Length;
        return true;
    }

    /// <summary>Writes the headers that were added.</summary>
    public readonly void WriteHeaders(ref MessageBuilder response) => response.CopyLines(Headers[.._headersLength]);

    private readonly Span<byte> Headers => _buffer.AsSpan(Math.Min(MaxReason, _buffer.Length));
}
