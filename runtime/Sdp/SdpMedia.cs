// One media section with what it takes from the session: RFC 8866 §5.14, and §5.7, §6.7 for what is inherited.
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>Which way media flows, seen from the describing side (RFC 8866 §6.7, RFC 3264 §5.1).</summary>
public enum MediaDirection : byte
{
    SendReceive,
    SendOnly,
    ReceiveOnly,
    Inactive,
}

/// <summary>What an RTP payload type stands for.</summary>
public readonly ref struct RtpEncoding
{
    internal RtpEncoding(ReadOnlySpan<byte> name, uint clockRate, byte channels, bool isStatic)
    {
        Name = name;
        ClockRate = clockRate;
        Channels = channels;
        IsStatic = isStatic;
    }

    /// <summary>The media subtype's name; compare without regard to case (RFC 4855 §3).</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>RTP timestamp units a second.</summary>
    public uint ClockRate { get; }

    /// <summary>Audio channels; 1 for video.</summary>
    public byte Channels { get; }

    /// <summary>True where no a=rtpmap says so, but the table of RFC 3551 §6.</summary>
    public bool IsStatic { get; }
}

/// <summary>A media section of a <see cref="SdpDescription"/>.</summary>
public readonly ref struct SdpMedia
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly SdpLeniency _allow;
    private readonly Slice _session;
    private readonly Slice _section;
    private readonly ConnectionField _sessionConnection;
    private readonly MediaField _field;

    internal SdpMedia(ReadOnlySpan<byte> text, SdpLeniency allow, Slice session, Slice section, scoped in ConnectionField sessionConnection)
    {
        _text = text;
        _allow = allow;
        _session = session;
        _section = section;
        _sessionConnection = sessionConnection;
        MediaField.Match(text, section.Offset, (uint)allow, out _field);
    }

    /// <summary>The text that all slices count in.</summary>
    public ReadOnlySpan<byte> Text => _text;

    /// <summary>The section's lines, from its m= line.</summary>
    public Slice Section => _section;

    /// <summary>The m= line.</summary>
    public MediaField Field => _field;

    /// <summary>The formats in order of preference, each a slice; <see cref="PayloadType"/> reads those of RTP.</summary>
    public SdpItems Formats => new(_text, _field.Formats);

    /// <summary>All attributes of this section.</summary>
    public SdpAttributes Attributes => new(_text, _section, _allow);

    /// <summary>The attributes of one name, in order.</summary>
    public SdpAttributes AttributesOf(AttributeName name) => new(_text, _section, _allow, name);

    /// <summary>
    /// The first c= line of this section, or else the session's (RFC 8866 §5.7). False where there is neither: an error of the sender, unless
    /// the port is 0.
    /// </summary>
    public bool TryGetConnection(out ConnectionField connection)
    {
        int position = _section.Offset;
        if (SdpSection.TryFind(_text, ref position, _section.End, (byte)'c', out int start))
            return ConnectionField.Match(_text, start, (uint)_allow, out connection) >= 0;
        connection = _sessionConnection;
        return connection.Extent.IsPresent;
    }

    /// <summary>This section's b= line of that type (<c>AS</c>, <c>TIAS</c>, …); the session's counts for all media together.</summary>
    public bool TryGetBandwidth(ReadOnlySpan<byte> type, out BandwidthField bandwidth) =>
        SdpSection.TryGetBandwidth(_text, _section, _allow, type, out bandwidth);

    /// <summary>The direction given here, or else for the session, or else sendrecv (RFC 8866 §6.7).</summary>
    public MediaDirection Direction =>
        SdpSection.DirectionOf(_text, _section, _allow) ?? SdpSection.DirectionOf(_text, _session, _allow) ?? MediaDirection.SendReceive;

    /// <summary>The value of a=ptime (RFC 8866 §6.4).</summary>
    public bool TryGetPacketTime(out PacketTime time) => TryGetValue(AttributeName.Ptime, out time);

    /// <summary>The value of a=maxptime (RFC 8866 §6.5).</summary>
    public bool TryGetMaximumPacketTime(out PacketTime time) => TryGetValue(AttributeName.Maxptime, out time);

    /// <summary>The value of a=rtcp (RFC 3605 §2.1).</summary>
    public bool TryGetRtcp(out RtcpAddress rtcp) => TryGetValue(AttributeName.Rtcp, out rtcp);

    /// <summary>True where a=rtcp-mux says that RTCP shares the RTP port (RFC 5761 §5.1.1).</summary>
    public bool HasRtcpMux => AttributesOf(AttributeName.RtcpMux).MoveNext();

    /// <summary>The first well-formed value of an attribute; the record must be the one for that attribute.</summary>
    public bool TryGetValue<T>(AttributeName name, out T value)
        where T : struct, IRecord<T>
    {
        foreach (var attribute in AttributesOf(name))
        {
            if (attribute.TryReadValue(_text, _allow, out value, out _))
                return true;
        }
        value = default;
        return false;
    }

    /// <summary>The a=rtpmap value for a payload type.</summary>
    public bool TryGetRtpMap(byte payloadType, out RtpMap map)
    {
        foreach (var attribute in AttributesOf(AttributeName.Rtpmap))
        {
            if (attribute.TryReadValue(_text, _allow, out map, out _) && map.PayloadType == payloadType)
                return true;
        }
        map = default;
        return false;
    }

    /// <summary>
    /// What a payload type stands for: by its a=rtpmap, or else by the table of RFC 3551 §6. False for a dynamic payload type that no
    /// a=rtpmap explains.
    /// </summary>
    public bool TryGetEncoding(byte payloadType, out RtpEncoding encoding)
    {
        if (!TryGetRtpMap(payloadType, out var map))
            return StaticPayloadTypes.TryGet(payloadType, out encoding);
        encoding = new RtpEncoding(map.EncodingName.In(_text), map.ClockRate, map.Channels ?? 1, isStatic: false);
        return true;
    }

    /// <summary>The a=fmtp value for a format as the m= line writes it.</summary>
    public bool TryGetFormatParameters(ReadOnlySpan<byte> format, out FormatParameters parameters)
    {
        foreach (var attribute in AttributesOf(AttributeName.Fmtp))
        {
            if (attribute.TryReadValue(_text, _allow, out parameters, out _) && parameters.Format.In(_text).SequenceEqual(format))
                return true;
        }
        parameters = default;
        return false;
    }

    /// <summary>The a=fmtp value for a payload type.</summary>
    public bool TryGetFormatParameters(byte payloadType, out FormatParameters parameters)
    {
        Span<byte> digits = stackalloc byte[3];
        var writer = new ByteWriter(digits);
        writer.Write((ulong)payloadType);
        return TryGetFormatParameters(writer.WrittenSpan, out parameters);
    }
}
