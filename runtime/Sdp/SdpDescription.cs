// A description that has been read once and found well formed: its sections by place, its values on demand. After TryRead the accessors
// cannot fail; they only say "not there".
//
// note [attributes are not faults]
// RFC 8866 §5.13: what is not understood in an attribute is ignored. So a value that its own rule does not match (a=rtpmap:zero) is no
// fault of the description, and the accessors pass over it. AttributeField.CheckValue tells whoever wants to know.
using System.Runtime.CompilerServices;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>
/// A session description (RFC 8866) over the text that it was read from: <c>TryRead</c> once, then the session's values and, by
/// <see cref="Media"/>, those of each media section.
/// </summary>
public readonly ref struct SdpDescription
{
    [InlineArray(SdpLimits.MaxMediaSections)]
    private struct MediaSections
    {
        private Slice _first;
    }

    private readonly ReadOnlySpan<byte> _text;
    private readonly SdpLeniency _allow;
    private readonly Slice _session;
    private readonly MediaSections _media;
    private readonly OriginField _origin;
    private readonly ConnectionField _connection;
    private readonly TimeField _time;
    private readonly Slice _sessionName;

    [SkipLocalsInit]
    private SdpDescription(ReadOnlySpan<byte> text, int start, int end, SdpLeniency allow, bool isKnown, out ParseFault fault)
    {
        _allow = allow;
        var reader = new SdpReader(text, start, end, allow);
        _text = text[..end];
        int media = SdpLine.Session;
        int sectionStart = start;
        bool hasTime = false;
        while (reader.Read())
        {
            var line = reader.Line;
            bool isRead;
            switch (line.Type)
            {
                case (byte)'o':
                    isRead = line.TryRead(_text, allow, out _origin, out fault);
                    break;
                case (byte)'s':
                    isRead = line.TryRead<SessionNameField>(_text, allow, out var name, out fault);
                    _sessionName = name.Name;
                    break;
                case (byte)'c' when line.MediaIndex == SdpLine.Session:
                    isRead = line.TryRead(_text, allow, out _connection, out fault);
                    break;
                case (byte)'t' when !hasTime:
                    isRead = line.TryRead(_text, allow, out _time, out fault);
                    hasTime = true;
                    break;
                case (byte)'m':
                    if (media == SdpLine.Session)
                        _session = Slice.Between(start, line.Extent.Offset);
                    else
                        _media[media] = Slice.Between(sectionStart, line.Extent.Offset);
                    media = line.MediaIndex;
                    sectionStart = line.Extent.Offset;
                    goto default;
                default:
                    fault = default;
                    isRead = isKnown || reader.Check(out fault);
                    break;
            }
            if (!isRead)
                return;
        }
        fault = reader.Fault;
        if (media == SdpLine.Session)
            _session = Slice.Between(start, end);
        else
            _media[media] = Slice.Between(sectionStart, end);
        MediaCount = media + 1;
    }

    /// <summary>
    /// Reads <paramref name="text"/> from <paramref name="start"/> to <paramref name="end"/>, every line by the rule of its type (see
    /// note [attributes are not faults] for what a= lines hold). False with the first fault. All slices count from the start of
    /// <paramref name="text"/>, which is at most <see cref="Slice.MaxTextLength"/> octets up to <paramref name="end"/>.
    /// </summary>
    public static bool TryRead(
        ReadOnlySpan<byte> text, int start, int end, SdpLeniency allow, out SdpDescription description, out ParseFault fault)
    {
        description = new SdpDescription(text, start, end, allow, isKnown: false, out fault);
        if (!fault.IsFault)
            return true;
        description = default;
        return false;
    }

    /// <summary>Reads a text that is nothing but a description.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, SdpLeniency allow, out SdpDescription description, out ParseFault fault) =>
        TryRead(body, 0, body.Length, allow, out description, out fault);

    /// <summary>
    /// Reads a text again that <see cref="TryRead(ReadOnlySpan{byte}, SdpLeniency, out SdpDescription, out ParseFault)"/> took before, with the same leniency:
    /// lines whose values are read on demand are not checked a second time.
    /// </summary>
    internal static SdpDescription ReadAgain(ReadOnlySpan<byte> body, SdpLeniency allow) => new(body, 0, body.Length, allow, isKnown: true, out _);

    /// <summary>The text that all slices count in, up to the description's end.</summary>
    public ReadOnlySpan<byte> Text => _text;

    public OriginField Origin => _origin;

    /// <summary>The value of s=; not present where the line is missing.</summary>
    public Slice SessionName => _sessionName;

    /// <summary>The first t= line; 0 0 where there is none, which means the same.</summary>
    public TimeField Time => _time;

    /// <summary>How many media sections there are.</summary>
    public int MediaCount { get; }

    /// <summary>The lines in front of the first m= line.</summary>
    public Slice SessionSection => _session;

    /// <summary>Media section <paramref name="index"/>, from 0 to <see cref="MediaCount"/> less one.</summary>
    public SdpMedia Media(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)MediaCount);
        return new SdpMedia(_text, _allow, _session, _media[index], _connection);
    }

    /// <summary>The session's c= line; false where there is none.</summary>
    public bool TryGetConnection(out ConnectionField connection)
    {
        connection = _connection;
        return connection.Extent.IsPresent;
    }

    /// <summary>The session's b= line of that type.</summary>
    public bool TryGetBandwidth(ReadOnlySpan<byte> type, out BandwidthField bandwidth) =>
        SdpSection.TryGetBandwidth(_text, _session, _allow, type, out bandwidth);

    /// <summary>The session's direction (RFC 8866 §6.7), sendrecv where it gives none.</summary>
    public MediaDirection Direction => SdpSection.DirectionOf(_text, _session, _allow) ?? MediaDirection.SendReceive;

    /// <summary>The session's attributes; for those of a media, see <see cref="SdpMedia.Attributes"/>.</summary>
    public SdpAttributes Attributes => new(_text, _session, _allow);
}
