// Goes through a description line by line, in one pass: finds each line's end, type and section, and holds the lines to the order
// and number that RFC 8866 §5 gives. What a line says is read on demand, by the record of its type.
//
// note [order of lines]
// RFC 8866 §5 prints one order, and a media section has a part of the same order: i c b k a. So one rank for each type is enough: ranks
// never fall, but from r= or z= back to t= (a session may have several times), and m= starts again behind s=.
using System.Runtime.CompilerServices;
using SipEmbedded.Text;

namespace SipEmbedded.Sdp;

/// <summary>
/// Reads the lines of a description in order: <c>while (reader.Read()) … reader.Line …</c>; then <see cref="Fault"/> says whether the end
/// was reached or something is wrong. Allocates nothing; takes time linear in the text.
/// </summary>
public ref struct SdpReader
{
    // Ranks by letter from 'a'; 0 is no type of RFC 8866. See note [order of lines].
    private static ReadOnlySpan<byte> Ranks =>
    [
        //a b  c  d  e  f  g  h  i  j  k   l  m   n  o  p  q  r   s  t   u  v  w  x  y  z
        14, 9, 8, 0, 6, 0, 0, 0, 4, 0, 13, 0, 15, 0, 2, 7, 0, 11, 3, 10, 5, 1, 0, 0, 0, 12,
    ];

    private const byte RankBehindSessionName = 3;

    private const uint V = 1u << ('v' - 'a'), O = 1u << ('o' - 'a'), S = 1u << ('s' - 'a'), I = 1u << ('i' - 'a'), U = 1u << ('u' - 'a'),
        C = 1u << ('c' - 'a'), T = 1u << ('t' - 'a'), K = 1u << ('k' - 'a'), B = 1u << ('b' - 'a'), A = 1u << ('a' - 'a'), M = 1u << ('m' - 'a');

    // What may stand once in the session, and once in each media section; c= may be repeated in a media section (RFC 8866 §5.7).
    private const uint OnceInSession = V | O | S | I | U | C | K;
    private const uint OnceInMedia = I | K;
    private const uint InMedia = I | C | B | K | A | M;

    private readonly ReadOnlySpan<byte> _text;
    private readonly SdpLeniency _allow;
    private int _position;
    private int _lines;
    private int _media;
    private uint _seen;
    private uint _seenInMedia;
    private byte _lastType;
    private byte _lastRank;

    /// <summary>
    /// Reads <paramref name="text"/> from <paramref name="start"/> to <paramref name="end"/>: a body, or the part of a message that is one. All
    /// offsets count from the start of <paramref name="text"/>.
    /// </summary>
    public SdpReader(ReadOnlySpan<byte> text, int start, int end, SdpLeniency allow)
    {
        _text = text[..end];
        _position = start;
        _allow = allow;
        _media = SdpLine.Session;
        if (end > Slice.MaxTextLength)
            Fault = new ParseFault(FaultKind.Limit, Slice.MaxTextLength, "session-description");
    }

    public SdpReader(ReadOnlySpan<byte> body, SdpLeniency allow)
        : this(body, 0, body.Length, allow)
    {
    }

    /// <summary>The line that <see cref="Read"/> came to.</summary>
    public SdpLine Line { get; private set; }

    /// <summary>Why reading stopped: no fault where all lines are read and none is missing.</summary>
    public ParseFault Fault { get; private set; }

    /// <summary>Media sections begun so far.</summary>
    public readonly int MediaCount => _media + 1;

    /// <summary>Goes to the next line that has a meaning; false at the end, or at a fault.</summary>
    public bool Read()
    {
        if (Fault.IsFault)
            return false;
        while (_position < _text.Length)
        {
            int start = _position;
            if (++_lines > SdpLimits.MaxLines)
                return Fail(FaultKind.Limit, start, "session-description");
            int lineFeed = _text[start..].IndexOf((byte)'\n');
            int end = lineFeed < 0 ? _text.Length : start + lineFeed + 1;
            int valueEnd = lineFeed < 0 ? end : lineFeed > 0 && _text[end - 2] == '\r' ? end - 2 : end - 1;
            if (valueEnd - start < SdpLine.ValueOffset || _text[start + 1] != '=')
                return IsBlankFrom(start) ? Finish() : Fail(FaultKind.Syntax, start, "session-description");
            if (!HasLineEnd(lineFeed, valueEnd, end))
                return Fail(FaultKind.Syntax, valueEnd, "line-end");
            _position = end;

            byte type = _text[start];
            int letter = type - 'a';
            byte rank = (uint)letter < (uint)Ranks.Length ? Ranks[letter] : (byte)0;
            if (_lines == 1 && type != 'v')
                return Fail(FaultKind.Missing, start, "version-field");
            if (rank == 0)
            {
                if ((_allow & SdpLeniency.UnknownLineTypes) != 0)
                    continue;
                return Fail(FaultKind.Syntax, start, "session-description");
            }
            return Place(type, 1u << letter, rank, start, valueEnd, end);
        }
        return Finish();
    }

    private readonly bool HasLineEnd(int lineFeed, int valueEnd, int end)
    {
        if (lineFeed < 0)
            return (_allow & SdpLeniency.UnterminatedLastLine) != 0;
        return end - valueEnd == 2 || (_allow & SdpLeniency.BareLineFeed) != 0;
    }

    // See note [order of lines].
    private bool Place(byte type, uint bit, byte rank, int start, int valueEnd, int end)
    {
        bool belongsToSession = _media == SdpLine.Session && type != 'm' || (bit & InMedia) == 0;
        bool isInOrder = type switch
        {
            (byte)'t' => rank >= _lastRank || _lastType is (byte)'r' or (byte)'z',
            (byte)'r' => _lastType is (byte)'t' or (byte)'r',
            (byte)'z' => _lastType == 'r',
            _ => rank >= _lastRank,
        };
        if (belongsToSession)
            isInOrder &= _media == SdpLine.Session;
        if (!isInOrder && (_allow & SdpLeniency.LinesOutOfOrder) == 0)
            return Fail(FaultKind.Syntax, start, _media == SdpLine.Session ? "session-description" : "media-description");

        if (type == 'm')
        {
            if (++_media >= SdpLimits.MaxMediaSections)
                return Fail(FaultKind.Limit, start, "media-description");
            _seenInMedia = 0;
            rank = RankBehindSessionName;
        }
        else if (belongsToSession)
        {
            if ((_seen & bit & OnceInSession) != 0)
                return Fail(FaultKind.Duplicate, start, RuleOf(type));
            _seen |= bit;
        }
        else
        {
            if ((_seenInMedia & bit & OnceInMedia) != 0)
                return Fail(FaultKind.Duplicate, start, RuleOf(type));
            _seenInMedia |= bit;
        }
        _lastType = type;
        _lastRank = rank;
        Line = new SdpLine(type, belongsToSession ? SdpLine.Session : _media, start, valueEnd, end);
        return true;
    }

    private bool Finish()
    {
        _position = _text.Length;
        if ((_seen & V) == 0)
            return Fail(FaultKind.Missing, _text.Length, "version-field");
        if ((_seen & O) == 0)
            return Fail(FaultKind.Missing, _text.Length, "origin-field");
        if ((_seen & S) == 0 && (_allow & SdpLeniency.MissingSessionName) == 0)
            return Fail(FaultKind.Missing, _text.Length, "session-name-field");
        if ((_seen & T) == 0 && (_allow & SdpLeniency.MissingTime) == 0)
            return Fail(FaultKind.Missing, _text.Length, "time-field");
        return false;
    }

    // Blank lines may end a body where trailing white space may.
    private readonly bool IsBlankFrom(int start) =>
        (_allow & SdpLeniency.TrailingWhiteSpace) != 0 && _text[start..].IndexOfAnyExcept(" \t\r\n"u8) < 0;

    private bool Fail(FaultKind kind, int offset, string rule)
    {
        Fault = new ParseFault(kind, offset, rule);
        return false;
    }

    private static string RuleOf(byte type) => type switch
    {
        (byte)'v' => "version-field",
        (byte)'o' => "origin-field",
        (byte)'s' => "session-name-field",
        (byte)'i' => "information-field",
        (byte)'u' => "uri-field",
        (byte)'c' => "connection-field",
        (byte)'k' => "key-field",
        _ => "session-description",
    };

    /// <summary>Reads the current line as the record of its type, and throws the record away: is the line well formed?</summary>
    public readonly bool Check(out ParseFault fault)
    {
        switch (Line.Type)
        {
            case (byte)'v':
                return CheckVersion(out fault);
            case (byte)'o':
                return Is<OriginField>(out fault);
            case (byte)'s':
                return Is<SessionNameField>(out fault);
            case (byte)'i':
                return Is<InformationField>(out fault);
            case (byte)'u':
                return Is<UriField>(out fault);
            case (byte)'e':
                return Is<EmailField>(out fault);
            case (byte)'p':
                return Is<PhoneField>(out fault);
            case (byte)'c':
                return Is<ConnectionField>(out fault);
            case (byte)'b':
                return Is<BandwidthField>(out fault);
            case (byte)'t':
                return Is<TimeField>(out fault);
            case (byte)'r':
                return Is<RepeatField>(out fault);
            case (byte)'z':
                return Is<ZoneField>(out fault);
            case (byte)'k':
                return Is<KeyField>(out fault);
            case (byte)'a':
                return Is<AttributeField>(out fault);
            default:
                return CheckMedia(out fault);
        }
    }

    // A method for each record, so that a call makes room for one record, not for all of them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private readonly bool Is<T>(out ParseFault fault)
        where T : struct, IRecord<T> => Line.TryRead<T>(_text, _allow, out _, out fault);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly bool CheckVersion(out ParseFault fault)
    {
        if (!Line.TryRead<VersionField>(_text, _allow, out var version, out fault))
            return false;
        if (version.Version == VersionField.Current)
            return true;
        fault = new ParseFault(FaultKind.Version, Line.Value.Offset, "version-field");
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly bool CheckMedia(out ParseFault fault)
    {
        if (!Line.TryRead<MediaField>(_text, _allow, out var media, out fault))
            return false;
        // Spaces part the formats, one before each.
        if (media.Formats.In(_text).Count((byte)' ') <= SdpLimits.MaxFormats)
            return true;
        fault = new ParseFault(FaultKind.Limit, media.Formats.Offset, "fmt");
        return false;
    }
}
