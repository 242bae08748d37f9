// The one point where this benchmark touches our own parser: everything else here is the same for all contenders.
//
// Full parses as a receive path with no idea of what will be asked: index, start line, body length, and every value of every header
// that has a record, typed. sofia-sip types the same headers. osip2 and libre type fewer and keep the rest as text, so ours is also timed
// with just theirs; a header outside the set is found and named, as theirs are.

using System.Text;
using SipEmbedded.Messages;
using SipEmbedded.Sdp;
using SipEmbedded.Text;

namespace SipEmbedded.Bench.Peers;

internal static class OurParser
{
    // The members of osip_message_t that are not of the generic list "headers" (osip_message.h).
    public static readonly UInt128 TypedByOsip2 = SetOf(
        HeaderName.Accept, HeaderName.AcceptEncoding, HeaderName.AcceptLanguage, HeaderName.AlertInfo, HeaderName.Allow,
        HeaderName.AuthenticationInfo, HeaderName.Authorization, HeaderName.CallID, HeaderName.CallInfo, HeaderName.Contact,
        HeaderName.ContentEncoding, HeaderName.ContentLength, HeaderName.ContentType, HeaderName.CSeq, HeaderName.ErrorInfo, HeaderName.From,
        HeaderName.MimeVersion, HeaderName.ProxyAuthenticate, HeaderName.ProxyAuthorization, HeaderName.RecordRoute, HeaderName.Route,
        HeaderName.To, HeaderName.Via, HeaderName.WwwAuthenticate);

    // The members of struct sip_msg that are more than text (re_sip.h); of Via only the topmost, which is granted to libre here as all.
    public static readonly UInt128 TypedByLibre = SetOf(
        HeaderName.CallID, HeaderName.ContentLength, HeaderName.ContentType, HeaderName.CSeq, HeaderName.From, HeaderName.To, HeaderName.Via);

    // One index, as the event loop of a device would keep it.
    private static readonly Holder s_holder = new();

    private sealed class Holder
    {
        public MessageIndex Index;
    }

    /// <summary>Parses a whole message, every header typed, without the body's SDP.</summary>
    /// <returns>A checksum over what was parsed, so that no work can be optimised away; the same in every build.</returns>
    /// <exception cref="InvalidDataException">The message was rejected.</exception>
    public static int ParseFull(ReadOnlySpan<byte> message)
    {
        if (!SipMessage.TryRead(message, Framing.Datagram, ref s_holder.Index, out var read, out var fault))
            throw new InvalidDataException($"{fault.Kind} at {fault.Offset}: {fault.Rule}");
        int sum = 0;
        foreach (ref readonly var line in read.HeaderLines)
            sum += HeaderNames.Match(line.Name, read.Text, line.ValueOffset, line.ValueEnd, read.Rules);
        return sum;
    }

    /// <summary>The same with only these headers typed; the set's bits are the headers' numbers.</summary>
    public static int ParseFull(ReadOnlySpan<byte> message, UInt128 headers)
    {
        if (!SipMessage.TryRead(message, Framing.Datagram, ref s_holder.Index, out var read, out var fault))
            throw new InvalidDataException($"{fault.Kind} at {fault.Offset}: {fault.Rule}");
        int sum = 0;
        foreach (ref readonly var line in read.HeaderLines)
        {
            if ((headers >> (int)line.Name & 1) != 0)
                sum += HeaderNames.Match(line.Name, read.Text, line.ValueOffset, line.ValueEnd, read.Rules);
        }
        return sum;
    }

    /// <summary>Parses an SDP body (RFC 8866): every line and every attribute value that has a record, typed.</summary>
    /// <returns>A checksum, as for <see cref="ParseFull(ReadOnlySpan{byte})"/>.</returns>
    public static int ParseSdp(ReadOnlySpan<byte> body)
    {
        var reader = new SdpReader(body, SdpLeniency.All);
        int sum = 0;
        while (reader.Read())
        {
            if (!reader.Check(out _))
                return -1;
            sum += reader.Line.Extent.Length;
            if (reader.Line.Type == 'a')
            {
                reader.Line.TryRead<AttributeField>(body, SdpLeniency.All, out var attribute, out _);
                attribute.CheckValue(body, SdpLeniency.All, out _);
                sum += attribute.Extent.Length;
            }
        }
        return sum;
    }

    /// <summary>Parses what a transaction needs: start line, top Via, From and To tags, Call-ID, CSeq.</summary>
    /// <returns>A checksum, as for <see cref="ParseFull(ReadOnlySpan{byte})"/>.</returns>
    public static int ParseRouting(ReadOnlySpan<byte> message)
    {
        if (!SipMessage.TryRead(message, Framing.Datagram, ref s_holder.Index, out var read, out _) || !RoutingView.TryRead(read, out var view, out _))
            throw new InvalidDataException("not routable");
        return view.TopVia.Branch.Length + view.FromTag.Length + view.ToTag.Length + view.CallId.Length + (int)view.CSeq.Sequence;
    }

    /// <summary>What <see cref="ParseFull(ReadOnlySpan{byte})"/> found, for the check before timing; null when the message is rejected.</summary>
    public static MessageFacts? ReadFacts(ReadOnlySpan<byte> message)
    {
        if (!SipMessage.TryRead(message, Framing.Datagram, ref s_holder.Index, out var read, out _) || !RoutingView.TryRead(read, out var view, out _))
            return null;
        foreach (var line in read.HeaderLines)
        {
            if (line.Name == HeaderName.Other || HeaderNames.Match(line.Name, read.Text, line.ValueOffset, line.ValueEnd, read.Rules) != line.ValueEnd)
                return null;
        }
        int vias = 0;
        foreach (var _ in read.All<Via>())
            vias++;
        if (!read.TryGet<ContentLength>(out var length, out _))
            return null;
        return new(
            read.IsRequest ? 0 : read.Status.StatusCode, read.IsRequest ? Text(read.Request.MethodName, read.Text) : "", Text(view.CallId, read.Text),
            view.CSeq.Sequence, Text(view.CSeq.MethodName, read.Text), vias, (int)length.Octets, read.Body.Length);
    }

    /// <summary>What <see cref="ParseSdp"/> found, for the check before timing; null when the body is rejected.</summary>
    public static SdpFacts? ReadSdpFacts(ReadOnlySpan<byte> body)
    {
        if (ParseSdp(body) < 0 || !SdpDescription.TryRead(body, SdpLeniency.All, out var description, out _) || description.MediaCount == 0)
            return null;
        var media = description.Media(0);
        int formats = 0;
        foreach (var _ in media.Formats)
            formats++;
        return new(description.MediaCount, media.Field.Port, formats);
    }

    private static UInt128 SetOf(params ReadOnlySpan<HeaderName> headers)
    {
        UInt128 set = 0;
        foreach (var header in headers)
            set |= UInt128.One << (int)header;
        return set;
    }

    private static string Text(Slice slice, ReadOnlySpan<byte> text) => Encoding.ASCII.GetString(slice.In(text));
}
