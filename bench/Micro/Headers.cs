// Each header that a call's messages carry: the first value of its line, typed.
using BenchmarkDotNet.Attributes;
using SipEmbedded.Messages;
using SipEmbedded.Text;

namespace SipEmbedded.Bench.Micro;

/// <summary>A line and where its value begins; reads the value as the message reader does first.</summary>
internal sealed class HeaderSubject<T>
    where T : struct, IHeader<T>
{
    private readonly byte[] _line;
    private readonly int _offset;

    public HeaderSubject(byte[] message)
    {
        _line = Corpus.Line(message, (HeaderName)T.Id, out _offset);
        int end = T.Match(_line, _offset, (uint)Leniency.Default, out _);
        // A benchmark of refusals would look fast.
        if (end < 0 || _line[end] is not ((byte)'\r' or (byte)',' or (byte)' '))
            throw new InvalidOperationException($"{T.RuleName} does not match its line");
    }

    public int Read() => T.Match(_line, _offset, (uint)Leniency.Default, out _);
}

/// <summary>A line with several values; reads all of them.</summary>
internal sealed class ListSubject
{
    private readonly byte[] _line;
    private readonly int _offset;
    private readonly int _end;
    private readonly HeaderName _name;

    public ListSubject(byte[] message, HeaderName name)
        : this(Corpus.Line(message, name, out int offset), offset, name)
    {
    }

    public ListSubject(byte[] line, int offset, HeaderName name)
    {
        (_line, _offset, _name) = (line, offset, name);
        _end = line.AsSpan().IndexOf("\r\n"u8);
        if (Read() != _end)
            throw new InvalidOperationException($"{name} does not match its line");
    }

    public int Read() => HeaderNames.Match(_name, _line, _offset, _end, new LineRules((uint)Leniency.Default));
}

public class Headers
{
    private static readonly HeaderSubject<Via> s_via = new(Corpus.Invite);
    private static readonly HeaderSubject<From> s_from = new(Corpus.Invite);
    private static readonly HeaderSubject<To> s_to = new(Corpus.Invite);
    private static readonly HeaderSubject<Contact> s_contact = new(Corpus.Invite);
    private static readonly HeaderSubject<CSeq> s_cseq = new(Corpus.Invite);
    private static readonly HeaderSubject<CallId> s_callId = new(Corpus.Invite);
    private static readonly HeaderSubject<MaxForwards> s_maxForwards = new(Corpus.Invite);
    private static readonly HeaderSubject<ContentLength> s_contentLength = new(Corpus.Invite);
    private static readonly HeaderSubject<RecordRoute> s_recordRoute = new(Corpus.Invite);
    private static readonly HeaderSubject<Authorization> s_authorization = new(Corpus.Invite);
    private static readonly HeaderSubject<WwwAuthenticate> s_wwwAuthenticate = new(Corpus.Unauthorized);
    private static readonly HeaderSubject<SessionExpires> s_sessionExpires = new(Corpus.Invite);

    private static readonly ListSubject s_allow = new(Corpus.Invite, HeaderName.Allow);
    private static readonly ListSubject s_supported = new(Corpus.Invite, HeaderName.Supported);

    // The corpus has no Route.
    private static readonly ListSubject s_route = new("Route: <sip:10.0.0.2;lr>, <sip:10.0.0.3;lr>\r\n"u8.ToArray(), "Route: ".Length, HeaderName.Route);

    [Benchmark] public int Via() => s_via.Read();

    [Benchmark] public int From() => s_from.Read();

    [Benchmark] public int To() => s_to.Read();

    [Benchmark] public int Contact() => s_contact.Read();

    [Benchmark] public int CSeq() => s_cseq.Read();

    [Benchmark] public int CallId() => s_callId.Read();

    [Benchmark] public int MaxForwards() => s_maxForwards.Read();

    [Benchmark] public int ContentLength() => s_contentLength.Read();

    [Benchmark] public int RecordRoute() => s_recordRoute.Read();

    [Benchmark] public int Authorization() => s_authorization.Read();

    [Benchmark] public int WwwAuthenticate() => s_wwwAuthenticate.Read();

    [Benchmark] public int SessionExpires() => s_sessionExpires.Read();

    /// <summary>Both values of the list.</summary>
    [Benchmark] public int Route() => s_route.Read();

    /// <summary>All seven values of the list.</summary>
    [Benchmark] public int Allow() => s_allow.Read();

    /// <summary>Both values of the list.</summary>
    [Benchmark] public int Supported() => s_supported.Read();
}
